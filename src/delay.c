/* SPDX-License-Identifier: MIT */
/* delay.c - signals that are held back for a while; see sexton/delay.h. */
#include "sexton/delay.h"

void delay_init(struct delay *d, const int64_t spans[SIGNALS_MAX + 1])
{
	*d = (struct delay){ .spans = spans };
}

bool delay_hold(struct delay *d, int sig, int64_t now)
{
	int64_t span = d->spans[sig];

	if (span == 0 || signals_in(d->spent, sig))
		return false;
	d->spent |= SIGNALS_BIT(sig);
	d->held |= SIGNALS_BIT(sig);
	d->due[sig] = policy_after(now, span);
	return true;
}

bool delay_take(struct delay *d, int sig)
{
	bool held = signals_in(d->held, sig);

	d->held &= ~SIGNALS_BIT(sig);
	return held;
}

int delay_take_due(struct delay *d, int64_t now)
{
	for (int sig = 1; sig <= SIGNALS_MAX && d->held != 0; sig++)
		if (signals_in(d->held, sig) && d->due[sig] <= now && delay_take(d, sig))
			return sig;
	return 0;
}

int64_t delay_next(const struct delay *d)
{
	int64_t next = POLICY_NEVER;

	for (int sig = 1; sig <= SIGNALS_MAX && d->held != 0; sig++)
		if (signals_in(d->held, sig) && d->due[sig] < next)
			next = d->due[sig];
	return next;
}
