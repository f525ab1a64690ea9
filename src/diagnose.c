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
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "sexton/config.h"
#include "sexton/sys.h"
#include "sexton/text.h"

/* Bytes by which the kernel knows a file's kind (BINPRM_BUF_SIZE). */
#define DIAGNOSE_HEAD  256
/* How many interpreters of interpreters the kernel follows. */
#define DIAGNOSE_DEPTH 5
/* Program headers that are looked at; real programs have a dozen. */
#define DIAGNOSE_PHDRS 64
#define DIAGNOSE_SHELL "/bin/sh"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* The name, in the table below, of the machine that this program was compiled for. */
#if defined(__x86_64__) && defined(__ILP32__)
#define DIAGNOSE_MACHINE "x32"
#elif defined(__x86_64__)
#define DIAGNOSE_MACHINE "x86-64"
#elif defined(__i386__)
#define DIAGNOSE_MACHINE "i386"
#elif defined(__aarch64__) && defined(__AARCH64EB__)
#define DIAGNOSE_MACHINE "aarch64_be"
#elif defined(__aarch64__)
#define DIAGNOSE_MACHINE "aarch64"
#elif defined(__arm__)
#define DIAGNOSE_MACHINE "arm"
#elif defined(__riscv) && __riscv_xlen == 64
#define DIAGNOSE_MACHINE "riscv64"
#elif defined(__riscv)
#define DIAGNOSE_MACHINE "riscv32"
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define DIAGNOSE_MACHINE "ppc64le"
#elif defined(__powerpc64__)
#define DIAGNOSE_MACHINE "ppc64"
#elif defined(__powerpc__)
#define DIAGNOSE_MACHINE "ppc"
#elif defined(__s390x__)
#define DIAGNOSE_MACHINE "s390x"
#elif defined(__mips__)
#define DIAGNOSE_MACHINE "mips"
#elif defined(__loongarch64)
#define DIAGNOSE_MACHINE "loongarch64"
#else
#define DIAGNOSE_MACHINE "another one"
#endif

struct diagnose_machine {
	uint64_t machine;        /* e_machine */
	unsigned char elf_class; /* ELFCLASSNONE: any */
	unsigned char elf_data;  /* ELFDATANONE: any */
	const char *name;
};

static const struct diagnose_machine diagnose_machines[] = {
	{ EM_X86_64, ELFCLASS64, ELFDATANONE, "x86-64" },
	{ EM_X86_64, ELFCLASS32, ELFDATANONE, "x32" },
	{ EM_386, ELFCLASSNONE, ELFDATANONE, "i386" },
	{ EM_AARCH64, ELFCLASSNONE, ELFDATA2LSB, "aarch64" },
	{ EM_AARCH64, ELFCLASSNONE, ELFDATA2MSB, "aarch64_be" },
	{ EM_ARM, ELFCLASSNONE, ELFDATANONE, "arm" },
	{ EM_RISCV, ELFCLASS64, ELFDATANONE, "riscv64" },
	{ EM_RISCV, ELFCLASS32, ELFDATANONE, "riscv32" },
	{ EM_PPC64, ELFCLASSNONE, ELFDATA2LSB, "ppc64le" },
	{ EM_PPC64, ELFCLASSNONE, ELFDATA2MSB, "ppc64" },
	{ EM_PPC, ELFCLASSNONE, ELFDATANONE, "ppc" },
	{ EM_S390, ELFCLASS64, ELFDATANONE, "s390x" },
	{ EM_S390, ELFCLASS32, ELFDATANONE, "s390" },
	{ EM_MIPS, ELFCLASSNONE, ELFDATANONE, "mips" },
	{ EM_LOONGARCH, ELFCLASSNONE, ELFDATANONE, "loongarch64" },
};

struct diagnose_text {
	char *text;
	size_t size;
	size_t used;
};

struct diagnose_head {
	unsigned char bytes[DIAGNOSE_HEAD];
	size_t size;
};

/* What of an ELF header matters here. */
struct diagnose_elf {
	bool is_64;
	unsigned char data;
	uint64_t type;
	uint64_t machine;
	uint64_t phoff;
	uint64_t phentsize;
	uint64_t phnum;
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

/* Reads at most @size bytes at @offset; fewer at the end of the file. Returns the number, 0 also
 * when the file cannot be read: it is then not known what is in it. */
static size_t diagnose_read(const char *path, uint64_t offset, void *buf, size_t size)
{
	size_t got = 0;
	ssize_t r = 1;
	int fd;

	if (offset > INT64_MAX - size)
		return 0;
	fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return 0;
	while (r > 0 && got < size) {
		r = sys_pread(fd, (char *)buf + got, size - got, (off_t)(offset + got));
		if (r > 0)
			got += (size_t)r;
	}
	sys_close(fd);
	return got;
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

/* The ELF number of @size bytes at @bytes, in the byte order @data. */
static uint64_t diagnose_number(const unsigned char *bytes, size_t size, unsigned char data)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++)
		n = n << 8 | bytes[data == ELFDATA2MSB ? i : size - 1 - i];
	return n;
}

/* The field @field of the 64-bit or 32-bit form of an ELF structure at @bytes. */
#define DIAGNOSE_FIELD(elf, bytes, kind, field)                                                    \
	((elf)->is_64 ? diagnose_number((bytes) + offsetof(Elf64_##kind, field),                   \
					sizeof(((Elf64_##kind *)0)->field), (elf)->data)           \
		      : diagnose_number((bytes) + offsetof(Elf32_##kind, field),                   \
					sizeof(((Elf32_##kind *)0)->field), (elf)->data))

/* Returns false if the header is not whole. */
static bool diagnose_read_elf(const struct diagnose_head *head, struct diagnose_elf *ret_elf)
{
	const unsigned char *bytes = head->bytes;

	if (head->size < sizeof(Elf32_Ehdr))
		return false;
	ret_elf->is_64 = bytes[EI_CLASS] == ELFCLASS64;
	ret_elf->data = bytes[EI_DATA];
	if (ret_elf->is_64 && head->size < sizeof(Elf64_Ehdr))
		return false;
	ret_elf->type = DIAGNOSE_FIELD(ret_elf, bytes, Ehdr, e_type);
	ret_elf->machine = DIAGNOSE_FIELD(ret_elf, bytes, Ehdr, e_machine);
	ret_elf->phoff = DIAGNOSE_FIELD(ret_elf, bytes, Ehdr, e_phoff);
	ret_elf->phentsize = DIAGNOSE_FIELD(ret_elf, bytes, Ehdr, e_phentsize);
	ret_elf->phnum = DIAGNOSE_FIELD(ret_elf, bytes, Ehdr, e_phnum);
	return true;
}

/* NULL: not in the table. */
static const char *diagnose_machine_name(const struct diagnose_elf *elf)
{
	unsigned char elf_class = elf->is_64 ? ELFCLASS64 : ELFCLASS32;

	for (size_t i = 0; i < sizeof(diagnose_machines) / sizeof(diagnose_machines[0]); i++) {
		const struct diagnose_machine *m = &diagnose_machines[i];

		if (m->machine == elf->machine &&
		    (m->elf_class == ELFCLASSNONE || m->elf_class == elf_class) &&
		    (m->elf_data == ELFDATANONE || m->elf_data == elf->data))
			return m->name;
	}
	return NULL;
}

/* Says "the file is for X, this machine is Y" and returns true if they differ. */
static bool diagnose_is_foreign(struct diagnose_text *t, const struct diagnose_elf *elf,
				const char *intro)
{
	const char *name = diagnose_machine_name(elf);

	if (name != NULL && strcmp(name, DIAGNOSE_MACHINE) == 0)
		return false;
	diagnose_add(t, intro);
	diagnose_add(t, "the file is for ");
	if (name != NULL) {
		diagnose_add(t, name);
	} else {
		diagnose_add(t, "machine number ");
		diagnose_add_number(t, elf->machine);
	}
	diagnose_add(t, ", this machine is " DIAGNOSE_MACHINE);
	return true;
}

/* The dynamic loader that @path names (PT_INTERP). Returns false if it names none. */
static bool diagnose_loader(const char *path, const struct diagnose_elf *elf,
			    char ret_loader[PATH_MAX])
{
	unsigned char phdr[sizeof(Elf64_Phdr)];
	size_t size = elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (elf->phentsize != size)
		return false;
	for (uint64_t i = 0; i < elf->phnum && i < DIAGNOSE_PHDRS; i++) {
		uint64_t len;

		if (elf->phoff > INT64_MAX / 2 ||
		    diagnose_read(path, elf->phoff + i * size, phdr, size) != size)
			return false;
		if (DIAGNOSE_FIELD(elf, phdr, Phdr, p_type) != PT_INTERP)
			continue;
		len = DIAGNOSE_FIELD(elf, phdr, Phdr, p_filesz);
		if (len < 2 || len > PATH_MAX ||
		    diagnose_read(path, DIAGNOSE_FIELD(elf, phdr, Phdr, p_offset), ret_loader,
				  (size_t)len) != len)
			return false;
		return ret_loader[len - 1] == '\0';
	}
	return false;
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
	struct diagnose_elf elf;
	struct stat st;

	if (!diagnose_read_elf(head, &elf)) {
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
	if (diagnose_loader(path, &elf, loader)) {
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
		head.size = diagnose_read(path, 0, head.bytes, sizeof(head.bytes));
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

	head.size = diagnose_read(path, 0, head.bytes, sizeof(head.bytes));
	return diagnose_is_text(&head) && !diagnose_begins(&head, "#!", 2) &&
	       !diagnose_begins(&head, "\xef\xbb\xbf#!", 5);
}
