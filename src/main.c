/* SPDX-License-Identifier: MIT */
/*
 * main.c - wiring only.
 *
 * Order matters, and this is it: block signals, read the configuration, become subreaper, fork the
 * command while there is one thread, let go of its descriptors, probe, then make our own and start
 * the reaper. Failures before the fork are 125; after it none ends the process.
 */
#include <errno.h>
#include <stdbool.h>

#include "sexton/cli.h"
#include "sexton/config.h"
#include "sexton/drain.h"
#include "sexton/exitq.h"
#include "sexton/feature.h"
#include "sexton/forward.h"
#include "sexton/job.h"
#include "sexton/log.h"
#include "sexton/loop.h"
#include "sexton/name.h"
#include "sexton/reaper.h"
#include "sexton/scope.h"
#include "sexton/spawn.h"
#include "sexton/status.h"
#include "sexton/successor.h"
#include "sexton/sys.h"
#include "sexton/target.h"

/* The reaper needs some hundred bytes; the rest is libc's thread start and, under a sanitizer, its
 * redzones. Untouched pages cost nothing. */
#define MAIN_REAPER_STACK ((size_t)256 * 1024)
/* The slice the main thread asks for: it only ever runs for a moment, and a thread with a short
 * slice is let in sooner (EEVDF, Linux 6.12). */
#define MAIN_SLICE_NS     UINT64_C(100000)

/* Everything the two threads touch, at a fixed place: nothing is allocated after start-up. */
static struct {
	struct config config;
	struct feature features;
	struct status status;
	struct exitq exits;
	struct target targets;
	struct reaper reaper;
	struct forward forward;
	struct forward_anchor anchor;
	struct scope scope;
	struct successor successor;
	struct drain drain;
	struct job job;
	siginfo_t held[SIGNALS_MAX +
		       1]; /* beside the loop: its pages are touched with --delay only */
	struct loop loop;
} sexton;

/* Best effort: Lambda and gVisor refuse it, and the command runs all the same. */
static void main_adopt_orphans(void)
{
	int r;

	if (sexton.config.subreaper && (sys_getpid() != 1 || log_says(LOG_SUBREAPER))) {
		r = sys_set_subreaper();
		if (r < 0)
			log_line(LOG_WARN,
				 "cannot become a subreaper: %s; orphans go to another process",
				 sys_strerror(-r));
		else
			log_say(LOG_SUBREAPER, &(struct log_fact){ 0 });
	} else if (sys_getpid() != 1 && !sys_is_subreaper()) {
		log_say(LOG_NO_REAPING, &(struct log_fact){ 0 });
	}
}

/* kill(-1) of anybody but PID 1 reaches whoever this user may signal, far from here. */
static bool main_can_forward(const struct config *config)
{
	if (config->forward != CONFIG_FORWARD_ALL || sys_getpid() == 1)
		return true;
	log_line(LOG_WARN,
		 "--forward=all is for PID 1 only, and this is PID %d: the command was not "
		 "run; use --forward=tree",
		 sys_getpid());
	return false;
}

/* Returns false when the parent, whose death we are to notice, is gone already. */
static bool main_follow_parent(pid_t parent)
{
	int r;

	if (sexton.config.parent_death == 0)
		return true;
	r = sys_set_parent_death(sexton.config.parent_death);
	if (r < 0)
		log_line(LOG_WARN, "--parent-death: %s; going on without", sys_strerror(-r));
	if (sys_getppid() == parent)
		return true;
	log_line(LOG_WARN, "--parent-death: the parent is dead already, the command was not run");
	return false;
}

/* What the reaper does for a main process that promised its group a last signal. */
static int main_farewell(const struct config *config)
{
	if (!config->farewell || config->on_exit != CONFIG_ON_EXIT_LEAVE ||
	    config->group == CONFIG_GROUP_SAME)
		return 0;
	return config->rewrite[SIGTERM];
}

/* With .pause there is no command: @child->pid is 0, and nothing is ever sent to it. */
static void main_wire(const struct spawn_child *child)
{
	const struct config *config = &sexton.config;
	const struct feature *features = &sexton.features;
	int pidfd = features->pidfd && !config->pause ? sys_pidfd_open(child->pid) : -1;
	int farewell = main_farewell(config);

	target_init(&sexton.targets, child->pid, !features->pidfd);
	forward_init(&sexton.forward, features, &sexton.targets, config->forward, child->pid, pidfd,
		     &sexton.anchor);
	job_init(&sexton.job, config, &sexton.forward);
	sexton.reaper = (struct reaper){
		.main_pid = child->pid,
		.guarded = forward_needs_guard(features, config->forward, pidfd) ||
			   (sexton.job.watching && !features->pidfd_group) || farewell != 0 ||
			   (config->main_pid_file != NULL && features->look), /* [reaper-claim] */
		.post_all = log_says(config->warn_reaped ? LOG_REAPED_EXITED : LOG_HEIR_EXITED),
		.exits = &sexton.exits,
		.targets = &sexton.targets,
		.status = &sexton.status,
		.pausing = config->pause,
		.farewell = farewell,
	};
	reaper_init(&sexton.reaper);
	if (!features->wait_by_pid)
		sexton.reaper.census.limit = 0;
	sexton.forward.guarded = sexton.reaper.guarded;
	scope_init(&sexton.scope, &sexton.forward, &sexton.status);
	successor_init(&sexton.successor, config->main_pid_file, &sexton.forward, &sexton.targets,
		       &sexton.reaper);
	drain_init(&sexton.drain, &sexton.forward, &sexton.status, config->ask);
	sexton.loop = (struct loop){
		.config = config,
		.exits = &sexton.exits,
		.reaper = &sexton.reaper,
		.forward = &sexton.forward,
		.scope = &sexton.scope,
		.successor = &sexton.successor,
		.drain = &sexton.drain,
		.job = &sexton.job,
		.held = sexton.held,
		.handoff = child->handoff,
		.status = &sexton.status,
	};
}

/*
 * Starts the reaper thread. False where it, its doorbell, or the look that guarded mode needs is
 * not to be had: then the main loop does its work (polled mode).
 */
static bool main_start_reaper(pthread_t *ret_thread)
{
	int r = exitq_init(&sexton.exits);

	if (sexton.config.pause) { /* nothing that burials could hold up, and ECHILD is no end */
		sexton.loop.polled = &sexton.reaper;
		return false;
	}
	if (r == 0 && sexton.reaper.guarded && !sexton.features.look)
		r = -ENOSYS;
	if (r == 0)
		r = sys_thread_create(ret_thread, reaper_run, &sexton.reaper, MAIN_REAPER_STACK);
	if (r == 0)
		return true;
	log_line(LOG_INFO, "no reaper thread (%s): burying from the main thread", sys_strerror(-r));
	sexton.reaper.guarded = false; /* one thread does not race itself */
	sexton.forward.guarded = true;
	sexton.loop.polled = &sexton.reaper;
	return false;
}

static void main_sum_up(int code)
{
	const struct status *status = &sexton.status;

	log_line(LOG_INFO, "buried %l, forwarded %l, asked %l, killed %l; exit code %d",
		 (int64_t)status_get(&status->buried), (int64_t)status_get(&status->forwarded),
		 (int64_t)status_get(&status->asked), (int64_t)status_get(&status->killed), code);
	if (status_get(&status->dropped) > 0)
		log_line(LOG_INFO, "%l burials came too fast to be told of",
			 (int64_t)status_get(&status->dropped));
}

/* Ends the reaper thread, so that nothing of it is left to a leak checker. */
static void main_end_reaper(pthread_t thread, int code)
{
	/* It may still be in its wait, for children that we leave. */
	if (sexton.config.on_exit == CONFIG_ON_EXIT_LEAVE && reaper_dismiss(&sexton.reaper) < 0)
		sys_exit(code);
	if (sys_thread_join(thread) < 0)
		sys_exit(code);
}

/* The command runs. From here on nothing but the end of all descendants ends us. */
static int main_serve(const struct spawn_child *child)
{
	pthread_t thread;
	bool threaded;
	int code;

	spawn_let_go(&sexton.config);
	/* Here the command need not wait for it. It may already have mounted a /proc of its own, or covered
	 * ours: then that is what there is. */
	feature_probe(&sexton.features);
	/* A queue that is full in front of us thus has room behind us: what we take we can pass on
	 * (sigqueue(3), EAGAIN; the limit is the receiver's, the count its user's). */
	sys_ignore(sys_lower_sigpending());
	main_wire(child);
	threaded = main_start_reaper(&thread);
	sexton.loop.signal_fd = sys_signalfd(-1, loop_mask(&sexton.loop));
	if (threaded) /* else it buries as well, and does not only run for a moment */
		sys_ignore(sys_sched_slice(MAIN_SLICE_NS)); /* older kernels grant no such wish */
	target_reader_enter();
	code = loop_run(&sexton.loop);
	target_reader_leave();
	drain_fini(&sexton.drain);
	scope_forget(&sexton.scope);
	main_sum_up(code);
	if (threaded)
		main_end_reaper(thread, code);
	return code;
}

int main(int argc, char **argv, char **envp)
{
	struct spawn_inherited inherited;
	struct spawn_child child = { 0 };
	pid_t parent = sys_getppid();
	int code = 0;

	if (spawn_inherit(&inherited) < 0)
		return CONFIG_EXIT_OWN_FAILURE;
	switch (cli_parse(&sexton.config, argc, argv, envp, &code)) {
	case CLI_LEAVE:
		return code;
	case CLI_VERSION:
		feature_probe(&sexton.features);
		return cli_version(&sexton.features, sexton.config.verbosity > 0);
	case CLI_RUN:
		break;
	}
	log_set(sexton.config.voice, sexton.config.voice_level, sexton.config.verbosity);
	if (!main_can_forward(&sexton.config) || !main_follow_parent(parent))
		return sexton.config.own_failure;
	if (sexton.config.step_aside && !sexton.config.pause && name_is_init(sexton.config.argv[0]))
		return spawn_step_aside(&sexton.config, &inherited);
	main_adopt_orphans();
	if (!sexton.config.pause && spawn_run(&sexton.config, &inherited, &child, &code) < 0)
		return code;
	return main_serve(&child);
}
