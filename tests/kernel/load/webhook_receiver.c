/*
 * A web server that accepts every POST: webhook_receiver PORT FILE
 *
 * Appends one line "CLOCK_MONOTONIC_NS BODY" to FILE for each request and answers 200. Listens on
 * 127.0.0.1; one process per connection, so a slow client blocks nobody.
 */
#define _GNU_SOURCE /* strcasestr */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kMaxRequest = 4 << 20 };

/* Reads one request into `request`; returns where its body starts, or 0 at the end of the stream.
 */
static size_t read_request(int peer, char *request, size_t *length)
{
	size_t got = 0, body = 0, wanted = 0;

	while (body == 0 || got < body + wanted) {
		ssize_t part = recv(peer, request + got, kMaxRequest - got - 1, 0);
		if (part <= 0)
			return 0;
		got += (size_t)part;
		request[got] = '\0';
		char *end = body == 0 ? strstr(request, "\r\n\r\n") : NULL;
		if (end != NULL) {
			char *header = strcasestr(request, "\r\ncontent-length:");
			body = (size_t)(end + 4 - request);
			wanted =
				header != NULL && header < end ? strtoul(header + 17, NULL, 10) : 0;
			if (strcasestr(request, "expect: 100-continue") != NULL)
				(void)!write(peer, "HTTP/1.1 100 Continue\r\n\r\n", 25);
		}
	}
	*length = wanted;
	return body;
}

static void serve(int peer, int file)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	char *request = malloc(kMaxRequest);
	char *line = malloc(kMaxRequest + 64);
	size_t body, length;
	struct timespec now;

	while ((body = read_request(peer, request, &length)) != 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		int head = sprintf(line, "%lld ", now.tv_sec * 1000000000LL + now.tv_nsec);
		memcpy(line + head, request + body, length);
		for (char *at = line; at < line + head + length; at++)
			if (*at == '\n')
				*at = ' ';
		line[(size_t)head + length] = '\n';
		/* One write: lines of two connections must not mix. */
		if (write(file, line, (size_t)head + length + 1) < 0)
			perror("write");
		(void)!write(peer, answer, sizeof(answer) - 1);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	const int one = 1;

	if (argc != 3)
		return fprintf(stderr, "usage: webhook_receiver PORT FILE\n"), 2;
	int file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	here.sin_port = htons((unsigned short)atoi(argv[1]));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (file < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) != 0 ||
	    listen(fd, 64) != 0)
		return perror("webhook_receiver"), 1;
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int peer = accept(fd, NULL, NULL);
		if (peer >= 0 && fork() == 0) {
			serve(peer, file);
			return 0;
		}
		close(peer);
	}
}
