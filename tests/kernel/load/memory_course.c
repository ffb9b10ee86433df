/*
 * Holds as much memory as a course says: memory_course [OPTION…] SECONDS:MEGABYTES…
 *
 *   shared       of shared memory, which the kernel counts as page cache but cannot drop
 *   repeat=N     the course N times over; a drop at its end is a heap that is collected
 *   noise=MB     up to so much more, another amount every second
 *   seed=N       of the noise
 *
 * Prints "begin SECONDS_SINCE_BOOT". What it gives back it gives back to the kernel at once. Pages are
 * written through a volatile pointer, or the compiler would remove the writes and with them the load.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "course.h"
#include "fail.h"

enum { kPage = 4096, kStepMicroseconds = 250000 };
static const size_t kMegabyte = 1 << 20;
static const size_t kMost = (size_t)2 << 30;

/* From `held` to `wanted` bytes; returns what is held then. */
static size_t hold(volatile char *memory, size_t held, size_t wanted, int advice)
{
	wanted = wanted / kPage * kPage;
	for (size_t at = held; at < wanted; at += kPage)
		memory[at] = 1;
	if (wanted < held && madvise((char *)memory + wanted, held - wanted, advice) != 0)
		fail("madvise");
	return wanted;
}

int main(int argc, char **argv)
{
	int kind = MAP_PRIVATE, advice = MADV_DONTNEED, first = 1;
	long repeats = 1;
	double noise = 0;

	for (; first < argc && !strchr(argv[first], ':'); first++) {
		if (strcmp(argv[first], "shared") == 0) {
			kind = MAP_SHARED;
			advice = MADV_REMOVE;
		}
		if (strncmp(argv[first], "repeat=", 7) == 0)
			repeats = strtol(argv[first] + 7, NULL, 10);
		if (strncmp(argv[first], "noise=", 6) == 0)
			noise = strtod(argv[first] + 6, NULL);
		if (strncmp(argv[first], "seed=", 5) == 0)
			srand((unsigned)strtoul(argv[first] + 5, NULL, 10));
	}
	const struct course course = read_course(argv + first);
	volatile char *memory = mmap(NULL, kMost, PROT_READ | PROT_WRITE,
				     kind | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t held = 0;

	if (memory == MAP_FAILED)
		fail("mmap");
	print_begin();
	for (long round = 0; round < repeats; round++) {
		const double begin = now_s();
		double more = 0, next_noise = 0;

		for (double at = 0; at < course_length_s(&course); at = now_s() - begin) {
			if (at >= next_noise) {
				more = noise * rand() / RAND_MAX;
				next_noise = at + 1;
			}
			held = hold(
				memory, held,
				(size_t)((course_value(&course, at) + more) * (double)kMegabyte),
				advice);
			usleep(kStepMicroseconds);
		}
	}
	printf("end %.3f\n", now_s());
	return 0;
}
