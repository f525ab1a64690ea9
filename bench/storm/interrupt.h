/* SPDX-License-Identifier: MIT */
/*
 * interrupt.h - SIGINT, SIGTERM and SIGHUP end a run between two looks, and us after it.
 *
 * They are blocked and looked at where we wait, so that whatever is cleaned up is cleaned up on the one
 * way that leads out. What was ignored when we started stays ignored.
 */
#ifndef SEXTON_STORM_INTERRUPT_H
#define SEXTON_STORM_INTERRUPT_H

#include <stdbool.h>

void interrupt_block(void);
bool interrupt_pending(void);

/* Delivers what was blocked: does not return if one is pending. */
void interrupt_deliver(void);

/* For the child that becomes the init: every signal as the system has it by default, none blocked. */
void interrupt_reset(void);

#endif
