/*
 * Sockets on loopback, for the load programs that send and receive. Whoever connects waits for a receiver
 * that is not up yet.
 */
#ifndef CGSENTRY_LOAD_LOOPBACK_H
#define CGSENTRY_LOAD_LOOPBACK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"

static inline struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((unsigned short)port)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static inline int open_socket(int type)
{
	const int one = 1;
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

/* Of TCP a receiver that is not there refuses the connection; UDP always connects. */
static inline int connect_to(int type, int port)
{
	enum { kTries = 1200, kPauseMicroseconds = 50000 };
	const struct sockaddr_in to = loopback(port);
	int fd = open_socket(type);

	for (int tries = 0; connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0; tries++) {
		if (tries == kTries)
			fail("connect");
		usleep(kPauseMicroseconds);
	}
	return fd;
}

static inline int bind_to(int type, int port)
{
	const struct sockaddr_in here = loopback(port);
	int fd = open_socket(type);

	if (bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0)
		fail("bind");
	return fd;
}

/* The first peer that connects. */
static inline int accept_one(int fd)
{
	int peer;

	if (listen(fd, 1) != 0)
		fail("listen");
	peer = accept(fd, NULL, NULL);
	if (peer < 0)
		fail("accept");
	return peer;
}

#endif
