/* SPDX-License-Identifier: MIT */
/*
 * text.h - numbers in decimal, without stdio.
 *
 * Purpose: what log lines, /proc paths and LISTEN_PID are made of.
 * Owner: nobody; pure functions over their arguments, any thread.
 */
#ifndef SEXTON_TEXT_H
#define SEXTON_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest uint64_t in decimal, the terminating NUL included. */
#define TEXT_NUMBER_SIZE 21

/* Writes @number and a NUL into @ret_text; returns the number of digits. */
size_t text_number(uint64_t number, char ret_text[TEXT_NUMBER_SIZE]);

#endif
