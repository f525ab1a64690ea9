/* SPDX-License-Identifier: MIT */
/*
 * loop_voice.h - a voice that tells all.
 *
 * It has a word for every fact that the loop tells, so a test sees all of them and their order.
 * Those of the originals leave words out.
 */
#ifndef SEXTON_TESTS_LOOP_VOICE_H
#define SEXTON_TESTS_LOOP_VOICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "sexton/log.h"

static const struct log_voice voice = {
	.tones = { { "", 2 } },
	.says =
		(const struct log_words[]){
			{ LOG_SIGNAL, 0, "signal %N" },
			{ LOG_SIGNAL_OF_HANDOFF, 0, "of the hand-off: %N" },
			{ LOG_SIGNAL_REWRITTEN, 0, "rewritten: %n to %t" },
			{ LOG_SIGNAL_DROPPED, 0, "dropped: %N" },
			{ LOG_FORWARDED, 0, "forwarded: %N" },
			{ LOG_FORWARD_TOO_LATE, 0, "too late: %N" },
			{ LOG_FORWARD_REFUSED, 0, "refused: %N, %e" },
			{ LOG_SUSPENDING, 0, "suspending" },
			{ LOG_CHILDREN_DIED, 0, "children died" },
			{ LOG_MAIN_EXITED, 0, "main %p exited with %c" },
			{ LOG_MAIN_KILLED, 0, "main %p killed by %N" },
			{ LOG_HEIR_EXITED, 0, "heir %p exited with %c" },
			{ LOG_HEIR_KILLED, 0, "heir %p killed by %N" },
			{ LOG_REAPED_EXITED, 0, "reaped %p exited with %c" },
			{ LOG_REAPED_KILLED, 0, "reaped %p killed by %N" },
			{ LOG_NONE_DEAD, 0, "none dead" },
			{ LOG_NONE_LEFT, 0, "none left" },
			{ LOG_PAUSE_ENDS, 0, "pause ended by %N" },
			{ LOG_LEAVING, 0, "leaving with %c" },
			LOG_END_OF_WORDS,
		},
};

static int setup(void **state)
{
	int r = loop_setup(state);

	log_set(&voice, 0, 0);
	return r;
}

static void assert_said(const char *expected)
{
	assert_string_equal(fake_sys_stderr(), expected);
}

#endif
