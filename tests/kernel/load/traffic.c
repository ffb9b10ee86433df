/*
 * Sends or receives on loopback and says how much:
 *   traffic send udp|tcp PORT BYTES SIZE      in writes of SIZE bytes
 *   traffic receive udp|tcp PORT              until the sender ends
 *
 * Prints one JSON line {"bytes":PAYLOAD,"packets":N,…}. For UDP a packet is a datagram, an empty one
 * ends the stream and counts as one, so the bytes on the IP layer are bytes + 28 * packets. For TCP
 * packets are writes or reads; what was on the wire the sender asks its socket when all of it has
 * arrived: "sent" are the payload bytes with those that TCP sent twice, in "segments" with a header
 * each.
 * The UDP receiver answers each datagram with an empty one and the sender waits for it, so that a
 * full socket buffer can lose nothing; both sides count these answers as "answers".
 */
#include <linux/tcp.h>
#include <string.h>

#include "loopback.h"

enum { kMaxSize = 60000 };

static char buffer[kMaxSize];
static long long bytes;
static long long packets;
static long long answers;
static long long sent_bytes;
static long long segments;

static void ask_tcp(int fd)
{
	struct tcp_info info = {};
	socklen_t length = sizeof(info);

	/* Its end of the stream comes after it has read ours. */
	if (shutdown(fd, SHUT_WR) != 0 || recv(fd, buffer, sizeof(buffer), 0) != 0)
		fail("end of the stream");
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		fail("TCP_INFO");
	sent_bytes = (long long)info.tcpi_bytes_sent;
	segments = info.tcpi_segs_out;
}

/* A receiver that is not up yet shows as a refused connection (TCP) or a refused send (UDP). */
static void send_all(int type, int port, long long total, long size)
{
	int fd = connect_to(type, port);

	while (bytes < total) {
		ssize_t sent =
			send(fd, buffer, (size_t)(total - bytes < size ? total - bytes : size), 0);
		if (sent < 0)
			fail("send");
		bytes += sent;
		packets++;
		if (type == SOCK_DGRAM) {
			if (recv(fd, buffer, sizeof(buffer), 0) < 0)
				fail("recv of the answer");
			answers++;
		}
	}
	if (type == SOCK_DGRAM) {
		if (send(fd, buffer, 0, 0) < 0)
			fail("send of the end");
		packets++;
	}
	if (type == SOCK_STREAM)
		ask_tcp(fd);
	close(fd);
}

static void receive_udp(int fd)
{
	struct sockaddr_in from;
	socklen_t length = sizeof(from);

	for (;;) {
		ssize_t got =
			recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &length);
		if (got < 0)
			fail("recvfrom");
		packets++;
		bytes += got;
		if (got == 0)
			return;
		if (sendto(fd, buffer, 0, 0, (const struct sockaddr *)&from, length) < 0)
			fail("sendto of the answer");
		answers++;
	}
}

static void receive_tcp(int fd)
{
	int peer = accept_one(fd);
	ssize_t got;

	while ((got = recv(peer, buffer, sizeof(buffer), 0)) > 0) {
		packets++;
		bytes += got;
	}
	if (got < 0)
		fail("recv");
	close(peer);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return fprintf(stderr, "usage: see the head of traffic.c\n"), 2;
	const int type = strcmp(argv[2], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	const int port = atoi(argv[3]);

	if (strcmp(argv[1], "send") == 0 && argc == 6) {
		send_all(type, port, strtoll(argv[4], NULL, 10), strtol(argv[5], NULL, 10));
	} else {
		int fd = bind_to(type, port);

		puts("ready");
		fflush(stdout);
		if (type == SOCK_DGRAM)
			receive_udp(fd);
		else
			receive_tcp(fd);
	}
	printf("{\"bytes\":%lld,\"packets\":%lld,\"answers\":%lld,\"sent\":%lld,\"segments\":%lld}"
	       "\n",
	       bytes, packets, answers, sent_bytes, segments);
	return 0;
}
