/* SPDX-License-Identifier: MIT */
/* world.c - a small container and a carrier of the policy's actions; see world.h. */
#include "world.h"

#include <signal.h>
#include <string.h>

#include "sexton/asked.h"
#include "sexton/sys.h"

/* The exit code of whoever ends unkilled: different for each place, so that a mix-up shows. */
#define WORLD_CODE(place) (3 + (place))

/* The table lives for one step at a time, in one page: the world holds what it remembers. */
static struct asked_entry world_page[4096 / sizeof(struct asked_entry)];

void *sys_map(size_t size)
{
	if (size > sizeof(world_page))
		return NULL;
	memset(world_page, 0, sizeof(world_page));
	return world_page;
}

void sys_unmap(void *memory, size_t size)
{
	(void)memory;
	(void)size;
}

static bool world_keeps_all(pid_t pid, uint64_t start)
{
	(void)pid;
	(void)start;
	return true;
}

static int world_pid(int place)
{
	return place + 1;
}

bool world_anybody_alive(const struct world *w)
{
	for (int i = 0; i < WORLD_PROCS; i++)
		if (w->procs[i].alive)
			return true;
	return false;
}

bool world_is_over(const struct world *w)
{
	return w->policy.state == POLICY_DONE;
}

void world_init(struct world *w, const struct config *config, const struct world_proc *cast)
{
	memset(w, 0, sizeof(*w));
	policy_init(&w->policy, config);
	for (int i = 0; i < WORLD_PROCS; i++) {
		w->procs[i] = cast[i];
		w->procs[i].alive = cast[i].kind != WORLD_NOBODY;
	}
	w->main = WORLD_MAIN;
	w->forks_left = WORLD_FORKS;
	w->last = -1;
	w->worst = -1;
	w->stop_at = POLICY_NEVER;
	w->left_at = POLICY_NEVER;
}

/* The moments at which a timer is interesting: a nanosecond before, at, and a look after each. */
static int world_timer_moves(const struct world *w, struct world_move *moves)
{
	const int64_t next = policy_deadline(&w->policy);
	const int64_t points[] = { next, w->policy.half, w->policy.deadline };
	int n = 0;

	moves[n++] = (struct world_move){ .kind = WORLD_TIMER, .when = WORLD_NOW };
	for (unsigned int i = 0; i < sizeof(points) / sizeof(*points); i++) {
		if (points[i] == POLICY_NEVER || points[i] < WORLD_NOW)
			continue;
		if (points[i] > WORLD_NOW)
			moves[n++] =
				(struct world_move){ .kind = WORLD_TIMER, .when = points[i] - 1 };
		moves[n++] = (struct world_move){ .kind = WORLD_TIMER, .when = points[i] };
	}
	if (next != POLICY_NEVER && next >= WORLD_NOW) {
		moves[n++] =
			(struct world_move){ .kind = WORLD_TIMER, .when = next + POLICY_LOOK_NS };
		moves[n++] = (struct world_move){ .kind = WORLD_LATE, .when = next };
	}
	return n;
}

static bool world_is_root(const struct world *w, int place)
{
	return w->procs[place].alive && w->procs[place].parent == WORLD_US;
}

/* Who may be named to take over: the first of those that are our children, or are when the main process has
 * gone. */
static int world_heir(const struct world *w)
{
	for (int i = 0; i < WORLD_PROCS; i++)
		if (i != w->main && w->procs[i].alive &&
		    (w->procs[i].parent == WORLD_US || w->procs[i].parent == w->main))
			return i;
	return WORLD_NONE;
}

/* A stop that is held back, and another main process: not when a stop is under way. */
static int world_hand_over_moves(const struct world *w, struct world_move *moves)
{
	const struct world_proc *main = &w->procs[w->main];
	enum policy_state state = w->policy.state;
	int heir = world_heir(w);
	int n = 0;

	if (!w->held && (state == POLICY_RUNNING || state == POLICY_HANDOVER))
		moves[n++] = (struct world_move){ .kind = WORLD_HELD, .when = WORLD_NOW };
	if (heir == WORLD_NONE)
		return n;
	if (state == POLICY_HANDOVER)
		moves[n++] =
			(struct world_move){ .kind = WORLD_FOUND, .heir = heir, .when = WORLD_NOW };
	if (state == POLICY_RUNNING && !w->policy.stopping && main->alive &&
	    (main->kind != WORLD_DEAF || main->doomed))
		moves[n++] = (struct world_move){
			.kind = WORLD_DEATH, .place = w->main, .heir = heir, .when = WORLD_NOW
		};
	return n;
}

int world_moves(const struct world *w, struct world_move moves[WORLD_MOVES])
{
	int n = 0;

	moves[n++] = (struct world_move){ .kind = WORLD_SIGNAL, .when = WORLD_NOW };
	moves[n++] = (struct world_move){ .kind = WORLD_STOP, .when = WORLD_NOW };
	for (int i = 0; i < WORLD_PROCS; i++) {
		const struct world_proc *p = &w->procs[i];

		if (!p->alive)
			continue;
		if (p->kind != WORLD_DEAF || p->doomed)
			moves[n++] = (struct world_move){ .kind = WORLD_DEATH,
							  .place = i,
							  .heir = WORLD_NONE,
							  .when = WORLD_NOW };
		if (p->kind == WORLD_FORKS_TOO && w->forks_left > 0)
			moves[n++] = (struct world_move){ .kind = WORLD_FORK,
							  .place = i,
							  .when = WORLD_NOW };
	}
	if (!world_anybody_alive(w) && !w->none_left_told)
		moves[n++] = (struct world_move){ .kind = WORLD_NONE_LEFT, .when = WORLD_NOW };
	n += world_hand_over_moves(w, moves + n);
	return n + world_timer_moves(w, moves + n);
}

static void world_remember(struct world *w, struct asked *asked, int place, int round)
{
	if (asked_reserve(asked, world_keeps_all) < 0)
		world_break(w, "asked.c found no room in a page");
	else
		asked_add(asked, world_pid(place), (uint64_t)w->procs[place].start, round);
}

static const struct asked_entry *world_recall(const struct world *w, const struct asked *asked,
					      int place)
{
	return asked_find(asked, world_pid(place), (uint64_t)w->procs[place].start);
}

/* A signal of the user's, passed on. He may repeat himself: it is no second asking. */
static void world_forward(struct world *w, struct asked *asked, int place, bool is_stop)
{
	if (!is_stop)
		return;
	w->procs[place].told = true;
	world_remember(w, asked, place, 0);
}

static void world_ask(struct world *w, struct asked *asked, int place, int round)
{
	if (world_recall(w, asked, place))
		return;
	if (w->procs[place].told)
		world_break(w, "somebody is asked twice");
	w->procs[place].told = true;
	world_remember(w, asked, place, round);
}

static void world_kill(struct world *w, struct asked *asked, int place, int round, bool everyone)
{
	const struct asked_entry *entry = world_recall(w, asked, place);

	if (!everyone && (!entry || entry->round >= round)) {
		world_ask(w, asked, place, round);
		return;
	}
	if (!everyone && !w->procs[place].told)
		world_break(w, "somebody is killed who was not asked");
	w->procs[place].doomed = true;
}

static void world_each(struct world *w, struct asked *asked, const struct world_step *step, int i)
{
	const struct policy_actions *a = &step->actions;
	bool is_stop = step->event.type == POLICY_EV_STOP_SIGNAL;
	bool is_root = world_is_root(w, i);

	/* The scope is the main process; where that is gone loop.c takes the roots. */
	if ((a->set & POLICY_FORWARD) != 0 && (w->procs[w->main].alive ? i == w->main : is_root))
		world_forward(w, asked, i, is_stop);
	if ((a->set & POLICY_FORWARD_ROOTS) != 0 && is_root)
		world_forward(w, asked, i, is_stop);
	if ((a->set & POLICY_ASK_ROOTS) != 0 && is_root)
		world_ask(w, asked, i, 0);
	if ((a->set & POLICY_ASK_ALL) != 0)
		world_ask(w, asked, i, 0);
	if ((a->set & (POLICY_KILL | POLICY_KILL_ALL)) != 0)
		world_kill(w, asked, i, a->round, (a->set & POLICY_KILL_ALL) != 0);
}

/* drain.c's part, with nothing between the decision and the deed. */
static void world_carry_out(struct world *w, const struct world_step *step)
{
	struct asked asked;

	asked_init(&asked);
	if (asked_reserve(&asked, world_keeps_all) < 0)
		world_break(w, "asked.c found no first page");
	for (int i = 0; i < w->entry_count; i++)
		asked_add(&asked, w->entries[i].pid, (uint64_t)w->entries[i].start,
			  w->entries[i].round);

	for (int i = 0; i < WORLD_PROCS; i++)
		if (w->procs[i].alive)
			world_each(w, &asked, step, i);

	/* Back into the world, in an order of its own: by place and start. */
	w->entry_count = 0;
	for (int pid = 1; pid <= WORLD_PROCS; pid++) {
		for (int start = 0; start <= WORLD_FORKS; start++) {
			const struct asked_entry *entry = asked_find(&asked, pid, (uint64_t)start);

			if (entry && w->entry_count < WORLD_ENTRIES)
				w->entries[w->entry_count++] =
					(struct world_entry){ pid, start, entry->round };
		}
	}
	asked_fini(&asked);
}

static void world_step(struct world *w, const struct policy_event *event, bool main_was_alive)
{
	struct world_step step = { .event = *event,
				   .before = w->policy.state,
				   .main_was_alive = main_was_alive };

	if ((event->type == POLICY_EV_STOP_SIGNAL || event->type == POLICY_EV_STOP_HELD) &&
	    w->stop_at == POLICY_NEVER)
		w->stop_at = event->now;
	if (event->type == POLICY_EV_MAIN_EXITED && !event->successor && w->stop_at == POLICY_NEVER)
		w->left_at = event->now;
	if (event->type == POLICY_EV_MAIN_FOUND)
		w->left_at = POLICY_NEVER;
	step.actions = policy_step(&w->policy, event);
	world_check_actions(w, &step);
	world_carry_out(w, &step);
	world_check_outcome(w, &step);
	if (world_is_over(w))
		world_check_done(w);
}

/* A burial by its parent; only ours is told to us. Its children become ours, as a container's init
 * or as a subreaper. */
static void world_death(struct world *w, int place, int heir)
{
	struct world_proc *p = &w->procs[place];
	bool is_main = place == w->main;
	int status = p->doomed ? SIGKILL : WORLD_CODE(place) << 8;
	struct policy_event event = { .type = is_main ? POLICY_EV_MAIN_EXITED
						      : POLICY_EV_HEIR_EXITED,
				      .now = WORLD_NOW,
				      .status = status,
				      .successor = heir != WORLD_NONE,
				      .last = -1,
				      .worst = -1 };

	p->alive = false;
	for (int i = 0; i < WORLD_PROCS; i++)
		if (w->procs[i].alive && w->procs[i].parent == place)
			w->procs[i].parent = WORLD_US;
	if (p->parent != WORLD_US)
		return;
	if (w->main_buried) {
		w->last = policy_exit_code(status);
		w->worst = w->last > w->worst ? w->last : w->worst;
	}
	w->main_buried = w->main_buried || is_main;
	if (heir != WORLD_NONE)
		w->main = heir;
	world_step(w, &event, is_main);
}

/* Into the lowest place that is free, a dead process's too: numbers are used again. */
static void world_fork(struct world *w, int parent)
{
	for (int i = WORLD_MAIN + 1; i < WORLD_PROCS; i++) {
		struct world_proc *p = &w->procs[i];

		if (p->alive || i == w->main)
			continue;
		*p = (struct world_proc){ .kind = WORLD_FORKS_TOO,
					  .parent = parent,
					  .alive = true,
					  .start = p->kind == WORLD_NOBODY ? 0 : p->start + 1 };
		w->forks_left--;
		return;
	}
}

static void world_move_time(int64_t *when, int64_t passed)
{
	if (*when != POLICY_NEVER)
		*when -= passed;
}

void world_do(struct world *w, const struct world_move *move)
{
	struct policy_event event = { .now = move->when, .last = w->last, .worst = w->worst };
	int64_t passed = move->when - WORLD_NOW;
	bool main_alive = w->procs[w->main].alive;

	switch (move->kind) {
	case WORLD_DEATH:
		world_death(w, move->place, move->heir);
		return;
	case WORLD_FORK:
		world_fork(w, move->place);
		return;
	case WORLD_LATE:
		break;
	case WORLD_SIGNAL:
		event.type = POLICY_EV_SIGNAL;
		world_step(w, &event, main_alive);
		break;
	case WORLD_STOP:
		event.type = POLICY_EV_STOP_SIGNAL;
		world_step(w, &event, main_alive);
		break;
	case WORLD_HELD:
		w->held = true;
		event.type = POLICY_EV_STOP_HELD;
		world_step(w, &event, main_alive);
		break;
	case WORLD_FOUND:
		w->main = move->heir;
		event.type = POLICY_EV_MAIN_FOUND;
		world_step(w, &event, main_alive);
		break;
	case WORLD_NONE_LEFT:
		w->none_left_told = true;
		event.type = POLICY_EV_NONE_LEFT;
		world_step(w, &event, main_alive);
		break;
	case WORLD_TIMER:
		event.type = POLICY_EV_TIMER;
		world_step(w, &event, main_alive);
		break;
	}
	world_move_time(&w->policy.half, passed);
	world_move_time(&w->policy.deadline, passed);
	world_move_time(&w->policy.look, passed);
	world_move_time(&w->stop_at, passed);
	world_move_time(&w->left_at, passed);
}

/* splitmix64's mixing step */
static uint64_t world_mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return hash ^ (hash >> 31);
}

uint64_t world_fingerprint(const struct world *w)
{
	const struct policy *p = &w->policy;
	uint64_t hash = 0;

	/* Field by field: the padding between them is not part of the situation. */
	hash = world_mix(hash, (uint64_t)p->state << 16 | (uint64_t)p->stopping << 8 |
				       (uint64_t)p->ask_all << 9 | (uint64_t)p->round);
	hash = world_mix(hash, (uint64_t)p->half);
	hash = world_mix(hash, (uint64_t)p->deadline);
	hash = world_mix(hash, (uint64_t)p->look);
	hash = world_mix(hash, (uint64_t)p->main_status);
	hash = world_mix(hash, (uint64_t)w->stop_at);
	hash = world_mix(hash, (uint64_t)w->left_at);
	hash = world_mix(hash, (uint64_t)(w->last + 1) << 32 | (uint64_t)(w->worst + 1) << 8 |
				       (uint64_t)w->forks_left << 1 | w->none_left_told);
	hash = world_mix(hash, (uint64_t)w->main << 2 | (uint64_t)w->main_buried << 1 | w->held);
	for (int i = 0; i < WORLD_PROCS; i++) {
		const struct world_proc *q = &w->procs[i];

		hash = world_mix(hash, (uint64_t)q->kind << 32 | (uint64_t)(q->parent + 1) << 24 |
					       (uint64_t)q->start << 8 | (uint64_t)q->alive << 2 |
					       (uint64_t)q->told << 1 | q->doomed);
	}
	for (int i = 0; i < w->entry_count; i++)
		hash = world_mix(hash, (uint64_t)w->entries[i].pid << 32 |
					       (uint64_t)w->entries[i].start << 16 |
					       (uint64_t)w->entries[i].round);
	return hash;
}
