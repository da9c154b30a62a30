# SPDX-License-Identifier: ISC
"""Jobs: who may look at one, what becomes of those that fail or lose their
worker, and the chores that every workspace needs."""
import json
import sys
from pathlib import Path

import psycopg2
import pytest

from harness import parse_forms
from jobs import finished

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


def make_job(rows, user, kind="person_export", args=None, **columns):
    """A job as the product writes it, ahead of time so that no worker takes it yet."""
    columns = {"run_at": "2999-01-01", **columns}
    names = ", ".join(columns)
    places = ", ".join(["%s"] * len(columns))
    rows.execute(
        f"insert into job (kind, args, created_by, {names}) values (%s, %s, %s, {places}) returning job_id",
        [kind, json.dumps(args or {}), user, *columns.values()],
    )
    return rows.fetchone()[0]


def due(rows, job):
    rows.execute("update job set run_at = now() where job_id = %s", [job])


@pytest.fixture(scope="module")
def admin_id(rows):
    rows.execute("select min(user_id) from app_user")
    return rows.fetchone()[0]


def test_a_job_says_how_far_it_is(api, rows, admin_id):
    job = make_job(rows, admin_id, done=3, total=7)
    assert api.ok("GET", f"/jobs/{job}") == {
        "id": job,
        "kind": "person_export",
        "state": "queued",
        "done": 3,
        "total": 7,
        "started_at": None,
        "finished_at": None,
    }


def test_a_job_has_a_page_that_goes_on_without_scripts(workspace, rows, admin_id):
    contact = workspace.admin.api().ok("POST", "/contacts", json={"name_en": "Whose job"})["id"]
    job = make_job(rows, admin_id, args={"contact": contact})
    page = workspace.admin.browser().page(f"/jobs/{job}")
    assert "Waiting to start" in page
    assert 'http-equiv="refresh"' in page
    assert f'href="/contacts/{contact}"' in page


def test_only_who_asked_and_managers_see_a_job(workspace, rows, admin_id, api):
    clerk = workspace.add_user("staff")
    rows.execute("select user_id from app_user where email = %s", [clerk.email])
    clerk_id = rows.fetchone()[0]
    of_admin, of_clerk = make_job(rows, admin_id), make_job(rows, clerk_id)
    of_praya = make_job(rows, None)
    theirs = clerk.api()
    assert theirs.get(f"/jobs/{of_clerk}").status_code == 200
    assert theirs.get(f"/jobs/{of_admin}").status_code == 404
    assert theirs.get(f"/jobs/{of_praya}").status_code == 404
    assert api.get(f"/jobs/{of_clerk}").status_code == 200
    assert api.get(f"/jobs/{of_praya}").status_code == 200


@pytest.mark.parametrize("path", ["/jobs/999999", "/jobs/0", "/jobs/x", "/jobs/1e3"])
def test_no_such_job(api, path):
    assert api.get(path).status_code == 404


def test_nobody_and_strangers_see_no_job(stack, workspace, rows, admin_id):
    job = make_job(rows, admin_id)
    visitor = stack.visitor(workspace.slug)
    assert visitor.get(f"/jobs/{job}").status_code == 303
    assert visitor.get(f"/api/v1/jobs/{job}").status_code == 401
    # The same number in another workspace is another job, or none.
    rows.execute("select setval('job_job_id_seq', 900000 + (select max(job_id) from job))")
    far = make_job(rows, admin_id)
    other = stack.person("harbour", "administrator").api()
    assert other.get(f"/jobs/{far}").status_code == 404


def test_a_job_that_cannot_be_done_says_why(stack, api, rows, admin_id):
    job = make_job(rows, admin_id, args={"contact": 999999999})
    due(rows, job)
    stack.praya("worker", api.slug, "--once")
    state = finished(api, job)
    assert state["state"] == "failed"
    assert state["error"] == "error.not_found.text"
    assert state["detail"]
    assert "result" not in state


def test_a_job_that_took_five_workers_with_it_is_given_up(stack, api, rows, admin_id):
    job = make_job(rows, admin_id, state="running", lease_until="2000-01-01", lease=5, attempt=5)
    stack.praya("worker", api.slug, "--once")
    state = finished(api, job)
    assert (state["state"], state["error"]) == ("failed", "job.error.gave_up")


def test_a_leased_job_is_left_alone(stack, api, rows, admin_id):
    job = make_job(rows, admin_id, state="running", lease_until="2999-01-01", lease=1, attempt=1)
    stack.praya("worker", api.slug, "--once")
    rows.execute("select state, lease, attempt from job where job_id = %s", [job])
    assert rows.fetchone() == ("running", 1, 1)


def test_a_kind_of_a_later_version_waits_for_it(stack, api, rows, admin_id):
    job = make_job(rows, admin_id, kind="made_tomorrow", run_at="2000-01-01")
    stack.praya("worker", api.slug, "--once")
    assert api.ok("GET", f"/jobs/{job}")["state"] == "queued"
    rows.execute("delete from job where job_id = %s", [job])


def test_who_lost_the_lease_cannot_commit(rows, admin_id):
    job = make_job(rows, admin_id, state="running", lease_until="2999-01-01", lease=2)
    rows.execute("select job_enter(%s, 2, 'job.test')", [job])
    with pytest.raises(Exception, match="job is not ours"):
        rows.execute("select job_enter(%s, 1, 'job.test')", [job])
    rows.execute("update job set state = 'done' where job_id = %s", [job])
    with pytest.raises(Exception, match="job is not ours"):
        rows.execute("select job_enter(%s, 2, 'job.test')", [job])


def test_a_secret_goes_with_its_job(stack, api, rows, admin_id):
    job = make_job(rows, admin_id, args={"contact": 999999999}, attempt=4)
    rows.execute("insert into job_secret values (%s, 'x')", [job])
    due(rows, job)
    stack.praya("worker", api.slug, "--once")
    assert finished(api, job)["state"] == "failed"
    rows.execute("select count(*) from job_secret where job_id = %s", [job])
    assert rows.fetchone() == (0,)


def chores_due(rows):
    rows.execute("update chore set due_at = now()")


def test_events_are_found_by_person_before_and_after_the_chores(stack, api, rows):
    contact = api.ok("POST", "/contacts", json={"name_en": "Seen Often"})["id"]
    pending = "select sum((pgstatginindex(indexrelid)).pending_tuples) from pg_index where indexrelid::regclass::text ~ 'subject_ids'"
    rows.execute("create extension if not exists pgstattuple")
    for left in (False, True):
        rows.execute("select count(*) from audit_of(%s, null, null, null, 10, true)", [contact])
        assert rows.fetchone()[0] >= 1
        rows.execute(pending)
        assert (rows.fetchone()[0] == 0) == left
        chores_due(rows)
        stack.praya("worker", api.slug, "--once")


def test_what_lives_a_day_is_gone_after_it(stack, workspace, api, rows):
    browser = workspace.admin.browser()
    forms = [f for f in parse_forms(browser.page("/contacts")) if f.action == "/contacts/search"]
    answer = browser.submit(forms[0], q="Nobody")
    assert answer.status_code == 303
    api.ok("POST", "/contacts", json={"name_en": "Once Only"}, headers={"Idempotency-Key": "k1"})
    for table in ("stored_query", "replay"):
        rows.execute(f"select count(*) from {table}")
        assert rows.fetchone()[0] >= 1, table
        rows.execute(f"update {table} set created_at = now() - interval '1 day'")
    chores_due(rows)
    stack.praya("worker", api.slug, "--once")
    for table in ("stored_query", "replay"):
        rows.execute(f"select count(*) from {table}")
        assert rows.fetchone() == (0,), table


def test_a_workspace_nobody_uses_is_not_looked_at(stack):
    """After its chores nothing of it is due before tomorrow: the log's last link is
    added a minute after the last event, and then there is nothing to add."""
    idle = stack.new_workspace()
    stack.praya("worker", idle.slug, "--once")
    number = stack.praya_json("tenant", "show", idle.slug)["id"]
    uri = stack.status["pg_uri"].replace("/postgres?", "/praya_cell?", 1)
    connection = psycopg2.connect(uri)
    with connection, connection.cursor() as cursor:
        chores_due(idle.database().cursor())
        cursor.execute("delete from wakeup where tenant_id = %s", [number])
    stack.praya("worker", idle.slug, "--once")
    with connection.cursor() as cursor:
        cursor.execute(
            "select dirty_at, coalesce(next_due_at, 'infinity') > now() + interval '1 hour', taken_at "
            "from wakeup where tenant_id = %s",
            [number],
        )
        # No row at all: the worker that made it had nothing to come back for.
        assert cursor.fetchone() in (None, (None, True, None))
    connection.close()


def test_a_chore_that_failed_has_its_turn_again_soon(stack):
    """However rare it is: what stood in its way is mostly over in a moment."""
    place = stack.new_workspace()
    rows = place.database().cursor()
    stack.praya("worker", place.slug, "--once")
    with place.database() as holder, holder.cursor() as lock:
        holder.autocommit = False
        lock.execute("lock table import in access exclusive mode")
        rows.execute("update chore set due_at = now() where name = 'import_expire'")
        stack.praya("worker", place.slug, "--once")
        rows.execute("select due_at > now(), due_at <= now() + interval '30 seconds' from chore where name = 'import_expire'")
        assert rows.fetchone() == (True, True)
    rows.execute("update chore set due_at = now() where name = 'import_expire'")
    stack.praya("worker", place.slug, "--once")
    rows.execute("select due_at > now() + interval '59 minutes' from chore where name = 'import_expire'")
    assert rows.fetchone() == (True,), "done, it is rare again"


def test_one_workspace_alone_is_worked_on(stack, api):
    other = stack.new_workspace()
    stack.praya("worker", other.slug, "--once")
    number = stack.praya_json("tenant", "show", other.slug)["id"]
    cell, theirs = stack.database_named("praya_cell").cursor(), other.database().cursor()

    def forgotten():
        """The worker that runs all the time is not in it, and does not come back."""
        cell.execute("delete from wakeup where tenant_id = %s and taken_at is null", [number])
        cell.execute("select count(*) from wakeup where tenant_id = %s", [number])
        return cell.fetchone() == (0,)

    def expire_is_due():
        theirs.execute("select due_at <= now() from chore where name = 'expire'")
        return theirs.fetchone()[0]

    assert wait_until(forgotten, 30)
    theirs.execute("update chore set due_at = now() where name = 'expire'")
    stack.praya("worker", api.slug, "--once")
    assert expire_is_due()
    stack.praya("worker", other.slug, "--once")
    assert not expire_is_due()
    done = stack.praya("worker", "nobody-has-this-name", "--once", check=False)
    assert done.returncode == 1 and "nobody-has-this-name" in done.stderr


def test_once_has_to_be_said(stack):
    done = stack.praya("worker", check=False)
    assert done.returncode == 1
    assert "--once" in done.stderr
