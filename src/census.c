/* SPDX-License-Identifier: MIT */
/* census.c - who of many children are dead, without asking for "any"; see sexton/census.h. */
#include "sexton/census.h"

#include <fcntl.h>
#include <string.h>

#include "sexton/sys.h"
#include "sexton/text.h"

/* Every so many burials it is asked whether the next zombie is there already. */
#define CENSUS_ASK       2u
/* Zombies in a row before the first census, and before the next one if the last paid... */
#define CENSUS_SOON      4u
/* ...and at most before one, if none pays. It costs 15 us then, 1 % of so many burials. */
#define CENSUS_LATE      1024u
/* So many numbers in a row without a zombie end the tries of numbers. Were there so many zombies, the tries
 * cost nothing, and the list is not read. */
#define CENSUS_NEAR_GAP  16u
#define CENSUS_NEAR_MANY 32u
/* A hasty look at the list ends when nobody of a 1/16 of it in a row, and of so many, was dead: for the wait
 * for any it is not further to the next one. Zombies are mostly young, and the youngest stand last. */
#define CENSUS_GAP(c)    (64u + (c)->listed / 16)
/* To read and try one who is listed costs as much as walking past so many, measured. */
#define CENSUS_PRICE     32u

void census_init(struct census *c)
{
	*c = (struct census){ .limit = CENSUS_MAX, .after = CENSUS_SOON, .fd = -1 };
}

bool census_ask_now(struct census *c)
{
	return c->limit > 0 && (c->run > 0 || ++c->blind >= CENSUS_ASK);
}

void census_note_zombie(struct census *c, pid_t pid)
{
	c->run++;
	c->near = pid;
}

void census_note_none(struct census *c)
{
	c->run = 0;
	c->blind = 0;
	c->thorough = false;
	c->after -= c->after / 16; /* what was learned is forgotten in time */
}

static void census_enter(struct census *c, enum census_stage stage)
{
	c->stage = stage;
	c->died = c->gap = 0;
}

/* Gives everything back. @paid: it was worth its price. */
static void census_end(struct census *c, bool paid)
{
	if (c->fd >= 0)
		sys_close(c->fd);
	if (c->list != NULL)
		sys_unmap(c->list, c->mapped);
	c->fd = -1;
	c->list = NULL;
	c->run = 0;
	if (paid)
		c->after = CENSUS_SOON;
	else
		c->after = c->after * 4 < CENSUS_LATE ? c->after * 4 : CENSUS_LATE;
	census_enter(c, CENSUS_RESTS);
}

/* Reads the front of the list. */
static void census_begin(struct census *c)
{
	char path[sizeof("/proc/self/task//children") + TEXT_NUMBER_SIZE] = "/proc/self/task/";
	ssize_t size = 0;

	/* Children are those of the thread that the kernel gives orphans to: the first one. */
	(void)text_number((uint64_t)sys_getpid(), path + strlen(path));
	c->fd = sys_open(strcat(path, "/children"), O_RDONLY);
	if (c->fd >= 0)
		size = sys_read(c->fd, c->front, sizeof(c->front));
	c->front_size = size > 0 ? (size_t)size : 0;
	c->at = 0;
	census_enter(c, CENSUS_FRONT);
}

/*
 * Few have numbers in a row: reads the rest of the list, or ends. The kernel's reader counts: who is buried
 * between two reads may make it pass over somebody, who is then found by a wait for any. What is too large, or
 * cannot be read, is left out. A front that was not full was all there is.
 */
static void census_read_all(struct census *c)
{
	ssize_t got;

	c->list = c->front_size == sizeof(c->front) && c->limit > c->front_size ? sys_map(c->limit)
										: NULL;
	if (c->list == NULL) {
		census_end(c, false);
		return;
	}
	c->mapped = c->limit;
	memcpy(c->list, c->front, c->front_size);
	c->size = c->front_size;
	while (c->size < c->mapped) {
		got = sys_read(c->fd, c->list + c->size, c->mapped - c->size);
		if (got <= 0)
			break;
		c->size += (size_t)got;
	}
	c->listed = 0;
	for (size_t i = 0; i < c->size; i++)
		c->listed += c->list[i] == ' ';
	c->front_size = c->at; /* who stands before that was tried */
	c->at = c->size;
	census_enter(c, CENSUS_BACK);
}

/* The next number of a stage; 0: it is through. */

static pid_t census_next_of_front(struct census *c)
{
	const char *from = c->front + c->at;
	const char *end = memchr(from, ' ', c->front_size - c->at);
	pid_t number = 0;

	if (end == NULL)
		return 0;
	while (from < end)
		number = number * 10 + (*from++ - '0');
	c->at = (size_t)(end - c->front) + 1;
	return number;
}

static pid_t census_next_near(struct census *c)
{
	return c->gap < CENSUS_NEAR_GAP ? ++c->near : 0;
}

/* The very last one may be cut off: then it is nobody's number, or another child's. */
static pid_t census_next_of_back(struct census *c)
{
	pid_t number = 0;
	pid_t place = 1;

	if (!c->thorough && c->gap >= CENSUS_GAP(c))
		return 0;
	while (c->at > c->front_size && c->list[c->at - 1] == ' ')
		c->at--;
	for (; c->at > c->front_size && c->list[c->at - 1] != ' '; place *= 10)
		number += place * (c->list[--c->at] - '0');
	return number;
}

static pid_t census_next_of_stage(struct census *c)
{
	switch (c->stage) {
	case CENSUS_RESTS:
		return 0;
	case CENSUS_FRONT:
		return census_next_of_front(c);
	case CENSUS_NEAR:
		return census_next_near(c);
	case CENSUS_BACK:
		return census_next_of_back(c);
	}
	return 0;
}

/* What comes after a stage that is through. */
static void census_advance(struct census *c)
{
	uint64_t lived;

	switch (c->stage) {
	case CENSUS_RESTS:
		break;
	case CENSUS_FRONT:
		census_enter(c, CENSUS_NEAR);
		break;
	case CENSUS_NEAR:
		if (c->died >= CENSUS_NEAR_MANY)
			census_end(c, true);
		else
			census_read_all(c);
		break;
	case CENSUS_BACK:
		lived = c->listed - c->died;
		/* If more zombies are there already afterwards, they were passed over. */
		c->thorough = true;
		census_end(c, c->died * lived > (uint64_t)CENSUS_PRICE * c->listed);
		break;
	}
}

pid_t census_next(struct census *c)
{
	pid_t number;

	if (c->stage == CENSUS_RESTS && census_is_on(c))
		census_begin(c);
	while ((number = census_next_of_stage(c)) == 0 && c->stage != CENSUS_RESTS)
		census_advance(c);
	return number;
}

bool census_is_on(const struct census *c)
{
	return c->stage != CENSUS_RESTS || (c->limit > 0 && c->run >= c->after);
}

void census_fini(struct census *c)
{
	census_end(c, false);
}

void census_note_tried(struct census *c, bool was_dead)
{
	c->gap = was_dead ? 0 : c->gap + 1;
	if (!was_dead)
		return;
	c->died++;
	if (c->stage == CENSUS_FRONT)
		census_end(c, false); /* few live before it: the wait for any is cheap */
}
