/* SPDX-License-Identifier: MIT */
/* test_scope_far.c - whom a signal for the main process's session, or for its tree, reaches. */
#include "scope_test.h"

#define GUEST 250

static void use(enum config_forward kind)
{
	forward.scope = kind;
	scope_init(&scope, &forward, &status); /* it maps nothing before the first signal */
}

static void as_PID_1(enum config_forward kind)
{
	start(1);
	use(kind);
}

static int send_plain(int sig)
{
	return send_to(true, sig, SI_USER, 0);
}

static unsigned int said(const char *words)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_stderr(); (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

/* The session */

static void the_session_gets_it_whatever_the_group(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_SESSION);
	fake_world_find(HELPER)->pgid = HELPER;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM ");
	assert_int_equal(reached, SCOPE_EACH);
}

static void the_session_outlives_the_main_process(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_SESSION);
	bury_main();
	assert_sent(send_to(false, SIGTERM, SI_USER, 0), "helper:TERM ");
	fake_world_vanish(HELPER);
	assert_not_sent(send_to(false, SIGTERM, SI_USER, 0), -ESRCH);
}

static void a_session_that_the_main_process_made_later_counts(void **state)
{
	(void)state;
	fake_world_find(MAIN)->sid = 1;
	use(CONFIG_FORWARD_SESSION);
	fake_world_find(MAIN)->sid = MAIN;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM ");
}

/* The tree */

static void the_tree_gets_it_each_once_and_nobody_else(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(reached, SCOPE_EACH);
	assert_int_equal(status_get(&status.forwarded), 3);
	assert_false(trace_has("kill("));
}

static void what_was_told_is_kept_until_it_is_forgotten(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	use(CONFIG_FORWARD_TREE);
	assert_int_equal(scope_send(&scope, &info, true, &reached), 0);
	assert_non_null(asked_find(&scope.told, DAEMON, 1000));
	assert_null(asked_find(&scope.told, 300, 1000));
	scope_forget(&scope);
	assert_null(asked_find(&scope.told, DAEMON, 1000));
	assert_sent(send_plain(SIGHUP), "main:TERM helper:TERM daemon:TERM "
					"main:HUP helper:HUP daemon:HUP ");
}

static void fork_once(struct fake_proc *proc, int sig)
{
	(void)sig;
	proc->on_signal = NULL;
	fake_world_add(210, MAIN, 210, "late")->sid = 210;
}

static void who_is_forked_meanwhile_is_found_by_the_next_look(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(DAEMON)->on_signal = fork_once;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM late:TERM ");
}

/* It has the signal, and is in the middle of a fork(2). */
static void begin_a_fork(struct fake_proc *proc, int sig)
{
	proc->pending = SIGNALS_BIT(sig);
	proc->state = 'R';
}

static void whose_fork_goes_on_is_given_time_and_its_child_told(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(DAEMON)->on_signal = begin_a_fork;
	assert_sent(scope_send(&scope, &info, true, &reached),
		    "main:TERM helper:TERM daemon:TERM ");
	assert_true(scope.unfinished);
	scope_again(&scope);
	assert_true(scope.unfinished);
	fake_world_find(DAEMON)->pending = 0;
	fake_world_add(210, MAIN, 210, "late");
	scope_again(&scope);
	assert_sent(0, "late:TERM ");
	assert_false(scope.unfinished);
	scope_forget(&scope);
}

static unsigned int reads_of_status(void)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_trace(); (at = strstr(at, "open(/proc/202/status,")) != NULL;
	     at++)
		count++;
	return count;
}

static void who_dies_of_it_forks_no_more(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(DAEMON)->on_signal = begin_a_fork;
	fake_world_find(DAEMON)->doomed = SIGNALS_BIT(SIGKILL);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(reads_of_status(), 1);
}

static void fork_another(struct fake_proc *proc, int sig)
{
	(void)sig;
	proc->on_signal = NULL;
	fake_world_add(proc->pid + 1, MAIN, MAIN, "bomb")->on_signal = fork_another;
}

static void a_fork_bomb_is_left_to_itself_after_some_looks_with_one_line(void **state)
{
	unsigned int hit = 0;

	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(DAEMON)->on_signal = fork_another;
	assert_int_equal(send_plain(SIGTERM), 0);
	for (const char *at = fake_world_log(); (at = strstr(at, "bomb:TERM ")) != NULL; at++)
		hit++;
	assert_int_equal(hit, SCOPE_LOOKS - 1); /* the daemon had the first look */
	assert_int_equal(said("gave up after 16 looks"), 1);
}

static void the_daemon_is_recycled(void)
{
	(void)fake_world_recycle(DAEMON, "stranger");
}

static void a_number_recycled_between_look_and_send_is_not_hit(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_sys_before("pidfd_open(202)", 1, the_daemon_is_recycled);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM ");
}

static void the_tree_of_PID_1_is_one_call_without_guests(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_TREE);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(reached, SCOPE_EVERYBODY);
	assert_true(trace_has("kill(-1,15)"));
}

static void with_a_guest_it_is_one_by_one_and_the_guest_gets_nothing(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_TREE);
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	(void)fake_world_add(GUEST + 1, GUEST, GUEST + 1, "child of the guest");
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(reached, SCOPE_EACH);
	assert_false(trace_has("kill("));
}

static void a_look_for_guests_that_failed_is_no_permission_to_hit_all(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_TREE);
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	fake_sys_fail("getdents", 1, ENOMEM);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_false(trace_has("kill("));
}

static void a_queued_value_goes_to_each_even_as_PID_1(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_TREE);
	assert_sent(send_scope(40, SI_QUEUE, 7),
		    "main:RTMIN+6=7 helper:RTMIN+6=7 daemon:RTMIN+6=7 ");
	assert_int_equal(reached, SCOPE_EACH);
}

static void everybody_is_everybody_guests_as_well(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_ALL);
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM guest:TERM ");
	assert_int_equal(reached, SCOPE_EVERYBODY);
}

/* What may fail */

static void who_is_refused_does_not_hide_the_rest(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(MAIN)->forbidden = true;
	fake_world_find(DAEMON)->forbidden = true;
	assert_sent(scope_send(&scope, &info, true, &reached), "helper:TERM ");
	assert_int_equal(said("cannot forward a signal"), 1);
	assert_int_equal(status_get(&status.forwarded), 1);
	/* They were told apart from those who got it. */
	assert_int_equal(asked_find(&scope.told, HELPER, 1000)->step, 0);
	assert_int_equal(asked_find(&scope.told, DAEMON, 1000)->step, SCOPE_REFUSED);
}

static void a_refusal_by_all_is_passed_up(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_world_find(MAIN)->forbidden = true;
	fake_world_find(HELPER)->forbidden = true;
	fake_world_find(DAEMON)->forbidden = true;
	assert_not_sent(send_plain(SIGTERM), -EPERM);
	assert_not_sent(send_to(false, SIGTERM, SI_USER, 0), -EPERM);
}

static void without_memory_for_a_look_the_main_process_gets_it(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_sys_fail("map", 0, ENOMEM);
	assert_sent(send_plain(SIGTERM), "main:TERM ");
	assert_int_equal(reached, SCOPE_MAIN);
	assert_int_equal(said("cannot see in /proc whom a signal is for"), 1);
	assert_not_sent(send_to(false, SIGTERM, SI_USER, 0), -ENOMEM);
}

/* The look has its mapping, and what remembers has none, at first or at all. */
static void without_memory_to_remember_each_gets_it_once(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_sys_fail("map", 2, ENOMEM);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	fake_sys_fail("map", 5, ENOMEM);
	fake_sys_fail("map", 6, ENOMEM);
	fake_sys_fail("map", 7, ENOMEM);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(said("no memory"), 1);
}

static void a_proc_that_hides_somebody_is_told_of(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	fake_sys_fail("open", 5, EPERM); /* of the first look, the threads of main */
	assert_int_equal(send_plain(SIGTERM), 0);
	assert_int_equal(said("cannot see in /proc whom a signal is for"), 1);
}

/* Where single descendants cannot be reached */

static void hide_proc(void)
{
	features.proc = features.children = false;
	fake_world.no_proc = true;
}

static void without_proc_the_tree_of_PID_1_is_one_call(void **state)
{
	(void)state;
	as_PID_1(CONFIG_FORWARD_TREE);
	hide_proc();
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM guest:TERM ");
	assert_int_equal(reached, SCOPE_EVERYBODY);
	features.pidfd = false;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM guest:TERM ");
}

static void without_proc_the_group_gets_it(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	hide_proc();
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM ");
	assert_int_equal(reached, SCOPE_GROUP);
	use(CONFIG_FORWARD_SESSION);
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM ");
}

static void without_pidfds_the_group_and_our_other_children_get_it(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	use_no_pidfds();
	fake_world_find(HELPER)->ppid = SELF; /* an orphan, told with its group */
	fake_world_find(DAEMON)->ppid = SELF;
	(void)fake_world_add(203, DAEMON, 203, "out of reach");
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM daemon:TERM ");
	assert_int_equal(reached, SCOPE_GROUP);
	assert_true(trace_has("kill(-200,15)"));
}

static void without_pidfds_children_of_other_sessions_are_left_alone(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_SESSION);
	use_no_pidfds();
	fake_world_find(DAEMON)->ppid = SELF;
	fake_world_add(203, SELF, 203, "member")->sid = MAIN;
	assert_sent(send_plain(SIGTERM), "main:TERM helper:TERM member:TERM ");
}

static void without_pidfds_and_a_group_each_of_our_children_gets_it_once(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	use_no_pidfds();
	fake_world_find(MAIN)->pgid = SELF; /* setpgid(2) was refused */
	fake_world_find(HELPER)->pgid = SELF;
	fake_world_find(DAEMON)->ppid = SELF;
	assert_sent(send_plain(SIGTERM), "main:TERM daemon:TERM ");
	assert_int_equal(reached, SCOPE_EACH);
}

static void without_pidfds_and_proc_the_main_process_is_left(void **state)
{
	(void)state;
	use(CONFIG_FORWARD_TREE);
	use_no_pidfds();
	hide_proc();
	fake_world_find(MAIN)->pgid = SELF;
	fake_world_find(HELPER)->pgid = SELF;
	assert_sent(send_plain(SIGTERM), "main:TERM ");
	assert_int_equal(reached, SCOPE_MAIN);
	targets.main = 0;
	assert_not_sent(send_to(false, SIGTERM, SI_USER, 0), -ESRCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_session_gets_it_whatever_the_group),
		TEST(the_session_outlives_the_main_process),
		TEST(a_session_that_the_main_process_made_later_counts),
		TEST(the_tree_gets_it_each_once_and_nobody_else),
		TEST(what_was_told_is_kept_until_it_is_forgotten),
		TEST(who_is_forked_meanwhile_is_found_by_the_next_look),
		TEST(whose_fork_goes_on_is_given_time_and_its_child_told),
		TEST(who_dies_of_it_forks_no_more),
		TEST(a_fork_bomb_is_left_to_itself_after_some_looks_with_one_line),
		TEST(a_number_recycled_between_look_and_send_is_not_hit),
		TEST(the_tree_of_PID_1_is_one_call_without_guests),
		TEST(with_a_guest_it_is_one_by_one_and_the_guest_gets_nothing),
		TEST(a_look_for_guests_that_failed_is_no_permission_to_hit_all),
		TEST(a_queued_value_goes_to_each_even_as_PID_1),
		TEST(everybody_is_everybody_guests_as_well),
		TEST(who_is_refused_does_not_hide_the_rest),
		TEST(a_refusal_by_all_is_passed_up),
		TEST(without_memory_for_a_look_the_main_process_gets_it),
		TEST(without_memory_to_remember_each_gets_it_once),
		TEST(a_proc_that_hides_somebody_is_told_of),
		TEST(without_proc_the_tree_of_PID_1_is_one_call),
		TEST(without_proc_the_group_gets_it),
		TEST(without_pidfds_the_group_and_our_other_children_get_it),
		TEST(without_pidfds_children_of_other_sessions_are_left_alone),
		TEST(without_pidfds_and_a_group_each_of_our_children_gets_it_once),
		TEST(without_pidfds_and_proc_the_main_process_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
