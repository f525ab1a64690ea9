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
int churn_main(int argc, char **argv); /* churn N: N orphans come and go, then look what is left */

#endif
