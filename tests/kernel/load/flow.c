/*
 * A TCP stream on loopback at the rate of a course:
 *   flow send PORT SECONDS:MEGABYTES_PER_SECOND…
 *   flow receive PORT
 *
 * The sender prints "begin SECONDS_SINCE_BOOT" once it is connected. One that falls behind does not
 * make up for it by more than a second's worth. traffic.c is for an exact number of bytes.
 */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "course.h"

enum { kChunk = 65536, kStepMicroseconds = 20000, kConnectTries = 600 };
static char buffer[kChunk];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(void)
{
	const int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static void send_course(const struct sockaddr_in *to, const struct course *course)
{
	int fd = open_socket();
	double owed = 0, before;

	for (int tries = 0; connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0; tries++) {
		if (tries == kConnectTries)
			fail("connect");
		usleep(100000);
	}
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

static void receive(const struct sockaddr_in *here)
{
	int fd = open_socket();

	if (bind(fd, (const struct sockaddr *)here, sizeof(*here)) != 0 || listen(fd, 1) != 0)
		fail("listen");
	int peer = accept(fd, NULL, NULL);
	if (peer < 0)
		fail("accept");
	while (recv(peer, buffer, sizeof(buffer), 0) > 0)
		;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fprintf(stderr, "usage: see the head of flow.c\n"), 2;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((unsigned short)atoi(argv[2]))};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (strcmp(argv[1], "send") == 0) {
		const struct course course = read_course(argv + 3);
		send_course(&address, &course);
	} else {
		receive(&address);
	}
	return 0;
}
