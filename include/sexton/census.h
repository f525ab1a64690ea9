/* SPDX-License-Identifier: MIT */
/*
 * census.h - who of many children are dead, without asking for "any".
 *
 * Purpose: a wait(2) for any child walks the kernel's list of children from the front, past all that
 *	live, each time: 26 ns for each of them, 130 us a zombie beside 5,000. A wait for a number
 *	finds the child at once (since Linux 5.13, commit 5449162ac001). So after a run of zombies
 *	that were there already, numbers are tried, from where they cost least:
 *	- the first few of the list of children (/proc/self/task/TID/children,
 *	  proc_tid_children(5)). Is one of them dead, few live before it: the wait for any is cheap,
 *	  and that is all;
 *	- the numbers above the last zombie's, for who was forked in a row often dies together;
 *	- if few were dead among those, the whole list, which is read once, at about 1 us for each
 *	  who is listed.
 * Rule: it only ever proposes numbers. Who is left out, for lack of the file, of memory, or of luck,
 *	is found by the next wait for any child; a number that is not, or no longer, our child's is
 *	refused by the kernel. So nothing depends on it but the price.
 * When: it decides by what it learns. A census in which too few lived, or died, for the price puts
 *	the next one off; one that paid brings it near.
 * Errors: none; what is refused proposes nobody.
 * Owner: reaper.c, on the one thread that buries.
 * Memory: mapped while it runs, CENSUS_MAX bytes at most, and given back at its end.
 * Next: reaper.h.
 */
#ifndef SEXTON_CENSUS_H
#define SEXTON_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes of the list that are read at most: some 150,000 children. More is of no use: the kernel begins each page
 * of it with a walk from the front. */
#define CENSUS_MAX        ((size_t)1 << 20)
/* Bytes of its front that are tried first. */
#define CENSUS_FRONT_SIZE 64u

enum census_stage {
	CENSUS_RESTS,
	CENSUS_FRONT, /* in the first few of the list */
	CENSUS_NEAR,  /* among the numbers above the last zombie's */
	CENSUS_BACK,  /* in the rest, the youngest first */
};

struct census {
	size_t limit;       /* CENSUS_MAX; 0: never take one */
	unsigned int after; /* zombies that were there already, one after the other, before it */
	unsigned int run;   /* such zombies so far */
	unsigned int blind; /* burials since it was last asked whether one is there already */
	bool thorough;      /* no rest since the last one: this one passes nobody over */

	enum census_stage stage;
	pid_t near; /* the last zombie's number, and in that stage the last that was tried */
	int fd;
	char front[CENSUS_FRONT_SIZE];
	size_t front_size;
	char *list;
	size_t mapped;
	size_t size; /* bytes of .list */
	size_t at;   /* the next number: from here on in .front, before here in .list */
	unsigned int listed;
	unsigned int died; /* in this stage */
	unsigned int gap;  /* tries since the last one who was dead */
};

void census_init(struct census *c);
/* Gives back what a census that is not at its end holds. */
void census_fini(struct census *c);

/* Before each wait for any child that may block: is the caller to find out first if a zombie is there already
 * (WNOHANG)? */
bool census_ask_now(struct census *c);

/* What that said: @pid was there and is buried, or nobody is. */
void census_note_zombie(struct census *c, pid_t pid);
void census_note_none(struct census *c);

/* Has census_next() somebody to propose? */
bool census_is_on(const struct census *c);

/*
 * The next child to wait for, by its number and with WNOHANG; 0 when there is no census to be taken now, or
 * this one is at its end: then wait for any. The caller tells census_note_tried() what became of it.
 */
pid_t census_next(struct census *c);
void census_note_tried(struct census *c, bool was_dead);

#endif
