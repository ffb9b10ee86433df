/*
 * Follows the kernel's log with CLOCK_MONOTONIC times: prints "NS MESSAGE" for every new record.
 *
 * The log's own stamps come from the scheduler's clock, which started at another moment. The offset
 * is taken once at the start: the best of some records that this program writes itself, each
 * between two readings of CLOCK_MONOTONIC. Its error, at most half the distance of these, is the
 * first line: "error NS".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kMarks = 8 }; /* the kernel lets a process write 10 records in 5 s */

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Reads one record "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;MESSAGE"; returns its time and its
 * message. */
static long long read_record(int fd, char *record, size_t size, char **message)
{
	ssize_t got;

	do
		got = read(fd, record, size - 1);
	while (got < 0); /* EPIPE: records were overwritten before they were read */
	record[got] = '\0';
	*message = strchr(record, ';');
	*message = *message == NULL ? record : *message + 1;
	(*message)[strcspn(*message, "\n")] = '\0';
	const char *field = strchr(record, ',');
	field = field == NULL ? NULL : strchr(field + 1, ',');
	return field == NULL ? 0 : strtoll(field + 1, NULL, 10) * 1000;
}

int main(void)
{
	static char record[16384];
	long long offset = 0, error = 0;
	char *message;
	int fd = open("/dev/kmsg", O_RDWR);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		return perror("/dev/kmsg"), 1;
	for (int i = 0; i < kMarks; i++) {
		/* Without the newline the record stays open, and a reader does not see it. */
		char mark[64];
		const int length = snprintf(mark, sizeof(mark), "<6>clock mark %d\n", i);
		const long long before = now_ns();
		if (write(fd, mark, (size_t)length) != length)
			return perror("write /dev/kmsg"), 1;
		const long long after = now_ns();
		long long stamp;
		mark[length - 1] = '\0';
		do
			stamp = read_record(fd, record, sizeof(record), &message);
		while (strcmp(message, mark + 3) != 0);
		if (i == 0 || (after - before) / 2 < error) {
			error = (after - before) / 2;
			offset = (before + after) / 2 - stamp;
		}
	}
	printf("error %lld\n", error);
	for (;;) {
		fflush(stdout);
		const long long stamp = read_record(fd, record, sizeof(record), &message);
		printf("%lld %s\n", stamp + offset, message);
	}
}
