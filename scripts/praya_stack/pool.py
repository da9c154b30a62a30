# SPDX-License-Identifier: ISC
"""The installed tree, praya.conf, and the processes that use them."""
import hashlib
import os
import shutil
import signal
from pathlib import Path

from .instance import DOMAIN, SOURCE, StackError, run
from .region import REGIONS
from .process import Daemon, children, read_proc, signal_proc, wait_until


SMALL = {"web": 2, "files": 1, "worker": 1}


def install(instance, build):
    """Builds what is outdated and installs it below the instance, or copies
    PRAYA_TREE. Returns a digest of the tree; the tree itself is replaced only
    when it differs."""
    new = instance.home / "inst.new"
    shutil.rmtree(new, ignore_errors=True)
    made = instance.environ.get("PRAYA_TREE")
    if made:
        shutil.copytree(made, new, symlinks=True)
    else:
        make(build, new)
    if instance.root:
        for folder, _, _ in os.walk(new):
            os.chmod(folder, 0o755)
    digest = tree_digest(new)
    if instance.installed.exists():
        if tree_digest(instance.installed) == digest:
            shutil.rmtree(new)
            return digest
        shutil.rmtree(instance.home / "inst.old", ignore_errors=True)
        instance.installed.rename(instance.home / "inst.old")
    new.rename(instance.installed)
    shutil.rmtree(instance.home / "inst.old", ignore_errors=True)
    return digest


def make(build, new):
    if not (build / "Makefile").exists():
        raise StackError(f"nothing is configured in {build}: run scripts/build first")
    env = {**os.environ, "MAKEFLAGS": "", "MAKELEVEL": ""}
    jobs = f"-j{os.cpu_count() or 1}"
    run(["make", "-s", jobs, "-C", build, "all"], env=env)
    run(["make", "-s", "-C", build, "install", f"prefix={new}"], env=env)


def tree_digest(top):
    total = hashlib.sha256()
    for file in sorted(p for p in top.rglob("*") if p.is_file()):
        total.update(str(file.relative_to(top)).encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


class Pools:
    """praya-web for pages, praya-web for files, praya-worker: of each region."""

    def __init__(self, instance, tree):
        self.instance = instance
        self.parts = []
        self.sizes = {}
        for region in REGIONS:
            self._region(region)
        self.tree_file = instance.pids / "tree"
        self.tree = tree

    def _region(self, region):
        record = self.instance.record
        sizes = {"web": record["web"], "files": record["files"], "worker": record["workers"]}
        for part, size in sizes.items():
            name = region.of(part)
            argv = [part] if part == "worker" else [part, self.instance.run_dir / f"{name}.sock"]
            # Few people live in the others.
            self.sizes[name] = size if region.first else min(size, SMALL[part])
            self.parts.append(self._part(region, name, argv))

    def _part(self, region, name, argv):
        instance = self.instance
        file = region.config(instance)
        env = {
            "PRAYA_CONF": str(file),
            "PRAYA_BINDIR": str(instance.installed / "bin"),
            "PRAYA_MULTIWATCH_CONF": str(instance.share / "nginx/multiwatch.conf"),
            "PRAYA_WEB": str(self.sizes[name]),
            "PRAYA_FILES": str(self.sizes[name]),
            "PRAYA_WORKERS": str(self.sizes[name]),
        }
        if instance.root:
            env["PRAYA_SOCKET_GROUP"] = "www-data"
        pool = instance.installed / "libexec/praya/praya-pool"
        config = file.read_text() if file.exists() else ""
        return Daemon(instance, name, [pool, *argv], env=env, about=config)

    def up(self):
        """Starts what does not run; gives what runs the new tree, one process
        after another, so that no request is lost."""
        known = self.tree_file.read_text() if self.tree_file.exists() else ""
        for part in self.parts:
            if part.current() and known != self.tree:
                self.roll(part)
            else:
                part.ensure()
        self.tree_file.write_text(self.tree)

    def reload(self):
        for part in self.parts:
            if part.current():
                self.roll(part)
            else:
                part.ensure()

    def roll(self, part):
        """SIGTERM to each process in turn; multiwatch starts its successor."""
        leader = part.leader()
        size = self.sizes[part.name]
        for old in children(leader.pid):
            signal_proc(old.pid, signal.SIGTERM)
            wait_until(lambda pid=old.pid: read_proc(pid) is None, 60)
            if not wait_until(lambda: len(children(leader.pid)) >= size, 10):
                raise StackError(f"{part.name}: no successor comes up\n" + part.tail())

    def down(self):
        for part in self.parts:
            part.stop(90)

    def running(self):
        """{name: number of processes}"""
        found = {}
        for part in self.parts:
            leader = part.leader()
            found[part.name] = len(children(leader.pid)) if leader else 0
        return found

    def ended(self):
        """Some pool has given up."""
        return not all(part.leader() for part in self.parts)

    def tail(self):
        return "\n".join(part.tail() for part in self.parts)
