/* SPDX-License-Identifier: MIT */
/*
 * job_fixture.h - the terminal goes to and fro between the shell, us and the command.
 *
 * We are group 100, the command is group 200, the shell group 50. fake_sys.foreground is who has
 * the terminal. What only a real terminal shows is tested on one, in tests/e2e.
 */
#ifndef SEXTON_JOB_FIXTURE_H
#define SEXTON_JOB_FIXTURE_H

#include "fake_world.h"
#include "sexton/job.h"

#define SELF  100
#define MAIN  200
#define SHELL 50

struct job_fixture {
	struct config config;
	struct feature features;
	struct target targets;
	struct forward forward;
	struct job job;
	unsigned int stops; /* of ours, since a shell was chosen */
	pid_t foreground_in_stop;
};

extern struct job_fixture fix;

/* cmocka's setup and teardown: with a terminal, which the command has. */
int job_setup(void **state);
int job_teardown(void **state);

/* At the next stop of our own; the shell makes @foreground the foreground, then continues us. */
void job_use_shell(pid_t foreground);
/* Our group is an orphan: it is not stopped. */
void job_use_no_shell(void);

/* Our stdout is a pipe: the terminal stayed with our group. */
void job_use_pipeline(void);

/* setpgid(2) was refused: the command is alone, and in our group. */
void job_use_our_group(void);

void job_command_stops(int sig);

/* Who was signalled since the last one. */
void job_assert_log(const char *log);

#endif
