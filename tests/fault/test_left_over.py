# SPDX-License-Identifier: ISC
"""What a run of ./check leaves when it is killed: the next one removes it, and touches no run that lives."""
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[1] / "lib"
RUN = """. "$1/folders.sh"; folder_sweep "$2" run; folder_new "$2" run || exit; echo "$folder"; """


@pytest.fixture
def parent():
    """Its name is short: that of a socket in it has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="left-", ignore_cleanup_errors=True) as folder:
        for place in (*Path(folder).parents, Path(folder)):  # PostgreSQL's user passes through
            if place.stat().st_uid == os.geteuid():
                place.chmod(place.stat().st_mode | 0o011)
        yield Path(folder)


@pytest.fixture
def start(parent):
    """Starts a run that goes on with those words: the process, and its folder."""
    runs = []

    def one(words="read -r"):
        run = subprocess.Popen(["bash", "-c", RUN + words, "run", str(LIB), str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, start_new_session=True)
        runs.append(run)
        return run, Path(run.stdout.readline().strip())

    yield one
    for run in runs:
        try:
            os.killpg(run.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        run.communicate()


def kill(run):
    run.kill()
    run.wait()


def runs(process):
    """Not one that has ended and that nobody has asked about."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def test_of_one_that_lives_it_stays(start):
    _, first = start()
    _, second = start()
    assert first.is_dir() and second.is_dir() and first != second


def test_of_one_that_was_killed_it_goes(start, parent):
    run, first = start()
    (first / "deep").mkdir()
    (first / "deep/file").write_text("left")
    kill(run)
    _, second = start()
    assert sorted(parent.iterdir()) == [second]


def test_whatever_it_started_counts_as_it(start):
    """make goes on when the script that called it is gone."""
    run, first = start("sleep 600 & echo $!; wait")
    child = int(run.stdout.readline())
    kill(run)
    _, second = start()
    assert first.is_dir() and second.is_dir()
    os.kill(child, signal.SIGKILL)
    run.stdout.read()  # until the child is gone
    start()
    assert not first.exists() and second.is_dir()


def test_what_is_no_runs_folder_stays(start, parent):
    (parent / "run.mine").mkdir()
    (parent / "run.file").write_text("")
    (parent / "other.abcdef").mkdir()
    (parent / "other.abcdef/alive").write_text("")
    (parent / ".run.unfinished").mkdir()
    start()
    assert all((parent / name).exists() for name in ("run.mine", "run.file", "other.abcdef/alive", ".run.unfinished"))


def test_where_a_name_leads_elsewhere(start, parent, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "alive").write_text("")
    (parent / "run.link").symlink_to(elsewhere)
    start()
    assert (elsewhere / "alive").exists()


def test_its_database_ends_with_it(start):
    run, first = start('chmod 711 "$folder"; PRAYA_MEMORY=$folder "$1/with_postgres" sh -c \'echo "$PGHOST"; sleep 600\'')
    server = Path(run.stdout.readline().strip())
    assert server.parent == first
    process = int((server / "data/postmaster.pid").read_text().split()[0])
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert runs(process)
    start()
    assert not first.exists() and not runs(process)
