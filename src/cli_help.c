/* SPDX-License-Identifier: MIT */
/* cli_help.c - the text of --help, from the table of options; see sexton/cli_option.h. */
#include <errno.h>
#include <string.h>

#include "sexton/cli_option.h"
#include "sexton/sys.h"

#define CLI_HELP_FD     1
#define CLI_HELP_COLUMN 32 /* where the texts of the options start */

static const char cli_help_head[] =
	"Usage: sexton [OPTIONS] [--] COMMAND [ARG...]\n"
	"       sexton --as NAME ...\n"
	"Runs COMMAND as the first process of a container: forwards signals, buries the\n"
	"dead, asks who is left to end, and leaves last.\n"
	"\n"
	"Options end at COMMAND or at --. [Defaults] are in brackets.\n";

static const char cli_help_tail[] =
	"\n"
	"As tini, docker-init, dumb-init, catatonit, podman-init or pause, when its file\n"
	"has that name or --as NAME comes first, sexton reads that program's options and\n"
	"speaks its words: sexton --as tini -h\n"
	"\n"
	"TIME is 500ms, 5s, 2m, 1h, 0 or none. SIGNAL is TERM, SIGTERM, 15 or RTMIN+3.\n"
	"-r, -e and --delay may be repeated.\n"
	"\n"
	"Environment: each option but as, pause, help and version is also a variable:\n"
	"--grace is SEXTON_GRACE, --setsid is SEXTON_SETSID=1, -vv is SEXTON_VERBOSE=2.\n"
	"The command line wins. COMMAND does not see these variables.\n"
	"\n"
	"Exit code: that of COMMAND, or 128 + N when signal N ended it (--exit-code,\n"
	"--ok-exit); 127 COMMAND not found, 126 not executable, 125 sexton's own failure.\n"
	"\n"
	"Example: sexton --grace=10s -e 143 -- java -jar app.jar\n";

/* Enough for the whole text (tested), so that it goes out in one piece. */
struct cli_help {
	char text[4096];
	size_t used;
	size_t line; /* where the last line starts */
};

static void cli_help_put(struct cli_help *help, const char *text)
{
	for (; *text && help->used < sizeof(help->text); text++) {
		help->text[help->used++] = *text;
		if (*text == '\n')
			help->line = help->used;
	}
}

static void cli_help_column(struct cli_help *help)
{
	if (help->used - help->line >= CLI_HELP_COLUMN)
		cli_help_put(help, "\n");
	while (help->used - help->line < CLI_HELP_COLUMN && help->used < sizeof(help->text))
		cli_help_put(help, " ");
}

/* "-g" and the option that it is short for. */
static void cli_help_letter(struct cli_help *help, const struct cli_option *option)
{
	const char letter[] = { ' ', ' ', '-', option->letter, '\0' };

	cli_help_put(help, letter);
	cli_help_column(help);
	cli_help_put(help, "the same as --");
	cli_help_put(help, option->name);
	cli_help_put(help, "=");
	cli_help_put(help, option->letter_value);
	cli_help_put(help, "\n");
}

static void cli_help_name(struct cli_help *help, const struct cli_option *option)
{
	const char letter[] = { ' ', ' ', '-', option->letter, ',', ' ', '\0' };

	cli_help_put(help, option->letter && !option->letter_value ? letter : "      ");
	cli_help_put(help, "--");
	cli_help_put(help, option->name);
	if (option->placeholder) {
		cli_help_put(help, "=");
		cli_help_put(help, option->placeholder);
	}
}

static void cli_help_option(struct cli_help *help, const struct cli_option *option)
{
	cli_help_name(help, option);
	cli_help_column(help);
	for (const char *c = option->help; *c; c++) {
		const char text[] = { *c, '\0' };

		cli_help_put(help, text);
		if (*c == '\n')
			cli_help_column(help);
	}
	/* "no" and "0" are what everybody expects of a flag. */
	if (option->placeholder && option->standard) {
		cli_help_put(help, " [");
		cli_help_put(help, option->standard);
		cli_help_put(help, "]");
	}
	cli_help_put(help, "\n");
	if (option->letter_value)
		cli_help_letter(help, option);
}

int cli_print(const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = sys_write(CLI_HELP_FD, text + done, size - done);

		if (written <= 0)
			return written < 0 ? (int)written : -EIO;
		done += (size_t)written;
	}
	return 0;
}

int cli_help_print(void)
{
	struct cli_help help = { .used = 0 };

	cli_help_put(&help, cli_help_head);
	for (size_t i = 0; i < cli_option_count; i++)
		cli_help_option(&help, &cli_option_table[i]);
	cli_help_put(&help, cli_help_tail);
	return cli_print(help.text, help.used);
}
