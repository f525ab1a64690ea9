/* SPDX-License-Identifier: MIT */
/* target.c - signalling by number without hitting a recycled one; see sexton/target.h. */
#include "sexton/target.h"

#include <stdatomic.h>
#include <stddef.h>

#include <urcu/pointer.h>
#include <urcu/urcu-mb.h>

void target_init(struct target *t, pid_t main_pid, bool guard_all)
{
	atomic_init(&t->storage.pid, main_pid);
	t->main = &t->storage;
	atomic_init(&t->grave, 0);
	t->guard_all = guard_all;
}

void target_adopt(struct target *t, pid_t pid)
{
	/* The reaper may look at the place of the old one still: it reads one number or the other. */
	atomic_store_explicit(&t->storage.pid, pid, memory_order_relaxed);
	rcu_assign_pointer(t->main, &t->storage);
	/* [target-adopt], main's end: the caller's look at the process comes after this. */
	atomic_thread_fence(memory_order_seq_cst);
}

void target_disown(struct target *t)
{
	rcu_assign_pointer(t->main, NULL);
}

void target_reader_enter(void)
{
	urcu_mb_register_thread();
}

void target_reader_leave(void)
{
	urcu_mb_unregister_thread();
}

pid_t target_lock_main(struct target *t)
{
	const struct target_main *main;

	urcu_mb_read_lock();
	main = rcu_dereference(t->main); /* [target-retire], reader's end */
	return main != NULL ? atomic_load_explicit(&main->pid, memory_order_relaxed) : 0;
}

pid_t target_lock_children(struct target *t)
{
	urcu_mb_read_lock();
	/*
	 * [target-grave], reader's end. Acquire: what the caller reads of /proc comes after this. A
	 * 0 that the reaper wrote after a burial thus means that /proc no longer shows that number;
	 * a 0 from before the announcement means that the reaper waits for this section to end.
	 */
	return atomic_load_explicit(&t->grave, memory_order_acquire);
}

void target_unlock(struct target *t)
{
	(void)t;
	urcu_mb_read_unlock();
}

void target_retire(struct target *t, pid_t pid)
{
	const struct target_main *main;
	bool is_main;

	/* [target-adopt], reaper's end: the zombie was seen before this. */
	atomic_thread_fence(memory_order_seq_cst);
	main = CMM_LOAD_SHARED(t->main);
	is_main = main != NULL && atomic_load_explicit(&main->pid, memory_order_relaxed) == pid;
	if (!is_main && !t->guard_all)
		return; /* nobody signals this one by number */
	if (is_main)
		rcu_assign_pointer(t->main, NULL); /* [target-retire], writer's end */
	if (t->guard_all) /* [target-grave], writer's end, before the grace period */
		atomic_store_explicit(&t->grave, pid, memory_order_release);
	urcu_mb_synchronize_rcu(); /* every section that may have seen the number has ended */
}

void target_buried(struct target *t)
{
	/* [target-grave], writer's end: release, the burial comes before this. */
	atomic_store_explicit(&t->grave, 0, memory_order_release);
}
