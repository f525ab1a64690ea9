/* SPDX-License-Identifier: MIT */
/* cli_option.c - the table of options and their setters; see sexton/cli_option.h. */
#include "sexton/cli_option.h"

#include <signal.h>
#include <string.h>

#include "sexton/cli_list.h"
#include "sexton/cli_value.h"

#define CLI_OPTION_NO_SIGNAL "not a signal"
#define CLI_OPTION_NO_VALUE  "takes no value"

/* What a terminal or a shell stops a job with; KILL and STOP apart, which never arrive. */
#define CLI_OPTION_JOB_SIGNALS (SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGTTIN) | SIGNALS_BIT(SIGTTOU))

static const char *cli_option_set_forward(struct cli_request *request, const char *value)
{
	static const char *const words[] = {
		[CONFIG_FORWARD_CHILD] = "child",     [CONFIG_FORWARD_GROUP] = "group",
		[CONFIG_FORWARD_SESSION] = "session", [CONFIG_FORWARD_TREE] = "tree",
		[CONFIG_FORWARD_ALL] = "all",
	};
	int word = CLI_VALUE_WORD(value, words);

	if (word < 0)
		return "not a scope";
	request->config->forward = (enum config_forward)word;
	return NULL;
}

static const char *cli_option_set_on_exit(struct cli_request *request, const char *value)
{
	static const char *const words[] = { [CONFIG_ON_EXIT_DRAIN] = "drain",
					     [CONFIG_ON_EXIT_WAIT] = "wait",
					     [CONFIG_ON_EXIT_LEAVE] = "leave" };
	int word = CLI_VALUE_WORD(value, words);

	if (word < 0)
		return "not a way to go on";
	request->config->on_exit = (enum config_on_exit)word;
	return NULL;
}

static const char *cli_option_set_main_pid_file(struct cli_request *request, const char *value)
{
	if (value[0] != '/')
		return "not an absolute path"; /* and we leave the working directory */
	request->config->main_pid_file = value;
	return NULL;
}

static const char *cli_option_set_exec(struct cli_request *request, const char *value)
{
	static const char *const words[] = { [CONFIG_GUESTS_AUTO] = "auto",
					     [CONFIG_GUESTS_WAIT] = "wait",
					     [CONFIG_GUESTS_IGNORE] = "ignore" };
	int word = CLI_VALUE_WORD(value, words);

	if (word < 0)
		return "not a way to treat guests";
	request->config->guests = (enum config_guests)word;
	return NULL;
}

static const char *cli_option_set_grace(struct cli_request *request, const char *value)
{
	return cli_value_time(value, strlen(value), &request->config->grace_ns);
}

static const char *cli_option_set_stop_timeout(struct cli_request *request, const char *value)
{
	return cli_value_time(value, strlen(value), &request->config->stop_timeout_ns);
}

static const char *cli_option_set_exit_code(struct cli_request *request, const char *value)
{
	static const char *const words[] = { [CONFIG_EXIT_CODE_MAIN] = "main",
					     [CONFIG_EXIT_CODE_LAST] = "last",
					     [CONFIG_EXIT_CODE_WORST] = "worst" };
	int word = CLI_VALUE_WORD(value, words);

	if (word < 0)
		return "not a source of an exit code";
	request->config->exit_code = (enum config_exit_code)word;
	return NULL;
}

static const char *cli_option_set_parent_death(struct cli_request *request, const char *value)
{
	if (cli_value_signal_or_none(value, strlen(value), &request->config->parent_death) < 0)
		return CLI_OPTION_NO_SIGNAL;
	return NULL;
}

static const char *cli_option_set_no_subreaper(struct cli_request *request, const char *value)
{
	bool no;
	const char *why = cli_value_flag(value, &no);

	if (!why)
		request->config->subreaper = !no;
	return why;
}

/* Who shares no group with the command is not stopped with it, and has to stop himself; who shares
 * it gets what the terminal sends at the same time as the command. */
static void cli_option_group(struct config *config, enum config_group group)
{
	config->group = group;
	config->suspend_on = group == CONFIG_GROUP_NEW ? 0 : CLI_OPTION_JOB_SIGNALS;
	config->tty_signals_once = group == CONFIG_GROUP_SAME;
}

static const char *cli_option_group_flag(struct cli_request *request, const char *value,
					 enum config_group group)
{
	bool yes;
	const char *why = cli_value_flag(value, &yes);

	if (!why && yes)
		cli_option_group(request->config, group);
	else if (!why && request->config->group == group)
		cli_option_group(request->config,
				 group == CONFIG_GROUP_NEW ? CONFIG_GROUP_SAME : CONFIG_GROUP_NEW);
	return why;
}

static const char *cli_option_set_new_group(struct cli_request *request, const char *value)
{
	return cli_option_group_flag(request, value, CONFIG_GROUP_NEW);
}

static const char *cli_option_set_setsid(struct cli_request *request, const char *value)
{
	return cli_option_group_flag(request, value, CONFIG_GROUP_SESSION);
}

static const char *cli_option_set_no_group(struct cli_request *request, const char *value)
{
	return cli_option_group_flag(request, value, CONFIG_GROUP_SAME);
}

static const char *cli_option_set_tty(struct cli_request *request, const char *value)
{
	static const char *const words[] = { "auto", "never" };
	static const enum config_tty ttys[] = { CONFIG_TTY_AUTO, CONFIG_TTY_NEVER };
	int word = CLI_VALUE_WORD(value, words);

	if (word < 0)
		return "not a terminal";
	request->config->tty = ttys[word];
	return NULL;
}

static const char *cli_option_set_step_aside(struct cli_request *request, const char *value)
{
	return cli_value_flag(value, &request->config->step_aside);
}

static const char *cli_option_set_pause(struct cli_request *request, const char *value)
{
	request->config->pause = true;
	return value ? CLI_OPTION_NO_VALUE : NULL;
}

static const char *cli_option_set_warn_reaped(struct cli_request *request, const char *value)
{
	return cli_value_flag(value, &request->config->warn_reaped);
}

#define CLI_OPTION_VERBOSITY_MAX 3

static const char *cli_option_set_verbose(struct cli_request *request, const char *value)
{
	int *verbosity = &request->config->verbosity;

	if (!value) {
		*verbosity += *verbosity < CLI_OPTION_VERBOSITY_MAX;
		return NULL;
	}
	if (value[0] < '0' || value[0] > '0' + CLI_OPTION_VERBOSITY_MAX || value[1] != '\0')
		return "not a level";
	*verbosity = value[0] - '0';
	return NULL;
}

static const char *cli_option_set_help(struct cli_request *request, const char *value)
{
	request->wants_help = true;
	return value ? CLI_OPTION_NO_VALUE : NULL;
}

static const char *cli_option_set_version(struct cli_request *request, const char *value)
{
	request->wants_version = true;
	return value ? CLI_OPTION_NO_VALUE : NULL;
}

#define CLI_OPTION_SIGNALS                                                                         \
	"names with or without SIG (TERM, SIGINT, RTMIN+3) and numbers from 1 to 64"
#define CLI_OPTION_TIMES "numbers with a unit (500ms, 5s, 2m, 1h), 0 and none"
#define CLI_OPTION_FLAGS "1 and 0, yes and no, true and false, on and off"

const struct cli_option cli_option_table[] = {
	{ .name = "forward",
	  .placeholder = "child|group|session|tree|all",
	  .standard = "child",
	  .letter = 'g',
	  .letter_value = "group",
	  .set = cli_option_set_forward,
	  .allowed = "child, group, session, tree and all",
	  .help = "whom signals reach: the command, its process\n"
		  "group, its session, all descendants, or all\n"
		  "processes (as PID 1)" },
	{ .name = "rewrite",
	  .placeholder = "FROM:TO[,...]",
	  .letter = 'r',
	  .set = cli_list_rewrite,
	  .allowed = "pairs like TERM:QUIT, 15:3 or HUP:none, separated by commas",
	  .help = "send TO when FROM arrives; none drops it" },
	{ .name = "delay",
	  .placeholder = "SIGNAL:TIME[,...]",
	  .set = cli_list_delay,
	  .allowed = "pairs like TERM:5s, separated by commas; none as a time takes one back",
	  .help = "hold the first SIGNAL back for TIME, while\n"
		  "the command lives" },
	{ .name = "stop-signals",
	  .placeholder = "LIST",
	  .standard = "TERM,INT,QUIT",
	  .set = cli_list_stop_signals,
	  .allowed = "signals that can arrive, separated by commas, and none",
	  .help = "signals that stop all" },
	{ .name = "ask-with",
	  .placeholder = "LIST",
	  .standard = "TERM",
	  .set = cli_list_ask_with,
	  .allowed = "signals, separated by commas, each but the last with a time (INT:2s,TERM)",
	  .help = "what asks a leftover process to end, in\n"
		  "steps: INT:2s,TERM is TERM 2s after INT" },
	{ .name = "on-exit",
	  .placeholder = "drain|wait|leave",
	  .standard = "drain",
	  .set = cli_option_set_on_exit,
	  .allowed = "drain, wait and leave",
	  .help = "when the command has exited: ask the rest to\n"
		  "end, let a successor take over until all\n"
		  "have ended, or leave at once" },
	{ .name = "main-pid-file",
	  .placeholder = "PATH",
	  .set = cli_option_set_main_pid_file,
	  .allowed = "absolute paths",
	  .help = "when the command has exited, the process\n"
		  "that this file names takes its place" },
	{ .name = "exec",
	  .placeholder = "auto|wait|ignore",
	  .standard = "auto",
	  .set = cli_option_set_exec,
	  .allowed = "auto, wait and ignore",
	  .help = "ask and wait for what docker exec put here:\n"
		  "if there is a deadline, always, or never" },
	{ .name = "grace",
	  .placeholder = "TIME",
	  .standard = "5s",
	  .set = cli_option_set_grace,
	  .allowed = CLI_OPTION_TIMES,
	  .help = "for the rest when the command exited by\n"
		  "itself; then SIGKILL" },
	{ .name = "stop-timeout",
	  .placeholder = "TIME",
	  .standard = "none",
	  .set = cli_option_set_stop_timeout,
	  .allowed = CLI_OPTION_TIMES,
	  .help = "for everybody after a stop signal; then\n"
		  "SIGKILL" },
	{ .name = "exit-code",
	  .placeholder = "main|last|worst",
	  .standard = "main",
	  .set = cli_option_set_exit_code,
	  .allowed = "main, last and worst",
	  .help = "whose exit code to leave with" },
	{ .name = "ok-exit",
	  .placeholder = "CODES",
	  .letter = 'e',
	  .set = cli_list_ok_exit,
	  .allowed = "numbers from 0 to 255, separated by commas",
	  .help = "exit codes that count as 0 (143,130)" },
	{ .name = "parent-death",
	  .placeholder = "SIGNAL",
	  .standard = "none",
	  .letter = 'p',
	  .set = cli_option_set_parent_death,
	  .allowed = CLI_OPTION_SIGNALS ", and none",
	  .help = "signal to get when sexton's parent dies" },
	{ .name = "new-group",
	  .standard = "yes",
	  .set = cli_option_set_new_group,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "a process group for the command, in the\n"
		  "terminal's foreground; this is the default" },
	{ .name = "setsid",
	  .standard = "no",
	  .set = cli_option_set_setsid,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "a session for it, which gets the terminal;\n"
		  "TSTP, TTIN and TTOU arrive as STOP" },
	{ .name = "no-group",
	  .standard = "no",
	  .set = cli_option_set_no_group,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "neither: it stays in sexton's group" },
	{ .name = "tty",
	  .placeholder = "auto|never",
	  .standard = "auto",
	  .set = cli_option_set_tty,
	  .allowed = "auto and never",
	  .help = "give the command the terminal if it is ours\n"
		  "to give, or leave it alone" },
	{ .name = "step-aside",
	  .standard = "no",
	  .set = cli_option_set_step_aside,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "when the command is an init itself (systemd,\n"
		  "s6, tini): run it in sexton's place" },
	{ .name = "pause",
	  .letter = 'P',
	  .no_variable = true,
	  .set = cli_option_set_pause,
	  .help = "no command: bury orphans until a stop signal\n"
		  "comes, then exit with 0" },
	{ .name = "no-subreaper",
	  .standard = "no",
	  .set = cli_option_set_no_subreaper,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "adopt no orphans when not PID 1" },
	{ .name = "warn-reaped",
	  .standard = "no",
	  .letter = 'w',
	  .set = cli_option_set_warn_reaped,
	  .allowed = CLI_OPTION_FLAGS,
	  .help = "say when an orphan was buried" },
	{ .name = "verbose",
	  .standard = "0",
	  .letter = 'v',
	  .set = cli_option_set_verbose,
	  .allowed = "0, 1, 2 and 3",
	  .help = "say what happens; -vv says everything" },
	{ .name = "help",
	  .letter = 'h',
	  .no_variable = true,
	  .set = cli_option_set_help,
	  .help = "print this" },
	{ .name = "version",
	  .letter = 'V',
	  .no_variable = true,
	  .set = cli_option_set_version,
	  .help = "print the version; with -v what this kernel\n"
		  "can do" },
};

_Static_assert(sizeof(cli_option_table) / sizeof(cli_option_table[0]) <= CLI_OPTION_ROWS_MAX,
	       "the parser keeps a bit a row");

const size_t cli_option_count = sizeof(cli_option_table) / sizeof(cli_option_table[0]);

const char *cli_option_variable(const struct cli_option *option,
				char ret_name[CLI_OPTION_VARIABLE_SIZE])
{
	static const char prefix[] = "SEXTON_";
	size_t used = sizeof(prefix) - 1;

	memcpy(ret_name, prefix, used);
	for (const char *c = option->name; *c && used < CLI_OPTION_VARIABLE_SIZE - 1; c++) {
		if (*c == '-')
			ret_name[used++] = '_';
		else
			ret_name[used++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
	}
	ret_name[used] = '\0';
	return ret_name;
}

static bool cli_option_is_group(size_t row)
{
	const char *(*set)(struct cli_request *, const char *) = cli_option_table[row].set;

	return set == cli_option_set_setsid || set == cli_option_set_new_group ||
	       set == cli_option_set_no_group;
}

uint32_t cli_option_settles(size_t row)
{
	uint32_t rows = UINT32_C(1) << row;

	for (size_t other = 0; cli_option_is_group(row) && other < cli_option_count; other++) {
		if (cli_option_is_group(other))
			rows |= UINT32_C(1) << other;
	}
	return rows;
}

void cli_option_resolve(struct config *config)
{
	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		if (config->group == CONFIG_GROUP_SESSION &&
		    signals_in(CLI_OPTION_JOB_SIGNALS & ~config->rewritten, sig)) {
			config->rewrite[sig] = SIGSTOP;
			config->rewritten |= SIGNALS_BIT(sig);
		}
	}
}
