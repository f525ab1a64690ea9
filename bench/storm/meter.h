/* SPDX-License-Identifier: MIT */
/*
 * meter.h - what the kernel says of the init, read from outside.
 *
 * 0 or a negative errno; -ESRCH and -ENOENT mean that it has gone.
 */
#ifndef SEXTON_STORM_METER_H
#define SEXTON_STORM_METER_H

#include <stdint.h>
#include <sys/types.h>

#define METER_MUST_CHECK __attribute__((warn_unused_result))

/* Nanoseconds on a processor of all threads, also of those that have ended: the process's CPU clock.
 * It is the sum of the first fields of /proc/PID/task/TID/schedstat, but loses no thread. */
METER_MUST_CHECK int meter_cpu(pid_t pid, int64_t *ret_ns);

/* The same once it stands still: the process rests, or METER_REST_LIMIT is over. */
METER_MUST_CHECK int meter_cpu_at_rest(pid_t pid, int64_t *ret_ns);

/* Context switches of all threads, voluntary or not. */
METER_MUST_CHECK int meter_switches(pid_t pid, int64_t *ret_switches);

/* Major faults of all threads: pages that had to come from the disk. */
METER_MUST_CHECK int meter_major_faults(pid_t pid, int64_t *ret_faults);

struct meter_memory {
	int64_t rss_kb;
	int64_t anonymous_kb;
};

METER_MUST_CHECK int meter_memory(pid_t pid, struct meter_memory *ret_memory);

/* Entries of /proc/PID/@directory: "task" for threads, "fd" for descriptors. */
METER_MUST_CHECK int meter_entries(pid_t pid, const char *directory, int64_t *ret_entries);

#endif
