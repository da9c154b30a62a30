# SPDX-License-Identifier: ISC
"""The copy of a person for a privacy request: put together as at receipt with what tells of
others proposed for redaction, looked through, approved, and packed."""
import jobs

from . import person
from .load import median
from .proc import Clock, Peak
from .stand import say
from .table import Row

MIB = 1024 * 1024
# In each message somebody else: a name that is known, one that is not, a number, an address.
OTHERS = """update message set body = body || ' Met ' || (array['Kwok Mei Fong', 'Mr Ng', '郭美芳小姐', 'Ho Ka Yan'])[1 + message_id % 4]
	|| ', call ' || (60000000 + message_id % 5000) || ' or write to friend' || message_id % 3000 || '@other.example.'
	where contact_id = {0}"""


def step(space, case, action, **values):
    version = space.api.ok("GET", f"/privacy/requests/{case}")["version"]
    space.api.ok("POST", f"/privacy/requests/{case}/{action}", json=values, headers={"If-Match": str(version)})


def once(stand, size):
    space = stand.fresh("copy")
    number = person.make(space, size.messages, 1)
    for name in ("Kwok Mei Fong", "Ho Ka Yan"):
        space.api.ok("POST", "/contacts", json={"name_en": name})
    space.sql(OTHERS.format(number))
    case = space.api.ok("POST", "/privacy/requests", json={
        "kind": "access", "channel": "letter", "contact_ids": [number]})["id"]
    with Peak(lambda: stand.pids("worker")) as peak:
        with Clock() as copied:
            jobs.done(space.api, space.api.ok("POST", f"/privacy/requests/{case}/copy", status=202)["job"], 600)
        marks = space.api.ok("GET", f"/privacy/requests/{case}/copy")["pending"]
        space.api.ok("POST", f"/privacy/requests/{case}/copy/rest", json={"what": "marked"})
        for action in ("search", "review"):
            step(space, case, action)
        step(space, case, "approve", reason="Nobody else is here")
        with Clock() as packed:
            jobs.done(space.api, space.api.ok("POST", f"/privacy/requests/{case}/package", status=202)["job"], 600)
    return copied.seconds, packed.seconds, peak.most / MIB, marks


def run(stand):
    size, rounds = stand.size, []
    for index in range(min(size.rounds, 3)):
        rounds.append(once(stand, size))
        copied, packed, most, marks = rounds[-1]
        say(f"  round {index + 1}: copy {copied:.1f} s with {marks:,} proposals, package {packed:.1f} s, {most:.1f} MiB")
    total = median([c + p for c, p, _, _ in rounds])
    yield Row(
        f"package of a person with {size.messages:,} messages, {rounds[0][3]:,} proposals for redaction included",
        f"{total:.1f} s", "under 20 s", total < 20)
    most = max(m for _, _, m, _ in rounds)
    yield Row("private memory of the worker meanwhile, at most", f"{most:.1f} MiB", "128 MiB", most <= 128)
    yield Row("&ensp;the copy with its proposals, the package",
              f"{median([c for c, _, _, _ in rounds]):.1f} s, {median([p for _, p, _, _ in rounds]):.1f} s")
