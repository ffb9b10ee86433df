/*
 * Burns CPU without a system call: spinner SECONDS [PROCESSES]
 *
 * Each process computes until its time is over and prints the CPU time that it used, in nanoseconds
 * as the kernel counts it. The clock is read through the vDSO every few thousand rounds, so that
 * nothing but the scheduler takes the CPU away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void spin(double seconds)
{
	const long long end = now_ns(CLOCK_MONOTONIC) + (long long)(seconds * 1e9);
	volatile unsigned sink = 0;

	while (now_ns(CLOCK_MONOTONIC) < end)
		for (unsigned round = 0; round < 20000; round++)
			sink = sink + round;
	printf("%lld\n", now_ns(CLOCK_PROCESS_CPUTIME_ID));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	const int processes = argc > 2 ? atoi(argv[2]) : 1;

	for (int i = 1; i < processes; i++) {
		if (fork() == 0) {
			spin(seconds);
			return 0;
		}
	}
	spin(seconds);
	while (wait(NULL) > 0)
		;
	return 0;
}
