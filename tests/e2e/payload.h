/* SPDX-License-Identifier: MIT */
/*
 * payload.h - what the scenarios of the payload program share.
 *
 * Every event is one line written with one write(2) to stdout, so lines of many processes never
 * mix, and their order is the order in which the events happened. Each ends in " at=NANOSECONDS" of
 * CLOCK_MONOTONIC.
 */
#ifndef E2E_PAYLOAD_H
#define E2E_PAYLOAD_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes one event line. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Complains on stderr and exits with 98. */
void die(const char *what) __attribute__((noreturn));

/* "TERM" for the signals that tests speak of, else the number as text. */
const char *signal_text(int sig);

/* CLOCK_MONOTONIC ns. */
int64_t now_ns(void);

/* Zombies among the processes of /proc, and all processes there. */
void count_processes(int *ret_zombies, int *ret_all);

/* Each scenario: arguments behind its name, exit code. */
int tree_main(int argc, char **argv);    /* tree SPEC: see tree.c */
int catch_main(int argc, char **argv);   /* catch: report every signal until the second URG */
int raise_main(int argc, char **argv);   /* raise SIG: die of it */
int exit_main(int argc, char **argv);    /* exit CODE */
int report_main(int argc, char **argv);  /* report: what was inherited */
int zombies_main(int argc, char **argv); /* zombies N: N children die, nobody waits, then we end */
int crowd_main(int argc, char **argv);   /* crowd L N: the same, beside L orphans that live */
int churn_main(int argc, char **argv); /* churn N: N orphans come and go, then look what is left */
/* outside WORDS: what stands above an init that is not PID 1: runs WORDS, says how they ended and
 * who was orphaned past them, and stays until TERM comes. */
int outside_main(int argc, char **argv);
/* jobs N WORDS: becomes WORDS, with N children that live until they are killed. */
int jobs_main(int argc, char **argv);
/* traced WORDS: runs WORDS, says how many threads they started, and how many of these came to their
 * own end before the process did; exits with their code. */
int traced_main(int argc, char **argv);
/*
 * bomb KIND MOST [handler|held]: forks as fast as it can, up to MOST times, and says so when it is
 * well under way. TERM ends each of them: by its default, or through a handler. held: it begins with
 * USR1. KIND line: one forks, its children wait. wide: they all fork. hop: each forks its successor
 * and ends. feed: for ever, with two hundred alive at a time that ignore all signals; tells of USR1,
 * and ends with TERM.
 */
int bomb_main(int argc, char **argv);
int tty_main(int argc, char **argv); /* tty [quiet] [hold] [stops]: at a terminal, see below */

/*
 * tty tells of the lines it reads ("got") and the signals it gets ("caught") through descriptor 7.
 * It ends with the end of the input, or with TERM. quiet: it does not read. hold: the end of input
 * does not end it. stops: it catches TSTP, TTIN and TTOU too.
 */

#endif
