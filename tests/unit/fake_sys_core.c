/* SPDX-License-Identifier: MIT */
/* fake_sys_core.c - what the fake system calls stand on; see fake_sys_core.h and fake_sys.h. */
#include "fake_sys_core.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FAKE_FILES 32
#define FAKE_QUEUE 64
#define FAKE_PLANS 32
#define FAKE_NAMES 64
#define FAKE_HOOKS 16

/* What is known of one function. */
struct fake_call {
	const char *name;
	unsigned int calls;
	long queue[FAKE_QUEUE];
	unsigned int queued, taken;
};

struct fake_hook {
	const char *line;
	unsigned int nth, seen;
	void (*run)(void);
};

struct fake_plan {
	const char *name;
	unsigned int nth;
	int err;
};

struct fake_sys fake_sys;

static struct fake_call fake_calls[FAKE_NAMES];
static struct fake_plan fake_plans[FAKE_PLANS];
static unsigned int fake_planned;
static struct fake_hook fake_hooks[FAKE_HOOKS];
static unsigned int fake_hooked;
const struct fake_ops *fake_ops;
struct fake_file fake_files[FAKE_FILES];
static int fake_filed;
struct fake_fd fake_fds[FAKE_FDS];
struct fake_map fake_maps[FAKE_MAPS];
static struct fake_text fake_trace;
struct fake_text fake_errors, fake_output, fake_env, fake_pipe;
static jmp_buf fake_leave;
static bool fake_running;
static int fake_code;

_Noreturn void fake_die(const char *why, const char *what)
{
	fprintf(stderr, "fake_sys: %s: %s\n%s", why, what, fake_trace.bytes);
	abort();
}

void fake_append(struct fake_text *text, const void *bytes, size_t size)
{
	if (size >= sizeof(text->bytes) - text->used)
		fake_die("too much text", bytes);
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
	text->bytes[text->used] = '\0';
}

static struct fake_call *fake_find(const char *name)
{
	for (unsigned int i = 0; i < FAKE_NAMES; i++) {
		if (fake_calls[i].name == NULL)
			fake_calls[i].name = name;
		if (strcmp(fake_calls[i].name, name) == 0)
			return &fake_calls[i];
	}
	fake_die("too many names", name);
}

static void fake_run_hooks(const char *line)
{
	for (unsigned int i = 0; i < fake_hooked; i++) {
		struct fake_hook *hook = &fake_hooks[i];

		if (strncmp(line, hook->line, strlen(hook->line)) == 0 && ++hook->seen == hook->nth)
			hook->run();
	}
}

bool fake_note(const char *name, long *ret_result, const char *format, ...)
{
	struct fake_call *call = fake_find(name);
	char line[2048 + 32];
	size_t used = (size_t)snprintf(line, 32, "%s(", name);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line + used, 2048, format, args);
	va_end(args);
	used = strlen(line);
	memcpy(line + used, ")\n", 3);
	if (!fake_sys.quiet)
		fake_append(&fake_trace, line, used + 2);
	fake_run_hooks(line);
	call->calls++;
	for (unsigned int i = 0; i < fake_planned; i++) {
		const struct fake_plan *plan = &fake_plans[i];

		if (strcmp(plan->name, name) == 0 && (plan->nth == 0 || plan->nth == call->calls)) {
			*ret_result = -plan->err;
			return true;
		}
	}
	if (call->taken == call->queued)
		return false;
	*ret_result = call->queue[call->taken++];
	return true;
}

int fake_new_fd(int file)
{
	for (int fd = 3; fd < FAKE_FDS; fd++) {
		if (fake_fds[fd].open)
			continue;
		fake_fds[fd] = (struct fake_fd){ .open = true, .file = file };
		return fd;
	}
	fake_die("no descriptor left", "a leak?");
}

int fake_find_file(const char *path)
{
	for (int i = 0; i < fake_filed; i++)
		if (strcmp(fake_files[i].path, path) == 0)
			return i;
	return FAKE_NO_FILE;
}

bool fake_is_open(int fd)
{
	return fd >= 0 && fd < FAKE_FDS && (fd < 3 || fake_fds[fd].open);
}

void fake_sys_reset(void)
{
	for (unsigned int i = 0; i < FAKE_MAPS; i++)
		if (fake_maps[i].memory != NULL)
			(void)munmap(fake_maps[i].memory, fake_maps[i].size);
	memset(fake_maps, 0, sizeof(fake_maps));
	memset(fake_calls, 0, sizeof(fake_calls));
	memset(fake_fds, 0, sizeof(fake_fds));
	fake_planned = 0;
	fake_hooked = 0;
	fake_ops = NULL;
	fake_filed = 0;
	fake_trace = fake_errors = fake_output = fake_env = fake_pipe =
		(struct fake_text){ .used = 0 };
	fake_sys = (struct fake_sys){
		.pid = 100, .ppid = 1, .pgrp = 100, .foreground = -ENOTTY, .next_child = 200
	};
}

void fake_sys_fail(const char *name, unsigned int nth, int err)
{
	if (fake_planned == FAKE_PLANS)
		fake_die("too many plans", name);
	fake_plans[fake_planned++] = (struct fake_plan){ .name = name, .nth = nth, .err = err };
}

void fake_sys_return(const char *name, long result)
{
	struct fake_call *call = fake_find(name);

	if (call->queued == FAKE_QUEUE)
		fake_die("too many results", name);
	call->queue[call->queued++] = result;
}

void fake_sys_before(const char *line, unsigned int nth, void (*hook)(void))
{
	if (fake_hooked == FAKE_HOOKS)
		fake_die("too many hooks", line);
	fake_hooks[fake_hooked++] = (struct fake_hook){ .line = line, .nth = nth, .run = hook };
}

unsigned int fake_sys_calls(const char *name)
{
	return fake_find(name)->calls;
}

const char *fake_sys_trace(void)
{
	return fake_trace.bytes;
}

const char *fake_sys_stderr(void)
{
	return fake_errors.bytes;
}

const char *fake_sys_stdout(void)
{
	return fake_output.bytes;
}

const char *fake_sys_environment(void)
{
	return fake_env.bytes;
}

unsigned int fake_sys_open_fds(void)
{
	unsigned int count = 0;

	for (int fd = 3; fd < FAKE_FDS; fd++)
		count += fake_fds[fd].open;
	return count;
}

unsigned int fake_sys_open_maps(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FAKE_MAPS; i++)
		count += fake_maps[i].memory != NULL;
	return count;
}

void fake_sys_file(const char *path, mode_t mode, const char *text, int exec_err)
{
	int file = fake_find_file(path);

	if (file == FAKE_NO_FILE && fake_filed == FAKE_FILES)
		fake_die("too many files", path);
	if (file == FAKE_NO_FILE)
		file = fake_filed++;
	fake_files[file] = (struct fake_file){
		.path = path, .text = text, .mode = mode, .exec_err = exec_err
	};
}

enum fake_sys_end fake_sys_run(void (*body)(void *arg), void *arg, int *ret_code)
{
	int end = setjmp(fake_leave);

	if (end == 0) {
		fake_running = true;
		body(arg);
	}
	fake_running = false;
	*ret_code = fake_code;
	return (enum fake_sys_end)end;
}

_Noreturn void fake_end(enum fake_sys_end end, int code)
{
	if (!fake_running)
		fake_die("a call that does not return", "outside fake_sys_run()");
	fake_code = code;
	longjmp(fake_leave, (int)end);
}
