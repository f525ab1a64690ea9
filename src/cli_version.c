/* SPDX-License-Identifier: MIT */
/* cli_version.c - the text of --version; see sexton/cli.h. */
#include "sexton/cli.h"

#include <string.h>

#include "sexton/cli_option.h"

int cli_version(const struct feature *features, bool features_too)
{
	const struct {
		bool there;
		const char *yes;
		const char *no;
	} rows[] = {
		{ features->pidfd, "pidfd: yes\n",
		  "pidfd: no (signals go by number, under guard)\n" },
		{ features->pidfd_group, "pidfd for process groups: yes\n",
		  "pidfd for process groups: no (--forward=group goes by number, under guard)\n" },
		{ features->look, "waitid with WNOWAIT: yes\n",
		  "waitid with WNOWAIT: no (where a guard is needed, one thread does it all)\n" },
		{ features->proc, "/proc of this PID namespace: yes\n",
		  "/proc of this PID namespace: no (leftovers are asked all at once)\n" },
		{ features->children, "/proc/PID/task/TID/children: yes\n",
		  "/proc/PID/task/TID/children: no (all of /proc is read instead)\n" },
		{ features->wait_by_pid, "wait by PID at once: yes\n",
		  "wait by PID at once: no (zombies beside thousands who live cost more)\n" },
	};
	static const char version[] = "sexton " SEXTON_VERSION "\n";
	int r = cli_print(version, sizeof(version) - 1);

	for (size_t i = 0; r == 0 && features_too && i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *row = rows[i].there ? rows[i].yes : rows[i].no;

		r = cli_print(row, strlen(row));
	}
	return r == 0 ? 0 : CONFIG_EXIT_OWN_FAILURE;
}
