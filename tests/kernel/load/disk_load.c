/*
 * Uses a disk: disk_load KIND FILE MEGABYTES SECONDS [MEGABYTES_PER_SECOND]
 *
 *   make     writes FILE of that size, syncs it, ends
 *   sync     4 KB writes at random places of FILE, each waited for, one after the other
 *   random   4 KB reads at random places, past the page cache
 *   revisit  the same through the page cache: what is read once is read again
 *   scan     reads the whole of FILE through the page cache, again and again
 *   append   writes FILE through the page cache and begins anew at that size, as a log does
 *
 * scan and append keep to the rate, if there is one. Prints "begin SECONDS_SINCE_BOOT", and at the end
 * how many calls that were.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "course.h"
#include "fail.h"

enum { kBlock = 4096, kChunk = 65536 };
static char buffer[kChunk] __attribute__((aligned(4096)));

static int is(const char *kind, const char *name)
{
	return strcmp(kind, name) == 0;
}

static void make(int fd, off_t size)
{
	for (off_t at = 0; at < size; at += kChunk)
		if (pwrite(fd, buffer, kChunk, at) != kChunk)
			fail("pwrite");
	if (fsync(fd) != 0)
		fail("fsync");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* One call at `at`; its bytes. */
static ssize_t step(const char *kind, int fd, off_t at)
{
	if (is(kind, "sync"))
		return pwrite(fd, buffer, kBlock, at);
	if (is(kind, "random") || is(kind, "revisit"))
		return pread(fd, buffer, kBlock, at);
	if (is(kind, "scan"))
		return pread(fd, buffer, kChunk, at);
	return pwrite(fd, buffer, kChunk, at);
}

static int flags_of(const char *kind)
{
	if (is(kind, "sync"))
		return O_WRONLY | O_DSYNC;
	if (is(kind, "random"))
		return O_RDONLY | O_DIRECT;
	if (is(kind, "scan") || is(kind, "revisit"))
		return O_RDONLY;
	return O_WRONLY | O_CREAT;
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return fprintf(stderr, "usage: see the head of disk_load.c\n"), 2;
	const char *kind = argv[1];
	const off_t size = strtol(argv[3], NULL, 10) << 20;
	const double seconds = strtod(argv[4], NULL),
		     rate = argc > 5 ? strtod(argv[5], NULL) * 1e6 : 0;
	const int random_places = is(kind, "sync") || is(kind, "random") || is(kind, "revisit");
	int fd = open(argv[2], flags_of(kind), 0600);
	off_t at = 0;
	double bytes = 0;
	long calls = 0;

	if (fd < 0)
		fail(argv[2]);
	if (is(kind, "make"))
		return make(fd, size), 0;
	if (is(kind, "revisit"))
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM); /* no more than is asked for */
	print_begin();
	for (const double begin = now_s(); now_s() < begin + seconds; calls++) {
		const ssize_t done = step(kind, fd, at);
		if (done < 0)
			fail(kind);
		bytes += (double)done;
		at = random_places ? rand() % (size / kBlock) * kBlock : (at + kChunk) % size;
		if (rate > 0 && bytes > rate * (now_s() - begin))
			usleep((useconds_t)(1e6 * (bytes / rate - (now_s() - begin))));
	}
	printf("calls %ld\n", calls);
	return 0;
}
