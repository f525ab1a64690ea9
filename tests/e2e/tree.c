/* SPDX-License-Identifier: MIT */
/*
 * tree.c - scenario "tree": a tree of processes, described in one word.
 *
 *   NODE  = NAME [":" OPTION {"," OPTION}] ["(" NODE {" " NODE} ")"]
 *
 * Where it is forked:   group, session, twice (double-forked: its parent has gone at once)
 * What it does with TERM, INT or QUIT:
 *   (nothing said)      reports it and ends;   work=MS   reports it and needs MS before it ends
 *   default             default dispositions;  deaf      all ignored (SIG_IGN)
 *   ignore              reports and goes on;   tick=MS   ... and reports a tick every MS from then
 *   relay               a prefork master: sends QUIT to its children and ends when they have ended
 * Also: leave (ends when its children are ready), exit=CODE, nowait (never waits for children),
 *	stop (stops itself when ready), user=ID (becomes that user and group), hidden (is not
 *	dumpable: a /proc with hidepid shows it to nobody but root).
 *
 * "ready" of a node comes after "ready" of all its children.
 */
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN_MAX 64

struct node {
	char name[16];
	bool group, session, twice;
	bool by_default, deaf, ignore, relay, leave, nowait, stop, hidden;
	int work, tick, exit, user;
	int children; /* not waited for yet */
	pid_t child[CHILDREN_MAX];
	int count;
};

/* Reads the options of one node; *text is left behind them. */
static void parse_node(struct node *node, const char **text)
{
	const struct {
		const char *name;
		bool *flag;
		int *number;
	} options[] = {
		{ "group", &node->group, NULL },   { "session", &node->session, NULL },
		{ "twice", &node->twice, NULL },   { "default", &node->by_default, NULL },
		{ "deaf", &node->deaf, NULL },     { "ignore", &node->ignore, NULL },
		{ "relay", &node->relay, NULL },   { "leave", &node->leave, NULL },
		{ "nowait", &node->nowait, NULL }, { "stop", &node->stop, NULL },
		{ "user", NULL, &node->user },     { "work", NULL, &node->work },
		{ "tick", NULL, &node->tick },     { "exit", NULL, &node->exit },
		{ "hidden", &node->hidden, NULL },
	};
	size_t n = strcspn(*text, ":( )");

	memset(node, 0, sizeof(*node));
	snprintf(node->name, sizeof(node->name), "%.*s", (int)n, *text);
	*text += n;
	while (**text == ':' || **text == ',') {
		bool known = false;

		n = strcspn(++*text, ",=( )");
		for (size_t i = 0; i < sizeof(options) / sizeof(options[0]) && !known; i++) {
			if (strlen(options[i].name) != n || strncmp(options[i].name, *text, n) != 0)
				continue;
			known = true;
			if (options[i].flag)
				*options[i].flag = true;
			else
				*options[i].number = (int)strtol(*text + n + 1, NULL, 10);
		}
		if (!known)
			die(*text);
		*text += strcspn(*text, ",( )");
	}
}

static void skip_children(const char **text)
{
	int depth = 0;

	if (**text != '(')
		return;
	do {
		depth += (**text == '(') - (**text == ')');
		++*text;
	} while (depth > 0 && **text);
}

static void run_node(struct node *node, const char *children, int ready_fd)
	__attribute__((noreturn));

/* Forks the node at *text and returns when it and everybody below it is ready. */
static void fork_node(struct node *parent, const char **text)
{
	struct node node;
	const char *children;
	int ready[2];
	pid_t pid;
	char c;

	parse_node(&node, text);
	children = *text;
	skip_children(text);
	if (pipe(ready) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(ready[0]);
		if (node.twice && fork() > 0)
			_exit(0);
		run_node(&node, children, ready[1]);
	}
	close(ready[1]);
	if (node.twice)
		waitpid(pid, NULL, 0);
	else
		parent->child[parent->count++] = pid;
	if (read(ready[0], &c, 1) != 1)
		die("a child did not get ready");
	close(ready[0]);
	/* "Ready" comes before the stop: who leaves now must leave a stopped child behind. */
	if (node.stop && !node.twice && waitpid(pid, NULL, WUNTRACED) < 0)
		die("wait for the stop");
}

static void __attribute__((noreturn)) finish(const struct node *node)
{
	say("done %s", node->name);
	_exit(node->exit);
}

/* Waits for children that are there; a master ends with its last one. */
static void reap(struct node *node, bool draining)
{
	if (node->nowait)
		return;
	while (node->children > 0 && waitpid(-1, NULL, WNOHANG) > 0)
		node->children--;
	if (draining && node->children <= 0)
		finish(node);
}

/*
 * The first signal that means "end": what the node does about it. Returns when to finish or to tick,
 * in CLOCK_MONOTONIC ns, or 0 for never.
 */
static int64_t be_asked(struct node *node)
{
	int ms = node->ignore ? node->tick : node->work;

	if (node->relay) {
		for (int i = 0; i < node->count; i++)
			kill(node->child[i], SIGQUIT);
		reap(node, true);
		return 0;
	}
	if (!node->ignore && ms == 0)
		finish(node);
	return ms ? now_ns() + ms * INT64_C(1000000) : 0;
}

/* Takes the next signal; 0 when @until has come before one. */
static int next_signal(const sigset_t *set, int64_t until, siginfo_t *ret_info)
{
	for (;;) {
		int64_t rest = until - now_ns();
		struct timespec timeout = { rest / 1000000000, rest % 1000000000 };
		int sig;

		if (until && rest < 0)
			return 0;
		sig = sigtimedwait(set, ret_info, until ? &timeout : NULL);
		if (sig > 0)
			return sig;
		if (errno != EAGAIN && errno != EINTR)
			die("sigtimedwait");
	}
}

static void __attribute__((noreturn)) listen_for_ever(struct node *node, const sigset_t *set)
{
	bool asked = false;
	int64_t until = 0;
	int ticks = 0;

	for (;;) {
		siginfo_t info;
		int sig = next_signal(set, until, &info);

		if (sig == 0) {
			if (!node->ignore)
				finish(node);
			say("tick %s %d", node->name, ++ticks);
			until += node->tick * INT64_C(1000000);
			continue;
		}
		if (sig == SIGCHLD) {
			reap(node, asked && node->relay);
			continue;
		}
		say("got %s %s from=%d code=%d value=%d parent=%d", node->name, signal_text(sig),
		    (int)info.si_pid, info.si_code,
		    info.si_code == SI_QUEUE ? info.si_value.sival_int : 0, (int)getppid());
		if (asked || (sig != SIGTERM && sig != SIGINT && sig != SIGQUIT))
			continue;
		asked = true;
		until = be_asked(node);
	}
}

static void set_up_node(const struct node *node)
{
	uid_t user = (uid_t)node->user;

	if (user && (setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0))
		die("become another user");
	if (node->session && setsid() < 0 && getsid(0) != getpid())
		die("setsid");
	if (node->group && setpgid(0, 0) < 0)
		die("setpgid");
	prctl(PR_SET_NAME, node->name);
	if (node->hidden)
		prctl(PR_SET_DUMPABLE, 0);
}

static void run_node(struct node *node, const char *children, int ready_fd)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Whoever started us may ignore SIGCHLD; we want to wait. */
	signal(SIGCHLD, SIG_DFL);
	set_up_node(node);
	/* A leaf's text goes on with its sibling, which is none of its business. */
	for (bool more = *children == '('; more; more = *children == ' ') {
		children++;
		fork_node(node, &children);
	}
	node->children = node->count;
	for (int sig = 1; sig <= 31 && (node->by_default || node->deaf); sig++)
		signal(sig, node->deaf ? SIG_IGN : SIG_DFL);
	if (node->by_default || node->deaf)
		sigprocmask(SIG_UNBLOCK, &all, NULL);
	say("ready %s pid=%d parent=%d pgid=%d sid=%d", node->name, (int)getpid(), (int)getppid(),
	    (int)getpgrp(), (int)getsid(0));
	if (ready_fd >= 0 && write(ready_fd, "", 1) != 1)
		die("tell the parent");
	if (ready_fd >= 0)
		close(ready_fd);
	if (node->leave)
		finish(node);
	if (node->stop)
		kill(getpid(), SIGSTOP);
	while (node->by_default || node->deaf)
		pause();
	listen_for_ever(node, &all);
}

int tree_main(int argc, char **argv)
{
	const char *text = argc > 0 ? argv[0] : "";
	struct node node;
	int null;

	/* A stream that the test has closed must not be taken by one of our pipes. */
	do
		null = open("/dev/null", O_RDWR);
	while (null >= 0 && null <= STDERR_FILENO);
	close(null);
	parse_node(&node, &text);
	run_node(&node, text, -1);
}
