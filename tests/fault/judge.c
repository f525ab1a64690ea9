/* SPDX-License-Identifier: MIT */
/* judge.c - whether a story of the torture test came out right; see judge.h. */
#include "judge.h"

#include <stdio.h>

/* CPU time in that second: below a third is no busy loop, even with a sanitizer and a fallback that
 * looks round often. */
#define JUDGE_REST_NS (300 * RUN_MS)
#define JUDGE_CODE    7 /* the victim's */
#define JUDGE_FIRST   3 /* of one that hands over */

/* Failures after which the command need not run: sexton says so and exits with 125, 126 or 127. */
static const struct {
	enum fault_call call;
	unsigned int nth;
	const char *reason;
} may_not_start[] = {
	{ FAULT_sys_fork, 1, "without a child there is no command" },
	{ FAULT_sys_execve, 1, "this is the kernel's answer to the command itself" },
	{ FAULT_sys_map, 1, "no memory for the environment" },
	{ FAULT_sys_map, 2, "no memory for the argument list" },
	{ FAULT_sys_fchdir, 2, "a command in the wrong directory may do harm" },
	{ FAULT_sys_sigmask, 1, "who cannot block signals cannot forward them" },
};

static bool may_start_fail(const struct fault_case *c)
{
	if (c->scenario->missing)
		return true;
	for (size_t i = 0; i < sizeof(may_not_start) / sizeof(may_not_start[0]); i++)
		if (may_not_start[i].call == c->rule.call && may_not_start[i].nth == c->rule.nth)
			return true;
	return false;
}

/* A line that cannot be written cannot be had. */
bool judge_is_mute(const struct fault_case *c)
{
	return c->rule.call == FAULT_sys_write || c->rule.call == FAULT_sys_write_now;
}

/* Lines of ours; before the arguments are read it has no other name. */
static int lines(const struct fault_case *c, const struct run *run)
{
	int n = run_log_count(run, "sexton: ");

	return c->scenario->name_as != NULL ? n + run_log_count(run, c->scenario->name_as) : n;
}

/* Lines on stderr, but for those that a whole scenario is about. */
static int complaints(const struct fault_case *c, const struct run *run)
{
	return lines(c, run) - run_log_count(run, "no reaper thread") -
	       run_log_count(run, "is not running as PID 1");
}

/* Every name has codes of its own. */
static bool tells_of_no_start(const struct fault_case *c, int code)
{
	return (code >= 125 && code <= 127) ||
	       (c->scenario->name_as != NULL && (code == 1 || code == 2));
}

const char *judge_no_start(const struct fault_case *c, const struct run *run)
{
	int code = run_code(run);

	if (!may_start_fail(c))
		return "the command did not run";
	if (!tells_of_no_start(c, code))
		return "no exit code that tells that the command did not run";
	if (lines(c, run) == 0 && !judge_is_mute(c))
		return "not a word of why the command did not run";
	if (atomic_load(&run->plan->execs) != atomic_load(&run->plan->execs_failed))
		return "the command was started, and lost";
	return NULL;
}

/* The command ran, and sexton has left: nobody was told to end, or came to an end. */
static const char *judge_leave(const struct fault_case *c, struct run *run)
{
	if (run_code(run) != JUDGE_CODE)
		return "wrong exit code";
	if (run_count(run, "ready worker") != 1 || run_count(run, "done worker") != 0 ||
	    run_count(run, "worker TERM") != 0 || run_count(run, "grandchild TERM") != 0)
		return "did not leave its descendants alone";
	run_help(run);
	if (!run_rest(run, JUDGE_LIMIT_NS))
		return "something of it is left";
	if (run_count(run, "done worker") != 1 || run_count(run, "done grandchild") != 1)
		return "its descendants were killed";
	return complaints(c, run) > 1 ? "complains more than once" : NULL;
}

/* There was no command, and TERM was sent. */
static const char *judge_pause(const struct fault_case *c, struct run *run)
{
	if (run_code(run) != 0)
		return judge_no_start(c, run);
	return atomic_load(&run->plan->execs) != 0 ? "executes while it pauses" : NULL;
}

/* The status is that of the last main process; of one that could not be found, or not be seen to its end,
 * sexton says so. */
static bool is_right_code(const struct fault_case *c, const struct run *run)
{
	int code = run_code(run);

	if (code == JUDGE_CODE)
		return true;
	if (c->scenario->file == NULL || c->rule.nth == 0)
		return false;
	return (code == JUDGE_FIRST &&
		(run_log_count(run, "--main-pid-file") > 0 || judge_is_mute(c))) ||
	       (code == 0 && (run_log_count(run, "is taken for 0") > 0 || judge_is_mute(c)));
}

const char *judge_end(const struct fault_case *c, struct run *run)
{
	static const char *const names[] = { "main", "worker", "grandchild" };

	if (c->scenario->pause)
		return judge_pause(c, run);
	if (c->scenario->leave)
		return judge_leave(c, run);
	/* Orphans that sexton could not adopt are asked by nobody. */
	if (c->rule.call == FAULT_sys_set_subreaper)
		run_help(run);
	if (!run_rest(run, JUDGE_LIMIT_NS))
		return "sexton left before its descendants";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char ready[32];
		char done[32];

		snprintf(ready, sizeof(ready), "ready %s", names[i]);
		snprintf(done, sizeof(done), "done %s", names[i]);
		if (run_count(run, ready) == run_count(run, done))
			continue;
		/* Killed by the deadline, and sexton said so first. */
		if (c->scenario->stop || (run_log_count(run, "killing ") == 0 && !judge_is_mute(c)))
			return "a process of the command's was killed by sexton's end";
	}
	if (atomic_load(&run->plan->none_left) == 0)
		return "sexton ended before the kernel said that no child is left";
	if (!is_right_code(c, run))
		return "wrong exit code";
	/* A guest that cannot be seen or signalled is not waited for. */
	if (c->scenario->guest && run_count(run, "done guest") == 0 &&
	    atomic_load(&run->plan->fired) == 0)
		return "a guest was killed by sexton's end";
	if (c->scenario->guest && c->rule.nth == 0 && run_count(run, "guest USR1") > 0)
		return "a guest was told what was not for it";
	if (c->rule.nth == 0 && c->scenario->brings != NULL &&
	    run_count(run, c->scenario->brings) == 0)
		return "nothing failed, and something did not happen";
	return NULL;
}

const char *judge_rest(const struct fault_case *c, struct run *run)
{
	int64_t before = run_cpu_ns(run);
	/* A guest whose end no descriptor tells of is looked for once a second. */
	int64_t patience = c->scenario->guest ? 2 * JUDGE_SECOND_NS : JUDGE_SECOND_NS;

	if (run_end(run, patience))
		return NULL;
	if (run_cpu_ns(run) - before > JUDGE_REST_NS)
		return "burns CPU while it can do nothing";
	if (complaints(c, run) == 0 && !judge_is_mute(c))
		return "can do nothing, and says nothing";
	return NULL;
}

const char *judge_words(const struct fault_case *c, const struct run *run)
{
	if (c->scenario->name_as == NULL || run_log_count(run, "cannot block signals") > 0)
		return NULL;
	return run_log_count(run, "sexton: ") > 0 ? "speaks out of its name" : NULL;
}
