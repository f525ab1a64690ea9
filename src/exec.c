/* SPDX-License-Identifier: MIT */
/* exec.c - from a command's name to its program; see sexton/exec.h. */
#include "sexton/exec.h"

#include <errno.h>
#include <string.h>

#include "sexton/diagnose.h"
#include "sexton/sys.h"

#define EXEC_SHELL "/bin/sh"
#define EXEC_PATH  "PATH="

struct exec {
	const char *default_path;
	char **argv;
	char **envp;
	char **shell_argv;
};

/* Returns only when @path was not executed: the positive errno. */
static int exec_try(struct exec *e, char *path)
{
	char shell[] = EXEC_SHELL;
	int r = sys_execve(path, e->argv, e->envp);

	if (r != -ENOEXEC || !diagnose_is_script(path))
		return -r;
	e->shell_argv[0] = shell;
	e->shell_argv[1] = path;
	r = sys_execve(shell, e->shell_argv, e->envp);
	/* A shell that cannot be executed is not what the user asked for: the script is blamed. */
	return r == -E2BIG || r == -ENOMEM ? -r : ENOEXEC;
}

/* Does the search go on after @err? The list of execvp(3), and what else a stale or odd directory
 * in the PATH may answer. */
static bool exec_goes_on(int err)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case ENAMETOOLONG:
	case ELOOP:
	case ESTALE:
	case ENODEV:
	case ENXIO:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* Puts "@directory/@name" together. Returns false if it is longer than any path may be. */
static bool exec_join(char ret_path[PATH_MAX], const char *directory, size_t len, const char *name)
{
	size_t name_size = strlen(name) + 1;

	if (len == 0) { /* an empty element is the current directory; "./-x" is no option of sh's */
		directory = ".";
		len = 1;
	}
	if (len + 1 + name_size > PATH_MAX)
		return false;
	memcpy(ret_path, directory, len);
	ret_path[len] = '/';
	memcpy(ret_path + len + 1, name, name_size);
	return true;
}

/*
 * Tries one file of the PATH. The first file that is there but cannot be executed gets the blame,
 * and only if a file is there: EACCES of a directory that we may not look into (/root/bin in the
 * PATH of an ordinary user) is no "permission denied", and ENOENT of a file that exists is a
 * missing interpreter and no "not found". Returns false when the search ends.
 */
static bool exec_search_one(struct exec *e, char path[PATH_MAX], struct exec_blame *blame)
{
	struct stat st;
	int err = exec_try(e, path);
	bool last = !exec_goes_on(err);
	bool found = last || err == ELOOP || sys_stat(path, &st) == 0;

	if (last ||
	    blame->libc_err != EACCES) /* a refusal is remembered, else the last one counts */
		blame->libc_err = err;
	if (last || (found && !blame->found)) {
		blame->err = err;
		blame->found = true;
		memcpy(blame->path, path, PATH_MAX);
	}
	return !last;
}

static void exec_search(struct exec *e, const char *name, struct exec_blame *ret_blame)
{
	const char *element = e->default_path;
	char path[PATH_MAX];

	for (char **entry = e->envp; *entry != NULL; entry++) {
		if (strncmp(*entry, EXEC_PATH, sizeof(EXEC_PATH) - 1) == 0) {
			element = *entry + sizeof(EXEC_PATH) - 1;
			break;
		}
	}
	for (;; element++) {
		size_t len = strcspn(element, ":");

		if (!exec_join(path, element, len, name))
			ret_blame->libc_err = ENAMETOOLONG;
		else if (!exec_search_one(e, path, ret_blame))
			return;
		element += len;
		if (*element == '\0')
			return;
	}
}

void exec_command(const struct config *config, char **envp, char **shell_argv,
		  struct exec_blame *ret_blame)
{
	struct exec e = {
		.default_path = config->default_path,
		.argv = config->argv,
		.envp = envp,
		.shell_argv = shell_argv,
	};
	char *name = config->argv[0];
	size_t size = strlen(name) + 1;

	*ret_blame = (struct exec_blame){ .err = ENOENT, .libc_err = ENOENT };
	memcpy(ret_blame->path, name, size < PATH_MAX ? size : PATH_MAX - 1);
	if (size == 1)
		return;
	if (strchr(name, '/') != NULL) {
		ret_blame->err = exec_try(&e, name);
		ret_blame->libc_err = ret_blame->err;
	} else {
		exec_search(&e, name, ret_blame);
	}
}
