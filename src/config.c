/* SPDX-License-Identifier: MIT */
/* config.c - the defaults; see sexton/config.h. */
#include "sexton/config.h"

#include <signal.h>
#include <string.h>

#define CONFIG_GRACE_NS INT64_C(5000000000)

void config_init(struct config *config)
{
	/* memset and not an initialiser: the padding too, so that two of them can be compared. */
	memset(config, 0, sizeof(*config));
	config->forward = CONFIG_FORWARD_CHILD;
	config->on_exit = CONFIG_ON_EXIT_DRAIN;
	config->exit_code = CONFIG_EXIT_CODE_MAIN;
	config->stop_signals = SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT);
	config->ask[0].sig = SIGTERM;
	config->ask[0].time_ns = CONFIG_NO_LIMIT;
	config->grace_ns = CONFIG_GRACE_NS;
	config->stop_timeout_ns = CONFIG_NO_LIMIT;
	for (int sig = 1; sig <= SIGNALS_MAX; sig++)
		config->rewrite[sig] = (uint8_t)sig;
	config->subreaper = true;
	config->group = CONFIG_GROUP_NEW;
	config->tty = CONFIG_TTY_AUTO;
	config->listen_pid = true;
	config->default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	config->exec.not_found = CONFIG_EXIT_NOT_FOUND;
	config->exec.forbidden = CONFIG_EXIT_NOT_EXECUTABLE;
	config->exec.other = CONFIG_EXIT_NOT_EXECUTABLE;
	config->own_failure = CONFIG_EXIT_OWN_FAILURE;
}

bool config_is_ok_exit(const struct config *config, int code)
{
	if (code < 0 || code > 255)
		return false;
	return (config->ok_exit[code / 64] >> (code % 64) & 1) != 0;
}
