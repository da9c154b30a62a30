# SPDX-License-Identifier: ISC
"""Erasing somebody whom an export of a list holds."""
import sys
from pathlib import Path

import pytest

from exports import ask, fetch, set_threshold, table
from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def pair(api, rows):
    """The only two there are, of whom the first will be erased."""
    rows.execute("update contact set archived_at = now() where archived_at is null")
    return [api.ok("POST", "/contacts", json={"name_en": name})["id"] for name in ("Going Away", "Staying Here")]


def erase(api, person):
    return api.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})


def test_a_finished_one_cannot_be_read_any_more(api, rows, pair):
    answer, kept = ask(api), ask(api, q="Staying")
    path = done(api, answer["job"])["download"]
    other = done(api, kept["job"])["download"]
    receipt = erase(api, pair[0])
    assert api.get(path).status_code == 410
    assert receipt["cleared"]["exports"] == 1
    # What does not hold the person stays.
    assert api.get(other).status_code == 200
    number = path.rpartition("/")[2]
    rows.execute("select key_id from download where download_id = %s", [number])
    assert rows.fetchone() == (None,)

    def gone():
        rows.execute("select destroyed_at is not null from download where download_id = %s", [number])
        return rows.fetchone() == (True,)

    assert wait_until(gone, 30)
    rows.execute("select count(*) from export_record where contact_id = %s", [pair[0]])
    assert rows.fetchone() == (0,)


def test_one_that_waits_goes_on_without(workspace, api, rows, pair):
    set_threshold(workspace, 1)
    try:
        number = ask(api, q="")["export"]
    finally:
        set_threshold(workspace, 500)
    erase(api, pair[0])
    rows.execute("select state, query from export where export_id = %s", [number])
    assert rows.fetchone() == ("waiting", None)
    workspace.add_user("privacy_officer").api().ok("POST", f"/exports/{number}/approve", json={})
    seen = api.ok("GET", f"/exports/{number}")
    found = table(fetch(api, seen["job"]))
    assert [r["name_en"] for r in found] == ["Staying Here"]
    seen = api.ok("GET", f"/exports/{number}")
    assert (seen["asked"], seen["approved"], seen["exported"]) == (2, 1, 1)


def test_one_under_way_is_made_anew(api, rows, pair):
    """The erasure comes between its reading and its end: told apart by the flag alone."""
    answer = ask(api)
    done(api, answer["job"])
    rows.execute("update export set state = 'running', download_id = null where export_id = %s", [answer["export"]])
    erase(api, pair[0])
    rows.execute("select spoiled from export where export_id = %s", [answer["export"]])
    assert rows.fetchone() == (True,)
    rows.execute("select record_id from export_record where export_id = %s", [answer["export"]])
    assert rows.fetchall() == [(pair[1],)]
    rows.execute("update job set state = 'queued', attempt = 0, run_at = now(), finished_at = null "
                 "where job_id = %s", [answer["job"]])
    api.stack.praya("worker", api.slug, "--once")
    found = table(fetch(api, answer["job"]))
    assert [r["name_en"] for r in found] == ["Staying Here"]


def test_a_persons_file_that_waits_is_over(workspace, api, rows, pair):
    set_threshold(workspace, 0)
    try:
        answer = api.ok("POST", f"/contacts/{pair[0]}/export", json={"password": "a long enough password"})
    finally:
        set_threshold(workspace, 500)
    assert answer["state"] == "waiting"
    erase(api, pair[0])
    rows.execute("select state, secret from export where export_id = %s", [answer["export"]])
    assert rows.fetchone() == ("cancelled", None)
    approver = workspace.add_user("privacy_officer").api()
    assert approver.post(f"/exports/{answer['export']}/approve", json={}).status_code == 409
