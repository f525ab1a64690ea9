/* SPDX-License-Identifier: MIT */
/*
 * elffile.h - what an ELF file says of itself.
 *
 * Purpose: the machine a program is for and the dynamic loader it names, for the words of
 *	diagnose.h. Any class and byte order: the file may be for another machine.
 * Owner: diagnose.c; the child after a failed exec. Allocates nothing.
 * Source: elf(5).
 */
#ifndef SEXTON_ELFFILE_H
#define SEXTON_ELFFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What of an ELF header matters here. */
struct elffile {
	bool is_64;
	unsigned char data; /* ELFDATA2LSB or ELFDATA2MSB */
	uint64_t type;
	uint64_t machine;
	uint64_t phoff;
	uint64_t phentsize;
	uint64_t phnum;
};

/* Reads the header from the first @size bytes of a file. False if it is not whole. */
bool elffile_parse(const unsigned char *bytes, size_t size, struct elffile *ret_elf);

/* The name of the machine the file is for, as in "aarch64"; NULL if it is not in our table. */
const char *elffile_machine(const struct elffile *elf);
/* The name, in the same table, of the machine that sexton was compiled for. */
const char *elffile_own_machine(void);

/* The dynamic loader that the file @path names (PT_INTERP). False if it names none. */
bool elffile_loader(const char *path, const struct elffile *elf, char ret_loader[PATH_MAX]);

/*
 * Reads at most @size bytes at @offset of the file @path, of any kind; fewer at its end. Returns the
 * number; 0 also when the file cannot be read: it is then not known what is in it.
 */
size_t elffile_read(const char *path, uint64_t offset, void *buf, size_t size);

#endif
