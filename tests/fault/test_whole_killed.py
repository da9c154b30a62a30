# SPDX-License-Identifier: ISC
"""An export of a whole workspace: its worker is killed, the disk is full, who asked is no administrator any more."""
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness import Stack
from jobs import finished
from whole import Whole, ask_whole, fetch_whole

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

MESSAGES = 5_000
ROOM = 300_000


@pytest.fixture(scope="module")
def own():
    """An instance of our own: its worker is killed."""
    stack = Stack.start("--no-data")
    yield stack
    stack.tear_down()


@pytest.fixture(scope="module")
def place(own):
    return own.new_workspace()


@pytest.fixture(scope="module")
def rows(place):
    connection = place.database()
    cursor = connection.cursor()
    cursor.execute("update workspace set export_threshold = 10000000")
    cursor.execute(
        "with c as (insert into contact (name_en) values ('Writes A Lot') returning contact_id) "
        "insert into message (contact_id, channel, direction, subject, body, happened_at) "
        "select contact_id, 'email', 'in', 'Subject ' || n, repeat('Words of ' || n || '. ', 100), "
        "now() - n * interval '1 minute' from c, generate_series(1, %s) n", [MESSAGES])
    yield cursor
    connection.close()


def worker(stack):
    instance = Instance({"PRAYA_VAR": stack.status["var"]})
    (process,) = children(Running(instance.pids / "worker.json").leader().pid)
    return process.pid


@pytest.fixture
def stopped(own):
    """The worker stands still: what is to be done, a test does."""
    pid = worker(own)
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def limited(own, *argv):
    """A command that has little room in a file."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
    argv = [own.status["cli"], "--config", own.status["config"], *map(str, argv)]
    return subprocess.run(argv, text=True, capture_output=True, check=False, preexec_fn=limit)


def stored(own, rows):
    """Objects in the store, and those that rows name."""
    rows.execute("select current_database(), (select count(*) from download where destroyed_at is null)")
    database, named = rows.fetchone()
    folder = Path(own.status["regions"]["hk"]["files"]) / database
    return len([f for f in folder.rglob("*") if f.is_file()]), named


def under_way(rows, job):
    rows.execute("select state from job where job_id = %s", [job])
    return rows.fetchone() == ("running",)


def test_a_killed_worker_s_export_is_made_anew(own, place, rows):
    api = place.admin.api()
    job = ask_whole(api)["job"]
    assert wait_until(lambda: under_way(rows, job), 30)
    os.kill(worker(own), signal.SIGKILL)
    # Not before the lease of the dead one has run out.
    rows.execute("update job set lease_until = now() where job_id = %s and state = 'running'", [job])
    assert rows.rowcount == 1
    own.praya("worker", place.slug, "--once")
    whole = fetch_whole(api, job)
    whole.check()
    assert whole.manifests[0]["rows"]["message"] == MESSAGES == len(whole.rows("message"))
    rows.execute("select lease from job where job_id = %s", [job])
    assert rows.fetchone()[0] >= 2
    assert stored(own, rows) == (1, 1)


def test_a_full_disk_is_said_and_leaves_nothing(own, place, rows, stopped):
    api = place.admin.api()
    before, asked = stored(own, rows), ask_whole(api)
    limited(own, "worker", place.slug, "--once")
    rows.execute("select state, error from job where job_id = %s", [asked["job"]])
    assert rows.fetchone() == ("queued", None) and stored(own, rows) == before
    # It was the last attempt.
    rows.execute("update job set attempt = 4, run_at = now() where job_id = %s", [asked["job"]])
    limited(own, "worker", place.slug, "--once")
    rows.execute("select state, error from job where job_id = %s", [asked["job"]])
    assert rows.fetchone() == ("failed", "error.no_space") and stored(own, rows) == before
    shown = api.ok("GET", f"/exports/{asked['export']}")
    assert (shown["state"], shown["error"]) == ("failed", "error.no_space")
    assert "There is no room left on the server." in place.admin.browser().page(f"/exports/{asked['export']}")
    # With room again the next one is made.
    job = ask_whole(api)["job"]
    own.praya("worker", place.slug, "--once")
    assert finished(api, job)["state"] == "done"


def test_the_command_says_it_too_and_leaves_no_file(own, place, rows, tmp_path):
    out = tmp_path / "all.zip"
    done = limited(own, "export", "workspace", place.slug, "--out", out)
    assert done.returncode == 1 and "no room left" in done.stderr and "Files.Scratch" in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []
    own.praya("export", "workspace", place.slug, "--out", out)
    Whole([out.read_bytes()]).check()


def test_who_is_no_administrator_any_more_is_made_none(own, place, rows, stopped):
    user = place.add_user("administrator")
    asked, before = ask_whole(user.api()), stored(own, rows)
    rows.execute("update app_user set profile_id = (select profile_id from profile where name = 'staff') where email = %s",
                 [user.email])
    own.praya("worker", place.slug, "--once")
    rows.execute("select state, error from job where job_id = %s", [asked["job"]])
    assert rows.fetchone() == ("failed", "error.job_right") and stored(own, rows) == before
    assert "a right was taken away" in place.admin.browser().page(f"/exports/{asked['export']}")
