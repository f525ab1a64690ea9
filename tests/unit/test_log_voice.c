/* SPDX-License-Identifier: MIT */
/* test_log_voice.c - facts in somebody's words (sexton/log.h), on a sys_write_now() that keeps what
 * it gets. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sexton/log.h"
#include "sexton/sys.h"

#define UNUSED         __attribute__((unused))
#define LINE_MAX_BYTES 512
#define OWN_PID        4711

/* Every write: "FD:line". */
static char written[8192];
static size_t written_size;
static int writes;

ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns)
{
	(void)patience_ns;
	assert_in_range(fd, 1, 2);
	assert_in_range(written_size + size + 2, 0, sizeof(written) - 1);
	written[written_size++] = (char)('0' + fd);
	written[written_size++] = ':';
	memcpy(written + written_size, buf, size);
	written_size += size;
	written[written_size] = '\0';
	writes++;
	return (ssize_t)size;
}

pid_t sys_getpid(void)
{
	return OWN_PID;
}

const char *sys_strerror(int err)
{
	return strerror(err);
}

/* A stranger like tini: warnings below its facts, the latter to stdout, the PID in the prefix. */
enum { TONE_FATAL, TONE_WARN, TONE_INFO, TONE_DEBUG, TONE_TRACE };

static const struct log_voice stranger = {
	.tones = {
		[TONE_FATAL] = { "[FATAL (%P)] ", 2 },
		[TONE_WARN] = { "[WARN (%P)] ", 2 },
		[TONE_INFO] = { "[INFO (%P)] ", 1 },
		[TONE_DEBUG] = { "", 1 },
		[TONE_TRACE] = { "100%% ", 2 },
	},
	.warning = TONE_WARN,
	.says = (const struct log_words[]){
		{ LOG_EXEC_FAILED, TONE_FATAL, "%s: %E (%e)" },
		{ LOG_NO_REAPING, TONE_WARN, "one\n\ttwo\033" },
		{ LOG_SPAWNED, TONE_INFO, "spawned %p" },
		{ LOG_SPAWNED, TONE_DEBUG, "more of %p" },
		{ LOG_MAIN_KILLED, TONE_INFO, "%p by %n %N %D%C: %c" },
		{ LOG_SIGNAL_REWRITTEN, TONE_INFO, "%n->%t" },
		{ LOG_LEAVING, TONE_DEBUG, "%%d %z %" },
		{ LOG_NONE_DEAD, TONE_TRACE, "%%" },
		{ LOG_NONE_LEFT, TONE_INFO, "the only one" },
		LOG_END_OF_WORDS,
	},
};

static int forget(UNUSED void **state)
{
	memset(written, 0, sizeof(written));
	written_size = 0;
	writes = 0;
	log_set(&stranger, TONE_TRACE, 0);
	return 0;
}

static void say(enum log_saying what)
{
	const struct log_fact fact = { .pid = 77,
				       .sig = SIGTERM,
				       .to = 10,
				       .code = 143,
				       .err = ENOENT,
				       .core = true,
				       .text = "cmd" };

	log_say(what, &fact);
}

static void a_template_holds_what_the_fact_holds(UNUSED void **state)
{
	say(LOG_EXEC_FAILED);
	say(LOG_MAIN_KILLED);
	say(LOG_SIGNAL_REWRITTEN);
	assert_string_equal(written, "2:[FATAL (4711)] cmd: No such file or directory (2)\n"
				     "1:[INFO (4711)] 77 by 15 TERM Terminated (core dumped): 143\n"
				     "1:[INFO (4711)] 15->10\n");
}

static void a_fact_without_core_or_text_leaves_no_trace_of_them(UNUSED void **state)
{
	log_say(LOG_MAIN_KILLED, &(struct log_fact){ .pid = INT_MAX, .sig = 64, .code = -1 });
	log_say(LOG_EXEC_FAILED, &(struct log_fact){ .err = 0 });
	assert_string_equal(written,
			    "1:[INFO (4711)] 2147483647 by 64 RTMAX Real-time signal 30: -1\n"
			    "2:[FATAL (4711)] (null): Success (0)\n");
}

static void what_is_no_place_in_a_template_is_written_as_it_stands(UNUSED void **state)
{
	say(LOG_LEAVING);
	say(LOG_NONE_DEAD);
	assert_string_equal(written, "1:%d z %\n2:100% %\n");
}

static void a_fact_may_have_two_lines_each_with_its_own_tone_and_write(UNUSED void **state)
{
	say(LOG_SPAWNED);
	assert_string_equal(written, "1:[INFO (4711)] spawned 77\n1:more of 77\n");
	assert_int_equal(writes, 2);
	forget(NULL);
	say(LOG_NONE_LEFT);
	assert_string_equal(written, "1:[INFO (4711)] the only one\n");
}

static void each_line_has_a_level_of_its_own(UNUSED void **state)
{
	log_set(&stranger, TONE_INFO, 2);
	say(LOG_SPAWNED);
	assert_string_equal(written, "1:[INFO (4711)] spawned 77\n");
	assert_true(log_says(LOG_SPAWNED));
	assert_false(log_says(LOG_LEAVING));
	assert_true(log_says(LOG_NONE_LEFT));
	log_set(&stranger, TONE_WARN, 2);
	assert_false(log_says(LOG_SPAWNED));
	assert_true(log_says(LOG_NO_REAPING));
	log_set(&stranger, -1, 2);
	say(LOG_EXEC_FAILED);
	assert_false(log_says(LOG_EXEC_FAILED));
	assert_int_equal(writes, 1);
}

static void a_voice_is_silent_about_what_it_has_no_words_for(UNUSED void **state)
{
	say(LOG_FORWARDED);
	assert_false(log_says(LOG_FORWARDED));
	assert_int_equal(writes, 0);
}

static void a_template_may_hold_what_the_users_words_may_not(UNUSED void **state)
{
	say(LOG_NO_REAPING);
	assert_string_equal(written, "2:[WARN (4711)] one\n\ttwo\033\n");
	forget(NULL);
	log_say(LOG_EXEC_FAILED, &(struct log_fact){ .text = "a\nb\x1b[2J\xc2\x9b"
							     "c%s%p",
						     .err = EACCES });
	assert_string_equal(written, "2:[FATAL (4711)] a?b?[2J??c%s%p: Permission denied (13)\n");
}

static void a_long_fact_is_one_write_and_ends_in_a_newline(UNUSED void **state)
{
	static char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	log_say(LOG_EXEC_FAILED, &(struct log_fact){ .text = text });
	assert_int_equal(writes, 1);
	assert_int_equal(written_size, LINE_MAX_BYTES + 2);
	assert_int_equal(written[written_size - 1], '\n');
}

static void our_own_lines_go_by_our_own_verbosity_and_not_by_the_voices_level(UNUSED void **state)
{
	log_set(&stranger, TONE_TRACE, 0);
	log_line(LOG_INFO, "i");
	log_line(LOG_DEBUG, "d");
	assert_int_equal(writes, 0);
	assert_false(log_enabled(LOG_INFO));
	log_set(&stranger, TONE_FATAL, 2);
	log_line(LOG_INFO, "i");
	log_line(LOG_DEBUG, "d");
	assert_string_equal(written, "2:sexton: i\n2:sexton: d\n");
	assert_true(log_enabled(LOG_DEBUG));
	assert_false(log_says(LOG_NO_REAPING));
}

static void our_warnings_are_said_in_the_voices_tone_of_warning_at_any_level(UNUSED void **state)
{
	log_set(&stranger, -1, 0);
	log_line(LOG_WARN, "cannot %s\n", "that");
	assert_string_equal(written, "2:[WARN (4711)] cannot that?\n");
	assert_true(log_enabled(LOG_WARN));
}

static void without_a_voice_the_words_are_ours_up_to_our_verbosity(UNUSED void **state)
{
	log_set(NULL, TONE_TRACE, 0);
	say(LOG_FORWARDED);
	assert_int_equal(writes, 0);
	say(LOG_FORWARD_REFUSED);
	assert_string_equal(written, "2:sexton: cannot forward TERM to pid 77: No such file or "
				     "directory\n");
	forget(NULL);
	log_set(NULL, 0, 1);
	say(LOG_FORWARDED);
	say(LOG_HEIR_EXITED);
	log_line(LOG_WARN, "w");
	assert_string_equal(written, "2:sexton: forwarded TERM to pid 77\n2:sexton: w\n");
	assert_true(log_says(LOG_MAIN_KILLED));
	assert_false(log_says(LOG_HEIR_KILLED));
	log_set(NULL, 0, 2);
	assert_true(log_says(LOG_HEIR_KILLED));
}

/* A saying whose words forget a tone or point outside of the voice would end PID 1. */
static void every_word_of_our_own_has_a_tone(UNUSED void **state)
{
	log_set(NULL, 0, INT_MAX);
	for (const struct log_words *words = log_own_voice.says; words->saying != LOG_SAYING_COUNT;
	     words++) {
		assert_in_range(words->tone, 0, LOG_TONES - 1);
		assert_non_null(log_own_voice.tones[words->tone].prefix);
	}
	for (int what = 0; what < LOG_SAYING_COUNT; what++) {
		forget(NULL);
		log_set(NULL, 0, INT_MAX);
		say((enum log_saying)what);
		assert_int_equal(writes > 0, log_says((enum log_saying)what));
		if (writes > 0)
			assert_memory_equal(written, "2:sexton: ", 10);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_template_holds_what_the_fact_holds),
		TEST(a_fact_without_core_or_text_leaves_no_trace_of_them),
		TEST(what_is_no_place_in_a_template_is_written_as_it_stands),
		TEST(a_fact_may_have_two_lines_each_with_its_own_tone_and_write),
		TEST(each_line_has_a_level_of_its_own),
		TEST(a_voice_is_silent_about_what_it_has_no_words_for),
		TEST(a_template_may_hold_what_the_users_words_may_not),
		TEST(a_long_fact_is_one_write_and_ends_in_a_newline),
		TEST(our_own_lines_go_by_our_own_verbosity_and_not_by_the_voices_level),
		TEST(our_warnings_are_said_in_the_voices_tone_of_warning_at_any_level),
		TEST(without_a_voice_the_words_are_ours_up_to_our_verbosity),
		TEST(every_word_of_our_own_has_a_tone),
	};

	return cmocka_run_group_tests_name("log_voice", tests, NULL, NULL);
}
