/* SPDX-License-Identifier: MIT */
/*
 * cli_catatonit.c - catatonit 0.1.7, and podman-init, which is catatonit that takes tini's flags as
 * well, for its callers mix them up; see sexton/cli_call.h.
 */
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/cli_getopt.h"
#include "sexton/log.h"
#include "sexton/sys.h"

/* dockerd looks for "tini version", and catatonit says so. */
#define CLI_CATATONIT_VERSION "tini version 0.1.7_sexton\n"
#define CLI_CATATONIT_USAGE   "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n"
#define CLI_CATATONIT_STDERR  2

enum cli_catatonit_tone {
	CLI_CATATONIT_HEARD, /* warnings of ours, and those that were asked for: at any level */
	CLI_CATATONIT_ERROR,
	CLI_CATATONIT_WARN,
	CLI_CATATONIT_INFO,
	CLI_CATATONIT_DEBUG,
};

#define CLI_CATATONIT_TONE(name)                                                                   \
	{                                                                                          \
		name " (catatonit:%P): ", CLI_CATATONIT_STDERR                                     \
	}
#define CLI_CATATONIT_REFUSED(target)                                                              \
	CLI_CATATONIT_WARN, "forwarding of signal %n to pid1 (" target ") failed: %E"
#define CLI_CATATONIT_EXITED(tone) tone, "child process %p exited with code %c"
#define CLI_CATATONIT_KILLED(tone) tone, "child process %p exited due to signal %n"

/* @target is what kill(2) is called with. */
#define CLI_CATATONIT_VOICE(target)                                                                  \
	{                                                                                            \
		.tones = {                                                                         \
			[CLI_CATATONIT_HEARD] = CLI_CATATONIT_TONE("WARN"),                        \
			[CLI_CATATONIT_ERROR] = CLI_CATATONIT_TONE("ERROR"),                       \
			[CLI_CATATONIT_WARN] = CLI_CATATONIT_TONE("WARN"),                         \
			[CLI_CATATONIT_INFO] = CLI_CATATONIT_TONE("INFO"),                         \
			[CLI_CATATONIT_DEBUG] = CLI_CATATONIT_TONE("DEBUG"),                       \
		},                                                                                 \
		.warning = CLI_CATATONIT_HEARD,                                                    \
		.says = (const struct log_words[]){ \
			{ LOG_STEPPING_ASIDE, CLI_CATATONIT_INFO, "%s is an init itself: stepping aside" }, \
			{ LOG_FORK_FAILED, CLI_CATATONIT_ERROR, "failed to fork child: %E" }, \
			{ LOG_FORK_FAILED, CLI_CATATONIT_ERROR, "failed to spawn pid1: %E" }, \
			{ LOG_SPAWNED, CLI_CATATONIT_DEBUG, "pid1 (%p) spawned: %s" }, \
			{ LOG_NO_CONTROLLING_TTY, CLI_CATATONIT_INFO, "using stdin as tty fd: could not open /dev/tty: %E" }, \
			{ LOG_NO_TTY, CLI_CATATONIT_DEBUG, "setting foreground process failed: no tty present: %E" }, \
			{ LOG_EXEC_FAILED, CLI_CATATONIT_ERROR, "failed to exec pid1: %E" }, \
			{ LOG_SIGNAL_DROPPED, CLI_CATATONIT_DEBUG, "ignoring kernel attempting to stop us: tty has TOSTOP set" }, \
			{ LOG_FORWARD_TOO_LATE, CLI_CATATONIT_REFUSED(target) }, \
			{ LOG_FORWARD_REFUSED, CLI_CATATONIT_REFUSED(target) }, \
			{ LOG_HEIR_EXITED, CLI_CATATONIT_EXITED(CLI_CATATONIT_DEBUG) }, \
			{ LOG_HEIR_KILLED, CLI_CATATONIT_KILLED(CLI_CATATONIT_DEBUG) }, \
			{ LOG_REAPED_EXITED, CLI_CATATONIT_EXITED(CLI_CATATONIT_HEARD) }, \
			{ LOG_REAPED_KILLED, CLI_CATATONIT_KILLED(CLI_CATATONIT_HEARD) }, \
			{ LOG_NONE_LEFT, CLI_CATATONIT_DEBUG, "got ECHILD: no children left to monitor" }, \
			LOG_END_OF_WORDS, \
		}, \
	}

static const struct log_voice cli_catatonit_voice = CLI_CATATONIT_VOICE("%p");
static const struct log_voice cli_catatonit_group_voice = CLI_CATATONIT_VOICE("-%p");

void cli_catatonit_defaults(struct config *config)
{
	config->rewrite[SIGTSTP] = 0;
	config->rewrite[SIGTTIN] = 0;
	config->rewrite[SIGTTOU] = 0;
	config->tty = CONFIG_TTY_CONTROLLING;
	config->default_path = CONFIG_LIBC_PATH;
	config->exec = (struct config_exec){
		.is_an_exit = true, .not_found = 1, .forbidden = 1, .other = 1
	};
	config->own_failure = 1;
	config->voice = &cli_catatonit_voice;
	config->voice_level = CLI_CATATONIT_ERROR;
}

static enum cli_result cli_catatonit_leave(struct cli_call *call, int code)
{
	call->code = code;
	return CLI_LEAVE;
}

static enum cli_result cli_catatonit_say(struct cli_call *call, int fd, const char *text, int code)
{
	/* A stream that is closed changes nothing: catatonit does not look either. */
	sys_ignore(cli_put(fd, text, NULL));
	return cli_catatonit_leave(call, code);
}

static enum cli_result cli_catatonit_refuse(struct cli_call *call, const char *text,
					    const char *value)
{
	cli_put_error("ERROR (catatonit:", "): ", text, value);
	return cli_catatonit_leave(call, 1);
}

static enum cli_result cli_catatonit_help(struct cli_call *call)
{
	return cli_catatonit_say(
		call, CLI_CATATONIT_STDERR,
		CLI_CATATONIT_USAGE
		"\n"
		"options:\n"
		"  -g              Forward signals to pid1's process group.\n"
		"  -h              Print this help page.\n"
		"  -L              Print license information.\n"
		"  -P              Run in pause mode (no program is run and quit on SIGINT).\n"
		"  -V, --version   Print version information.\n"
		"\n"
		"The source code can be found at <https://github.com/openSUSE/catatonit/>.\n"
		"For bug reporting instructions, please see: <https://bugs.opensuse.org/>.\n",
		0);
}

/* tini's flags: only podman-init's letters hold them. */
static enum cli_result cli_catatonit_tini_option(struct cli_call *call, int letter,
						 const char *value)
{
	struct config *config = call->config;

	switch (letter) {
	case 's':
		config->subreaper = true;
		return CLI_RUN;
	case 'v':
		config->voice_level += config->voice_level < CLI_CATATONIT_DEBUG;
		return CLI_RUN;
	case 'w':
		config->warn_reaped = true;
		return CLI_RUN;
	case 'p':
		if (cli_tini_parent_death(config, value) == 0)
			return CLI_RUN;
		return cli_catatonit_refuse(call, "Not a valid option for -p: ", value);
	case 'e':
		if (cli_tini_ok_exit(config, value) == 0)
			return CLI_RUN;
		return cli_catatonit_refuse(call, "Not a valid option for -e: ", value);
	default:
		return cli_catatonit_say(call, CLI_CATATONIT_STDERR, CLI_CATATONIT_USAGE, 1);
	}
}

static enum cli_result cli_catatonit_option(struct cli_call *call, int letter, const char *value)
{
	switch (letter) {
	case 'g':
		call->config->forward = CONFIG_FORWARD_GROUP;
		return CLI_RUN;
	case 'P':
		call->config->pause = true;
		return CLI_RUN;
	case 'h':
		return cli_catatonit_help(call);
	case 'l':
	case 'L':
		return cli_catatonit_say(call, 1, cli_license_catatonit, 0);
	case 'V':
		return cli_catatonit_say(call, 1, CLI_CATATONIT_VERSION, 0);
	default:
		return cli_catatonit_tini_option(call, letter, value);
	}
}

enum cli_result cli_catatonit(struct cli_call *call)
{
	static const struct cli_getopt_long longs[] = { { "version", false, 'V' },
							{ NULL, false, 0 } };
	struct config *config = call->config;
	struct cli_getopt options;
	int letter;

	if (cli_variable(call->envp, "CATATONIT_LOG"))
		return cli_catatonit_refuse(call, "CATATONIT_LOG is reserved for future use", "");
	if (cli_variable(call->envp, "CATATONIT_DEBUG"))
		config->voice_level = CLI_CATATONIT_DEBUG;
	cli_getopt_init(&options, call->argv, call->envp,
			call->name == NAME_PODMAN_INIT ? "ghLPVsvwp:e:l" : "ghLPV", longs, true);
	while ((letter = cli_getopt_next(&options)) != -1) {
		if (cli_catatonit_option(call, letter, options.value) == CLI_LEAVE)
			return CLI_LEAVE;
	}
	if (config->pause) {
		config->stop_signals = SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT);
		return CLI_RUN; /* words are ignored */
	}
	if (!call->argv[options.next]) {
		cli_put_error("ERROR (catatonit:", "): ", "missing program name", "");
		return cli_catatonit_say(call, CLI_CATATONIT_STDERR, CLI_CATATONIT_USAGE, 1);
	}
	config->argv = call->argv + options.next;
	if (config->forward == CONFIG_FORWARD_GROUP)
		config->voice = &cli_catatonit_group_voice;
	return CLI_RUN;
}
