/* SPDX-License-Identifier: MIT */
/* cases.c - reads and writes files of cases; the form is in compat.h. */
#include "compat.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CASES_ORIGINAL "@original"

static const char *const cases_parts[PART_COUNT] = {
	[PART_OUTPUT] = "output",
	[PART_ERROR] = "error",
	[PART_EXIT] = "exit",
};

static const struct {
	const char *name;
	int number;
} cases_signals[] = {
	{ "HUP", SIGHUP },   { "INT", SIGINT },   { "QUIT", SIGQUIT }, { "KILL", SIGKILL },
	{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "PIPE", SIGPIPE }, { "TERM", SIGTERM },
	{ "CHLD", SIGCHLD }, { "CONT", SIGCONT }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU }, { "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "WINCH", SIGWINCH },
};

const char *cases_part_name(enum compat_part part)
{
	return cases_parts[part];
}

static char *cases_copy(const char *bytes, size_t len)
{
	char *copy = strndup(bytes, len);

	if (copy == NULL)
		compat_die("out of memory");
	return copy;
}

/* The rest of @line if it begins with @key, blanks skipped; else NULL. */
static const char *cases_value(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

size_t cases_words(const char *line, char **ret_words, size_t room)
{
	size_t count = 0;

	for (line += strspn(line, " "); *line != '\0'; line += strspn(line, " ")) {
		struct compat_text word = { 0 };

		if (count == room)
			compat_die("too many words: %s", line);
		text_add(&word, "", 0);
		while (*line != '\0' && *line != ' ') {
			size_t len = 1;

			if (*line == '\'' || *line == '"') {
				const char *end = strchr(line + 1, *line);

				if (end == NULL)
					compat_die("an open quote: %s", line);
				text_add(&word, line + 1, (size_t)(end - line - 1));
				len = (size_t)(end - line + 1);
			} else {
				text_add(&word, line, 1);
			}
			line += len;
		}
		ret_words[count++] = word.bytes;
	}
	return count;
}

static int cases_signal(const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (*end == '\0' && number >= 1 && number <= 64)
		return (int)number;
	for (size_t i = 0; i < sizeof(cases_signals) / sizeof(cases_signals[0]); i++) {
		if (strcmp(cases_signals[i].name, word) == 0)
			return cases_signals[i].number;
	}
	compat_die("no signal: %s", word);
}

static unsigned long long cases_mask(const char *line)
{
	char *words[COMPAT_WORDS];
	size_t count = cases_words(line, words, COMPAT_WORDS);
	unsigned long long mask = 0;

	for (size_t i = 0; i < count; i++)
		mask |= 1ULL << (cases_signal(words[i]) - 1);
	return mask;
}

static void cases_add_step(struct compat_case *c, struct compat_step step)
{
	if (c->step_count == COMPAT_STEPS)
		compat_die("too many steps: %s", c->sentence);
	c->steps[c->step_count++] = step;
}

/* Each signal of the range, and 64 after it: no other is taken before those that came earlier. */
static void cases_add_each(struct compat_case *c, const char *range, struct compat_step step)
{
	char *end;
	long from = strtol(range, &end, 10);
	long to = *end == '-' ? strtol(end + 1, &end, 10) : from;

	if (*end != '\0' || from < 1 || to > 63)
		compat_die("no range of signals: %s", range);
	for (long sig = from; sig <= to; sig++) {
		step.moment = MOMENT_READY;
		step.sig = (int)sig;
		cases_add_step(c, step);
		step.moment = MOMENT_AT_ONCE;
		step.sig = 64;
		cases_add_step(c, step);
	}
}

static void cases_step(struct compat_case *c, const char *line, bool original_only)
{
	char *words[COMPAT_WORDS];
	size_t count = cases_words(line, words, COMPAT_WORDS);
	struct compat_step step = { .original_only = original_only };

	if (count > 2 && strcmp(words[count - 2], "after") == 0) {
		step.moment = MOMENT_TEXT;
		step.text = words[count - 1];
		count -= 2;
	} else if (count > 2 && strcmp(words[count - 2], "when") == 0) {
		step.moment = strcmp(words[count - 1], "started") == 0  ? MOMENT_STARTED
			      : strcmp(words[count - 1], "closed") == 0 ? MOMENT_CLOSED
									: MOMENT_STOPPED;
		count -= 2;
	} else if (count > 2 && strcmp(words[count - 2], "at") == 0) {
		step.moment = MOMENT_AT_ONCE;
		count -= 2;
	}
	if (count == 1 && strcmp(words[0], "release") == 0) {
		step.deed = DEED_RELEASE;
		cases_add_step(c, step);
	} else if (count == 1 && strcmp(words[0], "wait") == 0) {
		step.deed = DEED_WAIT;
		cases_add_step(c, step);
	} else if (count >= 3 && strcmp(words[0], "send") == 0 && strcmp(words[1], "each") == 0) {
		for (size_t i = 2; i < count; i++)
			cases_add_each(c, words[i], step);
	} else if ((count == 2 || (count == 4 && strcmp(words[2], "with") == 0)) &&
		   strcmp(words[0], "send") == 0) {
		step.sig = cases_signal(words[1]);
		step.has_value = count == 4;
		step.value = step.has_value ? (int)strtol(words[3], NULL, 10) : 0;
		cases_add_step(c, step);
	} else {
		compat_die("no step: %s", line);
	}
}

/* Which of @names is @value? */
static int cases_choice(const char *value, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], value) == 0)
			return i;
	}
	compat_die("unknown: %s", value);
}

/* Is @line the beginning of a golden part? */
static bool cases_golden(const char *line, enum compat_whose *ret_whose, enum compat_part *ret_part,
			 const char **ret_value)
{
	for (int part = 0; part < PART_COUNT; part++) {
		char key[32];

		*ret_part = (enum compat_part)part;
		*ret_whose = WHOSE_BOTH;
		*ret_value = cases_value(line, cases_parts[part]);
		if (*ret_value != NULL)
			return true;
		(void)snprintf(key, sizeof(key), "%s%s", cases_parts[part], CASES_ORIGINAL);
		*ret_whose = WHOSE_ORIGINAL;
		*ret_value = cases_value(line, key);
		if (*ret_value != NULL)
			return true;
	}
	return false;
}

static void cases_push(const char **list, size_t *count, size_t room, const char *value)
{
	if (*count == room)
		compat_die("too many lines like: %s", value);
	list[(*count)++] = value;
}

/* A line of a case that is no golden text. */
static void cases_line(struct compat_case *c, const char *line)
{
	static const char *const ins[] = { "null",       "closed", "pipe", "terminal",
					   "background", "job",    NULL };
	static const char *const outs[] = { "tty", "pipe", NULL };
	static const char *const places[] = { "pid1", "pid2", "pid2-last", NULL };
	const char *v;

	if ((v = cases_value(line, "run")) != NULL)
		cases_push(c->run, &c->runs, sizeof(c->run) / sizeof(c->run[0]), v);
	else if ((v = cases_value(line, "env")) != NULL)
		cases_push(c->env, &c->envs, COMPAT_LINES, v);
	else if ((v = cases_value(line, "argv0")) != NULL)
		c->argv0 = v;
	else if ((v = cases_value(line, "left-out")) != NULL)
		c->left_out = v;
	else if ((v = cases_value(line, "stdin")) != NULL)
		c->in = (enum compat_stdin)cases_choice(v, ins);
	else if ((v = cases_value(line, "stdout")) != NULL)
		c->pipe_out = cases_choice(v, outs) == 1;
	else if ((v = cases_value(line, "place")) != NULL)
		c->place = (enum compat_place)cases_choice(v, places);
	else if ((v = cases_value(line, "cwd")) != NULL)
		c->cwd = v;
	else if ((v = cases_value(line, "ignored")) != NULL)
		c->ignored = cases_mask(v);
	else if ((v = cases_value(line, "blocked")) != NULL)
		c->blocked = cases_mask(v);
	else if ((v = cases_value(line, "then")) != NULL)
		cases_step(c, v, false);
	else if ((v = cases_value(line, "then" CASES_ORIGINAL)) != NULL)
		cases_step(c, v, true);
	else if (cases_value(line, "without-original") != NULL)
		c->without_original = true;
	else if ((v = cases_value(line, "differs")) != NULL)
		c->differs = v;
	else
		compat_die("what is: %s", line);
}

static void cases_head(struct compat_file *file, const char *line)
{
	char *words[4];
	const char *v;

	if ((v = cases_value(line, "name")) != NULL) {
		file->name = v;
	} else if ((v = cases_value(line, "original")) != NULL) {
		file->original_count = cases_words(v, words, 4);
		for (size_t i = 0; i < file->original_count; i++)
			file->originals[i] = words[i];
		if (strcmp(v, "none") == 0)
			file->original_count = 0;
	} else if ((v = cases_value(line, "unordered")) != NULL) {
		cases_push(file->unordered, &file->unordered_count, COMPAT_LINES, v);
	} else if (cases_value(line, "by-chance") != NULL) {
		file->by_chance = true;
	} else {
		compat_die("what is: %s", line);
	}
}

static void cases_load(const char *path, struct compat_file *file)
{
	FILE *stream = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (stream == NULL)
		compat_die("cannot read %s: %s", path, strerror(errno));
	while ((len = getline(&line, &size, stream)) >= 0) {
		file->lines = realloc(file->lines, (file->line_count + 1) * sizeof(char *));
		if (file->lines == NULL)
			compat_die("out of memory");
		if (len > 0 && line[len - 1] == '\n')
			len--;
		file->lines[file->line_count++] = cases_copy(line, (size_t)len);
	}
	free(line);
	(void)fclose(stream);
}

static struct compat_case *cases_begin(struct compat_file *file, const char *sentence)
{
	struct compat_case *c;

	file->cases = realloc(file->cases, (file->case_count + 1) * sizeof(*file->cases));
	if (file->cases == NULL)
		compat_die("out of memory");
	c = &file->cases[file->case_count++];
	*c = (struct compat_case){ .sentence = sentence, .cwd = "/usr" };
	return c;
}

/* A line of a golden part: "| TEXT" or "~ TEXT". */
static void cases_golden_line(struct compat_text *golden, const char *line)
{
	const char *text = line[1] == ' ' ? line + 2 : line + 1;

	if (golden == NULL)
		compat_die("to which golden part belongs: %s", line);
	text_add(golden, text, strlen(text));
	if (line[0] == '|')
		text_add(golden, "\n", 1);
}

void cases_read(const char *path, struct compat_file *ret_file)
{
	struct compat_text *golden = NULL;
	struct compat_case *c = NULL;
	enum compat_whose whose;
	enum compat_part part;
	const char *value;

	*ret_file = (struct compat_file){ .path = path };
	cases_load(path, ret_file);
	for (size_t i = 0; i < ret_file->line_count; i++) {
		const char *line = ret_file->lines[i];

		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (line[0] == '|' || line[0] == '~') {
			cases_golden_line(golden, line);
		} else if ((value = cases_value(line, "case")) != NULL) {
			c = cases_begin(ret_file, value);
			c->last_line = i;
		} else if (c == NULL) {
			cases_head(ret_file, line);
		} else if (cases_golden(line, &whose, &part, &value)) {
			golden = &c->golden[whose][part];
			c->has_golden[whose][part] = true;
			text_add(golden, value, strlen(value));
		} else {
			cases_line(c, line);
			c->last_line = i;
		}
	}
	if (ret_file->name == NULL)
		compat_die("%s says no name", path);
}

static void cases_write_part(FILE *stream, const struct compat_case *c, enum compat_whose whose,
			     enum compat_part part)
{
	const char *text = text_of(&c->golden[whose][part]);

	if (!c->has_golden[whose][part])
		return;
	if (whose == WHOSE_BOTH && part != PART_EXIT && text[0] == '\0')
		return;
	(void)fprintf(stream, "%s%s:", cases_parts[part],
		      whose == WHOSE_ORIGINAL ? CASES_ORIGINAL : "");
	if (part == PART_EXIT) {
		(void)fprintf(stream, " %s\n", text);
		return;
	}
	(void)fputc('\n', stream);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		(void)fprintf(stream, "%c%s%.*s\n", text[len] == '\n' ? '|' : '~',
			      len > 0 ? " " : "", (int)len, text);
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

void cases_write(const struct compat_file *file)
{
	FILE *stream = fopen(file->path, "we");
	enum compat_whose whose;
	enum compat_part part;
	const char *value;
	size_t next = 0;

	if (stream == NULL)
		compat_die("cannot write %s: %s", file->path, strerror(errno));
	for (size_t i = 0; i < file->line_count; i++) {
		const char *line = file->lines[i];

		if (line[0] != '|' && line[0] != '~' &&
		    (next == 0 || !cases_golden(line, &whose, &part, &value)))
			(void)fprintf(stream, "%s\n", line);
		if (strncmp(line, "case:", 5) == 0)
			next++;
		if (next == 0 || i != file->cases[next - 1].last_line)
			continue;
		for (int w = 0; w < WHOSE_COUNT; w++) {
			for (int p = 0; p < PART_COUNT; p++)
				cases_write_part(stream, &file->cases[next - 1],
						 (enum compat_whose)w, (enum compat_part)p);
		}
	}
	if (fclose(stream) != 0)
		compat_die("cannot write %s: %s", file->path, strerror(errno));
}
