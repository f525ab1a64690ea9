/* SPDX-License-Identifier: MIT */
/*
 * nested.c - the inits under each other, under the programs that people put in front of them, and
 * where little is left to them: the command's status is kept, its stdout is its own, and nothing is
 * said that the original would not say.
 *
 * Each case runs the same words twice, with our inits and with the originals, and compares. Sexton
 * under its own name is compared with the original that says nothing: catatonit.
 *
 * Environment: SEXTON, TINI, DUMB_INIT and CATATONIT name the programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nested_place.h"
#include "nested_run.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum name { TINI, DOCKER_INIT, DUMB_INIT, CATATONIT, PODMAN_INIT, SEXTON, NAMES, NOBODY = NAMES };

static const char *const names[NAMES] = {
	[TINI] = "tini",           [DOCKER_INIT] = "docker-init", [DUMB_INIT] = "dumb-init",
	[CATATONIT] = "catatonit", [PODMAN_INIT] = "podman-init", [SEXTON] = "sexton",
};

#define BIT(name)  (1U << (name))
#define TINIS      (BIT(TINI) | BIT(DOCKER_INIT))
#define CATATONITS (BIT(CATATONIT) | BIT(PODMAN_INIT) | BIT(SEXTON))

/* Whose program is behind a name. */
enum side { OURS, ORIGINAL, SIDES };

static char programs[SIDES][NAMES][96];

/* What the inits run. */
struct payload {
	const char *words[4];
	int status;           /* -1: as the original has it */
	const char *out;      /* NULL: likewise */
	int own_status;       /* not 0: the init itself fails, sexton by its own name with this */
	unsigned int differs; /* bit per name: .out is theirs alone, others have the original's */
};

/* clang-format off */
#define SH(script) { "sh", "-c", script }
#define SEE(what)  { "grep", what, "/proc/self/status" }
#define END        { NULL }, 0, NULL, 0, 0

static const struct payload ends[] = {
	{ SH("echo out"),                 0,   "out\n", 0, 0 },
	{ SH("echo out; exit 7"),         7,   "out\n", 0, 0 },
	{ SH("echo out; exit 255"),       255, "out\n", 0, 0 },
	{ SH("echo out; kill -TERM $$"),  143, "out\n", 0, 0 },
	{ { "no-such-command" },          -1,  "",      127, 0 },
	{ { "/" },                        -1,  "",      126, 0 },
	{ END },
};

static const struct payload piped[] = {
	{ SH("read l; echo $l"),                0, "in\nstatus 0\n",   0, 0 },
	{ SH("read l; echo $l; exit 7"),        0, "in\nstatus 7\n",   0, 0 },
	{ SH("read l; echo $l; exit 255"),      0, "in\nstatus 255\n", 0, 0 },
	{ SH("read l; echo $l; kill -TERM $$"), 0, "in\nstatus 143\n", 0, 0 },
	{ END },
};

/* A failed exec is seen in the first list. */
static const struct payload without_stdin[] = {
	{ SH("(exec 3<&0) 2>/dev/null && echo open; echo closed; exit 7"), 7, "closed\n", 0, 0 },
	{ SH("echo out; exit 255"),      255, "out\n", 0, 0 },
	{ SH("echo out; kill -TERM $$"), 143, "out\n", 0, 0 },
	{ END },
};

static const struct payload silent[] = {
	{ SH("exit 0"),        0,   "", 0, 0 },
	{ SH("exit 7"),        7,   "", 0, 0 },
	{ SH("exit 255"),      255, "", 0, 0 },
	{ SH("kill -TERM $$"), 143, "", 0, 0 },
	{ END },
};

static const struct payload no_child[] = {
	{ SH("echo out; exit 7"), 1, "", 125, 0 },
	{ END },
};

/*
 * What is ignored or blocked is the command's business, and stays so where the original let it. But
 * catatonit blocks TSTP, TTIN and TTOU in the command, which no Ctrl-Z stops then.
 */
static const struct payload signals[] = {
	{ SH("echo out; exit 7"),   7,   "out\n", 0, 0 },
	{ SH("echo out; exit 255"), 255, "out\n", 0, 0 },
	{ SEE("SigIgn"),            0,   NULL,    0, 0 },
	{ SEE("SigBlk"),            0,   "SigBlk:\t0000000000000000\n", 0, CATATONITS },
	{ END },
};

static const struct payload blocked[] = {
	{ SH("echo out; exit 7"),   7,   "out\n", 0, 0 },
	{ SH("echo out; exit 255"), 255, "out\n", 0, 0 },
	{ SEE("SigIgn"),            0,   NULL,    0, 0 },
	{ SEE("SigBlk"),            0,   NULL,    0, 0 },
	{ END },
};

static const struct payload chld_ignored[] = {
	{ SH("echo out"),                0,   "out\n", 0, 0 },
	{ SH("echo out; exit 7"),        7,   "out\n", 0, 0 },
	{ SH("echo out; exit 255"),      255, "out\n", 0, 0 },
	{ SH("echo out; kill -TERM $$"), 143, "out\n", 0, 0 },
	{ SEE("SigIgn"), 0, "SigIgn:\t0000000000010000\n", 0, TINIS | CATATONITS },
	{ END },
};

#define PIPELINE "sh", "-c", "echo in | { \"$@\"; echo status $?; } | cat", "sh"

static const struct row {
	struct nested_place place;
	const struct payload *payloads;
} rows[] = {
	{ { .name = "nothing_special" }, ends },
	{ { .name = "under_unshare_with_a_pid_namespace",
	    .before = { "unshare", "--pid", "--fork", "--mount-proc" } }, ends },
	{ { .name = "under_unshare_with_a_user_namespace", .before = { "unshare", "-Ur" } }, ends },
	{ { .name = "under_unshare_with_both",
	    .before = { "unshare", "-Ur", "--pid", "--fork", "--mount-proc" } }, ends },
	{ { .name = "under_setsid", .before = { "setsid", "-w" } }, ends },
	{ { .name = "under_nohup", .before = { "nohup" } }, ends },
	{ { .name = "under_timeout", .before = { "timeout", "60" } }, ends },
	{ { .name = "in_a_pipeline", .before = { PIPELINE } }, piped },
	{ { .name = "with_stdin_closed", .traits = NESTED_NO_STDIN, .broken = TINIS },
	  without_stdin },
	{ { .name = "with_all_streams_closed", .traits = NESTED_NO_STREAMS, .broken = TINIS },
	  silent },
	{ { .name = "as_nobody_without_capabilities", .traits = NESTED_NOBODY }, ends },
	{ { .name = "with_no_new_privs", .traits = NESTED_NO_NEW_PRIVS }, ends },
	{ { .name = "in_a_read_only_root", .traits = NESTED_READ_ONLY }, ends },
	{ { .name = "without_proc", .traits = NESTED_NO_PROC }, ends },
	{ { .name = "with_all_of_that", .traits = NESTED_NOBODY | NESTED_NO_NEW_PRIVS |
	    NESTED_READ_ONLY | NESTED_NO_PROC }, ends },
	{ { .name = "where_it_cannot_fork", .processes = 1 }, no_child },
	{ { .name = "where_it_can_fork_once", .processes = 2, .may_warn = true }, ends },
	{ { .name = "with_a_locked_directory_in_the_path",
	    .traits = NESTED_LOCKED_PATH | NESTED_NOBODY }, ends },
	{ { .name = "with_chld_ignored", .traits = NESTED_NO_CHLD,
	    .broken = TINIS | CATATONITS }, chld_ignored },
	{ { .name = "with_hup_ignored", .traits = NESTED_NO_HUP }, signals },
	{ { .name = "with_pipe_ignored", .traits = NESTED_NO_PIPE }, signals },
	{ { .name = "with_hup_and_pipe_ignored_and_everything_blocked",
	    .traits = NESTED_NO_HUP | NESTED_NO_PIPE | NESTED_NO_SIGNALS }, blocked },
};
/* clang-format on */

/* One comparison. */
struct pair {
	enum name outer, inner; /* inner: NOBODY if there is one init only */
	const struct payload *payload;
	bool compare_all; /* else the original could not stand here, and ran where it can */
	struct nested_run *ours, *original;
};

struct pairs {
	struct pair *list;
	struct nested_run *runs;
	int count, room;
};

static void pairs_init(struct pairs *pairs, int room)
{
	*pairs = (struct pairs){ .room = room };
	pairs->list = calloc((size_t)room, sizeof(*pairs->list));
	pairs->runs = calloc(2 * (size_t)room, sizeof(*pairs->runs));
	assert_non_null(pairs->list);
	assert_non_null(pairs->runs);
}

static void pairs_fini(struct pairs *pairs)
{
	free(pairs->list);
	free(pairs->runs);
}

static void fill_in(struct nested_run *run, const struct pair *pair, const enum side *sides)
{
	int n = 0;

	run->words[n++] = programs[sides[0]][pair->outer];
	run->words[n++] = "--";
	if (pair->inner != NOBODY) {
		run->words[n++] = programs[sides[1]][pair->inner];
		run->words[n++] = "--";
	}
	for (size_t i = 0; i < ARRAY_SIZE(pair->payload->words) && pair->payload->words[i]; i++)
		run->words[n++] = pair->payload->words[i];
}

static void pairs_add(struct pairs *pairs, struct pair pair, const struct nested_place *place,
		      bool first, const enum side *sides)
{
	static const struct nested_place sane = { .name = "sane" };
	static const enum side originals[2] = { ORIGINAL, ORIGINAL };
	size_t n = (size_t)pairs->count++;

	assert_true(pairs->count <= pairs->room);
	pair.ours = &pairs->runs[2 * n];
	pair.original = &pairs->runs[2 * n + 1];
	pair.compare_all = !(place->broken & BIT(pair.outer));
	*pair.ours = (struct nested_run){ .place = place, .first = first };
	*pair.original =
		(struct nested_run){ .place = pair.compare_all ? place : &sane, .first = first };
	fill_in(pair.ours, &pair, sides);
	fill_in(pair.original, &pair, originals);
	pairs->list[n] = pair;
}

/* Takes the line out that names what was refused to us. */
static void cut_warning(char *text)
{
	char *hit = strstr(text, "no reaper thread (");
	char *line = hit;
	const char *end = hit ? strchr(hit, '\n') : NULL;

	if (!end)
		return;
	while (line > text && line[-1] != '\n')
		line--;
	memmove(line, end + 1, strlen(end + 1) + 1);
}

/* What is wrong with the pair, or NULL. */
static const char *judge(const struct pair *pair)
{
	const struct payload *payload = pair->payload;
	struct nested_run *ours = pair->ours, *original = pair->original;
	enum name last = pair->inner == NOBODY ? pair->outer : pair->inner;
	bool own_words = last == SEXTON && payload->own_status != 0;
	int status = own_words ? payload->own_status : payload->status;
	bool known_out = payload->out && (payload->differs == 0 || payload->differs & BIT(last));

	if (ours->place->may_warn)
		cut_warning(ours->err.text);
	if (original->hung || original->status == NESTED_PLACE_FAILED)
		return "the original, and so this test, does not work";
	if (pair->compare_all && payload->status >= 0 && original->status != payload->status)
		return "the original has another status than this test thinks";
	if (ours->hung)
		return "ours hangs";
	if (status < 0)
		status = original->status;
	if (ours->status != status)
		return "ours has another status";
	if (known_out && strcmp(ours->out.text, payload->out) != 0)
		return "ours has another stdout than the command";
	if (!known_out && strcmp(ours->out.text, original->out.text) != 0)
		return "ours has another stdout than the original";
	if (own_words)
		return strstr(ours->err.text, "sexton: cannot ") ? NULL : "sexton does not say why";
	if (ours->place->traits & NESTED_NO_STREAMS)
		return NULL; /* there is none */
	return strcmp(ours->err.text, original->err.text) != 0 ? "ours has another stderr" : NULL;
}

static void print_run(const char *who, const struct nested_run *run)
{
	fprintf(stderr, "  %s, %s%s:", who, run->place->name, run->first ? ", as PID 1" : "");
	for (int i = 0; run->words[i]; i++)
		fprintf(stderr, " '%s'", run->words[i]);
	fprintf(stderr, "\n    status %d%s\n    stdout '%s'\n    stderr '%s'\n", run->status,
		run->hung ? ", killed" : "", run->out.text, run->err.text);
}

static void pairs_compare(struct pairs *pairs)
{
	int left = nested_run_all(pairs->runs, 2 * pairs->count);
	int wrong = 0;

	for (int i = 0; i < pairs->count; i++) {
		const char *what = judge(&pairs->list[i]);

		if (!what)
			continue;
		fprintf(stderr, "%s\n", what);
		print_run("ours", pairs->list[i].ours);
		print_run("original", pairs->list[i].original);
		wrong++;
	}
	if (wrong > 0)
		fail_msg("%d of %d differ", wrong, pairs->count);
	if (left > 0) /* no command here leaves any: it was an init */
		fail_msg("%d processes were left behind", left);
}

static int count_payloads(const struct payload *payloads)
{
	int count = 0;

	while (payloads[count].words[0])
		count++;
	return count;
}

/* One row of the table: every name, with every payload, as PID 1 and not. */
static void in_this_place(void **state)
{
	const struct row *row = *state;
	static const enum side sides[2] = { OURS, OURS };
	int payloads = count_payloads(row->payloads);
	struct pairs pairs;

	pairs_init(&pairs, 2 * NAMES * payloads);
	for (int i = 0; i < NAMES * payloads; i++) {
		struct pair pair = { .outer = (enum name)(i / payloads),
				     .inner = NOBODY,
				     .payload = &row->payloads[i % payloads] };

		pairs_add(&pairs, pair, &row->place, false, sides);
		if (!row->place.before[0]) /* or that would be PID 1 */
			pairs_add(&pairs, pair, &row->place, true, sides);
	}
	pairs_compare(&pairs);
	pairs_fini(&pairs);
}

/* A name around every other: ours around ours, and either around the original. */
static void around_the_others(void **state)
{
	static const struct nested_place sane = { .name = "sane" };
	static const struct nested_place hard = { .name = "with nothing",
						  .traits = NESTED_NOBODY | NESTED_NO_NEW_PRIVS |
							    NESTED_READ_ONLY | NESTED_NO_PROC };
	static const struct {
		enum side sides[2];
		const struct nested_place *place;
		const struct payload *payloads;
	} ways[] = {
		{ { OURS, OURS }, &sane, ends },
		{ { OURS, ORIGINAL }, &sane, silent },
		{ { ORIGINAL, OURS }, &sane, silent },
		{ { OURS, OURS }, &hard, silent },
	};
	const enum name *outer = *state;
	struct pairs pairs;

	pairs_init(&pairs, 2 * NAMES * (int)ARRAY_SIZE(ways) * (int)ARRAY_SIZE(ends));
	for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
		for (int i = 0; i < NAMES * count_payloads(ways[w].payloads); i++) {
			struct pair pair = { .outer = *outer,
					     .inner = (enum name)(i % NAMES),
					     .payload = &ways[w].payloads[i / NAMES] };

			pairs_add(&pairs, pair, ways[w].place, false, ways[w].sides);
			pairs_add(&pairs, pair, ways[w].place, true, ways[w].sides);
		}
	}
	pairs_compare(&pairs);
	pairs_fini(&pairs);
}

static int set_up(void **state)
{
	struct nested_paths paths;

	(void)state;
	nested_place_become_root();
	nested_run_set_up(&paths);
	for (int name = 0; name < NAMES; name++) {
		snprintf(programs[OURS][name], sizeof(programs[OURS][name]), "%s/ours/%s",
			 paths.root, names[name]);
		snprintf(programs[ORIGINAL][name], sizeof(programs[ORIGINAL][name]),
			 "%s/original/%s", paths.root, names[name]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nested_run_tear_down();
	return 0;
}

int main(void)
{
	static const char *const around[NAMES] = {
		[TINI] = "around_tini",
		[DOCKER_INIT] = "around_docker_init",
		[DUMB_INIT] = "around_dumb_init",
		[CATATONIT] = "around_catatonit",
		[PODMAN_INIT] = "around_podman_init",
		[SEXTON] = "around_sexton",
	};
	static struct CMUnitTest tests[ARRAY_SIZE(rows) + NAMES];
	static enum name outer[NAMES];
	size_t n = 0;

	for (; n < ARRAY_SIZE(rows); n++)
		tests[n] = (struct CMUnitTest){ .name = rows[n].place.name,
						.test_func = in_this_place,
						.initial_state = (void *)&rows[n] };
	for (int i = 0; i < NAMES; i++) {
		outer[i] = (enum name)i;
		tests[n++] = (struct CMUnitTest){ .name = around[i],
						  .test_func = around_the_others,
						  .initial_state = &outer[i] };
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
