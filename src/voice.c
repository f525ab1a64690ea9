/* SPDX-License-Identifier: MIT */
/* voice.c - our own words for what happens; see sexton/log.h. */
#include "sexton/log.h"

#define VOICE_PREFIX "sexton: "

const struct log_voice log_own_voice = {
	.tones = {
		[LOG_WARN] = { VOICE_PREFIX, 2 },
		[LOG_INFO] = { VOICE_PREFIX, 2 },
		[LOG_DEBUG] = { VOICE_PREFIX, 2 },
	},
	.warning = LOG_WARN,
	.says = (const struct log_words[]){
		{ LOG_STEPPING_ASIDE, LOG_INFO, "%s is an init itself: stepping aside" },
		{ LOG_SIGNAL_OF_HANDOFF, LOG_INFO, "%N is the terminal's that we left: not forwarded" },
		{ LOG_FORWARDED, LOG_INFO, "forwarded %N to pid %p" },
		{ LOG_FORWARD_REFUSED, LOG_WARN, "cannot forward %N to pid %p: %E" },
		{ LOG_SUSPENDING, LOG_INFO, "stopping with the command" },
		{ LOG_MAIN_EXITED, LOG_INFO, "buried pid %p: exited with %c" },
		{ LOG_MAIN_KILLED, LOG_INFO, "buried pid %p: killed by %N%C" },
		{ LOG_HEIR_EXITED, LOG_DEBUG, "buried pid %p: exited with %c" },
		{ LOG_HEIR_KILLED, LOG_DEBUG, "buried pid %p: killed by %N%C" },
		{ LOG_REAPED_EXITED, LOG_WARN, "buried pid %p: exited with %c" },
		{ LOG_REAPED_KILLED, LOG_WARN, "buried pid %p: killed by %N%C" },
		LOG_END_OF_WORDS,
	},
};
