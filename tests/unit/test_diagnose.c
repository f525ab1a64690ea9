/* SPDX-License-Identifier: MIT */
/*
 * test_diagnose.c - why an exec failed (sexton/diagnose.h).
 *
 * On real files in a directory of our own and with the real src/sys.c: where it can be done, the
 * kernel itself is asked to execute the file, so that the errno is the one that users meet. Only
 * the noexec mount and the permissions of others are pretended (the linker's --wrap), for the tests
 * run as root and without the right to mount.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sexton/diagnose.h"

#define UNUSED __attribute__((unused))

int __wrap_sys_is_noexec_mount(const char *path);
int __wrap_sys_access_exec(const char *path);

static char directory[] = "/tmp/sexton-diagnose-XXXXXX";
static char reason[400];
static int noexec;
static int access_result;

int __wrap_sys_is_noexec_mount(UNUSED const char *path)
{
	return noexec;
}

int __wrap_sys_access_exec(UNUSED const char *path)
{
	return access_result;
}

static int enter(UNUSED void **state)
{
	return mkdtemp(directory) != NULL && chdir(directory) == 0 ? 0 : -1;
}

static int leave(UNUSED void **state)
{
	return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static int reset(UNUSED void **state)
{
	noexec = 0;
	access_result = 0;
	memset(reason, 0, sizeof(reason));
	return 0;
}

static int clean(UNUSED void **state)
{
	(void)unlink("./file");
	(void)unlink("./other");
	return 0;
}

static void make(const char *path, const void *bytes, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, size) == (ssize_t)size);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void make_text(const char *path, const char *text)
{
	make(path, text, strlen(text), 0755);
}

/* What the kernel says to executing @path. */
static int errno_of_exec(const char *path)
{
	char *argv[] = { (char[]){ "x" }, NULL };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execve(path, argv, argv + 1);
		_exit(errno < 255 ? errno : 255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Executes @path for real: it must fail with @err, and these are the words for it. */
static void assert_reason(const char *path, int err, int code, const char *expected)
{
	assert_int_equal(errno_of_exec(path), err);
	assert_int_equal(diagnose_exec(path, err, reason, sizeof(reason)), code);
	assert_string_equal(reason, expected);
}

/* The same where the kernel cannot be made to say @err. */
static void assert_words(const char *path, int err, int code, const char *expected)
{
	assert_int_equal(diagnose_exec(path, err, reason, sizeof(reason)), code);
	assert_string_equal(reason, expected);
}

/* An ELF file as small as can be; @loader NULL: without one. */
struct tiny_elf {
	union {
		Elf64_Ehdr of64;
		Elf32_Ehdr of32;
		unsigned char bytes[sizeof(Elf64_Ehdr)];
	} header;
	Elf64_Phdr program;
	char loader[128];
};

#if defined(__x86_64__)
#define NATIVE  EM_X86_64
#define MACHINE "x86-64"
#define FOREIGN EM_AARCH64
#define OTHER   "aarch64"
#elif defined(__aarch64__)
#define NATIVE  EM_AARCH64
#define MACHINE "aarch64"
#define FOREIGN EM_X86_64
#define OTHER   "x86-64"
#else
#error "name this machine and a foreign one"
#endif

static void make_elf(const char *path, uint16_t machine, uint16_t type, const char *loader,
		     uint64_t loader_offset)
{
	struct tiny_elf elf = { .program = { .p_type = PT_NULL } };
	int fd;

	memcpy(elf.header.of64.e_ident, ELFMAG, SELFMAG);
	elf.header.of64.e_ident[EI_CLASS] = ELFCLASS64;
	elf.header.of64.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.header.of64.e_ident[EI_VERSION] = EV_CURRENT;
	elf.header.of64.e_type = type;
	elf.header.of64.e_machine = machine;
	elf.header.of64.e_version = EV_CURRENT;
	elf.header.of64.e_ehsize = sizeof(Elf64_Ehdr);
	elf.header.of64.e_phoff = offsetof(struct tiny_elf, program);
	elf.header.of64.e_phentsize = sizeof(Elf64_Phdr);
	elf.header.of64.e_phnum = 1;
	if (loader != NULL) {
		elf.program.p_type = PT_INTERP;
		elf.program.p_offset = loader_offset;
		elf.program.p_filesz = strlen(loader) + 1;
	}
	make(path, &elf, sizeof(elf), 0755);
	if (loader == NULL)
		return;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(pwrite(fd, loader, strlen(loader) + 1, (off_t)loader_offset) > 0);
	assert_int_equal(close(fd), 0);
}

/* Nothing there: 127 */

static void what_is_not_there_is_127(UNUSED void **state)
{
	assert_reason("./none", ENOENT, 127, "No such file or directory");
	assert_reason("./none/none", ENOENT, 127, "No such file or directory");
	make_text("./file", "x");
	assert_reason("./file/none", ENOTDIR, 127, "Not a directory");
}

static void a_name_without_a_slash_is_looked_for_in_the_path_only(UNUSED void **state)
{
	make_text("./file", "#!/none\n");
	assert_words("file", ENOENT, 127, "not found in the PATH");
	assert_words("", ENOENT, 127, "the command is empty");
}

static void a_name_that_is_too_long_is_127(UNUSED void **state)
{
	char name[300] = "./";

	memset(name + 2, 'x', sizeof(name) - 3);
	assert_reason(name, ENAMETOOLONG, 127, "File name too long");
}

static void a_link_to_nothing_is_named(UNUSED void **state)
{
	assert_int_equal(symlink("/none/tool", "./file"), 0);
	assert_reason("./file", ENOENT, 127,
		      "No such file or directory (it is a symbolic link to /none/tool)");
}

/* Permissions: 126 */

static void a_directory_is_named(UNUSED void **state)
{
	assert_reason("/tmp", EACCES, 126, "it is a directory");
	assert_reason("./", EACCES, 126, "it is a directory");
}

static void a_device_is_no_regular_file(UNUSED void **state)
{
	assert_reason("/dev/null", EACCES, 126, "it is no regular file");
}

static void a_file_without_execute_permission_is_told_the_cure(UNUSED void **state)
{
	make("./file", "#!/bin/sh\n", 10, 0644);
	assert_reason("./file", EACCES, 126, "the file has no execute permission (chmod +x)");
}

static void a_noexec_mount_is_named(UNUSED void **state)
{
	make_text("./file", "#!/bin/sh\n");
	noexec = 1;
	access_result = -EACCES;
	assert_words("./file", EACCES, 126,
		     "the file lies on a file system that is mounted noexec");
}

static void a_file_for_other_users_is_named(UNUSED void **state)
{
	make_text("./file", "#!/bin/sh\n");
	access_result = -EACCES;
	assert_words("./file", EACCES, 126, "the file has no execute permission for this user");
}

static void a_directory_on_the_way_is_blamed_when_the_file_cannot_be_seen(UNUSED void **state)
{
	assert_words("./none/tool", EACCES, 126,
		     "permission denied: a directory on the way cannot be searched");
}

static void a_refusal_without_a_visible_cause_is_in_the_kernels_words(UNUSED void **state)
{
	make_text("./file", "text");
	assert_words("./file", EACCES, 126, "Permission denied");
}

/* Scripts */

static void a_missing_interpreter_is_named(UNUSED void **state)
{
	make_text("./file", "#! /none/python3 -u\nprint()\n");
	assert_reason("./file", ENOENT, 126,
		      "the interpreter /none/python3 of its #! line is missing");
	make_text("./file", "#!none");
	assert_reason(
		"./file", ENOENT, 126,
		"the interpreter none of its #! line is missing (a #! line needs a full path)");
}

static void a_crlf_script_is_told_the_cure(UNUSED void **state)
{
	static const char words[] = "the #! line ends in a carriage return (CRLF line ends): save "
				    "the script with LF line ends";

	make_text("./file", "#!/bin/sh\r\necho\r\n");
	assert_reason("./file", ENOENT, 126, words);
	make_text("./file", "#!/bin/sh\r");
	assert_reason("./file", ENOENT, 126, words);
}

static void an_interpreter_line_without_interpreter_is_named(UNUSED void **state)
{
	make_text("./file", "#!\necho\n");
	assert_reason("./file", ENOEXEC, 126, "the #! line names no interpreter");
	make_text("./file", "#! \t \n");
	assert_reason("./file", ENOEXEC, 126, "the #! line names no interpreter");
}

static void an_interpreter_line_that_is_too_long_is_named(UNUSED void **state)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/", 3);
	make("./file", text, sizeof(text), 0755);
	assert_reason("./file", ENOEXEC, 126,
		      "the #! line is too long: the kernel reads 255 bytes of it");
}

static void an_interpreter_is_looked_at_like_the_file(UNUSED void **state)
{
	make_text("./file", "#!/tmp\n");
	assert_reason("./file", EACCES, 126, "its interpreter /tmp: it is a directory");
	make_text("./file", "#!./other\n");
	make("./other", "x", 1, 0600);
	assert_reason("./file", EACCES, 126,
		      "its interpreter ./other: the file has no execute permission (chmod +x)");
	make_text("./other", "#!/none/sh\n");
	assert_reason(
		"./file", ENOENT, 126,
		"its interpreter ./other: the interpreter /none/sh of its #! line is missing");
	/* Not asked of the kernel: it may have an emulator registered. */
	make_elf("./other", FOREIGN, ET_EXEC, NULL, 0);
	assert_words("./file", ENOEXEC, 126,
		     "its interpreter ./other: wrong architecture: the file is for " OTHER
		     ", this machine is " MACHINE);
}

static void an_interpreter_that_is_its_own_ends(UNUSED void **state)
{
	make_text("./file", "#!./file\n");
	assert_reason("./file", ELOOP, 126, "too many levels of interpreters");
	/* No errno may make us follow it for ever. */
	assert_int_equal(diagnose_exec("./file", ENOENT, reason, sizeof(reason)), 126);
	assert_in_range(strlen(reason), 24, 5 * 24 + 40);
}

static void links_in_a_circle_are_too_many_levels(UNUSED void **state)
{
	assert_int_equal(symlink("file", "./file"), 0);
	assert_reason("./file", ELOOP, 126, "Too many levels of symbolic links");
}

/* ELF */

static void a_foreign_architecture_is_named(UNUSED void **state)
{
	make_elf("./file", FOREIGN, ET_DYN, NULL, 0);
	assert_words("./file", ENOEXEC, 126,
		     "wrong architecture: the file is for " OTHER ", this machine is " MACHINE);
	make_elf("./file", 9999, ET_DYN, NULL, 0);
	assert_reason("./file", ENOEXEC, 126,
		      "wrong architecture: the file is for machine number 9999, this machine "
		      "is " MACHINE);
}

static void a_big_endian_file_is_read_in_its_own_order(UNUSED void **state)
{
	static const struct {
		unsigned char elf_class, data, high, low;
		const char *name;
	} cases[] = {
		{ ELFCLASS64, ELFDATA2MSB, 0, EM_S390, "s390x" },
		{ ELFCLASS64, ELFDATA2MSB, 0, EM_PPC64, "ppc64" },
		{ ELFCLASS64, ELFDATA2LSB, EM_PPC64, 0, "ppc64le" },
		{ ELFCLASS32, ELFDATA2LSB, EM_ARM, 0, "arm" },
		{ ELFCLASS64, ELFDATA2LSB, EM_RISCV, 0, "riscv64" },
		{ ELFCLASS64, ELFDATA2LSB, 2, 1, "loongarch64" },
		{ ELFCLASS32, ELFDATA2MSB, 0, EM_MIPS, "mips" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char bytes[sizeof(Elf64_Ehdr)] = { 0x7f, 'E', 'L', 'F' };
		char expected[200];

		bytes[EI_CLASS] = cases[i].elf_class;
		bytes[EI_DATA] = cases[i].data;
		bytes[offsetof(Elf64_Ehdr, e_machine)] = cases[i].high;
		bytes[offsetof(Elf64_Ehdr, e_machine) + 1] = cases[i].low;
		make("./file", bytes, sizeof(bytes), 0755);
		(void)snprintf(expected, sizeof(expected),
			       "wrong architecture: the file is for %s, this machine is " MACHINE,
			       cases[i].name);
		assert_words("./file", ENOEXEC, 126, expected);
	}
}

static void an_elf_file_that_is_no_program_is_named(UNUSED void **state)
{
	make_elf("./file", NATIVE, ET_REL, NULL, 0);
	assert_reason("./file", ENOEXEC, 126,
		      "the ELF file is no program (an object file or a core?)");
	make("./file", ELFMAG "\2\1\1", 7, 0755);
	assert_reason("./file", ENOEXEC, 126,
		      "the file is cut off after the beginning of an ELF header");
}

static void a_missing_loader_is_named_wherever_it_stands_in_the_file(UNUSED void **state)
{
	make_elf("./file", NATIVE, ET_DYN, "/none/ld-musl-x.so.1",
		 offsetof(struct tiny_elf, loader));
	assert_reason("./file", ENOENT, 126,
		      "the dynamic loader /none/ld-musl-x.so.1 is missing: the program was built "
		      "for musl (Alpine Linux)");
	make_elf("./file", NATIVE, ET_DYN, "/none/ld-linux-x86-64.so.2", 100000);
	assert_reason("./file", ENOENT, 126,
		      "the dynamic loader /none/ld-linux-x86-64.so.2 is missing: the program was "
		      "built for glibc (Debian, Fedora and others)");
	make_elf("./file", NATIVE, ET_DYN, "/none/loader", 300);
	assert_reason("./file", ENOENT, 126,
		      "the dynamic loader /none/loader is missing: the program needs it to find "
		      "its libraries");
}

static void a_loader_that_cannot_be_used_is_looked_at_itself(UNUSED void **state)
{
	make("./other", "x", 1, 0600);
	make_elf("./file", NATIVE, ET_DYN, "./other", 300);
	assert_reason("./file", EACCES, 126,
		      "its dynamic loader ./other: the file has no execute permission (chmod +x)");
	make_elf("./other", FOREIGN, ET_DYN, NULL, 0);
	assert_reason("./file", ELIBBAD, 126,
		      "its dynamic loader ./other: wrong architecture: the file is for " OTHER
		      ", this machine is " MACHINE);
}

static void a_missing_emulator_is_named(UNUSED void **state)
{
	make_elf("./file", FOREIGN, ET_DYN, NULL, 0);
	assert_words("./file", ENOENT, 126,
		     "the emulator for this architecture is missing: the file is for " OTHER
		     ", this machine is " MACHINE);
}

static void a_loader_that_lies_outside_the_file_is_survived(UNUSED void **state)
{
	struct tiny_elf elf;
	int fd;

	make_elf("./file", NATIVE, ET_DYN, "/none/loader", 300);
	fd = open("./file", O_RDWR | O_CLOEXEC);
	assert_true(read(fd, &elf, sizeof(elf)) == (ssize_t)sizeof(elf));
	elf.program.p_offset = UINT64_MAX - 3;
	assert_true(pwrite(fd, &elf, sizeof(elf), 0) == (ssize_t)sizeof(elf));
	assert_words("./file", ENOENT, 126, "No such file or directory");
	elf.program.p_offset = 300;
	elf.program.p_filesz = UINT64_MAX;
	assert_true(pwrite(fd, &elf, sizeof(elf), 0) == (ssize_t)sizeof(elf));
	assert_words("./file", ENOENT, 126, "No such file or directory");
	elf.header.of64.e_phoff = UINT64_MAX - 20;
	assert_true(pwrite(fd, &elf, sizeof(elf), 0) == (ssize_t)sizeof(elf));
	assert_words("./file", ENOENT, 126, "No such file or directory");
	assert_int_equal(close(fd), 0);
}

/* Other formats */

static void what_is_neither_program_nor_script_is_named(UNUSED void **state)
{
	make_text("./file", "");
	assert_reason("./file", ENOEXEC, 126, "the file is empty or cannot be read");
	make_text("./file", "\xef\xbb\xbf#!/bin/sh\n");
	assert_reason("./file", ENOEXEC, 126,
		      "a byte order mark stands before the #!: save the script without it");
	make("./file", "MZ\0\0", 4, 0755);
	assert_reason("./file", ENOEXEC, 126, "the file is a program for Windows");
	make("./file", "data\0data", 9, 0755);
	assert_reason("./file", ENOEXEC, 126,
		      "the file is in no format that this kernel can execute");
	make_text("./file", "echo hello\n");
	assert_reason("./file", ENOEXEC, 126,
		      "the script has no #! line, and /bin/sh cannot run it");
}

static void a_file_that_is_written_to_is_busy(UNUSED void **state)
{
	int fd;

	make_elf("./file", NATIVE, ET_DYN, NULL, 0);
	fd = open("./file", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_words("./file", ETXTBSY, 126, "the file is open for writing (text file busy)");
	assert_int_equal(close(fd), 0);
}

static void what_has_nothing_to_do_with_the_file_is_said_plainly(UNUSED void **state)
{
	make_text("./file", "#!/none\n");
	assert_words("./file", E2BIG, 126, "the argument list and the environment are too long");
	assert_words("./file", ENOMEM, 126, "Cannot allocate memory");
	assert_words("./file", EPERM, 126, "Operation not permitted");
	assert_words("./file", EIO, 126, "Input/output error");
	assert_words("./file", EAGAIN, 126,
		     "the user's limit of processes is reached (RLIMIT_NPROC)");
}

static void a_reason_that_does_not_fit_is_cut(UNUSED void **state)
{
	char small[10];

	memset(small, 'X', sizeof(small));
	assert_int_equal(diagnose_exec("./none", ENOENT, small, 8), 127);
	assert_string_equal(small, "No such");
	assert_int_equal(small[8], 'X');
}

/* diagnose_is_script() */

static void only_text_without_an_interpreter_line_is_a_script_for_the_shell(UNUSED void **state)
{
	char text[300];

	make_text("./file", "echo hello\n");
	assert_true(diagnose_is_script("./file"));
	make_text("./file", "");
	assert_false(diagnose_is_script("./file"));
	make_text("./file", "#!/bin/sh\n");
	assert_false(diagnose_is_script("./file"));
	make_text("./file", ELFMAG "\2\1\1\3text");
	assert_false(diagnose_is_script("./file"));
	assert_false(diagnose_is_script("./none"));
	assert_false(diagnose_is_script("/tmp"));
	memset(text, 'x', sizeof(text));
	text[255] = '\0';
	make("./file", text, sizeof(text), 0755);
	assert_false(diagnose_is_script("./file"));
	text[255] = 'x';
	text[256] = '\0'; /* a script may carry an archive behind its text */
	make("./file", text, sizeof(text), 0755);
	assert_true(diagnose_is_script("./file"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_there_is_127),
		TEST(a_name_without_a_slash_is_looked_for_in_the_path_only),
		TEST(a_name_that_is_too_long_is_127),
		TEST(a_link_to_nothing_is_named),
		TEST(a_directory_is_named),
		TEST(a_device_is_no_regular_file),
		TEST(a_file_without_execute_permission_is_told_the_cure),
		TEST(a_noexec_mount_is_named),
		TEST(a_file_for_other_users_is_named),
		TEST(a_directory_on_the_way_is_blamed_when_the_file_cannot_be_seen),
		TEST(a_refusal_without_a_visible_cause_is_in_the_kernels_words),
		TEST(a_missing_interpreter_is_named),
		TEST(a_crlf_script_is_told_the_cure),
		TEST(an_interpreter_line_without_interpreter_is_named),
		TEST(an_interpreter_line_that_is_too_long_is_named),
		TEST(an_interpreter_is_looked_at_like_the_file),
		TEST(an_interpreter_that_is_its_own_ends),
		TEST(links_in_a_circle_are_too_many_levels),
		TEST(a_foreign_architecture_is_named),
		TEST(a_big_endian_file_is_read_in_its_own_order),
		TEST(an_elf_file_that_is_no_program_is_named),
		TEST(a_missing_loader_is_named_wherever_it_stands_in_the_file),
		TEST(a_loader_that_cannot_be_used_is_looked_at_itself),
		TEST(a_missing_emulator_is_named),
		TEST(a_loader_that_lies_outside_the_file_is_survived),
		TEST(what_is_neither_program_nor_script_is_named),
		TEST(a_file_that_is_written_to_is_busy),
		TEST(what_has_nothing_to_do_with_the_file_is_said_plainly),
		TEST(a_reason_that_does_not_fit_is_cut),
		TEST(only_text_without_an_interpreter_line_is_a_script_for_the_shell),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
