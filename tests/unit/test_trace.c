/* SPDX-License-Identifier: MIT */
/*
 * test_trace.c - whole stories against golden text, with a virtual clock.
 *
 * Every traces/NAME.story is a test. Its lines, in this order:
 *
 *	# a comment
 *	on-exit drain|wait|leave	exit-code main|last|worst	ok-exit CODE
 *	grace MS|none			stop-timeout MS|none		pause yes
 *	exec auto|wait|ignore		here it is ignore when nothing is said
 *	MS signal | stop | stop held | main exited CODE | main killed SIGNAL | heir
 *	MS main exited CODE to a successor
 *	MS main found
 *	MS none-left [LAST WORST]	the exit codes of the heirs
 *	MS none-but-guests
 *	MS clock			nothing but the time
 *
 * Before each line the clock goes on to the line's time, and every timer that the policy has set
 * until then goes off at its own instant. What the policy said is compared with NAME.golden.
 * With SEXTON_TRACE_WRITE in the environment the golden files are written, and the tests fail, so
 * that a person reads the difference before it becomes the expectation.
 */
#include "sexton/policy.h"

#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef TRACES
#error "TRACES names the folder of the stories"
#endif

#define MS         INT64_C(1000000)
#define TEXT_SIZE  16384
#define LINES      128
#define MAX_TIMERS 64 /* between two lines of a story: more is a timer that never rests */

struct trace {
	struct config config;
	struct policy policy;
	int64_t now;
	char text[TEXT_SIZE];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void print(struct trace *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->text + t->length, TEXT_SIZE - t->length, format, args);
	va_end(args);
	assert_in_range(n, 0, TEXT_SIZE - t->length - 1);
	t->length += (size_t)n;
}

static void print_actions(struct trace *t, const struct policy_actions *actions)
{
	static const char *const names[] = { "FORWARD", "FORWARD_ROOTS", "ASK_ROOTS", "ASK_ALL",
					     "KILL",    "KILL_ALL",      "EXIT",      "GUESTS" };
	unsigned int left = actions->set;

	if (left == 0)
		print(t, " nothing");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++, left >>= 1)
		if ((left & 1) != 0)
			print(t, " %s", names[i]);
	assert_int_equal(left, 0);
	if ((actions->set & (POLICY_KILL | POLICY_KILL_ALL)) != 0)
		print(t, " round %d", actions->round);
	if ((actions->set & POLICY_EXIT) != 0)
		print(t, " code %d", actions->exit_code);
}

static void step(struct trace *t, struct policy_event ev)
{
	struct policy_actions actions;
	int64_t next;

	ev.now = t->now;
	actions = policy_step(&t->policy, &ev);
	print(t, "%6" PRId64 " %s:", t->now / MS, policy_event_name(ev.type));
	print_actions(t, &actions);
	print(t, " -> %s", policy_state_name(t->policy.state));
	next = policy_deadline(&t->policy);
	if (next != POLICY_NEVER)
		print(t, ", timer at %" PRId64, next / MS);
	print(t, "\n");
}

/* Time goes by until @when. */
static void clock_to(struct trace *t, int64_t when)
{
	int timers = 0;

	assert_true(when >= t->now);
	while (policy_deadline(&t->policy) <= when) {
		assert_in_range(timers++, 0, MAX_TIMERS);
		assert_true(policy_deadline(&t->policy) >= t->now);
		t->now = policy_deadline(&t->policy);
		step(t, (struct policy_event){ .type = POLICY_EV_TIMER });
	}
	t->now = when;
}

static int64_t duration_of(const char *text)
{
	return strcmp(text, "none") == 0 ? CONFIG_NO_LIMIT : strtoll(text, NULL, 10) * MS;
}

static int choice_of(const char *text, const char *const *words)
{
	int i;

	for (i = 0; words[i] && strcmp(text, words[i]) != 0; i++)
		;
	if (!words[i])
		fail_msg("no such choice in a story: %s", text);
	return i;
}

/* A line that sets an option, before the first event. False when it is none. */
static bool read_option(struct trace *t, const char *name, const char *value)
{
	static const char *const on_exit_words[] = { "drain", "wait", "leave", NULL };
	static const char *const exit_code_words[] = { "main", "last", "worst", NULL };
	static const char *const exec_words[] = { "auto", "wait", "ignore", NULL };
	int code = (int)strtol(value, NULL, 10) & 255;

	if (strcmp(name, "on-exit") == 0)
		t->config.on_exit = (enum config_on_exit)choice_of(value, on_exit_words);
	else if (strcmp(name, "exit-code") == 0)
		t->config.exit_code = (enum config_exit_code)choice_of(value, exit_code_words);
	else if (strcmp(name, "exec") == 0)
		t->config.guests = (enum config_guests)choice_of(value, exec_words);
	else if (strcmp(name, "ok-exit") == 0)
		t->config.ok_exit[code / 64] |= UINT64_C(1) << (code % 64);
	else if (strcmp(name, "grace") == 0)
		t->config.grace_ns = duration_of(value);
	else if (strcmp(name, "stop-timeout") == 0)
		t->config.stop_timeout_ns = duration_of(value);
	else if (strcmp(name, "pause") == 0)
		t->config.pause = strcmp(value, "yes") == 0;
	else
		return false;
	return true;
}

static void read_event(struct trace *t, const char *line)
{
	struct policy_event ev = { .last = -1, .worst = -1 };
	int64_t when;
	int at = 0;
	int n;

	if (sscanf(line, "%" SCNd64 " %n", &when, &at) != 1 || at == 0)
		fail_msg("not a line of a story: %s", line);
	line += at;
	clock_to(t, when * MS);
	if (strcmp(line, "clock") == 0)
		return;
	if (strcmp(line, "signal") == 0) {
		ev.type = POLICY_EV_SIGNAL;
	} else if (strcmp(line, "stop") == 0) {
		ev.type = POLICY_EV_STOP_SIGNAL;
	} else if (strcmp(line, "stop held") == 0) {
		ev.type = POLICY_EV_STOP_HELD;
	} else if (sscanf(line, "main exited %d", &n) == 1) {
		ev.type = POLICY_EV_MAIN_EXITED;
		ev.status = n << 8;
		ev.successor = strstr(line, " to a successor") != NULL;
	} else if (strcmp(line, "main found") == 0) {
		ev.type = POLICY_EV_MAIN_FOUND;
	} else if (sscanf(line, "main killed %d", &n) == 1) {
		ev.type = POLICY_EV_MAIN_EXITED;
		ev.status = n;
	} else if (strcmp(line, "heir") == 0) {
		ev.type = POLICY_EV_HEIR_EXITED;
	} else if (strcmp(line, "none-but-guests") == 0) {
		ev.type = POLICY_EV_NONE_LEFT;
		ev.guests = true;
	} else if (strncmp(line, "none-left", 9) == 0) {
		ev.type = POLICY_EV_NONE_LEFT;
		n = sscanf(line, "none-left %d %d", &ev.last, &ev.worst);
		assert_true(n == 2 || line[9] == '\0');
	} else {
		fail_msg("not an event of a story: %s", line);
	}
	step(t, ev);
}

static void tell(struct trace *t, const char *path)
{
	char line[256];
	char name[64];
	char value[64];
	FILE *story = fopen(path, "re");

	assert_non_null(story);
	config_init(&t->config);
	t->config.guests = CONFIG_GUESTS_IGNORE;
	policy_init(&t->policy, &t->config);
	while (fgets(line, sizeof(line), story)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (sscanf(line, "%63s %63s", name, value) == 2 && read_option(t, name, value))
			continue;
		read_event(t, line);
	}
	assert_int_equal(fclose(story), 0);
}

static size_t split(char *text, char *lines[LINES])
{
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(n < LINES);
		lines[n++] = line;
	}
	return n;
}

/* The longest common subsequence of lines, told as diff(1) does: - is missing, + is new. */
static void print_diff(char *want, char *got)
{
	static unsigned char common[LINES + 1][LINES + 1]; /* of the lines from here on */
	char *a[LINES];
	char *b[LINES];
	size_t na = split(want, a);
	size_t nb = split(got, b);
	size_t i;
	size_t j;

	memset(common, 0, sizeof(common));
	for (i = na; i-- > 0;)
		for (j = nb; j-- > 0;)
			if (strcmp(a[i], b[j]) == 0)
				common[i][j] = (unsigned char)(common[i + 1][j + 1] + 1);
			else
				common[i][j] = common[i + 1][j] > common[i][j + 1]
						       ? common[i + 1][j]
						       : common[i][j + 1];
	for (i = 0, j = 0; i < na || j < nb;) {
		if (i < na && j < nb && strcmp(a[i], b[j]) == 0) {
			print_message("  %s\n", a[i++]);
			j++;
		} else if (i < na && (j == nb || common[i + 1][j] >= common[i][j + 1])) {
			print_message("- %s\n", a[i++]);
		} else {
			print_message("+ %s\n", b[j++]);
		}
	}
}

static void story_comes_out_as_told(void **state)
{
	static struct trace t;
	static char want[TEXT_SIZE];
	const char *path = *state;
	char golden[4096];
	FILE *file;
	size_t n = 0;

	memset(&t, 0, sizeof(t));
	tell(&t, path);
	assert_in_range(snprintf(golden, sizeof(golden), "%.*s.golden",
				 (int)(strlen(path) - strlen(".story")), path),
			1, sizeof(golden) - 1);
	if (getenv("SEXTON_TRACE_WRITE")) {
		file = fopen(golden, "we");
		assert_non_null(file);
		assert_int_equal(fwrite(t.text, 1, t.length, file), t.length);
		assert_int_equal(fclose(file), 0);
		fail_msg("written: %s; read the difference before you keep it", golden);
	}
	file = fopen(golden, "re");
	if (file) {
		n = fread(want, 1, sizeof(want) - 1, file);
		assert_int_equal(fclose(file), 0);
	}
	want[n] = '\0';
	if (strcmp(want, t.text) == 0)
		return;
	print_diff(want, t.text);
	fail_msg("the story did not come out as in %s (- wanted, + got)", golden);
}

int main(void)
{
	struct CMUnitTest tests[LINES] = { 0 };
	glob_t stories;
	size_t i;
	int failed;

	if (glob(TRACES "/*.story", 0, NULL, &stories) != 0 || stories.gl_pathc > LINES) {
		print_error("no stories, or too many, in " TRACES "\n");
		return 1;
	}
	for (i = 0; i < stories.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){ .name = strrchr(stories.gl_pathv[i], '/') + 1,
						.test_func = story_comes_out_as_told,
						.initial_state = stories.gl_pathv[i] };
	failed = _cmocka_run_group_tests("stories", tests, stories.gl_pathc, NULL, NULL);
	globfree(&stories);
	return failed;
}
