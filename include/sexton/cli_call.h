/* SPDX-License-Identifier: MIT */
/*
 * cli_call.h - how we were called, and the parsers of the names we answer to.
 *
 * Purpose: what cli.c hands to the parser of a name. Each personality is one file: its words
 *	(struct log_voice), its texts, its parser, and the constant policy it sets in struct
 *	config. Bytes, streams and exit codes are the original's; docs/COMPAT.md lists what is
 *	not. Nothing behind cli.h knows that there are names.
 * Owner: cli.c; start-up only, main thread.
 * Next: name.h (which name), cli_getopt.h (how they read options), cli_own.c (our own name).
 */
#ifndef SEXTON_CLI_CALL_H
#define SEXTON_CLI_CALL_H

#include <stdint.h>
#include <sys/types.h>

#include "sexton/cli.h"
#include "sexton/config.h"
#include "sexton/name.h"

struct cli_call {
	struct config *config; /* at its defaults, but for the variables SEXTON_* */
	enum name name;
	const char *argv0; /* our name as the original's texts would show it */
	int argc;          /* argv[0] is .argv0, --as NAME is taken out */
	char **argv;
	char **envp;
	int code; /* out: the exit code of CLI_LEAVE */
};

/* The parsers. CLI_RUN: config is filled in, but for envp; CLI_LEAVE: see .code. */
enum cli_result cli_own(struct cli_call *call);
enum cli_result cli_tini(struct cli_call *call); /* tini, docker-init */
enum cli_result cli_dumb_init(struct cli_call *call);
enum cli_result cli_catatonit(struct cli_call *call); /* catatonit, podman-init */
enum cli_result cli_pause(struct cli_call *call);

/*
 * What a personality changes of the defaults; before the variables SEXTON_*, which win over these
 * and lose against the original's own flags and variables.
 */
void cli_tini_defaults(struct config *config);
void cli_dumb_init_defaults(struct config *config);
void cli_catatonit_defaults(struct config *config);
void cli_pause_defaults(struct config *config);

/*
 * tini's flags -p and -e, which podman-init takes as well. Return 0, or -EINVAL when @value is none
 * that tini takes.
 */
int cli_tini_parent_death(struct config *config, const char *value)
	__attribute__((warn_unused_result));
int cli_tini_ok_exit(struct config *config, const char *value) __attribute__((warn_unused_result));

/* What tini and dumb-init do outside PID 1 when nobody asked them to be a subreaper: they leave
 * when the command exits. */
void cli_leave_unless_reaping(struct config *config);

/* The licences that -l and -L print, a newline at the end. */
extern const char cli_license_tini[];
extern const char cli_license_catatonit[];

/* Value of the first variable @name in @envp, as getenv(3); NULL if it is not set. */
const char *cli_variable(char **envp, const char *name);

/*
 * Writes the strings up to a NULL to @fd, as they are and whatever their length, in as few
 * write(2)s as a buffer of 4096 bytes lets. Returns 0 or a negative errno.
 */
int cli_put(int fd, const char *text, ...) __attribute__((sentinel));

/*
 * Writes @before, our PID, @after, @text, @value and a newline to stderr: an error of the user's in
 * the words of a name, whole and unmasked as the original's was.
 */
void cli_put_error(const char *before, const char *after, const char *text, const char *value);

/*
 * Reads a number as strtol(3) does with base 10: blanks and a sign are skipped, one that is too
 * large is the largest. *ret_end is behind its last digit, or @text if there is none.
 */
int64_t cli_number(const char *text, const char **ret_end);

#endif
