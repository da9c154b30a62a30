# SPDX-License-Identifier: ISC
"""Who may have the export of a person, and how long."""
import json
import re

import pytest

from jobs import done, export_person, finished
from person import canary


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def person(api):
    return api.ok("POST", "/contacts", json={"name_en": "Asked For"})


@pytest.fixture(scope="module")
def path(api, person):
    """The address of an export that is there."""
    return export_person(api, person["id"])[1]


def test_from_the_page(workspace, person):
    browser = workspace.admin.browser()
    path = f"/contacts/{person['id']}/export"
    assert f'href="{path}"' in browser.page(f"/contacts/{person['id']}")
    page = browser.page(path)
    assert "Internal copy" in page or "internal copy" in page
    answer = browser.submit(browser.form(path, path))
    assert answer.status_code == 303
    job = answer.headers["Location"]
    assert re.fullmatch(r"/jobs/\d+", job)
    done(workspace.admin.api(), job.rpartition("/")[2])
    page = browser.page(job)
    link = re.search(r'href="(/downloads/\d+)"', page)
    assert link and "refresh" not in page
    fetched = browser.get(link[1])
    assert fetched.status_code == 200 and fetched.content[:2] == b"PK"


def test_staff_may_not(workspace, person, path):
    clerk = workspace.add_user("staff")
    browser, api = clerk.browser(), clerk.api()
    ask = f"/contacts/{person['id']}/export"
    assert browser.get(ask).status_code == 403
    assert api.post(ask, json={}).status_code == 403
    assert f'href="{ask}"' not in browser.page(f"/contacts/{person['id']}")
    assert api.get(path).status_code == 404
    assert browser.get(path).status_code == 404


def test_only_who_asked_can_fetch(stack, workspace, path):
    colleague = workspace.add_user("administrator")
    assert colleague.api().get(path).status_code == 404
    assert colleague.api().get("/downloads/999999").status_code == 404
    visitor = stack.visitor(workspace.slug)
    answer = visitor.get(path)
    assert answer.status_code == 303 and b"PK" not in answer.content
    assert visitor.get("/api/v1" + path).status_code == 401


def test_who_lost_the_right_loses_the_file(workspace, rows, api, person):
    deputy = workspace.add_user("administrator")
    theirs = deputy.api()
    _, path = export_person(theirs, person["id"])
    rows.execute(
        "update app_user set profile_id = (select profile_id from profile where name = 'staff') "
        "where email = %s",
        [deputy.email],
    )
    assert theirs.get(path).status_code == 403
    refused = api.ok("GET", f"/contacts/{person['id']}/audit?action=download&outcome=denied")["items"]
    assert [e["record_ids"] for e in refused] == [[int(path.rpartition("/")[2])]]


def test_a_form_without_its_token_starts_nothing(workspace, rows, person):
    rows.execute("select count(*) from job")
    before = rows.fetchone()
    browser = workspace.admin.browser()
    answer = browser.post(f"/contacts/{person['id']}/export", data={}, headers={"Origin": browser.origin})
    assert answer.status_code == 403
    rows.execute("select count(*) from job")
    assert rows.fetchone() == before


@pytest.mark.parametrize("number", ["999999", "0", "x"])
def test_nobody_is_no_person(workspace, api, number):
    assert api.post(f"/contacts/{number}/export", json={}).status_code == 404
    assert workspace.admin.browser().get(f"/contacts/{number}/export").status_code == 404


def test_undeclared_parameters_are_refused(api, person):
    assert api.post(f"/contacts/{person['id']}/export", json={"names": True}).status_code == 422


def test_asked_twice_while_it_waits_it_is_one_job(workspace, api, rows, person):
    key = f"person_export|{person['id']}|1"
    rows.execute(
        "insert into job (kind, unique_key, created_by, run_at) "
        "values ('person_export', %s, 1, '2999-01-01') returning job_id",
        [key],
    )
    waiting = rows.fetchone()[0]
    assert api.ok("POST", f"/contacts/{person['id']}/export", json={})["job"] == waiting
    # Another person's asking is another job: its result is for them.
    colleague = workspace.add_user("administrator").api()
    other = colleague.ok("POST", f"/contacts/{person['id']}/export", json={})["job"]
    assert other != waiting
    done(colleague, other)
    rows.execute("update export set job_id = null, state = 'failed' where job_id = %s", [waiting])
    rows.execute("delete from job where job_id = %s", [waiting])


# How long


def test_after_a_day_it_is_gone(stack, workspace, api, rows, person):
    _, path = export_person(api, person["id"])
    number = path.rpartition("/")[2]
    rows.execute("select object from download where download_id = %s", [number])
    name = rows.fetchone()[0]
    stored = list((stack.var / "files").rglob(name))
    assert len(stored) == 1
    rows.execute("update download set expires_at = now() where download_id = %s", [number])
    answer = api.get(path)
    assert answer.status_code == 410
    page = workspace.admin.browser().get(path)
    assert page.status_code == 410
    assert "24 hours" in page.text
    rows.execute("update chore set due_at = now() where name = 'expire'")
    stack.praya("worker", api.slug, "--once")
    rows.execute("select destroyed_at is not null from download where download_id = %s", [number])
    assert rows.fetchone() == (True,)
    assert not stored[0].exists()
    assert api.get(path).status_code == 410


def test_a_fresh_one_lives(stack, api, rows, person):
    _, path = export_person(api, person["id"])
    rows.execute("update chore set due_at = now() where name = 'expire'")
    stack.praya("worker", api.slug, "--once")
    assert api.get(path).status_code == 200
    rows.execute(
        "select expires_at - created_at = interval '1 day' from download where download_id = %s",
        [path.rpartition("/")[2]],
    )
    assert rows.fetchone() == (True,)


def test_erasing_the_person_ends_every_export(api, workspace):
    made = api.ok("POST", "/contacts", json={"name_en": canary("gone")})
    _, path = export_person(api, made["id"])
    body = {"reason": "subject_request", "confirm": str(made["id"])}
    api.ok("POST", f"/contacts/{made['id']}/erase", json=body, headers={"If-Match": str(made["version"])})
    answer = api.get(path)
    assert answer.status_code == 410
    assert workspace.admin.browser().get(path).status_code == 410
    assert api.post(f"/contacts/{made['id']}/export", json={}).status_code == 409


def test_erased_while_it_waits_there_is_no_export(stack, api, rows):
    made = api.ok("POST", "/contacts", json={"name_en": canary("soon")})
    rows.execute(
        "insert into job (kind, args, created_by, run_at) "
        "values ('person_export', %s, 1, '2999-01-01') returning job_id",
        [json.dumps({"contact": made["id"]})],
    )
    job = rows.fetchone()[0]
    body = {"reason": "subject_request", "confirm": str(made["id"])}
    api.ok("POST", f"/contacts/{made['id']}/erase", json=body, headers={"If-Match": str(made["version"])})
    rows.execute("update job set run_at = now() where job_id = %s", [job])
    stack.praya("worker", api.slug, "--once")
    state = finished(api, job)
    assert (state["state"], state["error"]) == ("failed", "error.erased")
    rows.execute("select count(*) from download where job_id = %s", [job])
    assert rows.fetchone() == (0,)
