# SPDX-License-Identifier: ISC
"""Sends what was made to a workspace, over a few connections that stay open.

Every answer is noted in a journal, and every request names itself, so that a
load that was cut off goes on where it was and doubles nothing: what is noted is
not sent again, and what was sent but not noted gets its first answer again."""
import concurrent.futures
import http.client
import json
import secrets
import socket
import ssl
import sys
import threading
import time
import urllib.parse

CONNECTIONS = 4
TRIES = 4


class LoadError(Exception):
    pass


class Journal:
    """Lines of "kind index id". The first says what the rest is about."""

    def __init__(self, path, day):
        self.path = path
        self.done = {}
        self.lock = threading.Lock()
        lines = path.read_text().split("\n") if path.exists() else []
        head = lines[0].split() if len(lines) > 1 else ["load", secrets.token_hex(8), day.isoformat()]
        self.name, self.day = head[1], head[2]
        for line in lines[1:-1]:
            kind, index, number = line.split()
            self.done[kind, int(index)] = int(number)
        # A line that was cut off is sent again.
        self.file = open(path, "w", encoding="ascii")
        self.file.write(" ".join(head) + "\n")
        for (kind, index), number in self.done.items():
            self.file.write(f"{kind} {index} {number}\n")
        self.file.flush()

    def note(self, kind, index, number):
        with self.lock:
            self.done[kind, index] = number
            self.file.write(f"{kind} {index} {number}\n")
            self.file.flush()


class Api:
    """JSON with a token, one connection a thread."""

    def __init__(self, origin, authority, token):
        self.host = urllib.parse.urlsplit(origin)
        self.context = ssl.create_default_context(cafile=authority)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.local = threading.local()

    def connection(self):
        if getattr(self.local, "open", None) is None:
            self.local.open = Here(self.host.hostname, self.host.port or 443, context=self.context, timeout=120)
        return self.local.open

    def post(self, path, body, kind, key):
        headers = {**self.headers, "Content-Type": kind, "Idempotency-Key": key}
        for last in range(TRIES):
            try:
                line = self.connection()
                line.request("POST", "/api/v1" + path, body, headers)
                answer = line.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.local.open = None
                status, text = None, str(error).encode()
            else:
                status = answer.status
                if status in (200, 201):
                    return json.loads(text)
            if status is not None and status not in (429, 502, 503):
                break
            time.sleep(0.2 * (last + 1))
        raise LoadError(f"POST {path}: {status} {text.decode(errors='replace')[:400]}")


class Here(http.client.HTTPSConnection):
    """*.localhost is this machine, whatever the resolver knows of it."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def multipart(name, kind, content):
    mark = "praya-demo-boundary"
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


class Loader:
    def __init__(self, slug, api, journal):
        self.slug = slug
        self.api = api
        self.journal = journal

    def send(self, kind, count, make):
        """make(index) -> path and body (a dict, or a file's name, type and bytes)."""
        todo = [i for i in range(count) if (kind, i) not in self.journal.done]
        progress = Progress(f"{self.slug}: {kind}", count, count - len(todo))

        def one(index):
            path, what = make(index)
            if isinstance(what, dict):
                body, form = json.dumps(what, ensure_ascii=False).encode(), "application/json"
            else:
                body, form = multipart(*what)
            key = f"{self.journal.name}-{kind}-{index}"
            answer = self.api.post(path, body, form, key)
            self.journal.note(kind, index, answer["id"])
            progress.step()

        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            work = [pool.submit(one, index) for index in todo]
            done, _ = concurrent.futures.wait(work, return_when=concurrent.futures.FIRST_EXCEPTION)
            failed = [job.exception() for job in done if job.exception()]
            if failed:
                pool.shutdown(cancel_futures=True)
                raise failed[0]
        progress.end()
        return [self.journal.done[kind, index] for index in range(count)]


class Progress:
    """A line that counts up on a terminal, one line at the end elsewhere."""

    def __init__(self, label, total, done):
        self.label, self.total, self.done = label, total, done
        self.began = self.said = time.monotonic()
        self.todo = total - done
        self.lock = threading.Lock()

    def step(self):
        with self.lock:
            self.done += 1
            now = time.monotonic()
            if sys.stdout.isatty() and now - self.said > 0.3:
                self.said = now
                print(f"\r  {self.label} {self.done} of {self.total}", end="", flush=True)

    def end(self):
        if self.todo == 0:
            return
        took = time.monotonic() - self.began
        start = "\r" if sys.stdout.isatty() else ""
        rate = self.todo / max(took, 0.001)
        print(f"{start}  {self.label} {self.total}, {took:.1f} s, {rate:.0f} a second", flush=True)
