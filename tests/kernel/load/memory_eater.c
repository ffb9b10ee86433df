/*
 * Takes memory: memory_eater [MEGABYTES [HOLD_SECONDS]]
 *
 * Without a size it takes memory until the kernel kills it. With one it prints "held", keeps that
 * much for the given time and ends with 0. Pages are written through a volatile pointer, or the
 * compiler would remove the writes and with them the load.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kMegabyte = 1 << 20, kPage = 4096 };

int main(int argc, char **argv)
{
	const long limit = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	const unsigned hold_s = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	for (long taken = 0; limit == 0 || taken < limit; taken++) {
		volatile char *block = mmap(NULL, kMegabyte, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (block == MAP_FAILED) {
			perror("mmap");
			return 1;
		}
		for (long at = 0; at < kMegabyte; at += kPage)
			block[at] = 1;
	}
	puts("held");
	fflush(stdout);
	sleep(hold_s);
	return 0;
}
