# SPDX-License-Identifier: ISC
"""FastCGI, past nginx: one request to one process, by GET."""
import os
import signal
import socket
import struct
import subprocess
import time


def record(kind, body):
    return struct.pack(">BBHHBx", 1, kind, 1, len(body), 0) + body


def pair(name, value):
    name, value = name.encode(), value.encode()
    return b"".join(struct.pack(">I", len(x) | 0x80000000) for x in (name, value)) + name + value


def get(place, host, cookie, path):
    """What comes back, framed as it is. cookie: the session's."""
    named = {
        "REQUEST_METHOD": "GET", "REQUEST_URI": path, "DOCUMENT_URI": path, "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTPS": "on", "HTTP_HOST": host,
        "HTTP_COOKIE": "__Host-praya=" + cookie, "REQUEST_ID": "0123456789abcdef",
    }
    params = b"".join(pair(name, value) for name, value in named.items())
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(str(place))
        line.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, params) + record(4, b"") + record(5, b""))
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer


class Alone:
    """A program that answers on a socket of its own, under what stands in front of it."""

    def __init__(self, place, config, *argv, environ=None):
        self.place = place
        self.place.unlink(missing_ok=True)
        whole = ["spawn-fcgi", "-n", "-s", place, "--", *argv]
        env = {**os.environ, "PRAYA_CONF": str(config), **(environ or {})}
        self.process = subprocess.Popen([str(a) for a in whole], env=env, stderr=subprocess.DEVNULL)

    def __enter__(self):
        while not self.place.exists():
            assert self.process.poll() is None, "it does not start"
            time.sleep(0.05)
        return self

    def __exit__(self, *what):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.place.unlink(missing_ok=True)
