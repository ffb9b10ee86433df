/*
 * Starts processes that end at once: churner COUNT [ok|failed|signal]
 *
 * Prints how many it started. Forks without exec; each child ends with 0, with 3 or by SIGKILL.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const long count = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
	const char *end = argc > 2 ? argv[2] : "ok";
	long started = 0;

	while (started < count) {
		pid_t child = fork();
		if (child < 0)
			return perror("fork"), 1;
		if (child == 0) {
			if (strcmp(end, "signal") == 0)
				kill(getpid(), SIGKILL);
			_exit(strcmp(end, "failed") == 0 ? 3 : 0);
		}
		waitpid(child, NULL, 0);
		started++;
	}
	printf("%ld\n", started);
	return 0;
}
