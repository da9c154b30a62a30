# SPDX-License-Identifier: ISC
"""wrk and pgbench, and what their answers mean."""
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
REPORT = Path(__file__).resolve().parents[1] / "report.lua"


class Load:
    """What came of one load: requests a second, latencies in milliseconds."""

    def __init__(self, requests, seconds, latencies_us):
        self.requests = requests
        self.rate = requests / seconds
        self.p50, self.p99, self.worst = (us / 1000 for us in latencies_us)


def wrk(origin, path, cookie, clients, seconds, paths=()):
    argv = ["wrk", "-t", str(min(clients, 2)), "-c", str(clients), "-d", f"{seconds}s"]
    argv += ["--timeout", "30s", "-s", str(REPORT), "-H", cookie, origin + path, "--", *paths]
    done = subprocess.run(argv, text=True, capture_output=True, check=True)
    said = json.loads(done.stdout.strip().splitlines()[-1])
    if said["bad"] or said["broken"] or not said["requests"]:
        raise RuntimeError(f"{path}: {said}")
    return Load(said["requests"], said["us"] / 1e6, (said["p50"], said["p99"], said["max"]))


def percentile(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


# What praya-web's sessions start with (src/db/conn.c).
SESSION = (
    "-c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c standard_conforming_strings=on "
    "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c jit=off"
)


def pgbench(space, script, values, clients, seconds, role=None):
    """The statements of a page, each client on a connection that it keeps."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        argv = [PGBENCH, "-n", "-M", "prepared", "-f", f"{folder}/script.sql", "-c", str(clients)]
        argv += ["-j", str(min(clients, 2)), "-T", str(seconds), "-l", f"--log-prefix={folder}/log"]
        for name, value in values.items():
            argv += ["-D", f"{name}={value}"]
        env = {**os.environ, "PGOPTIONS": f"{SESSION} -c role={role or space.database}"}
        done = subprocess.run([*argv, space.uri()], env=env, text=True, capture_output=True, check=False)
        if done.returncode != 0 or "aborted" in done.stderr:
            raise RuntimeError(f"pgbench: {done.stderr.strip()[-1500:]}")
        times = []
        for log in Path(folder).glob("log.*"):
            times += [int(line.split()[2]) for line in log.read_text().splitlines()]
    times.sort()
    rate = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
    return Load(len(times), len(times) / rate, (percentile(times, 0.5), percentile(times, 0.99), times[-1]))


def median(values):
    return statistics.median(values)
