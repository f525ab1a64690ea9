/* SPDX-License-Identifier: MIT */
/*
 * compat.h - the same words to two programs, and one golden text for both.
 *
 * Purpose: tests/compat/cases holds one file of cases a name. Each case is run with the original
 *	and with sexton under that name; standard output, standard error and exit status must be
 *	the golden ones to the byte. Where we differ on purpose the case names a row of
 *	docs/COMPAT.md and holds the original's golden text as well.
 * Files: cases.c reads and writes the case files, run.c runs one program in a PID namespace of its
 *	own, normal.c takes out what chance decides, compat.c compares.
 *
 * A case file is lines of "key: value":
 *	name: NAME             (head) argv[0] of every program
 *	original: NAME...      (head) what is compared with; none: golden texts alone
 *	unordered: TEXT        (head) a line with TEXT is of another process: its place is chance
 *	by-chance: REASON      (head) what the original prints depends on chance: it is given more
 *	                       than one try; sexton never is
 *	case: SENTENCE         begins a case
 *	left-out: TEXT         lines with TEXT do not count: how many there are is chance
 *	run: WORD...           the words after argv[0], quoted as in sh; each "run:" is one variant
 *	argv0: WORD            instead of NAME
 *	env: NAME=VALUE        one more variable
 *	stdin: null, closed, pipe, terminal, background (of one) or job (a group of its own, in the
 *	                       foreground; its shell tells at the end whose the terminal is)
 *	stdout: tty or pipe    a terminal of no session, so that stdio keeps no line back
 *	place: pid1, pid2 (below a stub that waits) or pid2-last (that waits for all)
 *	cwd: DIRECTORY         (/usr); "probe" is the one the probe is in
 *	ignored: SIGNAL...     dispositions and mask the program starts with
 *	blocked: SIGNAL...
 *	then: STEP             see below; "then@original:" is for the original alone
 *	without-original:      only sexton is asked
 *	differs: ROW           of docs/COMPAT.md
 *	output: error: exit:   the golden part; with "@original" that of the original, if it differs
 *	| TEXT                 a line of a golden part
 *	~ TEXT                 its last line, without a newline
 *
 * A step is "send SIGNAL", "send SIGNAL with VALUE", "send each FROM-TO..." "release" (closes
 * the other end of a pipe on stdin) or "wait" (for its moment), and its moment: nothing (when the command says that it is
 * ready), 'after TEXT' (was printed), 'when
 * stopped' (the init was), 'when started' (it was executed), 'when closed' (it has closed the
 * command's descriptors) or 'at once'.
 */
#ifndef SEXTON_TESTS_COMPAT_H
#define SEXTON_TESTS_COMPAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMPAT_WORDS  40
#define COMPAT_LINES  24 /* of one kind in one case */
#define COMPAT_STEPS  160
#define COMPAT_EVENTS 9 /* the descriptor on which a command says that it is ready */

enum compat_place { PLACE_PID1, PLACE_PID2, PLACE_PID2_LAST };
enum compat_stdin {
	STDIN_NULL,
	STDIN_CLOSED,
	STDIN_PIPE,
	STDIN_TERMINAL,
	STDIN_BACKGROUND,
	STDIN_JOB
};
enum compat_deed { DEED_SEND, DEED_RELEASE, DEED_WAIT };
enum compat_moment {
	MOMENT_READY,
	MOMENT_TEXT,
	MOMENT_STOPPED,
	MOMENT_STARTED,
	MOMENT_CLOSED,
	MOMENT_AT_ONCE,
};

struct compat_step {
	enum compat_deed deed;
	enum compat_moment moment;
	const char *text; /* MOMENT_TEXT */
	int sig;
	int value;
	bool has_value;
	bool original_only;
};

enum compat_part { PART_OUTPUT, PART_ERROR, PART_EXIT, PART_COUNT };
enum compat_whose { WHOSE_BOTH, WHOSE_ORIGINAL, WHOSE_COUNT };

/* A growing string. .bytes is NULL or ends with a NUL. */
struct compat_text {
	char *bytes;
	size_t len;
};

struct compat_outcome {
	struct compat_text part[PART_COUNT];
};

struct compat_case {
	const char *sentence;
	const char *run[COMPAT_LINES * 2];
	size_t runs;
	const char *argv0;
	const char *left_out;
	const char *env[COMPAT_LINES];
	size_t envs;
	enum compat_stdin in;
	bool pipe_out;
	enum compat_place place;
	const char *cwd;
	unsigned long long ignored; /* bit N - 1: signal N */
	unsigned long long blocked;
	struct compat_step steps[COMPAT_STEPS];
	size_t step_count;
	bool without_original;
	const char *differs;
	struct compat_text golden[WHOSE_COUNT][PART_COUNT];
	bool has_golden[WHOSE_COUNT][PART_COUNT];
	size_t last_line; /* index of its last line that is no golden text */
};

struct compat_file {
	const char *path;
	const char *name;
	const char *originals[4];
	size_t original_count;
	const char *unordered[COMPAT_LINES];
	size_t unordered_count;
	bool by_chance;
	char **lines;
	size_t line_count;
	struct compat_case *cases;
	size_t case_count;
};

/* Who is asked. */
struct compat_program {
	const char *path;
	const char *label;
	bool is_original;
	bool by_as; /* sexton --as NAME */
};

_Noreturn void compat_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void text_add(struct compat_text *text, const char *bytes, size_t len);
const char *text_of(const struct compat_text *text);
void text_fini(struct compat_text *text);

/* cases.c; all memory is kept until the end. */
void cases_read(const char *path, struct compat_file *ret_file);
void cases_write(const struct compat_file *file);
size_t cases_words(const char *line, char **ret_words, size_t room);
const char *cases_part_name(enum compat_part part);

/* run.c: one variant of a case. @probe_dir leads the PATH. */
void run_case(const struct compat_file *file, const struct compat_case *c, const char *run,
	      const struct compat_program *program, const char *probe_dir,
	      struct compat_outcome *ret_outcome);

/* normal.c: numbers of processes beyond the first two become letters, unordered lines go first,
 * left-out ones nowhere. */
void normal_text(const struct compat_file *file, const struct compat_case *c,
		 struct compat_text *text);

#endif
