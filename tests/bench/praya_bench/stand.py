# SPDX-License-Identifier: ISC
"""The instance that is measured, and its workspaces."""
import dataclasses
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "tests/lib"), str(TOP / "scripts")]

import harness  # noqa: E402
from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children  # noqa: E402

PSQL = "/usr/lib/postgresql/15/bin/psql"


@dataclasses.dataclass(frozen=True)
class Size:
    small: int  # contacts of the small workspace
    large: int  # and of the large one
    rows: int  # of the imported file
    messages: int  # of a person
    files: int  # of a person, 1 MiB each
    rounds: int
    turns: int  # rounds of the list page, whose turns are short
    seconds: int  # that each load lasts in a round
    settle: int  # requests after which memory is compared
    requests: int  # and with how many more
    not_found: int  # answers that are compared by their time
    events: int  # of the audit log
    whole_contacts: int  # of the workspace that is taken out whole
    whole_messages: int
    whole_files: int  # 1 MiB each
    many: int  # workspaces in one cluster


SIZES = {
    "full": Size(10_000, 1_000_000, 100_000, 10_000, 100, 7, 25, 4, 10_000, 100_000, 1_000, 10_000_000, 100_000, 500_000, 1_000, 1_000),
    "quick": Size(1_000, 10_000, 2_000, 300, 5, 2, 3, 1, 300, 1_000, 50, 130_000, 500, 2_000, 5, 30),
}


def say(text):
    print(text, flush=True)


def buffers():
    """A quarter of the machine's memory, as PostgreSQL's manual has it."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**22}MB"


class Stand:
    def __init__(self, build, var, size):
        self.build = Path(build).resolve()
        self.size = size
        self.stack = None
        self.var = Path(var)
        self.spaces = {}

    def up(self):
        self.var.mkdir(parents=True, exist_ok=True)
        self.var.chmod(0o711)
        port = str(harness.free_port())
        # What is acknowledged is on the disk, whatever tests in this shell do without. Pools that use what
        # the server's max_connections (200) leaves them.
        environ = {"PRAYA_BUILD": str(self.build), "PRAYA_FSYNC": "on", "PRAYA_CONNECTIONS": "36", "PRAYA_BUFFERS": buffers()}
        record = self.var / "stack.json"
        kept = record.exists()
        if kept:
            port = str(json.loads(record.read_text())["port"])
        self.stack = harness.Stack.start("--no-data", var=self.var, PRAYA_PORT=port, **environ)
        if kept:
            # By what an older Praya left there, in each region.
            for config in sorted(self.var.glob("praya*.conf")):
                for words in (["init"], ["tenant", "migrate"]):
                    subprocess.run([self.stack.status["cli"], "--config", config, *words], check=True, capture_output=True)

    def down(self):
        if self.stack:
            self.stack.command("down")

    def wipe(self):
        """Stops it and removes what it stored."""
        if self.stack:
            self.stack.command("wipe")

    @property
    def instance(self):
        return Instance({**os.environ, "PRAYA_VAR": str(self.var)})

    def space(self, slug):
        if slug not in self.spaces:
            self.spaces[slug] = Space(self, slug)
        return self.spaces[slug]

    def fresh(self, kind):
        """An empty workspace, every time another."""
        return self.space(f"{kind}{secrets.token_hex(4)}")

    def pids(self, part):
        """Processes of a part, without the one that watches over the others:
        postgres, web, files, worker, nginx."""
        leader = Running(self.instance.pids / f"{part}.json").leader()
        return [child.pid for child in children(leader.pid)]


class Space:
    """A workspace with an administrator who is signed in."""

    def __init__(self, stand, slug):
        self.stand = stand
        self.stack = stand.stack
        self.slug = slug
        self.email = f"admin@{slug}.example"
        # The same whenever the instance is kept, and no word that the rules refuse.
        self.password = hashlib.sha256(slug.encode()).hexdigest()[:20]
        self._cookie = None
        self._api = None
        listed = self.stack.praya_json("tenant", "list")
        if not any(tenant["slug"] == slug for tenant in listed):
            argv = ["tenant", "create", slug, "--name", slug, "--region", "hk"]
            argv += ["--admin-email", self.email, "--admin-password-stdin"]
            self.stack.praya(*argv, stdin=self.password + "\n")
        self.database = self.stack.praya_json("tenant", "show", slug)["database"]
        self.origin = self.stack.origin(slug)

    @property
    def person(self):
        return harness.Person(self.stack, self.slug, self.email, self.password)

    @property
    def cookie(self):
        """As a header for programs that are no browser."""
        if self._cookie is None:
            jar = self.person.browser().cookies
            self._cookie = "Cookie: " + "; ".join(f"{c.name}={c.value}" for c in jar)
        return self._cookie

    @property
    def api(self):
        if self._api is None:
            self._api = self.person.api("bench")
        return self._api

    def uri(self, role=None):
        uri = self.stack.status["pg_uri"].replace("/postgres?", f"/{self.database}?", 1)
        return uri + (f"&options=-c%20role%3D{role}" if role else "")

    def sql(self, text, role=None, check=True):
        """The last statement's rows as lists of texts. role None: the superuser."""
        argv = [PSQL, "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.uri(role)]
        done = subprocess.run(argv, input=text, text=True, capture_output=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.slug}: {done.stderr.strip()[:2000]}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def one(self, text, role=None):
        return self.sql(text, role)[-1][0]

    def timed(self, text, role=None):
        """Seconds that a script takes inside one session."""
        start = time.monotonic()
        self.sql(text, role)
        return time.monotonic() - start

    def has(self, table):
        return self.one(f"select to_regclass('{table}') is not null") == "t"
