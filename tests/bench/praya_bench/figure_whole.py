# SPDX-License-Identifier: ISC
"""A whole workspace taken out, against pg_dump and `zip` on the same bytes; and made again from that."""
import shutil
import subprocess
import zipfile

import jobs
from whole import ask_whole

from . import people, person
from .load import median
from .proc import Clock, Peak
from .stand import PSQL, say
from .table import Row, at_most

MIB = 1024 * 1024
FILL = """
insert into contact (name_en, email, bio) select 'Person ' || n, 'p' || n || '@example.com', repeat('About ' || n || '. ', 20)
	from generate_series(1, {contacts}) n;
insert into message (contact_id, channel, direction, subject, body, happened_at)
	select c.contact_id, 'email', 'in', 'Subject ' || n, repeat('Words of ' || n || '. ', 30), now() - n * interval '1 minute'
	from generate_series(1, {messages}) n
	join (select contact_id, row_number() over (order by contact_id) as k from contact) c on c.k = 1 + n % {contacts};
update workspace set export_threshold = 1000000000;
"""


def take_out(space, folder, number):
    """Through the worker, as an administrator asks for it: seconds and memory; the files are fetched afterwards."""
    stand = space.stand
    with Peak(lambda: stand.pids("worker")) as peak, Clock() as clock:
        result = jobs.done(space.api, ask_whole(space.api)["job"], 3600)
    volumes = []
    for path in result["downloads"]:
        volumes.append(folder / f"{number}-{len(volumes)}.zip")
        with space.api.get(path, stream=True) as answer, open(volumes[-1], "wb") as out:
            assert answer.status_code == 200, answer.status_code
            shutil.copyfileobj(answer.raw, out)
    return clock.seconds, peak.most, volumes


def by_hand(space, folder, volumes):
    """pg_dump of the database, zip of what was taken out."""
    plain = folder / "plain"
    for volume in volumes:
        with zipfile.ZipFile(volume) as archive:
            archive.extractall(plain)
    with Clock() as clock:
        subprocess.run([PSQL.replace("psql", "pg_dump"), "-Fc", "-f", folder / "dump", space.uri()], check=True)
        subprocess.run(["zip", "-q", "-r", folder / "plain.zip", "."], cwd=plain, check=True)
    size = sum(f.stat().st_size for f in plain.rglob("*") if f.is_file())
    shutil.rmtree(plain)
    return clock.seconds, size


def run(stand):
    size = stand.size
    space = stand.fresh("whole")
    person.make(space, 0, size.whole_files)
    indexes = people.bare(space, "contact") + people.bare(space, "message")
    space.sql(FILL.format(contacts=size.whole_contacts, messages=size.whole_messages))
    people.build(space, indexes)
    space.sql("vacuum analyze contact, message;")
    rounds = []
    for index in range(min(size.rounds, 3)):
        folder = stand.var / "whole"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        ours, memory, volumes = take_out(space, folder, index)
        theirs, plain = by_hand(space, folder, volumes)
        rounds.append((ours, theirs, memory))
        say(f"  round {index + 1}: export {ours:.1f} s, pg_dump and zip {theirs:.1f} s, {memory / MIB:.1f} MiB")
    with Clock() as back:
        stand.stack.praya("tenant", "import-workspace", *volumes, "--slug", f"{space.slug}b")
    shutil.rmtree(folder)
    what = f"{size.whole_contacts:,} contacts, {size.whole_messages:,} messages, {size.whole_files:,} files of 1 MiB"
    yield at_most(f"export of a whole workspace, {what}: minutes, at most", max(o for o, _, _ in rounds) / 60, 15, "{:.1f}")
    yield at_most("private memory of the worker meanwhile, at most", max(m for _, _, m in rounds) / MIB, 64, "{:.1f} MiB")
    yield at_most("its time against pg_dump and zip on the same bytes", median([o / t for o, t, _ in rounds]), 2)
    yield Row(f"&ensp;the two, {plain / MIB:.0f} MiB; and `import-workspace`",
              f"{median([o for o, _, _ in rounds]):.1f} s, {median([t for _, t, _ in rounds]):.1f} s; {back.seconds:.1f} s")
