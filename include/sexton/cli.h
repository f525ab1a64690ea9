/* SPDX-License-Identifier: MIT */
/*
 * cli.h - argv and environment -> struct config.
 *
 * Purpose: the only code that knows option names, variable names and the texts of help and version.
 * Owner: main.c; start-up only (before the fork), main thread only.
 * Names: called as tini, dumb-init or one of the others in name.h, or with --as NAME (--as=NAME) as
 *	the first word, the command line is read as theirs, to the byte (cli_call.h). The rules
 *	below are those of our own name; the variables work under every name.
 * Rules: options end at the first word that is no option, or at "--" (POSIX guideline 9; the
 *	command's own options must never be read). Every option --NAME VALUE is also the variable
 *	SEXTON_NAME (dashes as underscores); the command line wins; an empty variable counts as
 *	unset; flags take 1/0, true/false, yes/no, on/off. The variables of known options are
 *	taken out of the command's environment (config->envp); unknown SEXTON_* (an image's own
 *	SEXTON_RELEASE, say) are left alone.
 * Next: config.h, cli_call.h (the names), cli_option.h (our options), docs in man/sexton.1.
 */
#ifndef SEXTON_CLI_H
#define SEXTON_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sexton/config.h"
#include "sexton/feature.h"

enum cli_result {
	CLI_RUN,     /* run config->argv */
	CLI_VERSION, /* print the version (and the features with verbosity > 0), exit 0 */
	CLI_LEAVE,   /* everything is said: exit with *ret_code */
};

/*
 * Parses @argv (argv[0] included) and @envp into @config. --help is printed to stdout (CLI_LEAVE,
 * 0). A wrong option or value: one line on stderr that names the option (or variable), the value
 * and what is allowed; a missing command: one line that says how to call; both CLI_LEAVE with 125.
 * Other names have texts and exit codes of their own, but for a wrong variable of ours: one line,
 * CLI_LEAVE with config->own_failure. config->voice is set; until the caller sets another, log.h
 * speaks with it.
 * config->argv points into @argv, whose words may be put in another order; config->envp is allocated
 * and lives as long as the process.
 */
enum cli_result cli_parse(struct config *config, int argc, char **argv, char **envp, int *ret_code);

/*
 * Reads a duration, @len bytes of @text: "500ms", "5s", "2m", "1h", fractions ("1.5s"), "0", or "none"
 * (CONFIG_NO_LIMIT). A number without a unit other than 0 is refused: "5" has meant seconds to some
 * and milliseconds to others. Returns 0, -EINVAL (no duration) or -ERANGE (above 10 years).
 */
int cli_duration(const char *text, size_t len, int64_t *ret_ns) __attribute__((warn_unused_result));

/*
 * Prints "sexton X.Y.Z" to stdout and, with @features_too, a line a feature of this kernel. Returns
 * the exit code: 0, or 125 when stdout does not take it.
 */
int cli_version(const struct feature *features, bool features_too);

#endif
