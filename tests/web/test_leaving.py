# SPDX-License-Identifier: ISC
"""Somebody leaves: out at once, with all they owned in a colleague's hands, counted and
in the log; and who is signed in as whom is seen and ended one by one."""
import secrets

import pytest

import routes
from harness import API, parse_forms


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def user_of(boss, person):
    found = [u for u in boss.ok("GET", "/users", params={"limit": 200})["items"] if u["email"] == person.email]
    assert len(found) == 1
    return found[0]


def change(boss, user, **body):
    return boss.request("PATCH", f"/users/{user['id']}", json=body, headers={"If-Match": str(user["version"])})


@pytest.fixture
def owner(workspace, boss):
    """Somebody who owns three contacts (one archived), a company, an open and a done task."""
    person = workspace.add_user("staff")
    user, api = user_of(boss, person), person.api()
    contacts = [boss.ok("POST", "/contacts", json={"name_en": f"Of One {n}", "owner_id": user["id"]})["id"] for n in range(3)]
    boss.ok("DELETE", f"/contacts/{contacts[2]}", headers={"If-Match": "1"})
    boss.ok("POST", "/companies", json={"name_en": "One Ltd", "owner_id": user["id"]})
    for done in (None, "2026-01-01T00:00:00Z"):
        boss.ok("POST", f"/contacts/{contacts[0]}/activities",
                json={"kind": "task", "subject": "Call", "owner_id": user["id"], "due_on": "2030-01-01", "done_at": done})
    return person, user, api, contacts


def test_out_at_once_and_all_of_it_handed_over(workspace, boss, owner, rows):
    person, user, api, contacts = owner
    heir = user_of(boss, workspace.add_user("staff"))
    window = person.browser()
    assert api.get("/contacts").status_code == 200 and window.get("/contacts").status_code == 200
    left = change(boss, user, active=False, hand_over_to=heir["id"])
    assert left.status_code == 200, left.text
    assert left.json()["handed_over"] == {"contact": 3, "company": 1, "activity": 1} and not left.json()["active"]
    for _ in range(4):
        assert api.get("/contacts").status_code == 401, "whichever process answers"
        assert window.get("/contacts").headers["Location"] == "/login"
    rows.execute("select owner_id, version from contact where contact_id = any (%s)", [contacts])
    found = rows.fetchall()
    assert {o for o, _ in found} == {heir["id"]} and min(v for _, v in found) == 2
    rows.execute("select owner_id, done_at is null from activity where contact_id = %s", [contacts[0]])
    assert sorted(rows.fetchall()) == sorted([(heir["id"], True), (user["id"], False)]), "what is done stays as it was done"
    rows.execute("select e.entity, count, record_ids, subject_ids, f.fields from audit_event e join field_set f "
                 "using (field_set_id) where reason = 'handed_over' and record_ids && %s::bigint[] and e.entity = 'contact'", [contacts])
    assert rows.fetchall() == [("contact", 3, contacts, contacts, ["owner_id"])]


def test_nobody_named(boss, owner, rows):
    person, user, api, contacts = owner
    refused = change(boss, user, active=False)
    assert routes.problem(refused, 422) is None and "5" in refused.json()["errors"]["hand_over_to"]
    assert api.get("/contacts").status_code == 200, "not half of it is done"
    rows.execute("select count(*) from contact where owner_id = %s", [user["id"]])
    assert rows.fetchone() == (3,)


def test_who_owns_nothing_just_leaves(workspace, boss):
    user = user_of(boss, workspace.add_user("staff"))
    left = change(boss, user, active=False)
    assert left.status_code == 200 and set(left.json()["handed_over"].values()) == {0}


def test_to_whom_it_cannot_go(workspace, boss, owner):
    _, user, _, _ = owner
    gone = user_of(boss, workspace.add_user("staff"))
    assert change(boss, gone, active=False).status_code == 200
    for to in (user["id"], gone["id"], 999999):
        refused = change(boss, user, active=False, hand_over_to=to)
        assert refused.status_code == 422 and set(refused.json()["errors"]) == {"hand_over_to"}, to
    for wrong in (0, -1, "x", [1]):
        assert change(boss, user, active=False, hand_over_to=wrong).status_code == 422
    stays = change(boss, user, name="Else", hand_over_to=gone["id"])
    assert stays.status_code == 422 and "hand_over_to" in stays.json()["errors"]


def test_also_what_the_administrator_does_not_see(workspace, boss, owner, rows):
    """Somebody who manages users but sees only own contacts hands all of them over, and is told
    their number only; afterwards they still see no more than before."""
    _, user, _, contacts = owner
    rows.execute("insert into profile (name) values (%s) returning profile_id", [f"office-{secrets.token_hex(4)}"])
    profile = rows.fetchone()[0]
    rows.execute("insert into profile_right select %s, entity, \"right\", case when entity = '' then 'all' else 'own' end "
                 "from profile_right join profile using (profile_id) where name = 'administrator' "
                 "and (entity = 'contact' or \"right\" = 'manage_users')", [profile])
    rows.execute("insert into profile_right select %s, entity, \"right\", 'own' from profile_right join profile using (profile_id) "
                 "where name = 'staff' and entity <> 'contact' on conflict do nothing", [profile])
    rows.execute("update profile set new_fields = 'edit', new_sealed = 'edit' where profile_id = %s", [profile])
    office, heir = workspace.add_user("administrator"), user_of(boss, workspace.add_user("staff"))
    rows.execute("update app_user set profile_id = %s where email = %s", [profile, office.email])
    # Nobody changes somebody with more rights: the one who leaves has fewer.
    rows.execute("delete from profile_field where profile_id = %s", [profile])
    rows.execute("insert into profile (name, new_fields, new_sealed) values (%s, 'hidden', 'hidden') returning profile_id",
                 [f"little-{secrets.token_hex(4)}"])
    rows.execute("update app_user set profile_id = %s where user_id = %s", [rows.fetchone()[0], user["id"]])
    api = office.api()
    assert api.get(f"/contacts/{contacts[0]}").status_code == 404
    left = change(api, api.ok("GET", f"/users/{user['id']}"), active=False, hand_over_to=heir["id"])
    assert left.status_code == 200, left.text
    assert left.json()["handed_over"] == {"contact": 3, "company": 1, "activity": 1}
    assert "Of One" not in left.text
    rows.execute("select count(*) from contact where owner_id = %s", [heir["id"]])
    assert rows.fetchone() == (3,)
    assert api.get(f"/contacts/{contacts[0]}").status_code == 404


def test_from_the_page(workspace, boss, owner):
    _, user, _, _ = owner
    heir = user_of(boss, workspace.add_user("staff"))
    window = workspace.admin.browser()
    path = f"/settings/users/{user['id']}"
    page = window.page(path)
    for words in ("3 contacts", "1 companies", "1 open tasks"):
        assert words in page
    form = [f for f in window_forms(window, path) if ("active", "false") in f.fields][0]
    missing = window.submit(form, hand_over_to="")
    assert missing.status_code == 422 and "Choose who takes over" in missing.text
    form = [f for f in window_forms(window, path) if ("active", "false") in f.fields][0]
    assert window.submit(form, hand_over_to=str(heir["id"])).status_code == 303
    assert not boss.ok("GET", f"/users/{user['id']}")["active"]


def window_forms(window, path):
    return [f for f in parse_forms(window.page(path), path) if f.action == path]


MANY = 5001


def job_of(rows, giver, heir):
    """As the page asks for it."""
    rows.execute("insert into job (kind, args) values ('hand_over', jsonb_build_object('from', %s, 'to', %s)) returning job_id",
                 [giver["id"], heir["id"]])
    return rows.fetchone()[0]


def ended(workspace, boss, job):
    """The instance's own worker may have it already."""
    for _ in range(100):
        workspace.stack.praya("worker", workspace.slug, "--once")
        found = boss.ok("GET", f"/jobs/{job}")
        if found["state"] in ("done", "failed"):
            return found
    raise AssertionError(found)


@pytest.fixture
def rich(workspace, boss, rows):
    """Somebody who owns more than changes hands at once."""
    person = workspace.add_user("staff")
    user = user_of(boss, person)
    rows.execute("insert into company (name_en, owner_id) select 'Rich ' || i, %s from generate_series(1, %s) i", [user["id"], MANY])
    contact = boss.ok("POST", "/contacts", json={"name_en": "Of The Rich", "owner_id": user["id"]})["id"]
    return person, user, contact


def test_many_records_follow(workspace, boss, rich, rows):
    """Out at once; the records piece by piece, each in the log, and the page says how far it is."""
    person, user, contact = rich
    window, heir = person.browser(), user_of(boss, workspace.add_user("staff"))
    left = change(boss, user, active=False, hand_over_to=heir["id"])
    assert left.status_code == 200, left.text
    assert left.json()["handed_over"] == {"contact": 1, "company": MANY, "activity": 0}
    assert window.get("/contacts").headers["Location"] == "/login", "before a single record has gone"
    job = ended(workspace, boss, left.json()["job"])
    assert job["state"] == "done" and job["done"] == job["total"] == MANY + 1 and job["result"] == {"records": MANY + 1}
    rows.execute("select owner_id, count(*), min(version), max(version) from company where name_en like 'Rich %%' and owner_id in (%s, %s) "
                 "group by owner_id", [user["id"], heir["id"]])
    assert rows.fetchall() == [(heir["id"], MANY, 2, 2)]
    rows.execute("select owner_id from contact where contact_id = %s", [contact])
    assert rows.fetchone() == (heir["id"],)
    rows.execute("select sum(e.count), sum(cardinality(e.record_ids)), max(e.count), array_agg(distinct e.route) from audit_event e "
                 "where reason = 'handed_over' and entity = 'company' and exists "
                 "(select from company c where c.company_id = any (e.record_ids) and c.owner_id = %s)", [heir["id"]])
    assert rows.fetchone() == (MANY, MANY, 1000, ["job.hand_over"])
    page = workspace.admin.browser().page(f"/jobs/{left.json()['job']}")
    assert "Handing over records" in page and "/settings/users" in page


def test_from_the_page_to_its_progress(workspace, boss, rich):
    _, user, _ = rich
    heir = user_of(boss, workspace.add_user("staff"))
    window = workspace.admin.browser()
    path = f"/settings/users/{user['id']}"
    form = [f for f in window_forms(window, path) if ("active", "false") in f.fields][0]
    went = window.submit(form, hand_over_to=str(heir["id"]))
    assert went.status_code == 303 and went.headers["Location"].startswith("/jobs/")
    assert "Handing over records" in window.page(went.headers["Location"])
    assert ended(workspace, boss, went.headers["Location"].split("/")[2])["state"] == "done"


def test_nobody_leaves_in_its_middle(workspace, boss, owner, rows):
    _, giver, _, _ = owner
    heir, third = (user_of(boss, workspace.add_user("staff")) for _ in range(2))
    rows.execute("insert into job (kind, args, run_at) values ('hand_over', jsonb_build_object('from', %s, 'to', %s), "
                 "now() + interval '1 hour') returning job_id", [giver["id"], heir["id"]])
    job = rows.fetchone()[0]
    for user in (giver, heir):
        refused = change(boss, user, active=False, hand_over_to=third["id"])
        assert refused.status_code == 409 and boss.ok("GET", f"/users/{user['id']}")["active"], refused.text
    assert change(boss, third, active=False).status_code == 200, "of others it is no business"
    rows.execute("update job set state = 'cancelled' where job_id = %s", [job])
    assert change(boss, heir, active=False).status_code == 200


def test_who_is_back_keeps_the_rest(workspace, boss, owner, rows):
    _, giver, _, contacts = owner
    heir = user_of(boss, workspace.add_user("staff"))
    job = ended(workspace, boss, job_of(rows, giver, heir))
    assert job["state"] == "done" and job["result"] == {"records": 0}
    rows.execute("select distinct owner_id from contact where contact_id = any (%s)", [contacts])
    assert rows.fetchall() == [(giver["id"],)]


def test_nobody_there_to_take_them(workspace, boss, owner, rows):
    """An heir who went all the same gets nothing, and the job says why."""
    _, giver, _, contacts = owner
    heir = user_of(boss, workspace.add_user("staff"))
    rows.execute("update app_user set active = false where user_id in (%s, %s)", [giver["id"], heir["id"]])
    job = ended(workspace, boss, job_of(rows, giver, heir))
    assert job["state"] == "failed" and job["error"] == "error.hand_over_gone" and "has left, too" in job["detail"]
    rows.execute("select distinct owner_id from contact where contact_id = any (%s)", [contacts])
    assert rows.fetchall() == [(giver["id"],)]


def test_of_one_not_there(workspace, boss, rows):
    job = ended(workspace, boss, job_of(rows, {"id": 999998}, {"id": 999999}))
    assert job["state"] == "done" and job["result"] == {"records": 0}


def test_back_again(workspace, boss, owner):
    person, user, api, _ = owner
    heir = user_of(boss, workspace.add_user("staff"))
    change(boss, user, active=False, hand_over_to=heir["id"])
    back = change(boss, boss.ok("GET", f"/users/{user['id']}"), active=True)
    assert back.status_code == 200 and back.json()["active"] and "handed_over" not in back.json()
    assert api.get("/contacts").status_code == 401, "old tokens stay dead"
    assert person.browser().get("/contacts").status_code == 200


def test_not_oneself(workspace, boss):
    me = boss.ok("GET", "/me")["id"]
    assert change(boss, boss.ok("GET", f"/users/{me}"), active=False).status_code == 403


def test_sessions_are_seen_and_ended_one_by_one(workspace, boss):
    person = workspace.add_user("staff")
    first, second = person.browser(), person.browser()
    user = user_of(boss, person)
    listed = boss.ok("GET", f"/users/{user['id']}/sessions")["items"]
    assert len(listed) == 2
    assert all(set(s) == {"id", "created_at", "seen_at", "ip", "agent", "current"} and s["ip"] for s in listed)
    assert boss.delete(f"/users/{user['id']}/sessions/{listed[1]['id']}").status_code == 204
    assert [s["id"] for s in boss.ok("GET", f"/users/{user['id']}/sessions")["items"]] == [listed[0]["id"]]
    out = [w.get("/contacts").headers.get("Location") for w in (first, second)]
    assert set(out) == {"/login", None}
    assert boss.delete(f"/users/{user['id']}/sessions/{listed[1]['id']}").status_code == 404


def test_sessions_from_the_page(workspace, boss, rows):
    person = workspace.add_user("staff")
    window, user = person.browser(), user_of(boss, person)
    desk = workspace.admin.browser()
    path = f"/settings/users/{user['id']}"
    number = boss.ok("GET", f"/users/{user['id']}/sessions")["items"][0]["id"]
    assert desk.submit(desk.form(path, f"{path}/sessions/{number}/end")).status_code == 303
    assert window.get("/contacts").headers["Location"] == "/login"
    rows.execute("select count(*) from audit_event where reason = 'session_ended' and record_ids = array[%s::bigint]", [user["id"]])
    assert rows.fetchone() == (1,)


def test_of_whom_sessions_are_nobodys_business(workspace, boss):
    """Neither staff, nor by the number of another user, nor of a token."""
    person, other = workspace.add_user("staff"), workspace.add_user("staff")
    window, user, second = person.browser(), user_of(boss, person), user_of(boss, other)
    number = boss.ok("GET", f"/users/{user['id']}/sessions")["items"][0]["id"]
    staff = other.api()
    assert staff.get(f"/users/{user['id']}/sessions").status_code == 403
    assert staff.delete(f"/users/{user['id']}/sessions/{number}").status_code == 403
    assert boss.delete(f"/users/{second['id']}/sessions/{number}").status_code == 404
    token = person.browser()
    token.headers["X-CSRF-Token"] = token.csrf()
    made = token.post(f"{API}/tokens", json={"name": "robot"}).json()["id"]
    assert made not in [s["id"] for s in boss.ok("GET", f"/users/{user['id']}/sessions")["items"]]
    assert boss.delete(f"/users/{user['id']}/sessions/{made}").status_code == 404
    assert window.get("/contacts").status_code == 200
    assert boss.get("/users/999999/sessions").status_code == 404
