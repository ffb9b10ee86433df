/*
 * A TCP stream on loopback at the rate of a course:
 *   flow send PORT SECONDS:MEGABYTES_PER_SECOND…
 *   flow receive PORT
 *
 * The sender prints "begin SECONDS_SINCE_BOOT" once it is connected. One that falls behind does not
 * make up for it by more than a second's worth. traffic.c is for an exact number of bytes.
 */
#include <string.h>

#include "course.h"
#include "loopback.h"

enum { kChunk = 65536, kStepMicroseconds = 20000 };
static char buffer[kChunk];

static void send_course(int port, const struct course *course)
{
	int fd = connect_to(SOCK_STREAM, port);
	double owed = 0, before;

	print_begin();
	const double begin = before = now_s();
	while (before - begin < course_length_s(course)) {
		const double now = now_s(), rate = course_value(course, now - begin) * 1e6;

		owed += rate * (now - before);
		if (owed > rate)
			owed = rate;
		before = now;
		while (owed >= kChunk) {
			ssize_t sent = send(fd, buffer, kChunk, 0);
			if (sent < 0)
				fail("send");
			owed -= (double)sent;
		}
		usleep(kStepMicroseconds);
	}
	close(fd);
}

static void receive(int port)
{
	int peer = accept_one(bind_to(SOCK_STREAM, port));

	while (recv(peer, buffer, sizeof(buffer), 0) > 0)
		;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fprintf(stderr, "usage: see the head of flow.c\n"), 2;
	if (strcmp(argv[1], "send") == 0) {
		const struct course course = read_course(argv + 3);
		send_course(atoi(argv[2]), &course);
	} else {
		receive(atoi(argv[2]));
	}
	return 0;
}
