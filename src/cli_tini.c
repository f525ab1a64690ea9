/* SPDX-License-Identifier: MIT */
/* cli_tini.c - tini 0.19.0 and docker-init, which is tini; see sexton/cli_call.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/cli_getopt.h"
#include "sexton/log.h"
#include "sexton/sys.h"

/* dockerd reads a version, and a commit after " - " (none here: old ones cut it at a fixed length).
 */
#define CLI_TINI_VERSION "tini version 0.19.0_sexton"

enum cli_tini_tone {
	CLI_TINI_FATAL,
	CLI_TINI_WARN,
	CLI_TINI_INFO,
	CLI_TINI_DEBUG,
	CLI_TINI_TRACE,
};

static const char cli_tini_no_reaping[] =
	"Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
	"Zombie processes will not be re-parented to Tini, so zombie reaping won't work.\n"
	"To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to "
	"register Tini as a child subreaper, or run Tini as PID 1.";

#define CLI_TINI_REAPED CLI_TINI_DEBUG, "Reaped child with pid: '%p'"
#define CLI_TINI_ZOMBIE CLI_TINI_WARN, "Reaped zombie process with pid=%p"

/* From INFO on to stdout, as tini does. */
static const struct log_voice cli_tini_voice = {
	.tones = {
		[CLI_TINI_FATAL] = { "[FATAL tini (%P)] ", 2 },
		[CLI_TINI_WARN] = { "[WARN  tini (%P)] ", 2 },
		[CLI_TINI_INFO] = { "[INFO  tini (%P)] ", 1 },
		[CLI_TINI_DEBUG] = { "[DEBUG tini (%P)] ", 1 },
		[CLI_TINI_TRACE] = { "[TRACE tini (%P)] ", 1 },
	},
	.warning = CLI_TINI_WARN,
	.says = (const struct log_words[]){
		{ LOG_SUBREAPER, CLI_TINI_TRACE, "Registered as child subreaper" },
		{ LOG_NO_REAPING, CLI_TINI_WARN, cli_tini_no_reaping },
		{ LOG_STEPPING_ASIDE, CLI_TINI_INFO, "%s is an init itself: stepping aside" },
		{ LOG_FORK_FAILED, CLI_TINI_FATAL, "fork failed: %E" },
		{ LOG_SPAWNED, CLI_TINI_INFO, "Spawned child process '%s' with pid '%p'" },
		{ LOG_NO_TTY, CLI_TINI_DEBUG, "tcsetpgrp failed: no tty (ok to proceed)" },
		{ LOG_EXEC_FAILED, CLI_TINI_FATAL, "exec %s failed: %E" },
		{ LOG_PASSING, CLI_TINI_DEBUG, "Passing signal: '%D'" },
		{ LOG_FORWARD_TOO_LATE, CLI_TINI_WARN, "Child was dead when forwarding signal" },
		{ LOG_FORWARD_REFUSED, CLI_TINI_WARN, "Unexpected error when forwarding signal: '%E'" },
		{ LOG_CHILDREN_DIED, CLI_TINI_DEBUG, "Received SIGCHLD" },
		{ LOG_MAIN_EXITED, CLI_TINI_REAPED },
		{ LOG_MAIN_EXITED, CLI_TINI_INFO, "Main child exited normally (with status '%c')" },
		{ LOG_MAIN_KILLED, CLI_TINI_REAPED },
		{ LOG_MAIN_KILLED, CLI_TINI_INFO, "Main child exited with signal (with signal '%D')" },
		{ LOG_HEIR_EXITED, CLI_TINI_REAPED },
		{ LOG_HEIR_KILLED, CLI_TINI_REAPED },
		{ LOG_REAPED_EXITED, CLI_TINI_REAPED },
		{ LOG_REAPED_EXITED, CLI_TINI_ZOMBIE },
		{ LOG_REAPED_KILLED, CLI_TINI_REAPED },
		{ LOG_REAPED_KILLED, CLI_TINI_ZOMBIE },
		{ LOG_NONE_DEAD, CLI_TINI_TRACE, "No child to reap" },
		{ LOG_NONE_LEFT, CLI_TINI_TRACE, "No child to wait" },
		{ LOG_LEAVING, CLI_TINI_TRACE, "Exiting: child has exited" },
		LOG_END_OF_WORDS,
	},
};

/* Those that tini knows: no others, no other spelling. */
static const struct {
	const char *name;
	int sig;
} cli_tini_signals[] = {
	{ "SIGHUP", SIGHUP },       { "SIGINT", SIGINT },   { "SIGQUIT", SIGQUIT },
	{ "SIGILL", SIGILL },       { "SIGTRAP", SIGTRAP }, { "SIGABRT", SIGABRT },
	{ "SIGBUS", SIGBUS },       { "SIGFPE", SIGFPE },   { "SIGKILL", SIGKILL },
	{ "SIGUSR1", SIGUSR1 },     { "SIGSEGV", SIGSEGV }, { "SIGUSR2", SIGUSR2 },
	{ "SIGPIPE", SIGPIPE },     { "SIGALRM", SIGALRM }, { "SIGTERM", SIGTERM },
	{ "SIGCHLD", SIGCHLD },     { "SIGCONT", SIGCONT }, { "SIGSTOP", SIGSTOP },
	{ "SIGTSTP", SIGTSTP },     { "SIGTTIN", SIGTTIN }, { "SIGTTOU", SIGTTOU },
	{ "SIGURG", SIGURG },       { "SIGXCPU", SIGXCPU }, { "SIGXFSZ", SIGXFSZ },
	{ "SIGVTALRM", SIGVTALRM }, { "SIGPROF", SIGPROF }, { "SIGWINCH", SIGWINCH },
	{ "SIGSYS", SIGSYS },
};

void cli_tini_defaults(struct config *config)
{
	config->subreaper = false;
	config->rewrite[SIGTTIN] = 0;
	config->rewrite[SIGTTOU] = 0;
	config->keep_fds = true;
	config->keep_cwd = true;
	config->listen_pid = false;
	config->default_path = CONFIG_LIBC_PATH;
	config->exec = (struct config_exec){
		.is_an_exit = true, .not_found = 127, .forbidden = 126, .other = 1
	};
	config->own_failure = 1;
	config->voice = &cli_tini_voice;
	config->voice_level = CLI_TINI_WARN;
}

int cli_tini_parent_death(struct config *config, const char *value)
{
	for (size_t i = 0; i < sizeof(cli_tini_signals) / sizeof(cli_tini_signals[0]); i++) {
		if (strcmp(value, cli_tini_signals[i].name) == 0) {
			config->parent_death = cli_tini_signals[i].sig;
			return 0;
		}
	}
	return -EINVAL;
}

int cli_tini_ok_exit(struct config *config, const char *value)
{
	const char *end;
	int64_t code = cli_number(value, &end);

	/* Nothing at all is 0, as strtol(3) has it. */
	if (*end != '\0' || code < 0 || code > 255)
		return -EINVAL;
	config->ok_exit[code / 64] |= UINT64_C(1) << (code % 64);
	return 0;
}

static enum cli_result cli_tini_usage(struct cli_call *call, int fd, int code)
{
	const char *name = name_base(call->argv0);

	/* A stream that is closed changes nothing: tini does not look either. */
	sys_ignore(cli_put(
		fd, name,
		" (" CLI_TINI_VERSION ")\n"
		"Usage: ",
		name,
		" [OPTIONS] PROGRAM -- [ARGS] | --version\n"
		"\n"
		"Execute a program under the supervision of a valid init process (",
		name,
		")\n"
		"\n"
		"Command line options:\n"
		"\n"
		"  --version: Show version and exit.\n"
		"  -h: Show this help message and exit.\n"
		"  -s: Register as a process subreaper (requires Linux >= 3.4).\n"
		"  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".\n"
		"  -v: Generate more verbose output. Repeat up to 3 times.\n"
		"  -w: Print a warning when processes are getting reaped.\n"
		"  -g: Send signals to the child's process group.\n"
		"  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0.\n"
		"  -l: Show license and exit.\n"
		"\n"
		"Environment variables:\n"
		"\n"
		"  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).\n"
		"  TINI_VERBOSITY: Set the verbosity level (default: 1).\n"
		"  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.\n"
		"\n",
		NULL));
	call->code = code;
	return CLI_LEAVE;
}

static enum cli_result cli_tini_say(struct cli_call *call, const char *text)
{
	sys_ignore(cli_put(1, text, NULL));
	call->code = 0;
	return CLI_LEAVE;
}

static enum cli_result cli_tini_refuse(struct cli_call *call, const char *text, const char *value)
{
	cli_put_error("[FATAL tini (", ")] ", text, value);
	call->code = 1;
	return CLI_LEAVE;
}

static enum cli_result cli_tini_option(struct cli_call *call, int letter, const char *value)
{
	struct config *config = call->config;

	switch (letter) {
	case 'h':
		return cli_tini_usage(call, 1, 0);
	case 'l':
		return cli_tini_say(call, cli_license_tini);
	case 's':
		config->subreaper = true;
		return CLI_RUN;
	case 'p':
		if (cli_tini_parent_death(config, value) == 0)
			return CLI_RUN;
		return cli_tini_refuse(call, "Not a valid option for -p: ", value);
	case 'v':
		config->voice_level += config->voice_level < CLI_TINI_TRACE;
		return CLI_RUN;
	case 'w':
		config->warn_reaped = true;
		return CLI_RUN;
	case 'g':
		config->forward = CONFIG_FORWARD_GROUP;
		return CLI_RUN;
	case 'e':
		if (cli_tini_ok_exit(config, value) == 0)
			return CLI_RUN;
		return cli_tini_refuse(call, "Not a valid option for -e: ", value);
	default:
		return cli_tini_usage(call, 2, 1);
	}
}

/* Two of them count by being there: "=0" and an empty one switch on as well. */
static void cli_tini_variables(struct config *config, char **envp)
{
	const char *verbosity = cli_variable(envp, "TINI_VERBOSITY");
	const char *end;

	if (cli_variable(envp, "TINI_SUBREAPER"))
		config->subreaper = true;
	if (cli_variable(envp, "TINI_KILL_PROCESS_GROUP"))
		config->forward = CONFIG_FORWARD_GROUP;
	if (verbosity) {
		/* The bits of an unsigned int, so -1 is the loudest. */
		uint32_t level = (uint32_t)cli_number(verbosity, &end);

		config->voice_level = level < CLI_TINI_TRACE ? (int)level : CLI_TINI_TRACE;
	}
}

enum cli_result cli_tini(struct cli_call *call)
{
	struct cli_getopt options;
	int letter;

	if (call->argc == 2 && strcmp(call->argv[1], "--version") == 0)
		return cli_tini_say(call, CLI_TINI_VERSION "\n");
	cli_getopt_init(&options, call->argv, call->envp, "p:hvwgle:s", NULL, true);
	while ((letter = cli_getopt_next(&options)) != -1) {
		if (cli_tini_option(call, letter, options.value) == CLI_LEAVE)
			return CLI_LEAVE;
	}
	if (!call->argv[options.next])
		return cli_tini_usage(call, 2, 1);
	call->config->argv = call->argv + options.next;
	cli_tini_variables(call->config, call->envp);
	cli_leave_unless_reaping(call->config);
	return CLI_RUN;
}
