/* SPDX-License-Identifier: MIT */
/* node.c - sexton over a tree of the payload's; see node.h. */
#include "node.h"

#include <stdio.h>
#include <string.h>

#define NODE_WORDS 24

struct pidns *node_start_words(const struct pidns_options *options, const char *spec,
			       const char *const *words)
{
	const char *all[NODE_WORDS] = { "-vv" };
	struct pidns *ns;
	size_t n = 1;

	for (; *words && n < NODE_WORDS - 5; words++)
		all[n++] = *words;
	all[n++] = "--";
	all[n++] = pidns_payload();
	all[n++] = "tree";
	all[n++] = spec;
	ns = pidns_start_words(options, all);
	pidns_event(ns, 1, "ready %.*s", (int)strcspn(spec, ":("), spec);
	return ns;
}

pid_t node_pid(struct pidns *ns, const char *name)
{
	return (pid_t)pidns_field(pidns_event(ns, 1, "ready %s", name), "pid");
}

int64_t node_at(struct pidns *ns, const char *event)
{
	return pidns_field(pidns_event(ns, 1, "%s", event), "at");
}

void node_signal(struct pidns *ns, const char *name, int sig)
{
	pidns_signal_inner(ns, node_pid(ns, name), sig);
}

bool node_no_pidfds(void)
{
	return pidns_refused("pidfd_open") || pidns_refused("pidfd_send_signal");
}

void node_check_signal(struct pidns *ns, const char *name, int sig, const char *text)
{
	pidns_signal(ns, sig);
	pidns_event(ns, 1, "got %s %s", name, text);
}

int node_got_by_all(struct pidns *ns, const char *text)
{
	const char *line = ns->events.text;
	char word[64];
	int count = 0;

	for (; line && *line; line = strchr(line, '\n') + 1)
		if (sscanf(line, "got %*s %63s", word) == 1 && strcmp(word, text) == 0)
			count++;
	return count;
}
