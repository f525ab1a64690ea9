/* SPDX-License-Identifier: MIT */
/* cli_dumb_init.c - dumb-init 1.2.5; see sexton/cli_call.h. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/cli_getopt.h"
#include "sexton/log.h"
#include "sexton/sys.h"

#define CLI_DUMB_INIT_VERSION "dumb-init v1.2.5\n"
#define CLI_DUMB_INIT_PREFIX  "[dumb-init] "
#define CLI_DUMB_INIT_STDERR  2
#define CLI_DUMB_INIT_MAXSIG  31

enum cli_dumb_init_tone { CLI_DUMB_INIT_ERROR, CLI_DUMB_INIT_DEBUG };

#define CLI_DUMB_INIT_EXITED(tone) tone, "A child with PID %p exited with exit status %c."
#define CLI_DUMB_INIT_KILLED(tone) tone, "A child with PID %p was terminated by signal %n."
/* Whether it arrived is not looked at. */
#define CLI_DUMB_INIT_FORWARDED    CLI_DUMB_INIT_DEBUG, "Forwarded signal %n to children."

static const struct log_voice cli_dumb_init_voice = {
	.tones = {
		[CLI_DUMB_INIT_ERROR] = { CLI_DUMB_INIT_PREFIX, CLI_DUMB_INIT_STDERR },
		[CLI_DUMB_INIT_DEBUG] = { CLI_DUMB_INIT_PREFIX, CLI_DUMB_INIT_STDERR },
	},
	.warning = CLI_DUMB_INIT_ERROR,
	.says = (const struct log_words[]){
		{ LOG_LEFT_TTY, CLI_DUMB_INIT_DEBUG, "Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive." },
		{ LOG_LEFT_TTY_LED, CLI_DUMB_INIT_DEBUG, "Detached from controlling tty, but was not session leader." },
		{ LOG_TTY_NOT_LEFT, CLI_DUMB_INIT_DEBUG, "Unable to detach from controlling tty (errno=%e %E)." },
		{ LOG_STEPPING_ASIDE, CLI_DUMB_INIT_DEBUG, "%s is an init itself: stepping aside" },
		{ LOG_FORK_FAILED, CLI_DUMB_INIT_ERROR, "Unable to fork. Exiting." },
		{ LOG_SPAWNED, CLI_DUMB_INIT_DEBUG, "Child spawned with PID %p." },
		{ LOG_TTY_NOT_ATTACHED, CLI_DUMB_INIT_DEBUG, "Unable to attach to controlling tty (errno=%e %E)." },
		{ LOG_NEW_SESSION, CLI_DUMB_INIT_DEBUG, "setsid complete." },
		{ LOG_EXEC_FAILED, CLI_DUMB_INIT_ERROR, "%s: %E" },
		{ LOG_SIGNAL, CLI_DUMB_INIT_DEBUG, "Received signal %n." },
		{ LOG_SIGNAL_OF_HANDOFF, CLI_DUMB_INIT_DEBUG, "Ignoring tty hand-off signal %n." },
		{ LOG_SIGNAL_REWRITTEN, CLI_DUMB_INIT_DEBUG, "Translating signal %n to %t." },
		{ LOG_SIGNAL_DROPPED, CLI_DUMB_INIT_DEBUG, "Not forwarding signal %t to children (ignored)." },
		{ LOG_FORWARDED, CLI_DUMB_INIT_FORWARDED },
		{ LOG_FORWARD_TOO_LATE, CLI_DUMB_INIT_FORWARDED },
		{ LOG_FORWARD_REFUSED, CLI_DUMB_INIT_FORWARDED },
		{ LOG_SUSPENDING, CLI_DUMB_INIT_DEBUG, "Suspending self due to TTY signal." },
		{ LOG_CHILDREN_DIED, CLI_DUMB_INIT_DEBUG, "Received signal 17." },
		{ LOG_MAIN_EXITED, CLI_DUMB_INIT_EXITED(CLI_DUMB_INIT_DEBUG) },
		{ LOG_MAIN_KILLED, CLI_DUMB_INIT_KILLED(CLI_DUMB_INIT_DEBUG) },
		{ LOG_HEIR_EXITED, CLI_DUMB_INIT_EXITED(CLI_DUMB_INIT_DEBUG) },
		{ LOG_HEIR_KILLED, CLI_DUMB_INIT_KILLED(CLI_DUMB_INIT_DEBUG) },
		{ LOG_REAPED_EXITED, CLI_DUMB_INIT_EXITED(CLI_DUMB_INIT_ERROR) },
		{ LOG_REAPED_KILLED, CLI_DUMB_INIT_KILLED(CLI_DUMB_INIT_ERROR) },
		{ LOG_LEAVING, CLI_DUMB_INIT_DEBUG, "Child exited with status %c. Goodbye." },
		LOG_END_OF_WORDS,
	},
};

/* With this group the three signals are rewritten to STOP: see cli_option_resolve(). */
void cli_dumb_init_defaults(struct config *config)
{
	config->subreaper = false;
	config->group = CONFIG_GROUP_SESSION;
	config->forward = CONFIG_FORWARD_GROUP;
	config->suspend_on = SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGTTIN) | SIGNALS_BIT(SIGTTOU);
	config->farewell = true;
	config->keep_fds = true;
	config->listen_pid = false;
	config->default_signals = true;
	config->default_path = CONFIG_LIBC_PATH;
	config->exec = (struct config_exec){
		.is_an_exit = true, .not_found = 2, .forbidden = 2, .other = 2
	};
	config->own_failure = 1;
	config->voice = &cli_dumb_init_voice;
	config->voice_level = CLI_DUMB_INIT_ERROR;
}

static enum cli_result cli_dumb_init_leave(struct cli_call *call, int code)
{
	call->code = code;
	return CLI_LEAVE;
}

static enum cli_result cli_dumb_init_help(struct cli_call *call)
{
	/* A stream that is closed changes nothing: dumb-init does not look either. */
	sys_ignore(cli_put(
		CLI_DUMB_INIT_STDERR, CLI_DUMB_INIT_VERSION "Usage: ", call->argv0,
		" [option] command [[arg] ...]\n"
		"\n"
		"dumb-init is a simple process supervisor that forwards signals to children.\n"
		"It is designed to run as PID1 in minimal container environments.\n"
		"\n"
		"Optional arguments:\n"
		"   -c, --single-child   Run in single-child mode.\n"
		"                        In this mode, signals are only proxied to the\n"
		"                        direct child and not any of its descendants.\n"
		"   -r, --rewrite s:r    Rewrite received signal s to new signal r before "
		"proxying.\n"
		"                        To ignore (not proxy) a signal, rewrite it to 0.\n"
		"                        This option can be specified multiple times.\n"
		"   -v, --verbose        Print debugging information to stderr.\n"
		"   -h, --help           Print this help message and exit.\n"
		"   -V, --version        Print the current version and exit.\n"
		"\n"
		"Full help is available online at https://github.com/Yelp/dumb-init\n",
		NULL));
	return cli_dumb_init_leave(call, 0);
}

/* What sscanf(3) makes of "%d:%d": blanks before either number, and anything after the second. */
static int cli_dumb_init_rewrite(struct cli_call *call, const char *value)
{
	const char *colon;
	const char *end;
	int32_t from = (int32_t)cli_number(value, &colon);
	int32_t to;

	if (colon == value || *colon != ':')
		return -EINVAL;
	to = (int32_t)cli_number(colon + 1, &end);
	if (end == colon + 1 || from < 1 || from > CLI_DUMB_INIT_MAXSIG || to < 0 ||
	    to > CLI_DUMB_INIT_MAXSIG)
		return -EINVAL;
	call->config->rewrite[from] = (uint8_t)to;
	call->config->rewritten |= SIGNALS_BIT(from);
	return 0;
}

static void cli_dumb_init_single_child(struct config *config)
{
	config->group = CONFIG_GROUP_SAME;
	config->forward = CONFIG_FORWARD_CHILD;
}

static enum cli_result cli_dumb_init_option(struct cli_call *call, int letter, const char *value)
{
	switch (letter) {
	case 'h':
		return cli_dumb_init_help(call);
	case 'v':
		call->config->voice_level = CLI_DUMB_INIT_DEBUG;
		return CLI_RUN;
	case 'V':
		sys_ignore(cli_put(CLI_DUMB_INIT_STDERR, CLI_DUMB_INIT_VERSION, NULL));
		return cli_dumb_init_leave(call, 0);
	case 'c':
		cli_dumb_init_single_child(call->config);
		return CLI_RUN;
	case 'r':
		if (cli_dumb_init_rewrite(call, value) == 0)
			return CLI_RUN;
		sys_ignore(cli_put(CLI_DUMB_INIT_STDERR,
				   "Usage: -r option takes <signum>:<signum>, where <signum> is "
				   "between 1 and 31.\n"
				   "This option can be specified multiple times.\n"
				   "Use --help for full usage.\n",
				   NULL));
		return cli_dumb_init_leave(call, 1);
	default:
		return cli_dumb_init_leave(call, 1);
	}
}

static bool cli_dumb_init_is(char **envp, const char *name, const char *wanted)
{
	const char *value = cli_variable(envp, name);

	return value && strcmp(value, wanted) == 0;
}

static void cli_dumb_init_debug(const struct config *config, const char *text)
{
	if (config->voice_level >= CLI_DUMB_INIT_DEBUG)
		sys_ignore(cli_put(CLI_DUMB_INIT_STDERR, CLI_DUMB_INIT_PREFIX, text, "\n", NULL));
}

static void cli_dumb_init_variables(struct config *config, char **envp)
{
	if (cli_dumb_init_is(envp, "DUMB_INIT_DEBUG", "1")) {
		config->voice_level = CLI_DUMB_INIT_DEBUG;
		cli_dumb_init_debug(config, "Running in debug mode.");
	}
	if (cli_dumb_init_is(envp, "DUMB_INIT_SETSID", "0")) {
		cli_dumb_init_single_child(config);
		cli_dumb_init_debug(config, "Not running in setsid mode.");
	}
}

enum cli_result cli_dumb_init(struct cli_call *call)
{
	static const struct cli_getopt_long longs[] = {
		{ "help", false, 'h' },    { "single-child", false, 'c' }, { "rewrite", true, 'r' },
		{ "verbose", false, 'v' }, { "version", false, 'V' },      { NULL, false, 0 },
	};
	struct config *config = call->config;
	struct cli_getopt options;
	int letter;

	cli_getopt_init(&options, call->argv, call->envp, "hvVcr:", longs, false);
	while ((letter = cli_getopt_next(&options)) != -1) {
		if (cli_dumb_init_option(call, letter, options.value) == CLI_LEAVE)
			return CLI_LEAVE;
	}
	if (!call->argv[options.next]) {
		sys_ignore(cli_put(CLI_DUMB_INIT_STDERR, "Usage: ", call->argv0,
				   " [option] program [args]\nTry ", call->argv0,
				   " --help for full usage.\n", NULL));
		return cli_dumb_init_leave(call, 1);
	}
	config->argv = call->argv + options.next;
	cli_dumb_init_variables(config, call->envp);
	/* Who is told TERM in other words is asked in them as well, and in no others. */
	if (config->rewrite[SIGTERM] != SIGTERM && config->rewrite[SIGTERM] != 0) {
		memset(config->ask, 0, sizeof(config->ask));
		config->ask[0].sig = config->rewrite[SIGTERM];
		config->ask[0].time_ns = CONFIG_NO_LIMIT;
	}
	cli_leave_unless_reaping(config);
	return CLI_RUN;
}
