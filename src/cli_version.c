/* SPDX-License-Identifier: MIT */
/* cli_version.c - the text of --version; see sexton/cli.h. Start-up only: stdio is allowed. */
#include "sexton/cli.h"

#include <stdio.h>

int cli_version(const struct feature *features, bool features_too)
{
	const struct {
		bool there;
		const char *yes;
		const char *no;
	} rows[] = {
		{ features->pidfd, "pidfd: yes", "pidfd: no (signals go by number, guarded)" },
		{ features->pidfd_group, "pidfd for groups: yes",
		  "pidfd for groups: no (--forward=group goes by number, guarded)" },
		{ features->look, "waitid with WNOWAIT: yes",
		  "waitid with WNOWAIT: no (a guarded reaper runs in the main thread)" },
		{ features->proc, "/proc: yes",
		  "/proc: no, or of another PID namespace (leftovers are asked all at once)" },
		{ features->children, "/proc/PID/task/TID/children: yes",
		  "/proc/PID/task/TID/children: no (all of /proc is read instead)" },
	};

	printf("sexton %s\n", SEXTON_VERSION);
	for (size_t i = 0; features_too && i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("%s\n", rows[i].there ? rows[i].yes : rows[i].no);
	return fflush(stdout) == 0 ? 0 : CONFIG_EXIT_OWN_FAILURE;
}
