# SPDX-License-Identifier: ISC
"""Processes of the pools come and go; nobody who asks notices."""
import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, read_proc, wait_until  # noqa: E402


def part(stack, name):
    instance = Instance({"PRAYA_VAR": stack.status["var"]})
    return Running(instance.pids / f"{name}.json"), instance


class Load:
    """People who sign in and read, until told to stop. A sign-in takes long
    enough (its password is hashed) to be cut off if anything cuts."""

    def __init__(self, stack, people=3):
        self.person = stack.person("harbour", "staff")
        self.wrong = []
        self.done = 0
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(stack,)) for _ in range(people)]

    def run(self, stack):
        while not self.stop.is_set():
            try:
                browser = stack.visitor("harbour")
                answer = browser.sign_in(self.person.email, self.person.password)
                answers = [answer.status_code]
                answers += [browser.get("/login").status_code for _ in range(5)]
            except Exception as error:  # noqa: BLE001 whatever a browser would show
                answers = [repr(error)]
            self.done += len(answers)
            self.wrong += [a for a in answers if a not in (200, 303)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def test_reload_loses_no_request(stack):
    pool, _ = part(stack, "web")
    before = {p.pid for p in children(pool.leader().pid)}
    with Load(stack) as load:
        assert wait_until(lambda: load.done > 12, 30)
        stack.command("reload")
        at_reload = load.done
        assert wait_until(lambda: load.done > at_reload + 12, 30)
    after = {p.pid for p in children(pool.leader().pid)}
    assert load.wrong == []
    assert len(after) == len(before) and not after & before


@pytest.mark.parametrize("name", ["web", "files", "worker"])
def test_a_killed_process_has_a_successor(stack, name):
    pool, instance = part(stack, name)
    leader = pool.leader().pid
    before = children(leader)
    os.kill(before[0].pid, signal.SIGKILL)
    assert wait_until(
        lambda: len(children(leader)) == len(before)
        and before[0].pid not in {p.pid for p in children(leader)},
        10,
    )
    assert stack.visitor("harbour").get("/readyz").status_code == 200


def test_processes_end_with_their_supervisor(stack):
    """Else they would go on taking connections, unseen."""
    pool, _ = part(stack, "web")
    leader = pool.leader().pid
    orphans = children(leader)
    os.kill(leader, signal.SIGKILL)
    assert wait_until(lambda: not any(read_proc(p.pid) for p in orphans), 30)
    assert stack.visitor("harbour").get("/healthz").status_code == 502
    status = stack.command("status", "--json", check=False)
    assert status.returncode == 3 and json.loads(status.stdout)["state"] == "partial"
    stack.command("up", "--no-data")
    assert stack.visitor("harbour").get("/healthz").status_code == 200
