/* SPDX-License-Identifier: MIT */
/*
 * reuse.h - numbers that change hands many times a second, and a sexton in their midst.
 *
 * Purpose: a PID namespace with kernel.pid_max 400 has a hundred numbers to give away, 300 to 399;
 *	lower ones are given once. In it:
 *	stub (reuse.c)          PID 1: starts sexton again and again, as a subreaper, and judges.
 *	sender (reuse.c)        a thread of it: signals that sexton, through its pidfd, without rest.
 *	crowds (reuse_crowd.c)  make bystanders and rest while sexton starts; then make more, until no
 *				number is free, and let the oldest go.
 *	family (reuse_family.c) what sexton runs: a main process, and heirs that come and go.
 *	All but sexton, its family and the bystanders have numbers below 300.
 * Bystanders: share nothing with sexton but the numbers. They leave every signal at its default and
 *	open, from their first moment on, and whoever made them sees what ended them: the kernel
 *	itself keeps book, so none is missed. Every test signal ends a process by default.
 * Waiting: for events, by futex in the shared memory. REUSE_LIMIT_S without one ends it, loudly.
 * Output: on stdout, for test_reuse.c, "reuse round=..." in and after each and "reuse end KEY=VALUE...",
 *	where recycled is how often a number became a bystander's in a second, on average, and least the
 *	one that did so least. Before the end "reuse bystanders hit: ...", if there were any.
 */
#ifndef E2E_REUSE_H
#define E2E_REUSE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define REUSE_FIRST   300 /* RESERVED_PIDS of the kernel: where it starts again */
#define REUSE_END     400 /* kernel.pid_max */
#define REUSE_LIMIT_S 60
#define REUSE_CROWDS  2
#define REUSE_CODE    7 /* what each main process exits with */

/* So many bystanders of each crowd leave room for sexton and its family. */
#define REUSE_WITH_ROOM 42

struct reuse_hit {
	_Atomic uint32_t count;
	_Atomic uint32_t pid, sig, round; /* of the first one */
};

struct reuse {
	/* From the stub to all. */
	_Atomic uint32_t round;   /* which main process may live: 0 before the first */
	_Atomic uint32_t crowded; /* in this round the crowds shall take all numbers */
	_Atomic uint32_t go;      /* the main process of this round may exit */
	/* From the main process: of this round, it ... */
	_Atomic uint32_t awake; /* can be signalled */
	_Atomic uint32_t ready; /* got signals and made its heirs */
	/* From the crowds. */
	_Atomic uint32_t roomy[REUSE_CROWDS]; /* in this round it has left room */
	_Atomic uint32_t full;                /* counts the forks for which there was no number */
	_Atomic uint32_t wanted;              /* somebody waits for the next one */
	struct reuse_hit hit;
	_Atomic uint32_t born[REUSE_END]; /* how often a bystander had this number */
	/* From the heirs. */
	_Atomic uint32_t lived; /* so many of this round have lived */
	_Atomic uint32_t over;  /* the last of this round is about to exit */
	_Atomic uint32_t needy; /* so many have no number for their successor */
	/* From the family: test signals taken by those that they are for. */
	_Atomic uint64_t before; /* while the main process lived */
	_Atomic uint64_t after;  /* by its heirs */
};

/* The shared memory behind @fd. */
struct reuse *reuse_map(int fd);
/* Raises @word to @value and wakes who waits for it. */
void reuse_tell(_Atomic uint32_t *word, uint32_t value);
/* Waits until @word is at least @value; @what names it should it never be. */
void reuse_await(_Atomic uint32_t *word, uint32_t value, const char *what);
void __attribute__((noreturn)) reuse_give_up(const char *what);
/* The test signals: all end a process by default, without a core. */
void reuse_signals(sigset_t *ret_set);

/* The life of one crowd. Never returns. */
void __attribute__((noreturn)) reuse_crowd(struct reuse *shared, int number);
/* The main process; @fd is the shared memory. */
int reuse_family(int fd);

#endif
