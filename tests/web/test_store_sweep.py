# SPDX-License-Identifier: ISC
"""Files of the store that no row names, and rows whose file is not there."""
import os
import secrets
import shutil
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

DAY = 24 * 3600


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def api(place):
    return place.admin.api()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "NG Wai"})["id"]


def upload(place, api, contact):
    """A file, and where it lies."""
    file = {"file": ("a.txt", secrets.token_bytes(100), "text/plain")}
    number = api.ok("POST", f"/contacts/{contact}/attachments", files=file)["id"]
    cursor = place.database().cursor()
    cursor.execute("select object from attachment where attachment_id = %s", [number])
    name = cursor.fetchone()[0]
    (path,) = [p for p in (place.stack.var / "files").rglob(name)]
    return number, path


def store_of(path):
    return path.parents[2]


def lay(store, like, age, name=None):
    """A file that nobody names, so many seconds old."""
    name = name or secrets.token_hex(16)
    path = store / name[:2] / name[2:4] / name if not name.startswith(".") else store / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(like, path)
    shutil.chown(path, like.owner(), like.group())
    grow_old(path, age)
    return path


def grow_old(path, age):
    then = time.time() - age
    os.utime(path, (then, then))


def sweep(place):
    """The chore once, whoever does it: what the log says of it."""
    log = place.stack.var / "log/worker.log"
    before = log.stat().st_size if log.exists() else 0
    cursor = place.database().cursor()
    cursor.execute("insert into chore (name, due_at) values ('store_sweep', now()) "
                   "on conflict (name) do update set due_at = now()")
    said = place.stack.praya("worker", place.slug, "--once").stderr

    def swept():
        cursor.execute("select due_at > now() from chore where name = 'store_sweep'")
        return cursor.fetchone() == (True,)

    assert wait_until(swept, 15)
    number = place.stack.praya_json("tenant", "show", place.slug)["id"]
    lines = said.splitlines()
    if log.exists():
        lines += log.read_bytes()[before:].decode().splitlines()
    return [x for x in lines if "file store" in x and f"tenant={number}:" in x]


def test_what_no_row_names_goes_after_a_day(place, api, contact):
    number, path = upload(place, api, contact)
    grow_old(path, 3 * DAY)
    orphan = lay(store_of(path), path, 2 * DAY)
    young = lay(store_of(path), path, DAY - 3600)
    unfinished = lay(store_of(path), path, 2 * DAY, ".new-" + secrets.token_hex(16))
    beginning = lay(store_of(path), path, 60, ".new-" + secrets.token_hex(16))
    said = sweep(place)
    assert not orphan.exists() and not unfinished.exists()
    assert path.exists() and young.exists() and beginning.exists()
    assert any("1 files without a row and 1 unfinished ones destroyed" in x for x in said), said
    assert api.get(f"/attachments/{number}/content").status_code == 200
    assert not any("destroyed" in x for x in sweep(place))


def test_what_is_no_object_is_left_alone(place, api, contact):
    _, path = upload(place, api, contact)
    odd = [lay(store_of(path), path, 9 * DAY, name) for name in ("ab12" + "x" * 28, "ab" * 15)]
    sweep(place)
    assert all(p.exists() for p in odd)


def test_rows_without_a_file_are_told_of(place, api, contact):
    _, path = upload(place, api, contact)
    upload(place, api, contact)
    assert not any("not there" in x for x in sweep(place))
    path.unlink()
    assert any("1 rows name a file that is not there" in x for x in sweep(place))


def test_when_most_files_have_no_row_the_rows_are_at_fault(place, api, contact):
    _, path = upload(place, api, contact)
    orphans = [lay(store_of(path), path, 2 * DAY) for _ in range(120)]
    said = sweep(place)
    assert all(p.exists() for p in orphans)
    assert any("none is destroyed" in x for x in said), said
