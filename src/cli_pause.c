/* SPDX-License-Identifier: MIT */
/* cli_pause.c - pause 3.10.1 of Kubernetes; see sexton/cli_call.h. */
#include <signal.h>
#include <strings.h>

#include "sexton/cli_call.h"
#include "sexton/log.h"
#include "sexton/sys.h"

/* It speaks without a prefix; what only we have to say has one. */
enum cli_pause_tone { CLI_PAUSE_WORDS, CLI_PAUSE_WARN };

static const struct log_voice cli_pause_voice = {
	.tones = {
		[CLI_PAUSE_WORDS] = { "", 2 },
		[CLI_PAUSE_WARN] = { "pause: ", 2 },
	},
	.warning = CLI_PAUSE_WARN,
	.says = (const struct log_words[]){
		{ LOG_NO_REAPING, CLI_PAUSE_WORDS, "Warning: pause should be the first process" },
		{ LOG_PAUSE_ENDS, CLI_PAUSE_WORDS, "Shutting down, got signal: %D" },
		LOG_END_OF_WORDS,
	},
};

void cli_pause_defaults(struct config *config)
{
	config->subreaper = false;
	config->pause = true;
	config->stop_signals = SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT);
	config->keep_fds = true;
	config->keep_cwd = true;
	config->own_failure = 1;
	config->voice = &cli_pause_voice;
	config->voice_level = CLI_PAUSE_WORDS;
}

enum cli_result cli_pause(struct cli_call *call)
{
	for (int i = 1; i < call->argc; i++) {
		if (strcasecmp(call->argv[i], "-v") == 0) {
			/* A closed stdout changes nothing: pause does not look either. */
			sys_ignore(cli_put(1, "pause.c 3.10.1\n", NULL));
			call->code = 0;
			return CLI_LEAVE;
		}
	}
	return CLI_RUN;
}
