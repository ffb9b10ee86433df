/*
 * Copies lines from stdin to stdout, each behind the CLOCK_MONOTONIC nanosecond at which it was
 * read.
 *
 * Reads with read(2): a line is stamped when it arrives, not when a buffer is full.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put(const char *text, size_t length)
{
	fwrite(text, 1, length, stdout);
}

int main(void)
{
	static char part[1 << 16];
	struct timespec now;
	ssize_t got;
	int at_start = 1;

	while ((got = read(STDIN_FILENO, part, sizeof(part))) > 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		for (const char *at = part, *end = part + got; at < end;) {
			const char *stop = memchr(at, '\n', (size_t)(end - at));
			stop = stop == NULL ? end : stop + 1;
			if (at_start)
				printf("%lld ", now.tv_sec * 1000000000LL + now.tv_nsec);
			put(at, (size_t)(stop - at));
			at_start = stop[-1] == '\n';
			at = stop;
		}
		fflush(stdout);
	}
	return 0;
}
