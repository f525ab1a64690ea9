/* SPDX-License-Identifier: MIT */
/* target.c - signalling by number without hitting a recycled one; see sexton/target.h. */
#include "sexton/target.h"

#include <stdatomic.h>

#include <urcu/urcu-mb.h>

void target_init(struct target *t, pid_t main_pid, bool guard_all)
{
	atomic_init(&t->main, main_pid);
	atomic_init(&t->grave, 0);
	t->guard_all = guard_all;
}

void target_adopt(struct target *t, pid_t pid)
{
	/* [target-adopt], main's end: seq_cst, the caller's look at the process comes after this. */
	atomic_store(&t->main, pid);
}

void target_disown(struct target *t, pid_t pid)
{
	(void)atomic_compare_exchange_strong(&t->main, &pid,
					     0); /* the reaper may have retired it */
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
	urcu_mb_read_lock();
	return atomic_load_explicit(&t->main,
				    memory_order_relaxed); /* [target-retire], reader's end */
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
	pid_t main = pid;
	/* [target-retire], writer's end; [target-adopt], reaper's end: the zombie was seen before this. */
	bool is_main = atomic_compare_exchange_strong(&t->main, &main, 0);

	if (!is_main && !t->guard_all)
		return;   /* nobody signals this one by number */
	if (t->guard_all) /* [target-grave], writer's end, before the grace period */
		atomic_store_explicit(&t->grave, pid, memory_order_release);
	urcu_mb_synchronize_rcu(); /* every section that may have seen the number has ended */
}

void target_buried(struct target *t)
{
	/* [target-grave], writer's end: release, the burial comes before this. */
	atomic_store_explicit(&t->grave, 0, memory_order_release);
}
