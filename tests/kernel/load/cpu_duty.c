/*
 * Computes a part of the time: cpu_duty SECONDS CPU_MS PERIOD_MS [PROCESSES]
 *
 * Each process computes until it has used CPU_MS of CPU time, then sleeps to the next period; one
 * that is late begins the next period at once and does not make up for what it missed. Prints
 * "begin SECONDS_SINCE_BOOT". spinner.c is for those that compute all of the time.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "course.h"

static double cpu_s(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static void work(double seconds, double part_s, double period_s)
{
	const double begin = now_s();
	volatile unsigned sink = 0;

	for (double next = begin; next < begin + seconds;) {
		const double until = cpu_s() + part_s;

		while (cpu_s() < until)
			for (unsigned round = 0; round < 500; round++)
				sink = sink + round;
		next += period_s;
		if (next < now_s())
			next = now_s();
		else
			usleep((useconds_t)((next - now_s()) * 1e6));
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return fprintf(stderr, "usage: see the head of cpu_duty.c\n"), 2;
	const double seconds = strtod(argv[1], NULL), part_s = strtod(argv[2], NULL) * 1e-3,
		     period_s = strtod(argv[3], NULL) * 1e-3;
	const int processes = argc > 4 ? atoi(argv[4]) : 1;

	print_begin();
	for (int i = 1; i < processes; i++) {
		if (fork() == 0) {
			work(seconds, part_s, period_s);
			_exit(0);
		}
	}
	work(seconds, part_s, period_s);
	while (wait(NULL) > 0)
		;
	return 0;
}
