# SPDX-License-Identifier: ISC
"""The export of a long list: its worker is killed, somebody in it is erased meanwhile. The copy that answers a request,
and its package, are cut off in the middle as well."""
import hashlib
import io
import json
import os
import signal
import sys
import zipfile
from pathlib import Path

import pytest

from exports import ask, fetch, table
from harness import Stack
from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

PEOPLE = 40_000


@pytest.fixture(scope="module")
def own():
    """An instance of our own: its worker is killed."""
    stack = Stack.start("--no-data")
    yield stack
    stack.tear_down()


@pytest.fixture(scope="module")
def api(own):
    return own.person("harbour", "administrator").api()


@pytest.fixture(scope="module")
def rows(own):
    connection = own.database("harbour")
    cursor = connection.cursor()
    cursor.execute("update workspace set export_threshold = 10000000")
    cursor.execute(
        "insert into contact (name_en, email, bio) select 'Person ' || n, 'p' || n || '@example.com', "
        "repeat('About ' || n || '. ', 20) from generate_series(1, %s) n", [PEOPLE])
    cursor.execute("analyze contact")
    yield cursor
    connection.close()


def worker(stack):
    instance = Instance({"PRAYA_VAR": stack.status["var"]})
    (process,) = children(Running(instance.pids / "worker.json").leader().pid)
    return process.pid


def under_way(rows, job):
    rows.execute("select state, done > 1000 from job where job_id = %s", [job])
    return rows.fetchone() == ("running", True)


def test_a_killed_worker_loses_no_record_and_doubles_none(own, api, rows):
    answer = ask(api, sort="updated_at", fields=["name_en", "email", "bio"])
    assert wait_until(lambda: under_way(rows, answer["job"]), 30)
    os.kill(worker(own), signal.SIGKILL)
    found = table(fetch(api, answer["job"]))
    assert len(found) == answer["count"] and len({r["id"] for r in found}) == len(found) >= PEOPLE
    rows.execute("select lease, attempt from job where job_id = %s", [answer["job"]])
    assert rows.fetchone() == (2, 2)
    rows.execute("select count(*) from download where job_id = %s", [answer["job"]])
    assert rows.fetchone() == (1,)


def test_who_is_erased_while_it_is_made_is_not_in_it(own, api, rows):
    answer = ask(api, sort="updated_at", fields=["name_en"])
    rows.execute("select record_id from export_record where export_id = %s order by n limit 1", [answer["export"]])
    first = rows.fetchone()[0]
    assert wait_until(lambda: under_way(rows, answer["job"]), 30)
    api.ok("POST", f"/contacts/{first}/erase", json={"reason": "subject_request", "confirm": str(first)})
    rows.execute("select state, spoiled from export where export_id = %s", [answer["export"]])
    assert rows.fetchone() == ("running", True)
    found = table(fetch(api, answer["job"]))
    assert len(found) == answer["count"] - 1 and str(first) not in {r["id"] for r in found}


# ---- the copy of a request, and its package

TOLD = 6000


@pytest.fixture(scope="module")
def case(api, rows):
    """A request of somebody with many messages, each of which names somebody else."""
    person = api.ok("POST", "/contacts", status=201, json={"name_en": "LAU Wing Sze"})["id"]
    api.ok("POST", "/contacts", status=201, json={"name_en": "KWOK Mei Fong"})
    rows.execute("insert into message (contact_id, channel, direction, body, happened_at) select %s, 'email', 'in', "
                 "'Met Kwok Mei Fong, number ' || n, now() - interval '1 hour' from generate_series(1, %s) n", [person, TOLD])
    made = api.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})
    return made["id"]


def killed(own, api, rows, job):
    """Its worker, in the middle; the job all the same, by another."""
    assert wait_until(lambda: half(rows, job), 60)
    os.kill(worker(own), signal.SIGKILL)
    done(api, job)
    rows.execute("select attempt from job where job_id = %s", [job])
    assert rows.fetchone() == (2,)


def half(rows, job):
    rows.execute("select state, done > 200 from job where job_id = %s", [job])
    return rows.fetchone() == ("running", True)


def test_a_copy_that_was_cut_off_is_made_whole(own, api, rows, case):
    """Begun anew: each record once, each mark once."""
    killed(own, api, rows, api.ok("POST", f"/privacy/requests/{case}/copy", status=202)["job"])
    rows.execute("select count(*), count(distinct (entity, record_id)) from request_copy where request_id = %s", [case])
    assert rows.fetchone() == (TOLD + 1, TOLD + 1)
    rows.execute("select count(*), count(distinct (copy_id, field, start)), count(distinct copy_id) from request_mark "
                 "where request_id = %s", [case])
    assert rows.fetchone() == (TOLD, TOLD, TOLD)
    rows.execute("select copied_at is not null from privacy_request where request_id = %s", [case])
    assert rows.fetchone() == (True,)


def test_a_package_that_was_cut_off_is_there_once_and_whole(own, api, rows, case):
    api.ok("POST", f"/privacy/requests/{case}/copy/rest", json={"what": "marked"})
    rows.execute("update privacy_request set state = 'review', identity_at = now(), approved_at = now() where request_id = %s", [case])
    killed(own, api, rows, api.ok("POST", f"/privacy/requests/{case}/package", status=202)["job"])
    rows.execute("select count(*), count(r.package_id) from download d left join privacy_request r on r.package_id = d.download_id "
                 "where d.kind = 'request_package'")
    assert rows.fetchone() == (1, 1)
    answer = api.get(f"/privacy/requests/{case}/package")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        text = packed.read("data.json").decode()
        manifest = json.loads(packed.read("manifest.json"))
        assert {f["sha256"] for f in manifest["files"] if f["name"] == "data.json"} == {hashlib.sha256(text.encode()).hexdigest()}
    assert "Kwok" not in text and text.count(", number ") == TOLD
    rows.execute("select count(*) from request_event where request_id = %s and action = 'package'", [case])
    assert rows.fetchone() == (1,)
