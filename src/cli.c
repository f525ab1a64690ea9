/* SPDX-License-Identifier: MIT */
/*
 * cli.c - who are we called as, and whose parser reads the rest; see sexton/cli.h and
 * sexton/cli_call.h.
 */
#include "sexton/cli.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/cli_variable.h"
#include "sexton/log.h"
#include "sexton/sys.h"

#define CLI_AS "--as"

struct cli_speaker {
	void (*set_defaults)(struct config *config);
	enum cli_result (*parse)(struct cli_call *call);
};

static const struct cli_speaker cli_speakers[NAME_COUNT] = {
	[NAME_SEXTON] = { NULL, cli_own },
	[NAME_TINI] = { cli_tini_defaults, cli_tini },
	[NAME_DOCKER_INIT] = { cli_tini_defaults, cli_tini },
	[NAME_DUMB_INIT] = { cli_dumb_init_defaults, cli_dumb_init },
	[NAME_CATATONIT] = { cli_catatonit_defaults, cli_catatonit },
	[NAME_PODMAN_INIT] = { cli_catatonit_defaults, cli_catatonit },
	[NAME_PAUSE] = { cli_pause_defaults, cli_pause },
};

static int cli_unknown_name(const char *name)
{
#define NAME_X(id, text) ", " text
	static const char names[] = "sexton" NAMES(NAME_X);
#undef NAME_X
	char shown[CLI_SHOWN_SIZE];

	if (name)
		log_line(LOG_WARN, CLI_AS ": '%s': not a name; allowed are %s",
			 cli_shown(name, shown), names);
	else
		log_line(LOG_WARN, CLI_AS ": no name given; allowed are %s", names);
	return -EINVAL;
}

static int cli_find_name(const char *text, enum name *ret_name)
{
	for (int name = NAME_SEXTON; text && name < NAME_COUNT; name++) {
		if (strcmp(text, name_text((enum name)name)) == 0) {
			*ret_name = (enum name)name;
			return 0;
		}
	}
	return cli_unknown_name(text);
}

/* --as NAME and --as=NAME: the word that holds the name becomes argv[0]. */
static int cli_read_as(struct cli_call *call)
{
	static const size_t len = sizeof(CLI_AS) - 1;
	const char *word = call->argc > 1 ? call->argv[1] : "";
	int words;
	int err;

	/* The originals know no such option. */
	if (call->name != NAME_SEXTON || strncmp(word, CLI_AS, len) != 0 ||
	    (word[len] != '\0' && word[len] != '='))
		return 0;
	words = word[len] == '=' ? 1 : 2;
	err = cli_find_name(words == 1 ? word + len + 1 : call->argv[2], &call->name);
	if (err < 0)
		return err;
	call->argv += words;
	call->argc -= words;
	call->argv[0] = words == 1 ? call->argv[0] + len + 1 : call->argv[0];
	return 0;
}

static enum cli_result cli_speak(struct cli_call *call, const struct cli_speaker *speaker)
{
	struct cli_request request = { .config = call->config, .quiet = true };
	struct config scratch;
	enum cli_result result;

	if (speaker->set_defaults) {
		speaker->set_defaults(call->config);
		call->code = call->config->own_failure;
		log_set(call->config->voice, call->config->voice_level, 0);
		sys_ignore(
			cli_variables(&request, 0, call->envp)); /* quiet: complaints come below */
	}
	result = speaker->parse(call);
	if (result != CLI_RUN)
		return result;
	call->code = call->config->own_failure;
	/* Only now: dockerd asks for --version, whatever is in its environment. */
	scratch = *call->config;
	request = (struct cli_request){ .config = &scratch };
	if (speaker->set_defaults && cli_variables(&request, 0, call->envp) < 0)
		return CLI_LEAVE;
	cli_option_resolve(call->config);
	return cli_variable_strip(call->config, call->envp) < 0 ? CLI_LEAVE : CLI_RUN;
}

enum cli_result cli_parse(struct config *config, int argc, char **argv, char **envp, int *ret_code)
{
	struct cli_call call = {
		.config = config,
		.name = argc > 0 ? name_of(argv[0]) : NAME_SEXTON,
		.argc = argc,
		.argv = argv,
		.envp = envp,
		.code = CONFIG_EXIT_OWN_FAILURE,
	};
	enum cli_result result = CLI_LEAVE;

	config_init(config);
	log_set(NULL, 0, 0);
	if (cli_read_as(&call) == 0) {
		call.argv0 = call.argc > 0 ? call.argv[0] : name_text(call.name);
		result = cli_speak(&call, &cli_speakers[call.name]);
	}
	*ret_code = call.code;
	return result;
}

void cli_leave_unless_reaping(struct config *config)
{
	/* Orphans go to another process then, so there is nobody to drain. */
	if (!config->subreaper && sys_getpid() != 1)
		config->on_exit = CONFIG_ON_EXIT_LEAVE;
}
