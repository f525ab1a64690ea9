/* SPDX-License-Identifier: MIT */
/*
 * compat.c - is sexton under a name what the original is?
 *
 *	compat run FILE.cases       SEXTON, PROBE_DIR and ORIGINAL_<name> in the environment
 *	compat rows COMPAT.md FILE.cases...
 *
 * With COMPAT_WRITE=1 "run" writes the golden parts into the file, from the original (and for cases
 * that differ from both): read the difference before you keep it. COMPAT_ONLY=TEXT runs the cases
 * alone whose sentence has TEXT in it.
 */
#include "compat.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COMPAT_PROGRAMS 6
#define COMPAT_TRIES    30 /* of an original whose lines depend on chance */

struct compat {
	struct compat_file file;
	struct compat_program programs[COMPAT_PROGRAMS];
	size_t program_count;
	const char *probe_dir;
	const char *only;
	bool write;
	size_t tests;
	size_t failures;
};

_Noreturn void compat_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("Bail out! ", stdout);
	(void)vfprintf(stdout, format, args);
	(void)fputc('\n', stdout);
	va_end(args);
	exit(1);
}

void text_add(struct compat_text *text, const char *bytes, size_t len)
{
	char *grown = realloc(text->bytes, text->len + len + 1);

	if (grown == NULL)
		compat_die("out of memory");
	text->bytes = grown;
	memcpy(grown + text->len, bytes, len);
	text->len += len;
	grown[text->len] = '\0';
}

const char *text_of(const struct compat_text *text)
{
	return text->bytes != NULL ? text->bytes : "";
}

void text_fini(struct compat_text *text)
{
	free(text->bytes);
	*text = (struct compat_text){ 0 };
}

static bool compat_same(const struct compat_text *a, const struct compat_text *b)
{
	return a->len == b->len && memcmp(text_of(a), text_of(b), a->len) == 0;
}

static void compat_show(const char *what, const struct compat_text *text)
{
	const char *line = text_of(text);

	(void)printf("#   %s:\n", what);
	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		(void)printf("#     %c %.*s\n", line[len] == '\n' ? '|' : '~', (int)len, line);
		line += len + (line[len] == '\n' ? 1 : 0);
	}
}

/* The golden part that @program must match. */
static const struct compat_text *compat_golden(const struct compat_case *c,
					       const struct compat_program *program,
					       enum compat_part part)
{
	if (program->is_original && c->has_golden[WHOSE_ORIGINAL][part])
		return &c->golden[WHOSE_ORIGINAL][part];
	return &c->golden[WHOSE_BOTH][part];
}

static void compat_not_ok(bool *ok, const char *why)
{
	*ok = false;
	(void)printf("# %s\n", why);
}

static void compat_check(const struct compat_case *c, const struct compat_program *program,
			 const struct compat_outcome *outcome, bool *ok)
{
	for (int p = 0; p < PART_COUNT; p++) {
		enum compat_part part = (enum compat_part)p;
		const struct compat_text *golden = compat_golden(c, program, part);

		if (compat_same(golden, &outcome->part[part]))
			continue;
		compat_not_ok(ok, cases_part_name(part));
		compat_show("golden", golden);
		compat_show(program->label, &outcome->part[part]);
	}
}

/* A row of docs/COMPAT.md that says nothing any more must go. */
static void compat_check_difference(const struct compat_case *c, bool *ok)
{
	bool differs = false;

	for (int p = 0; p < PART_COUNT; p++) {
		if (c->has_golden[WHOSE_ORIGINAL][p] &&
		    !compat_same(&c->golden[WHOSE_ORIGINAL][p], &c->golden[WHOSE_BOTH][p]))
			differs = true;
	}
	if (c->differs == NULL && differs)
		compat_not_ok(ok, "differs, but names no row of docs/COMPAT.md");
	if (c->differs != NULL && !differs && !c->without_original)
		compat_not_ok(ok, "no longer differs: its row must go");
}

static bool compat_all_same(const struct compat_text *const wanted[PART_COUNT],
			    const struct compat_outcome *outcome)
{
	bool same = true;

	for (int p = 0; p < PART_COUNT; p++)
		same = same && compat_same(wanted[p], &outcome->part[p]);
	return same;
}

/* Runs @program; an original by chance more than once, until it does what is @wanted. One that hangs
 * is not asked again. */
static void compat_ask(const struct compat *compat, const struct compat_case *c, const char *run,
		       const struct compat_program *program,
		       const struct compat_text *const wanted[PART_COUNT],
		       struct compat_outcome *ret_outcome)
{
	int tries = program->is_original && compat->file.by_chance ? COMPAT_TRIES : 1;

	for (;;) {
		run_case(&compat->file, c, run, program, compat->probe_dir, ret_outcome);
		if (--tries == 0 || compat_all_same(wanted, ret_outcome) ||
		    strncmp(text_of(&ret_outcome->part[PART_EXIT]), "hangs", 5) == 0)
			return;
		for (int p = 0; p < PART_COUNT; p++)
			text_fini(&ret_outcome->part[p]);
	}
}

static void compat_set_golden(struct compat_case *c, enum compat_whose whose,
			      const struct compat_outcome *outcome)
{
	for (int p = 0; p < PART_COUNT; p++) {
		c->golden[whose][p] = outcome->part[p];
		c->has_golden[whose][p] = true;
	}
}

static const struct compat_program *compat_first(const struct compat *compat, bool is_original)
{
	for (size_t i = 0; i < compat->program_count; i++) {
		if (compat->programs[i].is_original == is_original)
			return &compat->programs[i];
	}
	return NULL;
}

/* COMPAT_WRITE: golden parts from this run. */
static void compat_rewrite(const struct compat *compat, struct compat_case *c)
{
	const struct compat_program *original =
		c->without_original ? NULL : compat_first(compat, true);
	const struct compat_text *wanted[PART_COUNT];
	struct compat_outcome own;
	struct compat_outcome outcome;

	memset(c->has_golden, 0, sizeof(c->has_golden));
	run_case(&compat->file, c, c->run[0], compat_first(compat, false), compat->probe_dir, &own);
	for (int p = 0; p < PART_COUNT; p++)
		wanted[p] = &own.part[p];
	compat_set_golden(c, WHOSE_BOTH, &own);
	if (original == NULL)
		return;
	compat_ask(compat, c, c->run[0], original, wanted, &outcome);
	compat_set_golden(c, c->differs != NULL ? WHOSE_ORIGINAL : WHOSE_BOTH, &outcome);
	for (int p = 0; c->differs != NULL && p < PART_COUNT; p++) {
		if (compat_same(&c->golden[WHOSE_BOTH][p], &c->golden[WHOSE_ORIGINAL][p]))
			c->has_golden[WHOSE_ORIGINAL][p] = false;
	}
}

static void compat_one(struct compat *compat, const struct compat_case *c,
		       const struct compat_program *program, bool *ok)
{
	const struct compat_text *wanted[PART_COUNT];
	struct compat_outcome outcome;

	if (program->is_original ? c->without_original : program->by_as && c->argv0 != NULL)
		return;
	for (size_t r = 0; r < c->runs; r++) {
		bool fine = true;

		if (program->is_original && program->path[0] == '\0') {
			compat_not_ok(ok, "the original is missing: ./dev deps --test");
			return;
		}
		for (int p = 0; p < PART_COUNT; p++)
			wanted[p] = compat_golden(c, program, (enum compat_part)p);
		compat_ask(compat, c, c->run[r], program, wanted, &outcome);
		compat_check(c, program, &outcome, &fine);
		if (!fine)
			(void)printf("#   by %s: %s\n", program->label, c->run[r]);
		*ok = *ok && fine;
		for (int p = 0; p < PART_COUNT; p++)
			text_fini(&outcome.part[p]);
	}
}

static void compat_case(struct compat *compat, struct compat_case *c)
{
	bool ok = true;

	if (compat->only != NULL && strstr(c->sentence, compat->only) == NULL)
		return;
	if (c->runs == 0)
		compat_die("nothing is run: %s", c->sentence);
	if (compat->write)
		compat_rewrite(compat, c);
	compat_check_difference(c, &ok);
	for (size_t i = 0; i < compat->program_count; i++)
		compat_one(compat, c, &compat->programs[i], &ok);
	compat->failures += ok ? 0 : 1;
	(void)printf("%s %zu - %s\n", ok ? "ok" : "not ok", ++compat->tests, c->sentence);
	(void)fflush(stdout);
}

static const char *compat_variable(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		compat_die("%s is not set", name);
	return value;
}

/* ORIGINAL_dumb_init for dumb-init. */
static const char *compat_original(const char *name)
{
	char variable[64];

	(void)snprintf(variable, sizeof(variable), "ORIGINAL_%s", name);
	for (char *c = variable; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : *c);
	return compat_variable(variable);
}

static int compat_run(const char *path)
{
	struct compat compat = {
		.probe_dir = compat_variable("PROBE_DIR"),
		.only = getenv("COMPAT_ONLY"),
		.write = getenv("COMPAT_WRITE") != NULL,
	};
	const char *sexton = compat_variable("SEXTON");

	cases_read(path, &compat.file);
	for (size_t i = 0; i < compat.file.original_count; i++) {
		const char *name = compat.file.originals[i];

		compat.programs[compat.program_count++] = (struct compat_program){
			.path = compat_original(name), .label = name, .is_original = true
		};
	}
	compat.programs[compat.program_count++] =
		(struct compat_program){ .path = sexton, .label = "sexton by argv[0]" };
	compat.programs[compat.program_count++] =
		(struct compat_program){ .path = sexton, .label = "sexton --as", .by_as = true };
	for (size_t i = 0; i < compat.file.case_count; i++)
		compat_case(&compat, &compat.file.cases[i]);
	(void)printf("1..%zu\n", compat.tests);
	if (compat.write)
		cases_write(&compat.file);
	if (compat.tests == 0)
		compat_die("no case was run");
	return compat.failures == 0 ? 0 : 1;
}

/* The rows of the table of differences begin with "| `compat:ID`". */
#define COMPAT_ROW "| `compat:"

/* Does @c show row @id (of length @len), i.e. hold what the original does instead? */
static bool compat_shows(const struct compat_case *c, const char *id, size_t len)
{
	bool shows = false;

	for (int p = 0; p < PART_COUNT; p++)
		shows = shows || c->has_golden[WHOSE_ORIGINAL][p];
	return shows && c->differs != NULL && strlen(c->differs) == len &&
	       memcmp(c->differs, id, len) == 0;
}

static bool compat_has_case(const struct compat_file *files, int count, const char *id, size_t len)
{
	for (int f = 0; f < count; f++) {
		for (size_t i = 0; i < files[f].case_count; i++) {
			if (compat_shows(&files[f].cases[i], id, len))
				return true;
		}
	}
	return false;
}

static struct compat_text compat_load(const char *path)
{
	FILE *stream = fopen(path, "re");
	struct compat_text all = { 0 };
	char bytes[4096];
	size_t got;

	if (stream == NULL)
		compat_die("cannot read %s", path);
	while ((got = fread(bytes, 1, sizeof(bytes), stream)) > 0)
		text_add(&all, bytes, got);
	(void)fclose(stream);
	return all;
}

static size_t compat_unproven(const char *page, const struct compat_file *files, int count)
{
	size_t failures = 0;

	for (const char *at = page; (at = strstr(at, COMPAT_ROW)) != NULL;) {
		size_t len;

		at += strlen(COMPAT_ROW);
		len = strcspn(at, "`");
		if (!compat_has_case(files, count, at, len)) {
			(void)printf("# row %.*s has no case\n", (int)len, at);
			failures++;
		}
	}
	return failures;
}

static size_t compat_unwritten(const char *page, const struct compat_file *file)
{
	size_t failures = 0;

	for (size_t i = 0; i < file->case_count; i++) {
		const struct compat_case *c = &file->cases[i];
		char row[128];

		if (c->differs == NULL)
			continue;
		(void)snprintf(row, sizeof(row), "%s%s`", COMPAT_ROW, c->differs);
		if (strstr(page, row) == NULL) {
			(void)printf("# no row %s for: %s\n", c->differs, c->sentence);
			failures++;
		}
	}
	return failures;
}

static int compat_rows(const char *page_path, char **paths, int count)
{
	struct compat_text page = compat_load(page_path);
	struct compat_file *files = calloc((size_t)count, sizeof(*files));
	size_t failures = 0;

	if (files == NULL)
		compat_die("out of memory");
	for (int i = 0; i < count; i++) {
		cases_read(paths[i], &files[i]);
		failures += compat_unwritten(text_of(&page), &files[i]);
	}
	if (strstr(text_of(&page), COMPAT_ROW) == NULL)
		compat_die("%s has no row at all", page_path);
	failures += compat_unproven(text_of(&page), files, count);
	(void)printf("%s 1 - each row of the page has a case, each difference a row\n1..1\n",
		     failures == 0 ? "ok" : "not ok");
	return failures == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "run") == 0)
		return compat_run(argv[2]);
	if (argc > 3 && strcmp(argv[1], "rows") == 0)
		return compat_rows(argv[2], argv + 3, argc - 3);
	compat_die("usage: compat run FILE.cases | compat rows COMPAT.md FILE.cases...");
}
