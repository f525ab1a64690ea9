/* SPDX-License-Identifier: MIT */
/* name.c - the names that mean something to us; see sexton/name.h. */
#include "sexton/name.h"

#include <stddef.h>
#include <string.h>

#define NAME_X(id, text) [NAME_##id] = (text),
static const char *const names[] = { [NAME_SEXTON] = "sexton", NAMES(NAME_X) };
#undef NAME_X

/* s6-overlay's is /init; what /sbin/init links to does not matter. */
static const char *const name_inits[] = {
	"init",       "systemd",  "s6-svscan", "s6-linux-init", "runit",
	"runit-init", "runsvdir", "openrc",    "openrc-init",
};

const char *name_text(enum name name)
{
	return names[name];
}

const char *name_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

enum name name_of(const char *path)
{
	const char *base = name_base(path);

	for (int name = NAME_SEXTON + 1; name < NAME_COUNT; name++) {
		size_t len = strlen(names[name]);

		if (strncmp(base, names[name], len) == 0 && strchr("-_.", base[len]) != NULL)
			return (enum name)name; /* strchr() finds the NUL as well */
	}
	return NAME_SEXTON;
}

bool name_is_init(const char *path)
{
	const char *base = name_base(path);

	for (size_t i = 0; i < sizeof(name_inits) / sizeof(name_inits[0]); i++) {
		if (strcmp(base, name_inits[i]) == 0)
			return true;
	}
	return name_of(path) != NAME_SEXTON;
}
