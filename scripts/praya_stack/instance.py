# SPDX-License-Identifier: ISC
"""Where an instance keeps its things, and as whom its parts run.

Everything lies below one state folder (PRAYA_VAR). Three parts may be moved
out of it, to places written down in VAR/stack.json:

home     database, installed tree and sockets' folder. Elsewhere when root
         starts the instance in a folder that PostgreSQL's user cannot reach.
run      sockets. Elsewhere when the path is too long for a unix socket.
scratch  what may touch no disk: in /dev/shm, where that is large enough.

Started by root, PostgreSQL runs as postgres and nginx's workers as www-data;
the pools run as root, because the operators' command line, run by the same
root, shares files with them. (An installation has a user of its own for both,
see nginx/systemd.) Started by anybody else, all of it runs as that user.
"""
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from .region import REGIONS

SOURCE = Path(__file__).resolve().parents[2]
DOMAIN = "praya.localhost"
DEFAULT_PORT = 8443
# A unix socket's address has 107 bytes.
RUN_MAX = 107 - len("/db-sg/.s.PGSQL.5432")
OUTSIDE = Path("/var/lib/praya-demo")
SCRATCH_MIN = 2 * 1024**3
FOREIGN_USERS = ("postgres", "www-data")


class StackError(Exception):
    """Something the caller can read and act upon."""


def run(argv, **options):
    """A command that has to succeed; its own words are the error."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(
        [str(a) for a in argv], text=True, capture_output=True, check=False, **options
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise StackError(f"{Path(str(argv[0])).name} failed: " + "\n  ".join(said[-8:]))
    return done.stdout


def as_user(user, argv):
    """argv, to be run as another user without any rights of root's."""
    if user is None:
        return argv
    return [
        "/usr/bin/setpriv",
        f"--reuid={user}",
        f"--regid={user}",
        "--init-groups",
        "--no-new-privs",
        "--",
        *argv,
    ]


def can_enter(user, folder):
    argv = as_user(user, ["/usr/bin/test", "-x", str(folder)])
    return subprocess.run(argv, stdin=subprocess.DEVNULL, check=False).returncode == 0


def make_folder(folder, mode):
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(mode)


class Instance:
    """One state folder. `record` is what VAR/stack.json remembers."""

    def __init__(self, environ):
        self.var = Path(environ.get("PRAYA_VAR") or SOURCE / "var").resolve()
        self.root = os.geteuid() == 0
        # Folders that postgres and www-data have to pass through.
        self.open_mode = 0o711 if self.root else 0o700
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.id = hashlib.sha256(str(self.var).encode()).hexdigest()[:12]
        self.record_file = self.var / "stack.json"
        self.record = {}
        if self.record_file.exists():
            self.record = json.loads(self.record_file.read_text())
        self.environ = environ

    # Places

    @property
    def exists(self):
        return bool(self.record)

    @property
    def home(self):
        return Path(self.record["home"])

    @property
    def run_dir(self):
        return Path(self.record["run"])

    @property
    def scratch(self):
        return Path(self.record["scratch"])

    @property
    def port(self):
        return self.record["port"]

    @property
    def pids(self):
        return self.home / "pids"

    @property
    def installed(self):
        return self.home / "inst"

    @property
    def share(self):
        return self.installed / "share/praya"

    @property
    def cli(self):
        return self.installed / "bin/praya"

    @property
    def config(self):
        return self.var / "praya.conf"

    @property
    def ca_cert(self):
        return self.var / "tls/ca.pem"

    @property
    def directory_password(self):
        """Of the role that all regions read the directory as."""
        return self.var / "secrets/directory.password"

    @property
    def pg_user(self):
        return "postgres" if self.root else None

    def origin(self, slug):
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{slug}.{DOMAIN}{port}"

    # Making and unmaking

    def prepare(self, choices):
        """Makes the folders and writes down where things are. choices: what the
        caller asked for; what it left open stays as it was, or is the default."""
        if set(str(self.var)) & set(" \t\n'\"\\;{}$#"):
            raise StackError(f"{self.var}: choose a folder without blanks and quotes (PRAYA_VAR)")
        record = {
            "home": self.record.get("home") or str(self._choose_home()),
            "port": DEFAULT_PORT,
            "listen": ["127.0.0.1"],
            "web": 4,
            "files": 2,
            "workers": 1,
            "connections": 20,
            "buffers": "256MB",
            "faketime": None,
            "fsync": "on",
        }
        record.update({k: v for k, v in self.record.items() if k in record})
        record.update({k: v for k, v in choices.items() if v is not None})
        home = Path(record["home"])
        make_folder(home, self.open_mode)
        record["run"] = str(self._keep_or_choose("run", self._choose_run, home))
        record["scratch"] = str(self._keep_or_choose("scratch", self._choose_scratch, home))
        self.record = record
        for name in ("log", "mail", "secrets", "tls", *(r.of("files") for r in REGIONS)):
            make_folder(self.var / name, 0o700)
        if not self.directory_password.exists():
            self.directory_password.touch(0o600)
            self.directory_password.write_text(secrets.token_hex(16) + "\n")
        make_folder(self.pids, 0o700)
        for region in REGIONS:
            make_folder(self.scratch / region.of("work"), 0o700)
            make_folder(self.scratch / region.of("metrics"), 0o700)
        for place in (self.run_dir, self.scratch):
            make_folder(place, self.open_mode)
            place.chmod(self.open_mode)
        self.save()

    def save(self):
        new = self.record_file.with_suffix(".new")
        new.write_text(json.dumps(self.record, indent=1) + "\n")
        new.replace(self.record_file)

    def lock(self):
        """Held until the process ends: one up, down or reset at a time."""
        make_folder(self.var, self.open_mode)
        self._lock = open(self.var / "lock", "w", encoding="ascii")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def wipe(self):
        """Removes what prepare() and the parts made, and nothing else: VAR may
        be a folder that holds other things too."""
        if not self.record:
            return
        for place in (self.run_dir, self.scratch):
            shutil.rmtree(place, ignore_errors=True)
        ours = (
            "pg inst inst.new run tmp log pids mail files secrets tls nginx "
            "ledger stack.json praya.conf praya-web.conf demo.json"
        ).split()
        ours += [r.of(n) for r in REGIONS if not r.first for n in ("pg", "files")]
        ours += [r.config(self).name for r in REGIONS]
        for folder in {self.home, self.var}:
            for name in ours:
                entry = folder / name
                if entry.is_dir() and not entry.is_symlink():
                    # A workspace has more than a thousand files.
                    run(["/bin/rm", "-rf", "--", entry])
                else:
                    entry.unlink(missing_ok=True)
        if self.home != self.var:
            self.home.rmdir()
        self.record = {}

    # Choices

    def _choose_home(self):
        if not self.root or all(can_enter(u, self.var) for u in FOREIGN_USERS):
            return self.var
        make_folder(OUTSIDE, 0o711)
        return OUTSIDE / self.id

    def _keep_or_choose(self, name, choose, home):
        kept = self.record.get(name)
        # Sockets and scratch are gone after a restart of the machine.
        if kept and (Path(kept).is_dir() or Path(kept).is_relative_to(home)):
            return kept
        return choose(home)

    def _choose_run(self, home):
        near = home / "run"
        if len(os.fsencode(near)) <= RUN_MAX:
            return near
        parent = "/run" if self.root else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
        return self._own_folder(Path(parent))

    def _choose_scratch(self, home):
        shm = Path("/dev/shm")
        if os.access(shm, os.W_OK | os.X_OK) and shutil.disk_usage(shm).free >= SCRATCH_MIN:
            return self._own_folder(shm)
        return home / "tmp"

    def _own_folder(self, parent):
        """Always the same, so that none is left behind; unless somebody else has
        made one of that name in a folder that all may write to."""
        folder = parent / f"praya-{self.id}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                return tempfile.mkdtemp(prefix="praya-", dir=parent)
        return folder
