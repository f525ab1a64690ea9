/* SPDX-License-Identifier: MIT */
/*
 * diagnose.c - why an exec failed, in words; see sexton/diagnose.h.
 *
 * Follows the kernel: execve(2) reads the first 256 bytes, knows a script by "#!" and a program by
 * its ELF header, and answers for the interpreter or the dynamic loader with the very errno that it
 * has for the file itself. So an interpreter is looked at in the same way as the file.
 */
#include "sexton/diagnose.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "sexton/config.h"
#include "sexton/elffile.h"
#include "sexton/sys.h"
#include "sexton/text.h"

/* Bytes by which the kernel knows a file's kind (BINPRM_BUF_SIZE). */
#define DIAGNOSE_HEAD  256
/* How many interpreters of interpreters the kernel follows. */
#define DIAGNOSE_DEPTH 5
#define DIAGNOSE_SHELL "/bin/sh"

struct diagnose_text {
	char *text;
	size_t size;
	size_t used;
};

struct diagnose_head {
	unsigned char bytes[DIAGNOSE_HEAD];
	size_t size;
};

static void diagnose_found(struct diagnose_text *t, const char *path, int err,
			   const struct stat *st, unsigned int depth);

static void diagnose_add(struct diagnose_text *t, const char *words)
{
	for (; *words != '\0' && t->used + 1 < t->size; words++)
		t->text[t->used++] = *words;
	t->text[t->used] = '\0';
}

static void diagnose_add_number(struct diagnose_text *t, uint64_t n)
{
	char digits[TEXT_NUMBER_SIZE];

	(void)text_number(n, digits);
	diagnose_add(t, digits);
}

static bool diagnose_begins(const struct diagnose_head *head, const char *magic, size_t size)
{
	return head->size >= size && memcmp(head->bytes, magic, size) == 0;
}

static bool diagnose_is_text(const struct diagnose_head *head)
{
	return head->size > 0 && memchr(head->bytes, 0, head->size) == NULL &&
	       !diagnose_begins(head, ELFMAG, SELFMAG);
}

/* Says "the file is for X, this machine is Y" and returns true if they differ. */
static bool diagnose_is_foreign(struct diagnose_text *t, const struct elffile *elf,
				const char *intro)
{
	const char *name = elffile_machine(elf);

	if (name != NULL && strcmp(name, elffile_own_machine()) == 0)
		return false;
	diagnose_add(t, intro);
	diagnose_add(t, "the file is for ");
	if (name != NULL) {
		diagnose_add(t, name);
	} else {
		diagnose_add(t, "machine number ");
		diagnose_add_number(t, elf->machine);
	}
	diagnose_add(t, ", this machine is ");
	diagnose_add(t, elffile_own_machine());
	return true;
}

/* What to do about a missing loader. */
static const char *diagnose_loader_hint(const char *loader)
{
	if (strstr(loader, "ld-musl") != NULL)
		return "the program was built for musl (Alpine Linux)";
	if (strstr(loader, "ld-linux") != NULL || strstr(loader, "/ld64.so") != NULL)
		return "the program was built for glibc (Debian, Fedora and others)";
	return "the program needs it to find its libraries";
}

static void diagnose_elf(struct diagnose_text *t, const char *path, int err,
			 const struct diagnose_head *head, unsigned int depth)
{
	char loader[PATH_MAX];
	struct elffile elf;
	struct stat st;

	if (!elffile_parse(head->bytes, head->size, &elf)) {
		diagnose_add(t, "the file is cut off after the beginning of an ELF header");
		return;
	}
	if (err == ENOEXEC) {
		if (diagnose_is_foreign(t, &elf, "wrong architecture: "))
			return;
		diagnose_add(t, elf.type == ET_EXEC || elf.type == ET_DYN
					? "the ELF file is damaged"
					: "the ELF file is no program (an object file or a core?)");
		return;
	}
	if (elffile_loader(path, &elf, loader)) {
		if (sys_stat(loader, &st) < 0) {
			diagnose_add(t, "the dynamic loader ");
			diagnose_add(t, loader);
			diagnose_add(t, " is missing: ");
			diagnose_add(t, diagnose_loader_hint(loader));
			return;
		}
		if (err == ELIBBAD || err == EACCES) {
			diagnose_add(t, "its dynamic loader ");
			diagnose_add(t, loader);
			diagnose_add(t, ": ");
			diagnose_found(t, loader, err == ELIBBAD ? ENOEXEC : err, &st, depth + 1);
			return;
		}
	}
	/* The kernel took it for an emulator's (binfmt_misc) and did not find that. */
	if (err == ENOENT &&
	    diagnose_is_foreign(t, &elf, "the emulator for this architecture is missing: "))
		return;
	diagnose_add(t, sys_strerror(err));
}

/* Cuts the interpreter out of a #! line, as the kernel does. Returns false when the line is longer
 * than what the kernel reads of it. */
static bool diagnose_interpreter(const struct diagnose_head *head,
				 char ret_interpreter[DIAGNOSE_HEAD])
{
	size_t at = 2, len = 0;

	while (at < head->size && (head->bytes[at] == ' ' || head->bytes[at] == '\t'))
		at++;
	for (; at < head->size; at++) {
		unsigned char c = head->bytes[at];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\0')
			break;
		ret_interpreter[len++] = (char)c;
	}
	ret_interpreter[len] = '\0';
	return at < DIAGNOSE_HEAD;
}

static void diagnose_script(struct diagnose_text *t, int err, const struct diagnose_head *head,
			    unsigned int depth)
{
	char interpreter[DIAGNOSE_HEAD];
	struct stat st;
	size_t len;

	if (!diagnose_interpreter(head, interpreter)) {
		diagnose_add(t, "the #! line is too long: the kernel reads 255 bytes of it");
		return;
	}
	len = strlen(interpreter);
	if (len == 0) {
		diagnose_add(t, "the #! line names no interpreter");
	} else if (interpreter[len - 1] == '\r') {
		diagnose_add(t, "the #! line ends in a carriage return (CRLF line ends): save the "
				"script with LF line ends");
	} else if (sys_stat(interpreter, &st) < 0) {
		diagnose_add(t, "the interpreter ");
		diagnose_add(t, interpreter);
		diagnose_add(t, " of its #! line is missing");
		if (interpreter[0] != '/')
			diagnose_add(t, " (a #! line needs a full path)");
	} else {
		diagnose_add(t, "its interpreter ");
		diagnose_add(t, interpreter);
		diagnose_add(t, ": ");
		diagnose_found(t, interpreter, err, &st, depth + 1);
	}
}

/* ENOEXEC of what is neither ELF nor a script with a #! line. */
static const char *diagnose_unknown_format(const struct diagnose_head *head)
{
	static const char bom[] = "\xef\xbb\xbf#!";
	struct stat st;

	if (head->size == 0)
		return "the file is empty or cannot be read";
	if (diagnose_begins(head, bom, sizeof(bom) - 1))
		return "a byte order mark stands before the #!: save the script without it";
	if (diagnose_begins(head, "MZ", 2))
		return "the file is a program for Windows";
	if (!diagnose_is_text(head))
		return "the file is in no format that this kernel can execute";
	if (sys_stat(DIAGNOSE_SHELL, &st) < 0)
		return "the script has no #! line, and there is no " DIAGNOSE_SHELL " to run it";
	return "the script has no #! line, and " DIAGNOSE_SHELL " cannot run it";
}

/* Is the permission of the file itself what is missing (EACCES)? Says so. */
static bool diagnose_is_refused(struct diagnose_text *t, const char *path, const struct stat *st)
{
	if ((st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		diagnose_add(t, "the file has no execute permission (chmod +x)");
	else if (sys_is_noexec_mount(path) == 1)
		diagnose_add(t, "the file lies on a file system that is mounted noexec");
	else if (sys_access_exec(path) < 0)
		diagnose_add(t, "the file has no execute permission for this user");
	else
		return false;
	return true;
}

/* Says why the kernel answered @err for @path, which is there. */
static void diagnose_found(struct diagnose_text *t, const char *path, int err,
			   const struct stat *st, unsigned int depth)
{
	struct diagnose_head head = { .size = 0 };

	if (S_ISDIR(st->st_mode)) {
		diagnose_add(t, "it is a directory");
		return;
	}
	if (!S_ISREG(st->st_mode)) {
		diagnose_add(t, "it is no regular file");
		return;
	}
	if (err == EACCES && diagnose_is_refused(t, path, st))
		return;
	if (depth < DIAGNOSE_DEPTH)
		head.size = elffile_read(path, 0, head.bytes, sizeof(head.bytes));
	if (err == ELOOP)
		diagnose_add(t, "too many levels of interpreters");
	else if (diagnose_begins(&head, "#!", 2))
		diagnose_script(t, err, &head, depth);
	else if (diagnose_begins(&head, ELFMAG, SELFMAG))
		diagnose_elf(t, path, err, &head, depth);
	else
		diagnose_add(t,
			     err == ENOEXEC ? diagnose_unknown_format(&head) : sys_strerror(err));
}

/* Says why there is nothing at @path. */
static void diagnose_absent(struct diagnose_text *t, const char *path, int err)
{
	char link[PATH_MAX];
	ssize_t len;

	if (path[0] == '\0') {
		diagnose_add(t, "the command is empty");
		return;
	}
	if (strchr(path, '/') == NULL && err == ENOENT) {
		diagnose_add(t, "not found in the PATH");
		return;
	}
	diagnose_add(t, sys_strerror(err));
	len = err == ENOENT ? sys_readlink(path, link, sizeof(link) - 1) : -1;
	if (len > 0) {
		link[len] = '\0';
		diagnose_add(t, " (it is a symbolic link to ");
		diagnose_add(t, link);
		diagnose_add(t, ")");
	}
}

/* The reasons that have nothing to do with what is in the file. */
static const char *diagnose_plain_words(int err)
{
	switch (err) {
	case E2BIG:
		return "the argument list and the environment are too long";
	case ETXTBSY:
		return "the file is open for writing (text file busy)";
	case EAGAIN:
		return "the user's limit of processes is reached (RLIMIT_NPROC)";
	case ENOMEM:
	case EPERM:
	case EIO:
		return sys_strerror(err);
	default:
		return NULL;
	}
}

int diagnose_exec(const char *path, int err, char *ret_reason, size_t size)
{
	struct diagnose_text t = { .text = ret_reason, .size = size };
	const char *words = diagnose_plain_words(err);
	bool has_slash = strchr(path, '/') != NULL;
	struct stat st;

	if (words != NULL) {
		diagnose_add(&t, words);
		return CONFIG_EXIT_NOT_EXECUTABLE;
	}
	/* Without a slash it is a name that the PATH does not have: a file of that name in the
	 * working directory has nothing to do with it. */
	if (has_slash && sys_stat(path, &st) == 0) {
		diagnose_found(&t, path, err, &st, 0);
		return CONFIG_EXIT_NOT_EXECUTABLE;
	}
	if (err == EACCES) {
		diagnose_add(&t, "permission denied: a directory on the way cannot be searched");
		return CONFIG_EXIT_NOT_EXECUTABLE;
	}
	diagnose_absent(&t, path, err);
	return err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG ? CONFIG_EXIT_NOT_FOUND
								      : CONFIG_EXIT_NOT_EXECUTABLE;
}

bool diagnose_is_script(const char *path)
{
	struct diagnose_head head;

	head.size = elffile_read(path, 0, head.bytes, sizeof(head.bytes));
	return diagnose_is_text(&head) && !diagnose_begins(&head, "#!", 2) &&
	       !diagnose_begins(&head, "\xef\xbb\xbf#!", 5);
}
