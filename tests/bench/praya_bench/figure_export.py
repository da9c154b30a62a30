# SPDX-License-Identifier: ISC
"""Everything held on one person as a ZIP, against `zip` on the same bytes."""
import io
import shutil
import subprocess
import zipfile

import jobs

from . import person
from .load import median
from .proc import Clock, Peak
from .stand import say
from .table import Row, at_most

MIB = 1024 * 1024


def run(stand):
    size = stand.size
    space = stand.fresh("export")
    number = person.make(space, size.messages, size.files)
    folder = stand.var / "export"
    rounds = []
    for index in range(min(size.rounds, 5)):
        with Peak(lambda: stand.pids("worker")) as peak, Clock() as ours:
            job = space.api.ok("POST", f"/contacts/{number}/export", status=202, json={})["job"]
            result = jobs.done(space.api, job, 600)
        answer = space.api.get(result["download"])
        assert answer.status_code == 200, answer.status_code
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(folder)
            bytes_in = sum(entry.file_size for entry in archive.infolist())
        with Clock() as theirs:
            subprocess.run(["zip", "-q", "-r", stand.var / "export.zip", "."], cwd=folder, check=True)
        (stand.var / "export.zip").unlink()
        rounds.append((ours.seconds, theirs.seconds, peak.most))
        say(
            f"  round {index + 1}: export {ours.seconds:.1f} s, zip {theirs.seconds:.1f} s, "
            f"{peak.most / MIB:.1f} MiB"
        )
    shutil.rmtree(folder)
    yield at_most(
        f"export of a person with {size.messages:,} messages and {size.files} files of 1 MiB: "
        "private memory of the worker, at most",
        max(m for _, _, m in rounds) / MIB,
        64,
        "{:.1f} MiB",
    )
    yield at_most("its time against zip on the same bytes", median([o / t for o, t, _ in rounds]), 3)
    yield Row(
        f"&ensp;the two, {bytes_in / MIB:.0f} MiB",
        f"{median([o for o, _, _ in rounds]):.1f} s, {median([t for _, t, _ in rounds]):.1f} s",
    )
