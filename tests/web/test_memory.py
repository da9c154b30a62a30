# SPDX-License-Identifier: ISC
"""What a process has in use between two requests does not grow by the request: every row
that reads, asked again and again of one process, whose heap is counted to the byte."""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import fcgi
import routes

# So often a row is asked in a turn.
TURN = 4
# Less than the smallest allocation, kept by one row at every one of its requests.
SLACK = TURN * 24 - 1
TRIES = 6
# So often the process looks at its heap.
EVERY = 16


class Counting(fcgi.Alone):
    """praya-web with figures of its own."""

    def __init__(self, stack):
        self.stack = stack
        self.folder = Path(tempfile.mkdtemp(prefix="praya-memory-"))
        self.config = self.folder / "praya.conf"
        text = Path(stack.status["config"]).read_text()
        text, found = re.subn(r"(?m)^Metrics\.Folder = .*$", f"Metrics.Folder = {self.folder}", text)
        assert found == 1
        self.config.write_text(text)
        self.config.chmod(0o600)
        program = Path(stack.status["cli"]).with_name("praya-web")
        # What glibc puts aside for the thread would count as in use.
        exact = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
        super().__init__(self.folder / "web.sock", self.config, program, environ=exact)

    def heap(self):
        """As it is now: asked again, because it is looked at in turns."""
        for _ in range(EVERY):
            fcgi.get(self.place, "nowhere", "", "/healthz")
        argv = [self.stack.status["cli"], "--config", self.config, "metrics"]
        text = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        (found,) = re.findall(r"^praya_web_heap_bytes (\d+)$", text, re.M)
        return int(found)

    def __exit__(self, *what):
        super().__exit__(*what)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def places(workspace):
    """What reads, at records that are there."""
    program = workspace.admin.api()
    made = {path: (number, token) for path, (_, number, token) in routes.one_of_each(program).items()}
    rows = [row for row in routes.table(workspace.stack) if row.method == "GET"]
    return [row.at(*made.get(row.path.split("/{")[0], ())) for row in rows]


@pytest.fixture(scope="module")
def ask(workspace):
    """Asks a row so many times; bytes by which the heap has grown."""
    cookie = workspace.admin.browser().cookies.get("__Host-praya")
    host = workspace.stack.origin(workspace.slug).removeprefix("https://")
    with Counting(workspace.stack) as process:

        def turn(paths):
            before = process.heap()
            for path in paths:
                for _ in range(TURN):
                    answer = fcgi.get(process.place, host, cookie, path)
                    assert re.search(rb"Status: (2\d\d|3\d\d|4[01]\d)", answer[:200]), f"{path}: {answer[:200]}"
            return process.heap() - before

        yield turn


def test_no_request_leaves_memory_behind(places, ask):
    assert len(places) > 100
    ask(places)
    grown = [ask(places)]
    while grown[-1] > SLACK and len(grown) < TRIES:
        grown.append(ask(places))
    if min(grown) > SLACK:
        each = {path: min(ask([path]) for _ in range(3)) for path in places}
        assert not grown, f"{grown} bytes a turn; " + ", ".join(f"{path}: {n}" for path, n in each.items() if n > 0)


def test_nor_does_what_is_refused(ask):
    paths = ["/no-such-page", "/contacts/1?x=1", "/contacts?limit=x", "/api/v1/contacts?filter[nothing]=1", "/contacts/999999999"]
    ask(paths)
    assert min(ask(paths) for _ in range(3)) <= SLACK


def test_it_is_told(stack):
    """And a process that is there has something in use."""
    stack.visitor("harbour").get("/login")
    text = stack.praya("metrics").stdout
    assert int(re.search(r"^praya_web_heap_bytes (\d+)$", text, re.M).group(1)) > 1_000_000
