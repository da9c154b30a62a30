# SPDX-License-Identifier: ISC
"""Long-running parts of an instance.

Each part leads a session of its own, so all its children can be found even
when the leader was killed. Its pid is written down with the time the kernel
started it and the boot it belongs to: a number that another process has got
since is never taken for ours.
"""
import dataclasses
import hashlib
import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

from .instance import StackError, as_user

LOG_MAX = 10 * 1024**2
POLL = 0.05


def boot_id():
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclasses.dataclass
class Proc:
    pid: int
    state: str
    parent: int
    session: int
    start: int


def read_proc(pid):
    """None when there is no such process, or only what is left of one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Proc(int(pid), fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def all_procs():
    found = (read_proc(name) for name in os.listdir("/proc") if name.isdigit())
    return [p for p in found if p]


def children(pid):
    return sorted((p for p in all_procs() if p.parent == pid), key=lambda p: p.start)


def inside(folder):
    """Live processes whose working directory is the folder."""
    found = []
    for proc in all_procs():
        try:
            if os.readlink(f"/proc/{proc.pid}/cwd") == str(folder):
                found.append(proc)
        except OSError:
            pass
    return found


def wait_until(condition, seconds):
    """Polls; what it waits for has no event of its own. True when it came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL)
    return True


def signal_proc(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Running:
    """What a pid file tells of a part."""

    def __init__(self, file, stop=signal.SIGTERM):
        self.file = file
        self.name = file.stem
        self.stop_signal = stop

    def record(self):
        try:
            record = json.loads(self.file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return record if record["boot"] == boot_id() else None

    def leader(self):
        """Its process, None when it does not run."""
        record = self.record()
        if not record:
            return None
        proc = read_proc(record["pid"])
        return proc if proc and proc.start == record["start"] else None

    def members(self):
        """All its processes. A session's number is not given to another process
        as long as one of its members lives."""
        record = self.record()
        if not record:
            return []
        now = read_proc(record["pid"])
        if now and now.start != record["start"]:
            return []
        return [
            p for p in all_procs() if p.session == record["pid"] and p.start >= record["start"]
        ]

    def stop(self, seconds=30):
        """The gentle way, then the other. Afterwards nothing of it runs."""
        leader = self.leader()
        if leader:
            signal_proc(leader.pid, self.stop_signal)
            wait_until(lambda: not self.leader(), seconds)
        # Whom the leader left behind, it and they when they did not obey.
        for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            left = self.members()
            for member in left:
                signal_proc(member.pid, number)
            if not left or wait_until(lambda: not self.members(), patience):
                break
        else:
            raise StackError(f"{self.name} cannot be stopped")
        self.file.unlink(missing_ok=True)


class Daemon(Running):
    """A part as it should run. `about` is anything whose change means it has to
    start anew."""

    def __init__(self, instance, name, argv, user=None, env=None, about="", stop=signal.SIGTERM):
        super().__init__(instance.pids / f"{name}.json", stop)
        self.argv = [str(a) for a in argv]
        self.user = user
        self.env = env or {}
        self.log = instance.var / "log" / f"{name}.log"
        known = json.dumps([self.argv, user, sorted(self.env.items()), about])
        self.digest = hashlib.sha256(known.encode()).hexdigest()

    def current(self):
        """Runs, as it would be started now."""
        record = self.record()
        return bool(self.leader() and record["digest"] == self.digest)

    def start(self):
        self.stop()
        if self.log.exists() and self.log.stat().st_size > LOG_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self.env}
        with open(self.log, "ab") as out:
            child = subprocess.Popen(
                as_user(self.user, self.argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=env,
                cwd="/",
                start_new_session=True,
                preexec_fn=no_core,
            )
        proc = read_proc(child.pid)
        record = {
            "pid": child.pid,
            "start": proc.start if proc else 0,
            "boot": boot_id(),
            "digest": self.digest,
        }
        self.file.write_text(json.dumps(record) + "\n")

    def ensure(self):
        """Starts it unless it runs as it should. True when it was started."""
        if self.current():
            return False
        self.start()
        return True

    def tail(self, lines=12):
        if not self.log.exists():
            return ""
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {self.name}: {line}" for line in text)


def no_core():
    """A core file would hold personal data."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
