/* SPDX-License-Identifier: MIT */
/*
 * test_cli_docs.c - what is written about the options agrees with the table (sexton/cli_option.h).
 *
 * Each option is looked for in the manual, in the table of the README and in the completion for bash:
 * its name, its letter, its words, its variable; and nothing else may look like an option there.
 */
#include "cli_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sexton/name.h"
#include "sexton/signals.h"

#define LINE_SIZE 1024

struct document {
	const char *path; /* below the source directory */
	char text[65536];
};

static struct document manual = { .path = "man/sexton.1" };
static struct document readme = { .path = "README.md" };
static struct document completion = { .path = "docs/completion/sexton.bash" };

static void document_read(struct document *document)
{
	char path[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", SOURCE, document->path);
	file = fopen(path, "r");
	if (!file)
		fail_msg("cannot open %s", path);
	size = fread(document->text, 1, sizeof(document->text), file);
	fclose(file);
	assert_in_range(size, 1, sizeof(document->text) - 1);
	document->text[size] = '\0';
}

static int read_documents(UNUSED void **state)
{
	document_read(&manual);
	document_read(&readme);
	document_read(&completion);
	return 0;
}

/* Copies the line that starts at *@at and moves on; false at the end of the text. */
static bool next_line(const char **at, char ret_line[LINE_SIZE])
{
	size_t len = strcspn(*at, "\n");

	if (**at == '\0')
		return false;
	assert_in_range(len, 0, LINE_SIZE - 1);
	memcpy(ret_line, *at, len);
	ret_line[len] = '\0';
	*at += len + ((*at)[len] == '\n');
	return true;
}

/* Is there an option called @name, @len bytes long? "as" is read before there is a table. */
static bool is_an_option(const char *name, size_t len)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		if (strlen(cli_option_table[i].name) == len &&
		    memcmp(cli_option_table[i].name, name, len) == 0)
			return true;
	}
	return len == 2 && memcmp(name, "as", len) == 0;
}

/* The same for a variable; @name is what follows SEXTON_. */
static bool is_a_variable(const char *name, size_t len)
{
	const size_t prefix = strlen("SEXTON_");
	char variable[CLI_OPTION_VARIABLE_SIZE];

	for (size_t i = 0; i < cli_option_count; i++) {
		cli_option_variable(&cli_option_table[i], variable);
		if (!cli_option_table[i].no_variable && strlen(variable) == prefix + len &&
		    memcmp(variable + prefix, name, len) == 0)
			return true;
	}
	return false;
}

/* The options, or variables, that follow each @mark in @line must be known. */
static void assert_known(const struct document *document, const char *line, const char *mark,
			 bool (*known)(const char *, size_t))
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	for (line = strstr(line, mark); line; line = strstr(line, mark)) {
		size_t len;

		line += strlen(mark);
		len = strspn(line, letters);
		if (len > 0 && !known(line, len)) /* "--" alone ends the options */
			fail_msg("%s speaks of '%.*s', which does not exist", document->path,
				 (int)len, line);
	}
}

/* Writes @text with @instead in the place of each bar. */
static const char *with_bars(const char *text, const char *instead, char ret_text[128])
{
	size_t used = 0;

	for (; *text; text++) {
		const char own[] = { *text, '\0' };

		used += (size_t)snprintf(ret_text + used, 128 - used, "%s",
					 *text == '|' ? instead : own);
		assert_in_range(used, 1, 127);
	}
	return ret_text;
}

/* The manual */

/* Is there a line of @macro that ends in @words or, with @more, goes on after a blank? */
static bool has_item(const struct document *document, const char *macro, const char *words,
		     bool more)
{
	const char *at = document->text;
	char line[LINE_SIZE];

	while (next_line(&at, line)) {
		const char *found =
			strncmp(line, macro, strlen(macro)) == 0 ? strstr(line, words) : NULL;

		if (found &&
		    (found[strlen(words)] == '\0' || (more && found[strlen(words)] == ' ')))
			return true;
	}
	return false;
}

static void the_manual_has_every_option_with_its_letter_and_words(UNUSED void **state)
{
	char words[256];
	char values[128];

	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];
		bool fixed = option->placeholder && strchr(option->placeholder, '|');
		char letter[] = { 'F', 'l', ' ', option->letter, ' ', ',', ' ', '\0' };

		snprintf(words, sizeof(words), " %sFl Fl %s",
			 option->letter && !option->letter_value ? letter : "", option->name);
		if (fixed)
			strcat(strcat(words, " Ns = Ns Cm "),
			       with_bars(option->placeholder, " | ", values));
		else if (option->placeholder)
			strcat(words, " Ns = Ns Ar");
		if (!has_item(&manual, ".It ", words, !fixed))
			fail_msg("%s has no line '.It%s'", manual.path, words);
		letter[4] = '\0';
		if (option->letter_value && !has_item(&manual, ".It ", letter, false))
			fail_msg("%s has no line '.It %s'", manual.path, letter);
	}
}

static void the_manual_has_every_variable(UNUSED void **state)
{
	char variable[CLI_OPTION_VARIABLE_SIZE];

	for (size_t i = 0; i < cli_option_count; i++) {
		cli_option_variable(&cli_option_table[i], variable);
		if (!cli_option_table[i].no_variable &&
		    !has_item(&manual, ".It Ev ", variable, false))
			fail_msg("%s has no line '.It Ev %s'", manual.path, variable);
	}
}

static void the_manual_has_no_option_and_no_variable_of_its_own(UNUSED void **state)
{
	const char *at = manual.text;
	char line[LINE_SIZE];

	while (next_line(&at, line)) {
		assert_known(&manual, line, "Fl Fl ", is_an_option);
		assert_known(&manual, line, ".It Ev SEXTON_", is_a_variable);
	}
}

/* The README */

/* Cuts a row of a table at its bars. Returns the number of cells. */
static size_t cut_row(char *row, char *ret_cells[8])
{
	size_t count = 0;

	for (char *c = row; *c && count < 8; c++) {
		if (*c != '|' || (c > row && c[-1] == '\\'))
			continue;
		*c = '\0';
		if (c[1] != '\0')
			ret_cells[count++] = c + 1;
	}
	return count;
}

/* Finds the row of @option in the README. */
static bool find_row(const struct cli_option *option, char ret_line[LINE_SIZE], char *ret_cells[8])
{
	const char *at = readme.text;
	char values[128] = "";
	char name[256];

	if (option->placeholder)
		with_bars(option->placeholder, "\\|", values);
	snprintf(name, sizeof(name), "--%s%s%s`", option->name, option->placeholder ? "=" : "",
		 values);
	while (next_line(&at, ret_line)) {
		if (strncmp(ret_line, "| `-", 4) == 0 && strstr(ret_line, name))
			return cut_row(ret_line, ret_cells) == 4 && strstr(ret_cells[0], name);
	}
	return false;
}

static void the_readme_has_a_row_for_every_option(UNUSED void **state)
{
	char variable[CLI_OPTION_VARIABLE_SIZE + 2];
	char text[64];
	char line[LINE_SIZE];
	char *cells[8];

	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		if (!find_row(option, line, cells))
			fail_msg("%s has no row for --%s=%s", readme.path, option->name,
				 option->placeholder ? option->placeholder : "");
		snprintf(text, sizeof(text), "`-%c`", option->letter);
		if (option->letter && !strstr(cells[0], text))
			fail_msg("--%s has no %s there", option->name, text);
		variable[0] = '`';
		cli_option_variable(option, variable + 1);
		strcat(variable, "`");
		if (!option->no_variable && !strstr(cells[1], variable))
			fail_msg("--%s has no %s there", option->name, variable);
		snprintf(text, sizeof(text), " `%s` ", option->standard ? option->standard : "");
		if (option->placeholder && option->standard)
			assert_string_equal(cells[2], text);
	}
}

static void the_readme_has_no_option_and_no_variable_of_its_own(UNUSED void **state)
{
	const char *at = strstr(readme.text, "\n### Options\n");
	const char *end = strstr(readme.text, "\n### Signals\n");
	char line[LINE_SIZE];

	assert_non_null(at);
	assert_non_null(end);
	while (at < end && next_line(&at, line)) {
		assert_known(&readme, line, "`--", is_an_option);
		assert_known(&readme, line, "`SEXTON_", is_a_variable);
	}
}

/* The completion */

/* Copies what @variable of the script is set to. */
static void completion_value(const char *variable, char *ret_value, size_t size)
{
	char start[64];
	const char *value;
	size_t len;

	snprintf(start, sizeof(start), "\n%s='", variable);
	value = strstr(completion.text, start);
	if (!value)
		fail_msg("%s sets no %s", completion.path, variable);
	value += strlen(start);
	len = strcspn(value, "'");
	assert_in_range(len, 1, size - 1);
	memcpy(ret_value, value, len);
	ret_value[len] = '\0';
}

/* All rows in their order, so that the two are easily read side by side. */
static void the_completion_has_the_table_row_by_row(UNUSED void **state)
{
	char row[256];
	char line[LINE_SIZE];
	char table[4096];
	const char *at = table;

	completion_value("_sexton_options", table, sizeof(table));
	assert_true(next_line(&at, line));
	assert_string_equal(line, "");
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];
		const char letter[] = { '-', option->letter, '\0' };

		snprintf(row, sizeof(row), "%s --%s%s%s", option->letter ? letter : "  ",
			 option->name, option->placeholder ? "=" : "",
			 option->placeholder ? option->placeholder : "");
		if (!next_line(&at, line))
			fail_msg("%s has no row '%s'", completion.path, row);
		assert_string_equal(line, row);
	}
	if (next_line(&at, line))
		fail_msg("%s has a row '%s' more", completion.path, line);
}

static void the_completion_has_the_names_and_the_signals(UNUSED void **state)
{
	char expected[256] = "";
	char words[512];
	char name[SIGNALS_NAME_SIZE];
	char word[SIGNALS_NAME_SIZE + 2];

	for (int n = NAME_SEXTON + 1; n < NAME_COUNT; n++) {
		strcat(expected, *expected ? " " : "");
		strcat(expected, name_text((enum name)n));
	}
	completion_value("_sexton_names", words, sizeof(words));
	assert_string_equal(words, expected);
	completion_value("_sexton_arriving", words + 1, sizeof(words) - 2);
	words[0] = ' ';
	strcat(words, " ");
	for (char *c = words; *c; c++)
		*c = *c == '\n' || *c == '\t' ? ' ' : *c;
	for (int sig = 1; sig < 32; sig++) {
		bool arrives = sig != SIGKILL && sig != SIGSTOP && sig != SIGCHLD;

		snprintf(word, sizeof(word), " %s ", signals_name(sig, name));
		if (arrives != (strstr(words, word) != NULL))
			fail_msg("%s is wrong about%s", completion.path, word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_manual_has_every_option_with_its_letter_and_words),
		TEST(the_manual_has_every_variable),
		TEST(the_manual_has_no_option_and_no_variable_of_its_own),
		TEST(the_readme_has_a_row_for_every_option),
		TEST(the_readme_has_no_option_and_no_variable_of_its_own),
		TEST(the_completion_has_the_table_row_by_row),
		TEST(the_completion_has_the_names_and_the_signals),
	};

	return cmocka_run_group_tests_name("cli_docs", tests, read_documents, NULL);
}
