/* SPDX-License-Identifier: MIT */
/*
 * test_scope.c - whom --forward reaches: each of its members, once, and nobody else.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

/* They queue, so that who gets one twice tells twice; and the lower number comes first. */
#define SENT  40
#define PROBE 41

#define RUNS 100

static const struct pidns_options as_subreaper = { .subreaper = true };

/* Without pidfds nobody can be singled out but our children. */
static bool is_blind(void)
{
	return pidns_refused("pidfd_open") || pidns_refused("pidfd_send_signal");
}

static struct pidns *start_tree(const struct pidns_options *options, const char *scope,
				const char *option, const char *spec)
{
	struct pidns *ns;

	ns = pidns_start(options, "-vv", scope, option, "--", pidns_payload(), "tree", spec);
	pidns_event(ns, 1, "ready main");
	return ns;
}

static pid_t pid_of(struct pidns *ns, const char *name)
{
	return (pid_t)pidns_field(pidns_event(ns, 1, "ready %s", name), "pid");
}

/* @name did not get the signal that has been sent: another one, sent now, comes to it first. */
static void check_spared(struct pidns *ns, const char *name)
{
	pidns_signal_inner(ns, pid_of(ns, name), PROBE);
	pidns_event(ns, 1, "got %s %d", name, PROBE);
	if (pidns_count(ns, "got %s %d", name, SENT) != 0)
		pidns_fail(ns, "%s got it, and should not have", name);
}

/* @members, words in one string, get the signal, and @others do not. */
static void check_reached(struct pidns *ns, const char *members, const char *others)
{
	char name[16];
	int n;

	for (const char *at = members; sscanf(at, "%15s%n", name, &n) == 1; at += n)
		pidns_event(ns, 1, "got %s %d", name, SENT);
	for (const char *at = others; sscanf(at, "%15s%n", name, &n) == 1; at += n)
		check_spared(ns, name);
}

/* The end of it all, of which each must come to its own. */
static void check_once(struct pidns *ns, const char *members)
{
	char name[16];
	int n;

	for (const char *at = members; sscanf(at, "%15s%n", name, &n) == 1; at += n)
		if (pidns_count(ns, "got %s %d", name, SENT) != 1)
			pidns_fail(ns, "%s did not get it once", name);
}

static void end_tree(struct pidns *ns, const char *members)
{
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	check_once(ns, members);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

/*
 * Ten in groups and ten in sessions of their own, and around them: some in the main process's group, also
 * as an orphan (o1) and below another (n2); a grandchild in a group (n3); and an orphan in a session (o2)
 * with a child of its own.
 */
#define CROWD                                                                                      \
	"main("                                                                                    \
	"g1:group g2:group g3:group g4:group g5:group "                                            \
	"g6:group g7:group g8:group g9:group g10:group "                                           \
	"s1:session s2:session s3:session s4:session s5:session "                                  \
	"s6:session s7:session s8:session s9:session s10:session "                                 \
	"n1(n2 n3:group) o1:twice o2:twice,session(o3))"
#define IN_GROUP           "main n1 n2 o1 "
#define IN_SESSION         "g1 g2 g3 g4 g5 g6 g7 g8 g9 g10 n3 "
#define BELOW_OUR_CHILDREN "s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 o3 "
#define OUR_CHILD          "o2 "
#define ELSEWHERE          BELOW_OUR_CHILDREN OUR_CHILD

static void check_crowd(const struct pidns_options *options, const char *scope, const char *members,
			const char *others)
{
	struct pidns *ns = start_tree(options, scope, "--on-exit=drain", CROWD);

	pidns_signal(ns, SENT);
	pidns_log(ns, 1, "forwarded");
	check_reached(ns, members, others);
	end_tree(ns, members);
}

static void check_whole_crowd(const struct pidns_options *options, const char *scope)
{
	for (int i = 0; i < RUNS; i++)
		check_crowd(options, scope, IN_GROUP IN_SESSION ELSEWHERE, "");
}

static void twenty_in_groups_and_sessions_are_reached_with_the_tree(void **state)
{
	(void)state;
	check_whole_crowd(NULL, "--forward=tree");
}

static void twenty_in_groups_and_sessions_are_reached_with_all(void **state)
{
	(void)state;
	check_whole_crowd(NULL, "--forward=all");
}

static void twenty_in_groups_and_sessions_are_reached_through_a_subreaper(void **state)
{
	(void)state;
	if (!is_blind())
		check_whole_crowd(&as_subreaper, "--forward=tree");
	else /* the group, and our own children */
		check_crowd(&as_subreaper, "--forward=tree", IN_GROUP OUR_CHILD,
			    IN_SESSION BELOW_OUR_CHILDREN);
}

static void a_session_is_reached_and_no_other(void **state)
{
	const struct pidns_options *const ways[] = { NULL, &as_subreaper };

	(void)state;
	for (int i = 0; i < 2; i++) {
		if (!is_blind())
			check_crowd(ways[i], "--forward=session", IN_GROUP IN_SESSION, ELSEWHERE);
		else
			check_crowd(ways[i], "--forward=session", IN_GROUP, IN_SESSION ELSEWHERE);
	}
}

static void a_session_of_the_command_itself_is_reached_and_no_other(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(&as_subreaper, "--forward=session", "--setsid",
			"main(a b:session o:twice)");
	pidns_signal(ns, SENT);
	pidns_log(ns, 1, "forwarded");
	check_reached(ns, "main a o", "b");
	end_tree(ns, "main a o");
}

static void a_group_is_reached_and_no_other(void **state)
{
	(void)state;
	check_crowd(NULL, "--forward=group", IN_GROUP, IN_SESSION ELSEWHERE);
	check_crowd(&as_subreaper, "--forward=group", IN_GROUP, IN_SESSION ELSEWHERE);
}

/* Real-time values */

static void check_values(const struct pidns_options *options, const char *scope, bool with_value)
{
	static const char *const names[] = { "main", "a", "below" };
	struct pidns *ns = start_tree(options, scope, "--on-exit=drain", "main(a(below:group))");

	for (int value = 1001; value <= 1010; value++)
		pidns_queue(ns, SENT, value);
	for (int i = 0; i < (is_blind() ? 2 : 3); i++) {
		for (int n = 1; n <= 10; n++) {
			const char *line = pidns_event(ns, n, "got %s %d", names[i], SENT);
			int64_t value = pidns_field(line, "value");

			pidns_assert(ns, value == (with_value ? 1000 + n : 0));
			pidns_assert(ns, (pidns_field(line, "code") == SI_QUEUE) == with_value);
		}
	}
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	for (int i = 0; i < 3; i++)
		pidns_assert(ns, pidns_count(ns, "got %s %d", names[i], SENT) <= 10);
	pidns_kill(ns);
}

static void a_queued_value_reaches_each_of_a_tree(void **state)
{
	(void)state;
	check_values(NULL, "--forward=tree", !is_blind());
	check_values(&as_subreaper, "--forward=tree", !is_blind());
}

static void a_queued_value_reaches_each_of_a_session(void **state)
{
	(void)state;
	check_values(NULL, "--forward=session", !is_blind());
	check_values(&as_subreaper, "--forward=session", !is_blind());
}

static void all_get_a_queued_signal_without_its_value(void **state)
{
	(void)state;
	check_values(NULL, "--forward=all", false);
}

/* --forward=all is for PID 1 */

static void check_refused(const char *const *words, const char *const *env, int code)
{
	const struct pidns_options options = { .subreaper = true, .env = env };
	struct pidns *ns = pidns_start_words(&options, words);

	pidns_end_with(ns, code);
	pidns_assert(ns, pidns_log_count(ns, "--forward=all is for PID 1 only") == 1);
	pidns_assert(ns, strchr(ns->log.text, '\n')[1] == '\0');
	pidns_assert(ns, ns->events.used == 0);
	pidns_kill(ns);
}

static void all_is_refused_to_a_subreaper_before_the_command_runs(void **state)
{
	static const char *const variable[] = { "SEXTON_FORWARD=all", NULL };
	const char *payload = pidns_payload();

	(void)state;
	check_refused((const char *const[]){ "--forward=all", "--", payload, "report", NULL }, NULL,
		      125);
	check_refused((const char *const[]){ "--", payload, "report", NULL }, variable, 125);
	check_refused((const char *const[]){ "--as", "tini", "--", payload, "report", NULL },
		      variable, 1);
}

/* Guests */

static void check_guest(const char *scope, bool is_reached)
{
	static const char members[] = "main a b c d e o";
	const char *const words[] = { pidns_payload(), "tree", "guest(kid)", NULL };
	struct pidns *ns = start_tree(NULL, scope, "--exec=ignore",
				      "main(a b:group(c) d:session(e) o:twice,session)");
	pid_t guest = guest_start(ns, words);

	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "ready guest"), "parent") == 0);
	pidns_signal(ns, SENT);
	pidns_log(ns, 1, "forwarded");
	if (is_reached)
		check_reached(ns, "main a b c d e o guest kid", "");
	else
		check_reached(ns, members, "guest kid");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	check_once(ns, members);
	for (const char *name = "abcdeo"; *name; name++)
		pidns_assert(ns, pidns_count(ns, "done %c", *name) == 1);
	/* Whoever waits for nobody takes the guests along. */
	if (!is_reached) {
		pidns_assert(ns, pidns_count(ns, "got guest TERM") == 0);
		pidns_assert(ns, guest_end(guest) == SIGKILL);
	} else {
		(void)guest_end(guest);
	}
	pidns_kill(ns);
}

static void a_guest_is_spared_by_a_signal_to_the_tree(void **state)
{
	(void)state;
	check_guest("--forward=tree", is_blind()); /* nor told apart */
}

static void a_guest_is_reached_by_a_signal_to_all(void **state)
{
	(void)state;
	check_guest("--forward=all", true);
}

/* Hand-overs */

static void check_heirs(const char *scope, const char *spec, const char *members,
			const char *others)
{
	struct pidns *ns = start_tree(NULL, scope, "--on-exit=wait", spec);

	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	pidns_signal(ns, SENT);
	check_reached(ns, members, others);
	end_tree(ns, members);
}

static void a_group_is_reached_when_its_leader_has_gone(void **state)
{
	(void)state;
	check_heirs("--forward=group", "main:leave(a(b) c:group d:session)", "a b", "c d");
}

static void a_session_is_reached_when_the_main_process_has_gone(void **state)
{
	(void)state;
	check_heirs("--forward=session", "main:leave(a b:group c:session)", "a b", "c");
}

static void a_tree_is_reached_when_the_main_process_has_gone(void **state)
{
	(void)state;
	check_heirs("--forward=tree", "main:leave(a(b) c:group d:session(e))", "a b c d e", "");
	check_heirs("--forward=all", "main:leave(a(b) c:group d:session(e))", "a b c d e", "");
}

static void our_children_are_reached_when_nobody_of_the_scope_is_left(void **state)
{
	(void)state;
	check_heirs("--forward=group", "main:leave(a:group(b:group) c:session)", "a c", "b");
	check_heirs("--forward=session", "main:leave(a:session(b:session) c:session)", "a c", "b");
}

/* Asking */

/* Three kinds of workers that need a second: in the main process's group, in groups and in sessions of
 * their own. With @all the signal was all the asking. */
static void check_asked_once(const struct pidns_options *options, const char *scope, bool all)
{
	struct pidns *ns;

	ns = start_tree(options, scope, "--on-exit=drain",
			"main:work=50(a1:work=1000(a2:work=1000) b1:work=1000,group "
			"b2:work=1000,group c1:work=1000,session c2:work=1000,twice,session)");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	for (const char *kind = "abc"; *kind; kind++)
		for (int i = 1; i <= 2; i++)
			pidns_assert(ns, pidns_count(ns, "got %c%d TERM", *kind, i) == 1);
	if (all)
		pidns_assert(ns, pidns_log_count(ns, "asked pid") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_stop_of_a_tree_asks_each_once(void **state)
{
	(void)state;
	check_asked_once(NULL, "--forward=tree", true);
	check_asked_once(&as_subreaper, "--forward=tree", !is_blind());
}

static void a_stop_of_a_session_asks_each_once(void **state)
{
	(void)state;
	check_asked_once(NULL, "--forward=session", false);
	check_asked_once(&as_subreaper, "--forward=session", false);
}

static void a_stop_of_all_asks_each_once(void **state)
{
	(void)state;
	check_asked_once(NULL, "--forward=all", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(twenty_in_groups_and_sessions_are_reached_with_the_tree),
		PIDNS_TEST(twenty_in_groups_and_sessions_are_reached_with_all),
		PIDNS_TEST(twenty_in_groups_and_sessions_are_reached_through_a_subreaper),
		PIDNS_TEST(a_session_is_reached_and_no_other),
		PIDNS_TEST(a_session_of_the_command_itself_is_reached_and_no_other),
		PIDNS_TEST(a_group_is_reached_and_no_other),
		PIDNS_TEST(a_queued_value_reaches_each_of_a_tree),
		PIDNS_TEST(a_queued_value_reaches_each_of_a_session),
		PIDNS_TEST(all_get_a_queued_signal_without_its_value),
		PIDNS_TEST(all_is_refused_to_a_subreaper_before_the_command_runs),
		PIDNS_TEST(a_guest_is_spared_by_a_signal_to_the_tree),
		PIDNS_TEST(a_guest_is_reached_by_a_signal_to_all),
		PIDNS_TEST(a_group_is_reached_when_its_leader_has_gone),
		PIDNS_TEST(a_session_is_reached_when_the_main_process_has_gone),
		PIDNS_TEST(a_tree_is_reached_when_the_main_process_has_gone),
		PIDNS_TEST(our_children_are_reached_when_nobody_of_the_scope_is_left),
		PIDNS_TEST(a_stop_of_a_tree_asks_each_once),
		PIDNS_TEST(a_stop_of_a_session_asks_each_once),
		PIDNS_TEST(a_stop_of_all_asks_each_once),
	};

	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
