/* SPDX-License-Identifier: MIT */
/*
 * diagnose.h - why an exec failed, in words.
 *
 * Purpose: "Exec format error" and "No such file or directory" do not say what to mend. Looks at
 *	the file and names the reason: wrong architecture, missing interpreter or loader, CRLF
 *	after #!, a directory, no execute permission, a noexec mount.
 * Owner: spawn.c, main thread, after a failed exec. Allocates nothing.
 */
#ifndef SEXTON_DIAGNOSE_H
#define SEXTON_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * @path: the file that was tried last (the command itself if the PATH has none); @err: positive
 * errno of execve(2). Writes the reason, without the command's name, into @ret_reason and returns
 * the exit code: 127 when there is no such file, else 126.
 */
int diagnose_exec(const char *path, int err, char *ret_reason, size_t size);

/*
 * After ENOEXEC: may @path be given to /bin/sh, as shells and execvp(3) do? Only if it is text
 * without a #! line; never an ELF file, an empty one or one with a NUL in its first 256 bytes, and
 * not one that cannot be read.
 */
bool diagnose_is_script(const char *path);

#endif
