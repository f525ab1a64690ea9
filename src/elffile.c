/* SPDX-License-Identifier: MIT */
/* elffile.c - what an ELF file says of itself; see sexton/elffile.h. */
#include "sexton/elffile.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>

#include "sexton/sys.h"

/* Program headers that are looked at; real programs have a dozen. */
#define ELFFILE_PHDRS 64

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* The name, in the table below, of the machine that this program was compiled for. */
#if defined(__x86_64__) && defined(__ILP32__)
#define ELFFILE_MACHINE "x32"
#elif defined(__x86_64__)
#define ELFFILE_MACHINE "x86-64"
#elif defined(__i386__)
#define ELFFILE_MACHINE "i386"
#elif defined(__aarch64__) && defined(__AARCH64EB__)
#define ELFFILE_MACHINE "aarch64_be"
#elif defined(__aarch64__)
#define ELFFILE_MACHINE "aarch64"
#elif defined(__arm__)
#define ELFFILE_MACHINE "arm"
#elif defined(__riscv) && __riscv_xlen == 64
#define ELFFILE_MACHINE "riscv64"
#elif defined(__riscv)
#define ELFFILE_MACHINE "riscv32"
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ELFFILE_MACHINE "ppc64le"
#elif defined(__powerpc64__)
#define ELFFILE_MACHINE "ppc64"
#elif defined(__powerpc__)
#define ELFFILE_MACHINE "ppc"
#elif defined(__s390x__)
#define ELFFILE_MACHINE "s390x"
#elif defined(__mips__)
#define ELFFILE_MACHINE "mips"
#elif defined(__loongarch64)
#define ELFFILE_MACHINE "loongarch64"
#else
#define ELFFILE_MACHINE "another one"
#endif

struct elffile_machine {
	uint64_t machine;        /* e_machine */
	unsigned char elf_class; /* ELFCLASSNONE: any */
	unsigned char elf_data;  /* ELFDATANONE: any */
	const char *name;
};

static const struct elffile_machine elffile_machines[] = {
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

size_t elffile_read(const char *path, uint64_t offset, void *buf, size_t size)
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

/* The ELF number of @size bytes at @bytes, in the byte order @data. */
static uint64_t elffile_number(const unsigned char *bytes, size_t size, unsigned char data)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++)
		n = n << 8 | bytes[data == ELFDATA2MSB ? i : size - 1 - i];
	return n;
}

/* The field @field of the 64-bit or 32-bit form of an ELF structure at @bytes. */
#define ELFFILE_FIELD(elf, bytes, kind, field)                                                     \
	((elf)->is_64 ? elffile_number((bytes) + offsetof(Elf64_##kind, field),                    \
				       sizeof(((Elf64_##kind *)0)->field), (elf)->data)            \
		      : elffile_number((bytes) + offsetof(Elf32_##kind, field),                    \
				       sizeof(((Elf32_##kind *)0)->field), (elf)->data))

bool elffile_parse(const unsigned char *bytes, size_t size, struct elffile *ret_elf)
{
	if (size < sizeof(Elf32_Ehdr))
		return false;
	ret_elf->is_64 = bytes[EI_CLASS] == ELFCLASS64;
	ret_elf->data = bytes[EI_DATA];
	if (ret_elf->is_64 && size < sizeof(Elf64_Ehdr))
		return false;
	ret_elf->type = ELFFILE_FIELD(ret_elf, bytes, Ehdr, e_type);
	ret_elf->machine = ELFFILE_FIELD(ret_elf, bytes, Ehdr, e_machine);
	ret_elf->phoff = ELFFILE_FIELD(ret_elf, bytes, Ehdr, e_phoff);
	ret_elf->phentsize = ELFFILE_FIELD(ret_elf, bytes, Ehdr, e_phentsize);
	ret_elf->phnum = ELFFILE_FIELD(ret_elf, bytes, Ehdr, e_phnum);
	return true;
}

const char *elffile_machine(const struct elffile *elf)
{
	unsigned char elf_class = elf->is_64 ? ELFCLASS64 : ELFCLASS32;

	for (size_t i = 0; i < sizeof(elffile_machines) / sizeof(elffile_machines[0]); i++) {
		const struct elffile_machine *m = &elffile_machines[i];

		if (m->machine == elf->machine &&
		    (m->elf_class == ELFCLASSNONE || m->elf_class == elf_class) &&
		    (m->elf_data == ELFDATANONE || m->elf_data == elf->data))
			return m->name;
	}
	return NULL;
}

bool elffile_loader(const char *path, const struct elffile *elf, char ret_loader[PATH_MAX])
{
	unsigned char phdr[sizeof(Elf64_Phdr)];
	size_t size = elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (elf->phentsize != size)
		return false;
	for (uint64_t i = 0; i < elf->phnum && i < ELFFILE_PHDRS; i++) {
		uint64_t len;

		if (elf->phoff > INT64_MAX / 2 ||
		    elffile_read(path, elf->phoff + i * size, phdr, size) != size)
			return false;
		if (ELFFILE_FIELD(elf, phdr, Phdr, p_type) != PT_INTERP)
			continue;
		len = ELFFILE_FIELD(elf, phdr, Phdr, p_filesz);
		if (len < 2 || len > PATH_MAX ||
		    elffile_read(path, ELFFILE_FIELD(elf, phdr, Phdr, p_offset), ret_loader,
				 (size_t)len) != len)
			return false;
		return ret_loader[len - 1] == '\0';
	}
	return false;
}

const char *elffile_own_machine(void)
{
	return ELFFILE_MACHINE;
}
