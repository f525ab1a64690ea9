/* SPDX-License-Identifier: MIT */
/* census.c - who of many children are dead, without asking for "any"; see sexton/census.h. */
#include "sexton/census.h"

#include <fcntl.h>
#include <string.h>

#include "sexton/sys.h"
#include "sexton/text.h"

/* Zombies in a row before the first census, and before the next one if the last paid... */
#define CENSUS_SOON   4u
/* ...and at most before one, if none pays. It costs 10 us then, 1 % of so many burials. */
#define CENSUS_LATE   1024u
/* Every so many burials it is asked whether the next zombie is there already. */
#define CENSUS_ASK    2u
/* To read and try one who is listed costs as much as walking past so many, measured. */
#define CENSUS_PRICE  32u
/* A hasty census ends when nobody of a 1/16 of the list in a row, and of so many, was dead: for the wait
 * for any it is not further to the next one. Zombies are mostly young, and the youngest stand last. */
#define CENSUS_GAP(c) (64u + (c)->listed / 16)

void census_init(struct census *c)
{
	*c = (struct census){ .limit = CENSUS_MAX, .after = CENSUS_SOON, .fd = -1 };
}

bool census_is_curious(struct census *c)
{
	return c->limit > 0 && (c->run > 0 || ++c->blind >= CENSUS_ASK);
}

void census_note_zombie(struct census *c)
{
	c->run++;
}

void census_note_none(struct census *c)
{
	c->run = 0;
	c->blind = 0;
	c->thorough = false;
	c->after -= c->after / 16; /* what was learned is forgotten in time */
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
	c->stage = CENSUS_RESTS;
	c->run = 0;
	if (paid)
		c->after = CENSUS_SOON;
	else if (c->after < CENSUS_LATE)
		c->after *= 4;
}

static void census_begin(struct census *c)
{
	char path[sizeof("/proc/self/task//children") + TEXT_NUMBER_SIZE] = "/proc/self/task/";
	ssize_t size = 0;

	/* Children are those of the thread that the kernel gives orphans to: the first one. */
	(void)text_number((uint64_t)sys_getpid(), path + strlen(path));
	c->fd = sys_open(strcat(path, "/children"), O_RDONLY);
	if (c->fd >= 0)
		size = sys_read(c->fd, c->front, sizeof(c->front));
	if (size <= 0) {
		census_end(c, false);
		return;
	}
	c->front_size = (size_t)size;
	c->at = 0;
	c->listed = c->died = c->gap = 0;
	c->stage = CENSUS_FRONT;
}

/* The next whole number of the front, or 0. */
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

/* Nobody of the front is dead: reads the rest. Nobody is buried meanwhile, or the kernel's reader would lose
 * its place. What is too large, or cannot be read, is left out. */
static void census_read_all(struct census *c)
{
	ssize_t got;

	if (c->limit <= c->front_size)
		return;
	c->list = sys_map(c->limit);
	if (c->list == NULL)
		return;
	c->mapped = c->limit;
	memcpy(c->list, c->front, c->front_size);
	c->size = c->front_size;
	while (c->size < c->mapped) {
		got = sys_read(c->fd, c->list + c->size, c->mapped - c->size);
		if (got <= 0)
			break;
		c->size += (size_t)got;
	}
	for (size_t i = 0; i < c->size; i++)
		c->listed += c->list[i] == ' ';
	/* Who stands at the front was tried already. */
	c->front_size = c->at;
	c->at = c->size;
	c->stage = CENSUS_BACK;
}

/* The next number from the back, or 0. The last one may be cut off: then it is nobody's, or another child's. */
static pid_t census_next_of_back(struct census *c)
{
	pid_t number = 0;
	pid_t place = 1;

	while (c->at > c->front_size && c->list[c->at - 1] == ' ')
		c->at--;
	for (; c->at > c->front_size && c->list[c->at - 1] != ' '; place *= 10)
		number += place * (c->list[--c->at] - '0');
	return number;
}

pid_t census_next(struct census *c)
{
	pid_t number;

	if (c->stage == CENSUS_RESTS && c->limit > 0 && c->run >= c->after)
		census_begin(c);
	if (c->stage == CENSUS_FRONT) {
		number = census_next_of_front(c);
		if (number > 0)
			return number;
		census_read_all(c);
		if (c->stage == CENSUS_FRONT)
			census_end(c, false);
	}
	if (c->stage != CENSUS_BACK)
		return 0;
	number = c->thorough || c->gap < CENSUS_GAP(c) ? census_next_of_back(c) : 0;
	if (number > 0)
		return number;
	/* If more zombies are there already afterwards, they were passed over. */
	c->thorough = true;
	census_end(c,
		   (uint64_t)c->died * (c->listed - c->died) > (uint64_t)CENSUS_PRICE * c->listed);
	return 0;
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
