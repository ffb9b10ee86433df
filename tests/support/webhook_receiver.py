#!/usr/bin/env python3
"""An HTTP receiver for tests: answers as it is told and reports what it got.

usage: webhook_receiver.py [--tls CERT KEY] ANSWER...

It listens on 127.0.0.1 at a port of the kernel's choice. Its stdout is JSON lines: first
{"port": N}, then one object per request {"method", "path", "headers", "body"}, written before the
answer is sent. Each request gets the next ANSWER; the last one is used for all that follow:

  200, 429, ...        that status
  429/7                with the header "Retry-After: 7" (any text)
  302=URL              with the header "Location: URL"
  silent               no answer; the connection stays open
  reset                no answer; the connection is closed
  drip                 a status line, one byte at a time, never finished
  endless              status 200 and a body without an end
  headers              status 200 and headers without an end

Python's standard library only. It ends when its stdin is closed, so it never outlives its test.
"""
import json
import os
import socketserver
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

lock = threading.Lock()


class Receiver(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers, tls):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def next_answer(self):
        with lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what many tests are about


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        answer = self.server.next_answer()
        report({"method": self.command, "path": self.path, "body": body,
                "headers": {name.lower(): value for name, value in self.headers.items()}})
        self.answer(answer)

    do_POST = do_GET = handle_request

    def answer(self, answer):
        if answer == "silent":
            self.forever(b"", 60)
        elif answer == "reset":
            self.close_connection = True
        elif answer == "drip":
            self.wfile.write(b"HTTP/1.1 200 O")
            self.forever(b"K", 0.05)
        elif answer == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            self.forever(b"x" * 65536, 0)
        elif answer == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self.forever(b"X-Flood: " + b"x" * 1000 + b"\r\n", 0)
        else:
            self.plain(answer)

    def forever(self, piece, seconds):
        while True:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(seconds)

    def plain(self, answer):
        status, _, location = answer.partition("=")
        status, _, retry_after = status.partition("/")
        body = b"" if status == "204" else b"answer " + status.encode()
        self.send_response(int(status))
        if status != "204":  # which must have neither
            self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def report(entry):
    with lock:
        sys.stdout.write(json.dumps(entry) + "\n")
        sys.stdout.flush()


def main():
    answers = sys.argv[1:]
    tls = None
    if answers[:1] == ["--tls"]:
        tls, answers = answers[1:3], answers[3:]
    server = Receiver(answers, tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    report({"port": server.server_address[1]})
    sys.stdin.read()
    os._exit(0)


main()
