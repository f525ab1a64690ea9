/* SPDX-License-Identifier: MIT */
/* listen.c - sockets that were handed to us are the command's; see sexton/listen.h. */
#include "sexton/listen.h"

#include <stdbool.h>
#include <string.h>

#include "sexton/sys.h"

static const char listen_pid[] = "LISTEN_PID=";
static const char listen_pidfdid[] = "LISTEN_PIDFDID=";

char **listen_environment(char **envp, char **room, struct listen_variable *ret_variable)
{
	struct listen_variable own;
	bool is_ours = false;
	size_t used = 0;

	listen_name(&own, sys_getpid());
	for (char **e = envp; *e != NULL; e++) {
		bool names_us = strcmp(*e, own.text) == 0;

		if (strncmp(*e, listen_pidfdid, sizeof(listen_pidfdid) - 1) != 0)
			room[used++] = names_us ? ret_variable->text : *e;
		is_ours = is_ours || names_us;
	}
	room[used] = NULL;
	return is_ours ? room : envp;
}

void listen_name(struct listen_variable *variable, pid_t pid)
{
	memcpy(variable->text, listen_pid, sizeof(listen_pid));
	(void)text_number((uint64_t)pid, variable->text + sizeof(listen_pid) - 1);
}
