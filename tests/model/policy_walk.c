/* SPDX-License-Identifier: MIT */
/*
 * policy_walk.c - all stories of DEPTH events, breadth first, and the rules that none may break.
 *
 * A situation that was met before is not entered again: breadth first, the first meeting was at the
 * smallest depth. What is broken is told as the shortest story that breaks it.
 */
#include "world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DEPTH 8
#define SEC   INT64_C(1000000000)

struct node {
	struct world world;
	struct world_move move; /* that led here */
	size_t from;            /* node before it; its own number: the beginning */
	int depth;
};

struct walk {
	struct node *nodes;
	size_t count;
	size_t room;
	uint64_t *seen; /* fingerprints, open addressing, 0: free */
	size_t seen_size;
};

static void *must(void *memory)
{
	if (!memory) {
		perror("policy_walk");
		abort();
	}
	return memory;
}

static bool walk_put(uint64_t *seen, size_t size, uint64_t fingerprint)
{
	size_t i = fingerprint & (size - 1);

	for (; seen[i] != 0; i = (i + 1) & (size - 1))
		if (seen[i] == fingerprint)
			return false;
	seen[i] = fingerprint;
	return true;
}

/* True when @fingerprint is new. */
static bool walk_is_new(struct walk *walk, uint64_t fingerprint)
{
	if (2 * walk->count >= walk->seen_size) {
		size_t size = walk->seen_size ? 2 * walk->seen_size : 4096;
		uint64_t *bigger = must(calloc(size, sizeof(*bigger)));

		for (size_t i = 0; i < walk->seen_size; i++)
			if (walk->seen[i] != 0)
				(void)walk_put(bigger, size, walk->seen[i]);
		free(walk->seen);
		walk->seen = bigger;
		walk->seen_size = size;
	}
	return walk_put(walk->seen, walk->seen_size, fingerprint | 1);
}

static void walk_add(struct walk *walk, const struct node *node)
{
	if (walk->count == walk->room) {
		walk->room = walk->room ? 2 * walk->room : 1024;
		walk->nodes = must(realloc(walk->nodes, walk->room * sizeof(*walk->nodes)));
	}
	walk->nodes[walk->count++] = *node;
}

static void tell_move(const struct node *node)
{
	static const char *const words[] = {
		[WORLD_SIGNAL] = "a signal",
		[WORLD_STOP] = "a stop signal",
		[WORLD_HELD] = "a stop signal that is held back",
		[WORLD_FOUND] = "the main process is found",
		[WORLD_DEATH] = "ends",
		[WORLD_FORK] = "forks",
		[WORLD_NONE_LEFT] = "nobody is left",
		[WORLD_TIMER] = "the timer",
		[WORLD_LATE] = "time passes",
	};
	const struct world_move *m = &node->move;

	if (m->kind == WORLD_DEATH || m->kind == WORLD_FORK)
		print_error("  pid %d %s", m->place + 1, words[m->kind]);
	else
		print_error("  %s", words[m->kind]);
	if (m->kind == WORLD_FOUND || (m->kind == WORLD_DEATH && m->heir != WORLD_NONE))
		print_error(", pid %d takes over", m->heir + 1);
	if (m->when != WORLD_NOW)
		print_error(", %" PRId64 " ns later", m->when - WORLD_NOW);
	print_error(" -> %s\n", policy_state_name(node->world.policy.state));
}

static void tell_story(const struct walk *walk, const struct node *node)
{
	if (node->depth == 0)
		return;
	tell_story(walk, &walk->nodes[node->from]);
	tell_move(node);
}

/* All that can follow from node @from. False, and the story, when something is broken. */
static bool walk_from(struct walk *walk, size_t from)
{
	struct world_move moves[WORLD_MOVES];
	int n = world_moves(&walk->nodes[from].world, moves);

	for (int i = 0; i < n; i++) {
		struct node next = walk->nodes[from];

		world_do(&next.world, &moves[i]);
		next.move = moves[i];
		next.from = from;
		next.depth++;
		if (next.world.wrong) {
			print_error("broken: %s\n", next.world.wrong);
			tell_story(walk, &next);
			return false;
		}
		if (walk_is_new(walk, world_fingerprint(&next.world)))
			walk_add(walk, &next);
	}
	return true;
}

/* Returns how many of the stories came to their end. */
static size_t walk_all(const struct config *config, const struct world_proc *cast, int depth)
{
	struct walk walk = { 0 };
	struct node first = { 0 };
	size_t over = 0;
	bool ok = true;

	world_init(&first.world, config, cast);
	(void)walk_is_new(&walk, world_fingerprint(&first.world));
	walk_add(&walk, &first);
	for (size_t i = 0; i < walk.count && ok; i++) {
		if (world_is_over(&walk.nodes[i].world))
			over++;
		else if (walk.nodes[i].depth < depth)
			ok = walk_from(&walk, i);
	}
	if (ok)
		print_message("%zu situations to depth %d, %zu of them an end\n", walk.count, depth,
			      over);
	free(walk.nodes);
	free(walk.seen);
	assert_true(ok);
	return over;
}

#define ROOT(kind_)                                                                                \
	{                                                                                          \
		.kind = (kind_), .parent = WORLD_US                                                \
	}
#define CHILD(kind_, parent_)                                                                      \
	{                                                                                          \
		.kind = (kind_), .parent = (parent_)                                               \
	}

/* Small casts come to their end within the depth, so they show the last acts; the whole cast shows
 * who meets whom. */
static void walk_casts(const struct config *config)
{
	static const struct {
		int depth;
		struct world_proc procs[WORLD_PROCS];
	} casts[] = {
		{ DEPTH + 2, { ROOT(WORLD_PLAIN) } },
		{ DEPTH + 2, { ROOT(WORLD_PLAIN), CHILD(WORLD_DEAF, 0) } },
		{ DEPTH + 2, { ROOT(WORLD_DEAF), CHILD(WORLD_PLAIN, 0) } },
		{ DEPTH + 1, { ROOT(WORLD_PLAIN), CHILD(WORLD_PLAIN, 0), CHILD(WORLD_PLAIN, 1) } },
		{ DEPTH, { ROOT(WORLD_PLAIN), CHILD(WORLD_FORKS_TOO, 0) } },
		{ DEPTH,
		  { ROOT(WORLD_PLAIN), CHILD(WORLD_PLAIN, 0), CHILD(WORLD_PLAIN, 1),
		    CHILD(WORLD_DEAF, 0), CHILD(WORLD_FORKS_TOO, 0) } },
	};

	size_t over = 0;

	for (size_t i = 0; i < sizeof(casts) / sizeof(*casts); i++)
		over += walk_all(config, casts[i].procs, casts[i].depth);
	assert_true(over > 0); /* who never sees an end has checked little */
}

static void walk_with(enum config_on_exit on_exit, int64_t grace, int64_t stop_timeout,
		      enum config_exit_code exit_code)
{
	struct config config;

	config_init(&config);
	config.on_exit = on_exit;
	config.grace_ns = grace;
	config.stop_timeout_ns = stop_timeout;
	config.exit_code = exit_code;
	walk_casts(&config);
}

#define NONE CONFIG_NO_LIMIT

static void a_drain_with_a_grace_time_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_DRAIN, 5 * SEC, NONE, CONFIG_EXIT_CODE_MAIN);
}

static void a_drain_without_any_deadline_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_DRAIN, NONE, NONE, CONFIG_EXIT_CODE_LAST);
}

static void a_drain_with_a_stop_timeout_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_DRAIN, NONE, 10 * SEC, CONFIG_EXIT_CODE_WORST);
}

static void a_drain_with_two_deadlines_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_DRAIN, 5 * SEC, 3 * SEC, CONFIG_EXIT_CODE_MAIN);
}

static void a_drain_with_deadlines_of_no_time_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_DRAIN, 0, 0, CONFIG_EXIT_CODE_MAIN);
}

static void a_hand_over_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_WAIT, 5 * SEC, NONE, CONFIG_EXIT_CODE_LAST);
}

static void a_hand_over_with_a_stop_timeout_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_WAIT, 5 * SEC, 3 * SEC, CONFIG_EXIT_CODE_WORST);
}

static void leaving_early_keeps_the_rules(void **state)
{
	(void)state;
	walk_with(CONFIG_ON_EXIT_LEAVE, 5 * SEC, 3 * SEC, CONFIG_EXIT_CODE_MAIN);
}

/* There are no processes in it to model: all stories of DEPTH events, and what each may bring. */
static void a_pause_keeps_the_rules(void **state)
{
	static const enum policy_event_type types[] = { POLICY_EV_SIGNAL, POLICY_EV_STOP_SIGNAL,
							POLICY_EV_HEIR_EXITED, POLICY_EV_TIMER };
	struct config config;

	(void)state;
	config_init(&config);
	config.pause = true;
	config.stop_timeout_ns = 3 * SEC;
	for (unsigned int story = 0; story < 1u << 2 * DEPTH; story++) {
		struct policy policy;
		bool over = false;

		policy_init(&policy, &config);
		for (unsigned int i = 0; i < DEPTH; i++) {
			struct policy_event event = { .type = types[story >> 2 * i & 3],
						      .now = WORLD_NOW + i * SEC };
			struct policy_actions actions = policy_step(&policy, &event);
			bool ends = !over && event.type == POLICY_EV_STOP_SIGNAL;

			over = over || ends;
			if (actions.set != (ends ? POLICY_EXIT : 0u) || actions.exit_code != 0 ||
			    policy.state != (over ? POLICY_DONE : POLICY_RUNNING) ||
			    policy_deadline(&policy) != POLICY_NEVER)
				fail_msg("story %x is broken at event %u", story, i);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_with_a_grace_time_keeps_the_rules),
		cmocka_unit_test(a_drain_without_any_deadline_keeps_the_rules),
		cmocka_unit_test(a_drain_with_a_stop_timeout_keeps_the_rules),
		cmocka_unit_test(a_drain_with_two_deadlines_keeps_the_rules),
		cmocka_unit_test(a_drain_with_deadlines_of_no_time_keeps_the_rules),
		cmocka_unit_test(a_hand_over_keeps_the_rules),
		cmocka_unit_test(a_hand_over_with_a_stop_timeout_keeps_the_rules),
		cmocka_unit_test(leaving_early_keeps_the_rules),
		cmocka_unit_test(a_pause_keeps_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
