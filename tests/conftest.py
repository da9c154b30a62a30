# SPDX-License-Identifier: ISC
"""Fixtures of the web, browser and fault tests.

PRAYA_STATUS names a file with `scripts/stack status --json` of an instance to
use; without it an instance is started for the run and removed afterwards.

`-n 3 --dist loadgroup` (pytest-xdist) runs three files at a time, each process with
instances of its own: what a test does to one, no other notices."""
import json
import os
import sys
from pathlib import Path

import pytest

# What is compiled is kept where ./check says, for all its processes; never beside the sources.
sys.pycache_prefix = os.environ.get("PRAYA_PYC")
sys.dont_write_bytecode = sys.pycache_prefix is None
sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
# Processes are killed here, machines are not.
os.environ.setdefault("PRAYA_FSYNC", "off")

from harness import Stack  # noqa: E402

# What takes longest begins first, so that nobody waits for it at the end: these, then files
# of few long tests with an instance or a browser of their own. Last is what stops what files
# share: others would find an instance that still recovers.
FIRST = ("test_leak", "clock", "test_audit_whole", "test_matrix_input", "test_requests_closed")
LAST = ("test_pools",)
LOG_LINES = 25


def group_of(item):
    """What one process does, one after another: a file, or all that moves the clock."""
    return "clock" if "movable" in item.fixturenames else item.path.stem


def pytest_configure(config):
    config.addinivalue_line("markers", "xdist_group(name): what one process does")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=place_of)


def place_of(item):
    group = group_of(item)
    if group in FIRST:
        return FIRST.index(group)
    if group in LAST:
        return len(FIRST) + 2
    return len(FIRST) + (item.path.parent.name == "web")


def logs():
    return [log for one in Stack.known for log in (one.var / "log").glob("*.log")]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.logs_before = {log: log.stat().st_size for log in logs()}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """What broke is best seen in the logs, which hold no personal data."""
    report = (yield).get_result()
    for log in logs() if report.failed else ():
        with open(log, "rb") as file:
            file.seek(item.logs_before.get(log, 0))
            lines = file.read().decode(errors="replace").splitlines()[-LOG_LINES:]
        if lines:
            report.sections.append((f"{log.parent.parent.name}/{log.name} meanwhile", "\n".join(lines)))


@pytest.fixture(scope="session")
def stack():
    """The instance all tests share. Tests leave it as they found it."""
    named = os.environ.get("PRAYA_STATUS")
    if named:
        yield Stack(json.loads(Path(named).read_text()))
        return
    # Each process that serves a workspace first makes a session and its plans.
    own = Stack.start("--no-data", "--web", "2", "--files", "1")
    yield own
    own.tear_down()


@pytest.fixture(scope="session")
def admin(stack):
    """harbour's administrator, signed in."""
    return stack.person("harbour", "administrator").browser()


@pytest.fixture(scope="session")
def staff(stack):
    """harbour's member of staff, signed in."""
    return stack.person("harbour", "staff").browser()


@pytest.fixture(scope="session")
def api(stack):
    """A program with the rights of harbour's administrator."""
    return stack.person("harbour", "administrator").api()


@pytest.fixture(scope="session")
def staff_api(stack):
    """A program with the rights of harbour's member of staff."""
    return stack.person("harbour", "staff").api()


@pytest.fixture(scope="module")
def workspace(stack):
    """A workspace of this module's own; other modules see nothing of it."""
    return stack.new_workspace()


@pytest.fixture(scope="session")
def movable():
    """An instance whose clock tests move; whoever works on another notices nothing."""
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


@pytest.fixture
def clock(movable):
    """Moves the clock of `movable`: clock("+41d"). Afterwards it goes right again."""
    yield lambda offset: movable.command("time", offset)
    movable.command("time", "now")
