# SPDX-License-Identifier: ISC
"""Fixtures of the web, browser and fault tests.

PRAYA_STATUS names a file with `scripts/stack status --json` of an instance to
use; without it an instance is started for the run and removed afterwards."""
import json
import os
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from harness import Stack  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    """The instance all tests share. Tests leave it as they found it."""
    named = os.environ.get("PRAYA_STATUS")
    if named:
        yield Stack(json.loads(Path(named).read_text()))
        return
    own = Stack.start("--no-data")
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
