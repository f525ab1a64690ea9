/* SPDX-License-Identifier: MIT */
/*
 * config.h - what the user asked for, after all names, files and variables are resolved.
 *
 * Purpose: the one structure that the command line and the environment of every personality are
 *	parsed into. Nothing behind cli.h asks how sexton was called.
 * Owner: main.c. Written by cli_parse() before the command is forked, read-only ever after, so any
 *	thread may read it.
 * Next: cli.h (who fills it), policy.h (who follows it).
 */
#ifndef SEXTON_CONFIG_H
#define SEXTON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sexton/signals.h"

/* A duration in nanoseconds that never ends: "none" on the command line. */
#define CONFIG_NO_LIMIT INT64_MAX

/* Exit codes of sexton's own (POSIX shells and env(1) use the same three). */
enum {
	CONFIG_EXIT_OWN_FAILURE = 125,
	CONFIG_EXIT_NOT_EXECUTABLE = 126,
	CONFIG_EXIT_NOT_FOUND = 127,
};

/* Whom a signal reaches while the main process, or the successor it handed over to, lives. */
enum config_forward {
	CONFIG_FORWARD_CHILD,   /* the main process alone */
	CONFIG_FORWARD_GROUP,   /* its whole process group */
	CONFIG_FORWARD_SESSION, /* every descendant in its session */
	CONFIG_FORWARD_TREE,    /* every descendant, whatever group or session it escaped to */
	CONFIG_FORWARD_ALL,     /* PID 1 only: everybody in the PID namespace, kill(-1) */
};

/* What happens when the main process exits by itself and others are left. */
enum config_on_exit {
	CONFIG_ON_EXIT_DRAIN, /* ask the rest to stop, with a deadline of .grace_ns */
	CONFIG_ON_EXIT_WAIT,  /* a successor took over: go on until nobody is left */
	CONFIG_ON_EXIT_LEAVE, /* exit at once, also after a stop signal; the kernel kills the rest
			       */
};

/* Guests: processes that were put into our PID namespace from outside (docker exec, nsenter). They are
 * no descendants of ours, and the kernel kills them when PID 1 leaves. */
enum config_guests {
	CONFIG_GUESTS_AUTO, /* asked and waited for when the wait has an end: a deadline of ours */
	CONFIG_GUESTS_WAIT, /* always */
	CONFIG_GUESTS_IGNORE,
};

/* One step of asking a process to end: what it gets, and how long it has until the next step. */
struct config_step {
	int sig;         /* 1..64; 0: there is no such step */
	int64_t time_ns; /* CONFIG_NO_LIMIT in the last one: what comes after it is SIGKILL */
};

/* How many steps there may be: more is no asking. */
#define CONFIG_STEPS_MAX 8

/* Whose exit status becomes ours. "Heirs" are the processes we bury after the main process. */
enum config_exit_code {
	CONFIG_EXIT_CODE_MAIN,  /* the main process's */
	CONFIG_EXIT_CODE_LAST,  /* the last one buried */
	CONFIG_EXIT_CODE_WORST, /* the highest of the main process and its heirs */
};

/* The PATH that libc's execvp(3) takes when there is none. */
#define CONFIG_LIBC_PATH "/bin:/usr/bin"

/* What the command gets of a process group and a session. */
enum config_group {
	CONFIG_GROUP_NEW,     /* a process group of its own, in the terminal's foreground */
	CONFIG_GROUP_SESSION, /* a session of its own, which the terminal is attached to */
	CONFIG_GROUP_SAME,    /* ours */
};

/*
 * Which terminal is handed to the command. The controlling terminal of a script whose stdin is
 * redirected is that of somebody who types at the script, so it takes a terminal on stdin to give it
 * away at once; what a shell's job control asks for later concerns the controlling one in any case.
 */
enum config_tty {
	CONFIG_TTY_AUTO,        /* the one on stdin */
	CONFIG_TTY_CONTROLLING, /* the controlling terminal, else the one on stdin */
	CONFIG_TTY_NEVER,       /* none: who is in its foreground stays there */
};

/* What a failed exec ends with. */
struct config_exec {
	bool is_an_exit; /* it counts as an exit of the command's, in the words of .voice */
	int not_found;   /* ENOENT */
	int forbidden;   /* EACCES */
	int other;
};

struct log_voice;

struct config {
	enum config_forward forward;
	enum config_on_exit on_exit;
	enum config_exit_code exit_code;
	uint64_t stop_signals; /* mask; received or forwarded as one of these = a stop */
	/* What asks a leftover process to end, in order. */
	struct config_step ask[CONFIG_STEPS_MAX];
	int64_t grace_ns; /* after the main process exited by itself; CONFIG_NO_LIMIT: never */
	int64_t stop_timeout_ns; /* after the first stop signal; CONFIG_NO_LIMIT: the runtime's task
				  */
	/* [from] = to; 0 drops; identity by default; [0] unused */
	uint8_t rewrite[SIGNALS_MAX + 1];
	/* [received] = how long its first one is held back; 0: not at all */
	int64_t delay_ns[SIGNALS_MAX + 1];
	uint64_t rewritten;  /* mask: the user said what these become, perhaps themselves */
	uint64_t ok_exit[4]; /* bit N%64 of word N/64: exit code N counts as 0 */
	/* Absolute; names who takes over from the main process. NULL: none. */
	const char *main_pid_file;
	enum config_guests guests;
	int parent_death; /* signal we get when our parent dies; 0: none */
	bool subreaper;   /* adopt orphans when not PID 1 */
	bool warn_reaped; /* one line per buried orphan */
	enum config_group group;
	enum config_tty tty;
	uint64_t suspend_on;   /* mask; when one of these was forwarded we stop ourselves too */
	bool tty_signals_once; /* what a terminal sent to its foreground the command has already:
				* it is not forwarded (only with CONFIG_GROUP_SAME) */
	bool farewell;         /* without waiting for them, what is left of the command's group gets
			       * SIGTERM (as rewritten) when the command has exited */
	bool pause;            /* no command: bury until a stop signal comes, then exit with 0 */
	bool step_aside;       /* a command that is an init itself is executed in our place */
	bool keep_fds;         /* our copies of the command's descriptors stay open */
	bool keep_cwd;         /* we stay in the working directory, else we go to "/" */
	bool listen_pid;       /* LISTEN_PID that names us is made to name the command */
	bool default_signals; /* signals 1..31 that were ignored are not ignored by the command, and
				* none is blocked */
	const char *default_path; /* where a command is looked for when there is no PATH */
	struct config_exec exec;
	int own_failure;               /* exit code when we fail before the command runs */
	const struct log_voice *voice; /* whose words we speak; NULL: our own */
	int voice_level;               /* how many of them, see log.h */
	int verbosity;                 /* our own words: 0 warnings; 1 what happens; 2 burials */
	char **argv;                   /* the command, NULL-terminated; NULL with .pause */
	char **envp;                   /* its environment, without our own variables */
};

/* Every field at its documented default; argv and envp NULL. */
void config_init(struct config *config);

/* Does exit code @code (0..255) count as 0 (--ok-exit)? */
bool config_is_ok_exit(const struct config *config, int code);

#endif
