# SPDX-License-Identifier: ISC
"""Work in the background is done for somebody: the right to it is asked once more in each of its
transactions, and what went meanwhile is not done."""
import csv
import io
import json
import time

import pytest

from jobs import finished
from profiles import everything, make_profile, set_rights

RECORDS = everything("all", entities=("contact", "company"))


@pytest.fixture(scope="module")
def database(workspace):
    connection = workspace.database()
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def rows(database):
    return database.cursor()


@pytest.fixture
def clerk(workspace, database):
    """Who may take in records: the name of the profile, the user."""
    name = make_profile(database, RECORDS)
    return name, workspace.add_user(name)


def people(n, tag, more=()):
    out = io.StringIO()
    csv.writer(out).writerows([["name_en", "email", *more]]
                              + [[f"Row {i}", f"row{i}@{tag}.example", *("x" for _ in more)] for i in range(n)])
    return out.getvalue().encode()


def send(api, content, status=202, **form):
    return api.ok("POST", "/imports", status=status, files={"file": ("people.csv", content, "text/csv")}, data=form)


def taken_in(rows, tag):
    rows.execute("select count(*) from contact where email like %s", [f"%@{tag}.example"])
    return rows.fetchone()[0]


@pytest.fixture
def halfway(workspace):
    """The first batch of an import waits, until it is let go."""
    mine, other = workspace.database(), workspace.database()
    cursor, look = mine.cursor(), other.cursor()
    look.execute("create or replace function wait_here() returns trigger language plpgsql security definer as "
                 "$$ begin if new.done > 0 and old.done = 0 then perform pg_advisory_xact_lock(77); end if; return new; end $$; "
                 "create trigger wait_here before update on import for each row execute function wait_here()")
    cursor.execute("select pg_advisory_lock(77)")

    def reached():
        end = time.monotonic() + 60
        while True:
            look.execute("select count(*) from pg_locks where locktype = 'advisory' and objid = 77 and not granted")
            if look.fetchone()[0]:
                return
            assert time.monotonic() < end, "no batch came"
            time.sleep(0.02)

    yield reached, lambda: cursor.execute("select pg_advisory_unlock(77)")
    cursor.execute("select pg_advisory_unlock_all()")
    look.execute("drop function wait_here() cascade")
    mine.close()
    other.close()


def deactivate(rows, database, name, user):
    rows.execute("update app_user set active = false where email = %s", [user.email])


def no_import(rows, database, name, user):
    set_rights(database, name, {"contact.import": None})


def no_field(rows, database, name, user):
    rows.execute("insert into profile_field select profile_id, 'contact', 'email', 'read' from profile where name = %s", [name])


def no_profile(rows, database, name, user):
    rows.execute("update app_user set profile_id = (select profile_id from profile where name = 'auditor') where email = %s",
                 [user.email])


@pytest.mark.parametrize("happens", [deactivate, no_import, no_field, no_profile])
def test_between_two_batches_a_right_goes_and_no_more_is_taken_in(workspace, rows, database, clerk, halfway, happens):
    reached, let_go = halfway
    tag = happens.__name__.replace("_", "-")
    started = send(clerk[1].api(), people(1200, tag))
    reached()
    happens(rows, database, *clerk)
    let_go()
    state = finished(workspace.admin.api(), started["job"])
    assert state["state"] == "failed" and state["error"] in ("error.job_right", "error.import_rights")
    assert taken_in(rows, tag) == 500, "the batch that was under way, and no other"
    rows.execute("select done, created from import where import_id = %s", [started["id"]])
    assert rows.fetchone() == (500, 500)


def test_a_right_that_comes_or_goes_elsewhere_stops_nothing(workspace, rows, database, clerk, halfway):
    reached, let_go = halfway
    started = send(clerk[1].api(), people(1200, "elsewhere"))
    reached()
    set_rights(database, clerk[0], {"company.import": None, "message.view": "all"})
    let_go()
    assert finished(workspace.admin.api(), started["job"])["state"] == "done"
    assert taken_in(rows, "elsewhere") == 1200


# ---- each kind of job that reads or writes for somebody

RIGHTS = {
    "person_export": ("", "run_requests"), "case_copy": ("", "run_requests"), "case_package": ("", "run_requests"),
    "breach_letters": ("", "run_requests"), "exposure": ("", "run_requests"), "workspace_export": ("", "close_workspace"),
    "log_export": ("", "view_audit"), "audit_verify": ("", "view_audit"), "list_export": ("company", "export"),
    "import": ("contact", "import"),
}


@pytest.mark.parametrize("kind", RIGHTS)
def test_no_job_begins_without_the_right_of_its_kind(workspace, rows, database, kind):
    """All rights but that one: what is left to say is that."""
    entity, right = RIGHTS[kind]
    rows.execute("select entity, \"right\", scope from profile_right r join profile p using (profile_id) "
                 "where p.name = 'administrator'")
    name = make_profile(database)
    rows.execute("insert into profile_right select n.profile_id, r.entity, r.\"right\", r.scope from profile_right r "
                 "join profile p using (profile_id), profile n where p.name = 'administrator' and n.name = %s "
                 "and (r.entity, r.\"right\") <> (%s, %s)", [name, entity, right])
    user = workspace.add_user(name)
    rows.execute("insert into job (kind, args, created_by) select %s, %s, user_id from app_user where email = %s "
                 "returning job_id", [kind, json.dumps({"entity": entity, "contact": 1, "request": 1}), user.email])
    (job,) = rows.fetchone()
    workspace.stack.praya("worker", workspace.slug, "--once")
    state = finished(workspace.admin.api(), job)
    assert (state["state"], state["error"]) == ("failed", "error.job_right")


def test_a_job_that_does_not_say_of_what_is_done_for_nobody(workspace, rows, clerk):
    rows.execute("insert into job (kind, args, created_by) select 'import', '{\"import\": 1}', user_id from app_user "
                 "where email = %s returning job_id", [clerk[1].email])
    (job,) = rows.fetchone()
    workspace.stack.praya("worker", workspace.slug, "--once")
    assert finished(workspace.admin.api(), job)["error"] == "error.job_right"


# ---- of companies alone, of contacts alone

def test_companies_are_taken_in_with_the_right_on_companies_alone(workspace, database):
    user = workspace.add_user(make_profile(database, everything("all", entities=("company",))))
    api = user.api()
    started = send(api, b"name_en\r\nOnly Companies Limited\r\n", entity="company")
    assert finished(api, started["job"])["state"] == "done"
    assert api.ok("GET", f"/imports/{started['id']}")["created"] == 1
    assert api.get(f"/imports/{started['id']}/failed.csv").status_code == 200
    assert api.ok("POST", f"/imports/{started['id']}/undo")["archived"] == 1
    browser = user.browser()
    page = browser.page("/import")
    assert 'value="company"' in page and 'value="contact"' not in page and 'href="/import"' in page
    answer = browser.submit(browser.form("/import", "/import"), entity="contact",
                            files={"file": ("people.csv", b"name_en\r\nA\r\n", "text/csv")})
    assert answer.status_code == 403


@pytest.mark.parametrize("entity, has", [("contact", "company"), ("company", "contact"), (None, "company")])
def test_the_right_on_one_kind_is_none_on_the_other(workspace, database, entity, has):
    api = workspace.add_user(make_profile(database, everything("all", entities=(has,)))).api()
    send(api, b"name_en\r\nA\r\n", status=403, **({"entity": entity} if entity else {}))


def test_without_any_right_to_import_there_is_no_page(workspace, database):
    user = workspace.add_user(make_profile(database, everything("all", rights=("view", "create"))))
    assert user.api().get("/imports/1").status_code == 403
    assert 'href="/import"' not in user.browser().page("/contacts")
    send(user.api(), b"name_en\r\nA\r\n", status=403)


def test_an_own_import_is_shut_with_its_right(workspace, database, clerk):
    api = clerk[1].api()
    started = send(api, people(3, "shut", more=("nonsense",)))
    assert finished(api, started["job"])["state"] == "done"
    set_rights(database, clerk[0], {"contact.import": None})
    for path in (f"/imports/{started['id']}", f"/imports/{started['id']}/failed.csv"):
        assert api.get(path).status_code == 403, path
    assert api.post(f"/imports/{started['id']}/undo", json={}).status_code == 403
