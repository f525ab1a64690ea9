/* SPDX-License-Identifier: MIT */
/*
 * asked.c - who was asked already: open addressing, linear probing, mapped memory.
 *
 * A zeroed page is an empty table, for no process has PID 0. The dead are removed in place, by
 * moving the entries behind the hole up (Knuth, TAOCP 6.4, algorithm R), so there are no tombstones
 * and forgetting needs no memory: it works when the machine has none left.
 */
#include "sexton/asked.h"

#include <errno.h>

#include "sexton/sys.h"

/* A page of them: enough for the leftovers of most containers. A power of two. */
#define ASKED_FIRST_CAPACITY 128u

/* Where the search for @pid begins. Neighbouring numbers are the rule, so they must not share a
 * neighbourhood of the table: Fibonacci hashing, the high half of the product. */
static size_t asked_home(const struct asked *asked, pid_t pid)
{
	uint64_t product = (uint64_t)pid * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(product >> 32) & (asked->capacity - 1);
}

static size_t asked_next(const struct asked *asked, size_t slot)
{
	return (slot + 1) & (asked->capacity - 1);
}

/* The slot of this process, or the free slot where it belongs. There always is a free one. */
static size_t asked_slot(const struct asked *asked, pid_t pid, uint64_t start)
{
	size_t slot = asked_home(asked, pid);

	for (;; slot = asked_next(asked, slot)) {
		const struct asked_entry *entry = &asked->entries[slot];

		if (entry->pid == 0 || (entry->pid == pid && entry->start == start))
			return slot;
	}
}

/* Empties @hole and moves up every entry behind it that a search could no longer reach. */
static void asked_remove(struct asked *asked, size_t hole)
{
	size_t mask = asked->capacity - 1;
	size_t slot;

	for (slot = asked_next(asked, hole); asked->entries[slot].pid != 0;
	     slot = asked_next(asked, slot)) {
		size_t home = asked_home(asked, asked->entries[slot].pid);

		/* The way from home to slot leads across the hole. */
		if (((slot - home) & mask) >= ((slot - hole) & mask)) {
			asked->entries[hole] = asked->entries[slot];
			hole = slot;
		}
	}
	asked->entries[hole] = (struct asked_entry){ 0 };
	asked->used--;
}

/* An entry that asked_remove() moves goes to the slot in hand, which is looked at again, or to one
 * that is still to come: nobody is passed over. */
static void asked_forget_dead(struct asked *asked, bool (*is_alive)(pid_t pid, uint64_t start))
{
	size_t slot;

	for (slot = 0; slot < asked->capacity; slot++) {
		const struct asked_entry *entry = &asked->entries[slot];

		while (entry->pid != 0 && !is_alive(entry->pid, entry->start))
			asked_remove(asked, slot);
	}
}

static int asked_grow(struct asked *asked)
{
	size_t capacity = asked->capacity != 0 ? asked->capacity * 2 : ASKED_FIRST_CAPACITY;
	struct asked bigger = { .capacity = capacity };
	size_t slot;

	bigger.entries = sys_map(capacity * sizeof(*bigger.entries));
	if (!bigger.entries)
		return -ENOMEM;

	for (slot = 0; slot < asked->capacity; slot++) {
		const struct asked_entry *entry = &asked->entries[slot];

		if (entry->pid != 0)
			*asked_add(&bigger, entry->pid, entry->start, 0) = *entry;
	}
	asked_fini(asked);
	*asked = bigger;
	return 0;
}

void asked_init(struct asked *asked)
{
	*asked = (struct asked){ 0 };
}

void asked_fini(struct asked *asked)
{
	if (asked->entries)
		sys_unmap(asked->entries, asked->capacity * sizeof(*asked->entries));
	asked_init(asked);
}

int asked_reserve(struct asked *asked, bool (*is_alive)(pid_t pid, uint64_t start))
{
	if (asked->used + 1 <= asked->capacity / 4 * 3)
		return 0;

	asked_forget_dead(asked, is_alive);

	/* Half, not three quarters: with less room gained the living would be looked at again after
	 * a few more, each time all of them. */
	if (asked->used < asked->capacity / 2)
		return 0;
	if (asked_grow(asked) == 0)
		return 0;

	/* No memory. A crowded table is slow, but right as long as one slot stays free. */
	return asked->used + 1 < asked->capacity ? 0 : -ENOMEM;
}

struct asked_entry *asked_add(struct asked *asked, pid_t pid, uint64_t start, int round)
{
	struct asked_entry *entry = &asked->entries[asked_slot(asked, pid, start)];

	if (entry->pid != 0)
		return entry;
	*entry = (struct asked_entry){ .start = start, .pid = pid, .round = (short)round };
	asked->used++;
	return entry;
}

struct asked_entry *asked_find(const struct asked *asked, pid_t pid, uint64_t start)
{
	struct asked_entry *entry;

	if (asked->capacity == 0)
		return NULL;
	entry = &asked->entries[asked_slot(asked, pid, start)];
	return entry->pid != 0 ? entry : NULL;
}
