/* SPDX-License-Identifier: MIT */
/* text.c - numbers in decimal; see sexton/text.h. */
#include "sexton/text.h"

size_t text_number(uint64_t number, char ret_text[TEXT_NUMBER_SIZE])
{
	char digits[TEXT_NUMBER_SIZE];
	size_t count = 0;
	size_t used = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		ret_text[used++] = digits[--count];
	ret_text[used] = '\0';
	return used;
}
