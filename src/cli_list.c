/* SPDX-License-Identifier: MIT */
/* cli_list.c - options whose value is a list; see sexton/cli_list.h. */
#include "sexton/cli_list.h"

#include <signal.h>
#include <string.h>

#include "sexton/cli_value.h"

#define CLI_LIST_NO_SIGNAL "not a signal"
#define CLI_LIST_LAST_HAS_TIME                                                                     \
	"the last signal takes no time: SIGKILL comes by --grace or --stop-timeout"

_Static_assert(CONFIG_STEPS_MAX == 8, "the user is told how many signals --ask-with takes");

/* Why @sig is none that we could do anything about when it arrives, NULL if it is one. */
static const char *cli_list_never_arrives(int sig)
{
	if (sig == SIGKILL || sig == SIGSTOP)
		return "KILL and STOP never arrive, the kernel acts on them itself";
	if (sig == SIGCHLD)
		return "CHLD is not forwarded, it only tells sexton of its children";
	return NULL;
}

/* Calls @item for each part of a comma list; an empty part is an item too, and refused by it. */
static const char *cli_list_each(struct cli_request *request, const char *list,
				 const char *(*item)(struct cli_request *, const char *, size_t))
{
	for (;;) {
		size_t len = strcspn(list, ",");
		const char *why = item(request, list, len);

		if (why)
			return why;
		if (list[len] == '\0')
			return NULL;
		list += len + 1;
	}
}

static const char *cli_list_rewrite_one(struct cli_request *request, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t from_len = colon ? (size_t)(colon - text) : 0;
	const char *why;
	int from;
	int to;

	if (!colon)
		return "not FROM:TO";
	if (signals_parse(text, (unsigned int)from_len, &from) < 0)
		return "FROM is not a signal";
	if (cli_value_signal_or_none(colon + 1, len - from_len - 1, &to) < 0)
		return "TO is not a signal";
	why = cli_list_never_arrives(from);
	if (why)
		return why;
	request->config->rewrite[from] = (uint8_t)to;
	request->config->rewritten |= SIGNALS_BIT(from);
	return NULL;
}

const char *cli_list_rewrite(struct cli_request *request, const char *value)
{
	return cli_list_each(request, value, cli_list_rewrite_one);
}

static const char *cli_list_stop_one(struct cli_request *request, const char *text, size_t len)
{
	const char *why;
	int sig;

	if (signals_parse(text, (unsigned int)len, &sig) < 0)
		return CLI_LIST_NO_SIGNAL;
	why = cli_list_never_arrives(sig);
	if (why)
		return why;
	request->config->stop_signals |= SIGNALS_BIT(sig);
	return NULL;
}

const char *cli_list_stop_signals(struct cli_request *request, const char *value)
{
	request->config->stop_signals = 0;
	if (cli_value_is_none(value, strlen(value)))
		return NULL;
	return cli_list_each(request, value, cli_list_stop_one);
}

/* SIGNAL:TIME, or SIGNAL where the list ends. */
static const char *cli_list_step(const char *text, size_t len, struct config_step *ret_step)
{
	const char *colon = memchr(text, ':', len);
	size_t sig_len = colon ? (size_t)(colon - text) : len;
	bool last = text[len] == '\0';
	const char *why = NULL;

	if (signals_parse(text, (unsigned int)sig_len, &ret_step->sig) < 0)
		return CLI_LIST_NO_SIGNAL;
	ret_step->time_ns = CONFIG_NO_LIMIT;
	if (last)
		return colon ? CLI_LIST_LAST_HAS_TIME : NULL;
	if (!colon)
		return "every signal but the last takes a time";
	why = cli_value_time(colon + 1, len - sig_len - 1, &ret_step->time_ns);
	if (!why && ret_step->time_ns == CONFIG_NO_LIMIT)
		return "after none nobody would ever get the next signal";
	return why;
}

const char *cli_list_ask_with(struct cli_request *request, const char *value)
{
	struct config_step steps[CONFIG_STEPS_MAX];

	memset(steps, 0, sizeof(steps)); /* the padding too, as in config_init() */
	for (size_t n = 0;; n++) {
		size_t len = strcspn(value, ",");
		const char *why;

		if (n == CONFIG_STEPS_MAX)
			return "more than eight signals";
		why = cli_list_step(value, len, &steps[n]);
		if (why)
			return why;
		if (value[len] == '\0')
			break;
		value += len + 1;
	}
	memcpy(request->config->ask, steps, sizeof(steps));
	return NULL;
}

static const char *cli_list_delay_one(struct cli_request *request, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t sig_len = colon ? (size_t)(colon - text) : 0;
	int64_t time_ns;
	const char *why;
	int sig;

	if (!colon)
		return "not SIGNAL:TIME";
	if (signals_parse(text, (unsigned int)sig_len, &sig) < 0)
		return CLI_LIST_NO_SIGNAL;
	why = cli_list_never_arrives(sig);
	if (!why)
		why = cli_value_time(colon + 1, len - sig_len - 1, &time_ns);
	if (why)
		return why;
	request->config->delay_ns[sig] = time_ns == CONFIG_NO_LIMIT ? 0 : time_ns;
	return NULL;
}

const char *cli_list_delay(struct cli_request *request, const char *value)
{
	return cli_list_each(request, value, cli_list_delay_one);
}

static const char *cli_list_ok_one(struct cli_request *request, const char *text, size_t len)
{
	static const char why[] = "not an exit code";
	unsigned int code = 0;

	if (len == 0)
		return why;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return why;
		code = code * 10 + (unsigned int)(text[i] - '0');
		if (code > 255)
			return why;
	}
	request->config->ok_exit[code / 64] |= UINT64_C(1) << (code % 64);
	return NULL;
}

const char *cli_list_ok_exit(struct cli_request *request, const char *value)
{
	return cli_list_each(request, value, cli_list_ok_one);
}
