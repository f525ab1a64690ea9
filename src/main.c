/* SPDX-License-Identifier: MIT */
/*
 * main.c - wiring only.
 *
 * Order matters, and this is it: block signals, read the configuration, probe, become subreaper,
 * fork the command while there is one thread, let go of its descriptors, then make our own and
 * start the reaper. Failures before the fork are 125; after it none ends the process.
 */
#include <errno.h>
#include <stdbool.h>

#include "sexton/cli.h"
#include "sexton/config.h"
#include "sexton/drain.h"
#include "sexton/exitq.h"
#include "sexton/feature.h"
#include "sexton/forward.h"
#include "sexton/log.h"
#include "sexton/loop.h"
#include "sexton/reaper.h"
#include "sexton/spawn.h"
#include "sexton/status.h"
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
	struct drain drain;
	struct loop loop;
} sexton;

/* Best effort: Lambda and gVisor refuse it, and the command runs all the same. */
static void main_adopt_orphans(void)
{
	int r;

	if (sys_getpid() == 1 || !sexton.config.subreaper)
		return;
	r = sys_set_subreaper();
	if (r < 0)
		log_line(LOG_WARN, "cannot become a subreaper: %s; orphans go to another process",
			 sys_strerror(-r));
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

static void main_wire(pid_t child)
{
	const struct feature *features = &sexton.features;
	int pidfd = features->pidfd ? sys_pidfd_open(child) : -1;
	enum config_forward scope = sexton.config.forward;

	target_init(&sexton.targets, child, !features->pidfd);
	sexton.forward = (struct forward){
		.features = features,
		.targets = &sexton.targets,
		.scope = scope,
		.self = sys_getpid(),
		.main_pid = child,
		.main_pidfd = pidfd,
	};
	sexton.reaper = (struct reaper){
		.main_pid = child,
		.guarded = forward_needs_guard(features, scope, pidfd),
		.post_all = sexton.config.warn_reaped || log_enabled(LOG_DEBUG),
		.exits = &sexton.exits,
		.targets = &sexton.targets,
		.status = &sexton.status,
	};
	reaper_init(&sexton.reaper);
	drain_init(&sexton.drain, &sexton.forward, &sexton.status, sexton.config.ask_with);
	sexton.loop = (struct loop){
		.config = &sexton.config,
		.exits = &sexton.exits,
		.forward = &sexton.forward,
		.drain = &sexton.drain,
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

	if (r == 0 && sexton.reaper.guarded && !sexton.features.look)
		r = -ENOSYS;
	if (r == 0)
		r = sys_thread_create(ret_thread, reaper_run, &sexton.reaper, MAIN_REAPER_STACK);
	if (r == 0)
		return true;
	log_line(LOG_WARN, "no reaper thread (%s): burying from the main thread", sys_strerror(-r));
	sexton.reaper.guarded = false; /* one thread does not race itself */
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

/* The command runs. From here on nothing but the end of all descendants ends us. */
static int main_serve(pid_t child)
{
	pthread_t thread;
	bool threaded;
	int code;

	spawn_let_go();
	main_wire(child);
	threaded = main_start_reaper(&thread);
	sexton.loop.signal_fd =
		sys_signalfd(threaded ? SIGNALS_ALL & ~SIGNALS_BIT(SIGCHLD) : SIGNALS_ALL);
	sys_ignore(sys_sched_slice(MAIN_SLICE_NS)); /* older kernels have no such wish to grant */
	target_reader_enter();
	code = loop_run(&sexton.loop);
	target_reader_leave();
	drain_fini(&sexton.drain);
	main_sum_up(code);
	if (threaded && sexton.config.on_exit == CONFIG_ON_EXIT_LEAVE)
		sys_exit(code); /* the reaper may still be in its wait */
	if (threaded && sys_thread_join(thread) < 0)
		sys_exit(code);
	return code;
}

int main(int argc, char **argv, char **envp)
{
	struct spawn_inherited inherited;
	pid_t parent = sys_getppid();
	pid_t child;
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
	log_set_verbosity(sexton.config.verbosity);
	feature_probe(&sexton.features);
	main_adopt_orphans();
	if (!main_follow_parent(parent))
		return CONFIG_EXIT_OWN_FAILURE;
	if (spawn_run(sexton.config.argv, sexton.config.envp, &inherited, &child, &code) < 0)
		return code;
	return main_serve(child);
}
