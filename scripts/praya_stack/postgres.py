# SPDX-License-Identifier: ISC
"""The private cluster: no TCP, one superuser known by the caller's own uid."""
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from .instance import SOURCE, StackError, as_user, make_folder, run
from .process import Daemon, inside, wait_until
from .region import REGIONS

BIN = Path("/usr/lib/postgresql/15/bin")
PORT = 5432
# The loader replaces $LIB by this machine's library folder.
FAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"

# Besides what Praya asks of every cluster. WAL is kept no longer than a crash
# needs it: an erased person's row is in there.
ASKED = SOURCE / "conf/postgresql.conf"
SETTINGS = """# SPDX-License-Identifier: ISC
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0777
hba_file = '{data}/praya_hba.conf'
ident_file = '{data}/praya_ident.conf'
max_connections = 200
shared_buffers = {buffers}
jit = off

fsync = {fsync}
wal_level = minimal
max_wal_senders = 0
wal_recycle = off
min_wal_size = 32MB
max_wal_size = 1GB
checkpoint_timeout = 5min

logging_collector = off
log_line_prefix = '%m [%p] %d '
log_temp_files = -1
log_autovacuum_min_duration = -1

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""

# Where nothing waits for a disk, nothing of it is to be mended after the machine is lost:
# pages are not written twice, nor logs filled with zeros first. What autovacuum would find in
# a hundred databases of a few minutes' age costs more than it saves.
CARELESS = """
full_page_writes = off
wal_init_zero = off
autovacuum_naptime = 15min
"""

# A workspace's role and database have the same name; so have those of the
# directory and the cell. What passes the first line is the superuser.
HBA = """# SPDX-License-Identifier: ISC
local all      postgres       peer map=praya
local all      praya_migrate  scram-sha-256
local all      praya_backup   scram-sha-256
local sameuser all            scram-sha-256
"""

IDENT = """# SPDX-License-Identifier: ISC
praya "{user}" postgres
praya postgres postgres
"""


def copy(seed, new):
    run(["cp", "-a", seed, new])


def keep(new, seed):
    """For whoever starts next; it may be that somebody else was quicker."""
    made = Path(tempfile.mkdtemp(prefix="seed-", dir=seed.parent)) / "pg"
    copy(new, made)
    try:
        made.rename(seed)
    except OSError:
        pass
    shutil.rmtree(made.parent)


class Postgres:
    def __init__(self, instance, region=REGIONS[0]):
        self.instance = instance
        self.region = region
        self.data = instance.home / region.of("pg")
        self.sockets = instance.run_dir / region.of("db")
        self.daemon = Daemon(
            instance,
            region.of("postgres"),
            [*self._clock(), BIN / "postgres", "-D", self.data],
            user=instance.pg_user,
            about=[self._settings(), HBA],
            stop=signal.SIGINT,
        )

    def _clock(self):
        """What makes the server see another time. Not in the daemon's own
        environment: libfaketime shares memory with programs it was loaded into
        before, and setpriv is another user's."""
        offset = self.instance.record.get("faketime")
        if not offset:
            return []
        if not list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")):
            raise StackError("another time needs the package faketime")
        names = {"LD_PRELOAD": FAKETIME, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return ["/usr/bin/env", *(f"{name}={value}" for name, value in names.items())]

    def _settings(self):
        fsync = self.instance.record.get("fsync") or "on"
        buffers = self.instance.record["buffers"] if self.region.first else "32MB"
        return ASKED.read_text() + SETTINGS.format(
            port=PORT, sockets=self.sockets, data=self.data, fsync=fsync, buffers=buffers
        ) + (CARELESS if fsync == "off" else "")

    @property
    def uri(self):
        host = urllib.parse.quote(str(self.sockets), safe="")
        return f"postgresql://postgres@/postgres?host={host}&port={PORT}"

    def conninfo(self, **more):
        parts = {"host": self.sockets, "port": PORT, **more}
        return " ".join(f"{k}={v}" for k, v in parts.items())

    def directory(self, **more):
        """Where the directory is: in the first region's cluster."""
        return Postgres(self.instance).conninfo(**more)

    def up(self):
        """Makes the cluster when there is none, and returns when it answers."""
        self._make()
        self._configure()
        if not self.daemon.leader():
            self._forget_killed()
        self.daemon.ensure()
        wait_until(lambda: self.ready() or not self.daemon.leader(), 120)
        if not self.ready():
            raise StackError("PostgreSQL does not start\n" + self.daemon.tail())

    def _make(self):
        if (self.data / "PG_VERSION").exists():
            return
        new = self.data.with_name(self.data.name + ".new")
        if new.exists():
            shutil.rmtree(new)
        seed = self.instance.environ.get("PRAYA_PG_SEED")
        if seed and Path(seed).exists():
            copy(seed, new)
        else:
            self._initdb(new)
            if seed:
                keep(new, Path(seed))
        new.rename(self.data)

    def _initdb(self, new):
        user = self.instance.pg_user
        make_folder(new, 0o700)
        if user:
            shutil.chown(new, user, user)
        options = "--username=postgres --auth=reject --encoding=UTF8 --locale=C.UTF-8 --data-checksums"
        run(as_user(user, [f"{BIN}/initdb", "-D", str(new), "--no-instructions", *options.split()]))

    def _configure(self):
        user = self.instance.pg_user
        make_folder(self.sockets, self.instance.open_mode)
        if user:
            shutil.chown(self.sockets, user, user)
        files = {
            "praya.conf": self._settings(),
            "praya_hba.conf": HBA,
            "praya_ident.conf": IDENT.format(user=self.instance.user),
            "postgresql.conf": "include 'praya.conf'\n",
        }
        for name, text in files.items():
            file = self.data / name
            file.write_text(text)
            file.chmod(0o600)
            if user:
                shutil.chown(file, user, user)

    def _forget_killed(self):
        """A killed server whose parent has not noticed yet still has its number,
        and PostgreSQL would not start while a lock names it, that of the data or
        that of the socket. Its children see its end by themselves; none may be
        left when the locks go."""
        locks = (self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock")
        if not any(lock.exists() for lock in locks):
            return
        if wait_until(lambda: not inside(self.data), 30):
            for lock in locks:
                lock.unlink(missing_ok=True)

    def ready(self):
        argv = [BIN / "pg_isready", "-q", "-h", self.sockets, "-p", str(PORT)]
        return subprocess.run(argv, check=False).returncode == 0

    def sql(self, text, database="postgres"):
        argv = [BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        argv += ["-h", self.sockets, "-p", str(PORT), "-U", "postgres", "-d", database, "-c", text]
        return run(argv, env={"PATH": "/usr/bin:/bin", "PGCONNECT_TIMEOUT": "10"})

    def down(self, at_once=False):
        """At once: without writing what is in memory, for what is wiped next."""
        if at_once:
            self.daemon.stop_signal = signal.SIGQUIT
        self.daemon.stop(60)
