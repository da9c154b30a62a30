# SPDX-License-Identifier: ISC
"""Processor time and memory of processes."""
import os
import threading
import time
from pathlib import Path

TICK = 1_000_000 // os.sysconf("SC_CLK_TCK")


def cpu_us(pids):
    """Microseconds that the processes have run, as long as they live."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = text[text.rindex(")") + 2 :].split()
        total += (int(fields[11]) + int(fields[12])) * TICK
    return total


def memory(pid, name="RssAnon"):
    """Bytes: RssAnon is what the process has to itself."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


class Peak:
    """The most that any of the processes held while this was open."""

    def __init__(self, pids):
        self.pids = pids
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.over.is_set():
            self.most = max(self.most, *(memory(pid) for pid in self.pids()))
            self.over.wait(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.thread.join()


class Clock:
    def __enter__(self):
        self.start = time.monotonic()
        return self

    def __exit__(self, *what):
        self.seconds = time.monotonic() - self.start
