# SPDX-License-Identifier: ISC
"""How far a right reaches: own, team, all, for every right and not for viewing
only. What is there but out of reach is 403, what cannot be seen is 404."""
import re
import secrets

import pytest

from profiles import everything, make_profile, set_rights

CHILDREN = ("activities", "messages", "invoices", "attachments")
BODIES = {
    "activities": {"kind": "note", "body": "text"},
    "messages": {"channel": "email", "direction": "out", "body": "text"},
    "invoices": {"issued_on": "2026-01-02", "status": "draft"},
}
CHANGES = {
    "contacts": {"job_title": "Changed"}, "companies": {"industry": "Changed"}, "activities": {"body": "Changed"},
    "messages": {"body": "Changed"}, "invoices": {"due_on": "2026-03-04"}, "attachments": {"file_name": "changed.txt"},
}
ENTITY = {"contacts": "contact", "companies": "company", "activities": "activity", "messages": "message",
          "invoices": "invoice", "attachments": "attachment"}


class Team:
    """Three people with one profile: me, a colleague of my team, somebody else."""

    def __init__(self, workspace, database, rights):
        self.database = database
        self.profile = make_profile(database, rights)
        cursor = database.cursor()
        cursor.execute("insert into team (name) values ('one') returning team_id")
        (self.team,) = cursor.fetchone()
        self.people = [workspace.add_user(self.profile) for _ in range(3)]
        for person in self.people[:2]:
            cursor.execute("update app_user set team_id = %s where email = %s", (self.team, person.email))
        self.me, self.colleague, self.other = [person.api() for person in self.people]
        self.my_id, self.colleague_id, self.other_id = [
            api.ok("GET", "/me")["id"] for api in (self.me, self.colleague, self.other)]

    def rights(self, **rights):
        set_rights(self.database, self.profile, {k.replace("_", "."): v for k, v in rights.items()})


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@pytest.fixture(scope="module")
def admin_api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def team(workspace, database):
    return Team(workspace, database, everything("all"))


@pytest.fixture(autouse=True)
def all_again(team):
    yield
    set_rights(team.database, team.profile, everything("all"))


def add(api, kind, contact=None, owner=None, **more):
    if kind == "attachments":
        name = secrets.token_hex(4) + ".txt"
        made = api.post(f"/contacts/{contact}/attachments", files={"file": (name, b"text")})
        assert made.status_code == 201, made.text
        return made.json()
    body = dict(BODIES.get(kind) or {"name_en": "N " + secrets.token_hex(4)}, **more)
    if kind == "invoices":
        body["number"] = secrets.token_hex(5)
    if owner is not None:
        body["owner_id"] = owner
    path = f"/{kind}" if contact is None else f"/contacts/{contact}/{kind}"
    return api.ok("POST", path, json=body)


def version(record):
    return {"If-Match": str(record["version"])}


def change(api, kind, record):
    return api.patch(f"/{kind}/{record['id']}", headers=version(record), json=CHANGES[kind]).status_code


def remove(api, kind, record):
    return api.delete(f"/{kind}/{record['id']}", headers=version(record)).status_code


@pytest.mark.parametrize("kind", ("contacts", "companies"))
def test_edit_ends_with_own_records(team, admin_api, kind):
    mine, theirs, nobodys = (add(admin_api, kind, owner=o) for o in (team.my_id, team.colleague_id, None))
    team.rights(**{f"{ENTITY[kind]}_edit": "own"})
    assert change(team.me, kind, mine) == 200
    assert change(team.me, kind, theirs) == 403
    assert change(team.me, kind, nobodys) == 403
    assert admin_api.ok("GET", f"/{kind}/{theirs['id']}")["version"] == theirs["version"]
    assert team.me.get(f"/{kind}/{theirs['id']}").status_code == 200


@pytest.mark.parametrize("kind", ("contacts", "companies"))
def test_edit_ends_with_the_teams_records(team, admin_api, kind):
    mine = add(admin_api, kind, owner=team.my_id)
    ours = add(admin_api, kind, owner=team.other_id, team_id=team.team)
    theirs = add(admin_api, kind, owner=team.other_id)
    team.rights(**{f"{ENTITY[kind]}_edit": "team"})
    assert change(team.me, kind, mine) == 200
    assert change(team.me, kind, ours) == 200
    assert change(team.me, kind, theirs) == 403


@pytest.mark.parametrize("kind", ("contacts", "companies"))
def test_what_cannot_be_seen_is_not_there_to_be_changed(team, admin_api, kind):
    theirs = add(admin_api, kind, owner=team.other_id)
    team.rights(**{f"{ENTITY[kind]}_view": "own"})
    assert change(team.me, kind, theirs) == 404
    assert remove(team.me, kind, theirs) == 404
    assert team.me.post(f"/{kind}/{theirs['id']}/restore", headers=version(theirs)).status_code == 404


@pytest.mark.parametrize("kind", ("contacts", "companies"))
def test_archiving_ends_with_own_records(team, admin_api, kind):
    mine, theirs = (add(admin_api, kind, owner=o) for o in (team.my_id, team.other_id))
    team.rights(**{f"{ENTITY[kind]}_delete": "own"})
    assert remove(team.me, kind, theirs) == 403
    assert remove(team.me, kind, mine) == 200
    archived = remove(admin_api, kind, theirs)
    assert archived == 200
    theirs = admin_api.ok("GET", f"/{kind}/{theirs['id']}")
    assert team.me.post(f"/{kind}/{theirs['id']}/restore", headers=version(theirs)).status_code == 403


def test_a_version_that_moved_is_no_way_around(team, admin_api):
    theirs = add(admin_api, "contacts", owner=team.other_id)
    team.rights(contact_edit="own")
    assert team.me.patch(f"/contacts/{theirs['id']}", headers={"If-Match": "99"}, json={"job_title": "x"}).status_code == 403
    assert team.me.patch(f"/contacts/{theirs['id']}", headers=version(theirs), json={}).status_code == 403


@pytest.mark.parametrize("kind", CHILDREN)
def test_what_hangs_on_a_contact_is_own_when_one_made_it(team, admin_api, kind):
    contact = add(admin_api, "contacts")["id"]
    mine, theirs = add(team.me, kind, contact), add(team.colleague, kind, contact)
    entity = ENTITY[kind]
    team.rights(**{f"{entity}_edit": "own", f"{entity}_delete": "own"})
    assert change(team.me, kind, theirs) == 403
    assert remove(team.me, kind, theirs) == 403
    assert change(team.me, kind, mine) == 200


@pytest.mark.parametrize("kind", CHILDREN)
def test_what_hangs_on_a_contact_is_the_teams_with_the_contact(team, admin_api, kind):
    ours = add(admin_api, "contacts", team_id=team.team)["id"]
    theirs = add(admin_api, "contacts", owner=team.other_id)["id"]
    of_ours, of_theirs = add(admin_api, kind, ours), add(admin_api, kind, theirs)
    team.rights(**{f"{ENTITY[kind]}_edit": "team"})
    assert change(team.me, kind, of_ours) == 200
    assert change(team.me, kind, of_theirs) == 403


def test_what_came_in_by_itself_is_of_the_contacts_owner(team, admin_api, database):
    contact = add(admin_api, "contacts", owner=team.my_id)["id"]
    message = add(admin_api, "messages", contact)
    team.rights(message_edit="own")
    assert change(team.me, "messages", message) == 403
    database.cursor().execute("update message set created_by = null where message_id = %s", (message["id"],))
    assert change(team.me, "messages", message) == 200
    message = admin_api.ok("GET", f"/messages/{message['id']}")
    assert change(team.colleague, "messages", message) == 403


def test_a_task_is_own_of_whoever_is_to_do_it(team, admin_api):
    contact = add(admin_api, "contacts")["id"]
    task = admin_api.ok("POST", f"/contacts/{contact}/activities",
                        json={"kind": "task", "body": "x", "owner_id": team.my_id})
    team.rights(activity_edit="own")
    assert team.colleague.post(f"/activities/{task['id']}/done", headers=version(task), json={}).status_code == 403
    assert team.me.post(f"/activities/{task['id']}/done", headers=version(task), json={}).status_code == 200


@pytest.mark.parametrize("level", ["hidden", "masked", "read"])
def test_a_task_is_ended_by_whoever_changes_that_field(workspace, database, admin_api, level):
    """The button is a change like any other, and tells nobody what is hidden."""
    clerk = workspace.add_user(make_profile(database, everything("all"), {"activity.done_at": level}))
    contact = add(admin_api, "contacts")["id"]
    me = clerk.api().ok("GET", "/me")["id"]
    task = admin_api.ok("POST", f"/contacts/{contact}/activities", json={"kind": "task", "body": "x", "owner_id": me})
    path = f"/activities/{task['id']}"
    assert clerk.api().post(path + "/done", headers=version(task), json={}).status_code == 403
    assert admin_api.ok("GET", path)["done_at"] is None
    browser = clerk.browser()
    assert path + "/done" not in browser.page(path) + browser.page("/")
    done = admin_api.ok("POST", path + "/done", headers=version(task), json={})
    assert clerk.api().post(path + "/done", headers=version(done), json={}).status_code == 403


@pytest.mark.parametrize("kind", ("contacts", "companies"))
def test_who_adds_own_records_owns_them(team, kind):
    team.rights(**{f"{ENTITY[kind]}_create": "own", f"{ENTITY[kind]}_view": "own"})
    made = add(team.me, kind)
    assert made["owner_id"] == team.my_id
    assert team.me.get(f"/{kind}/{made['id']}").status_code == 200
    assert team.colleague.get(f"/{kind}/{made['id']}").status_code == 404
    answer = team.me.post(f"/{kind}", json={"name_en": "For somebody else", "owner_id": team.colleague_id})
    assert answer.status_code == 422 and "owner_id" in answer.json()["errors"]
    assert "only" in answer.json()["errors"]["owner_id"]


def test_who_adds_team_records_shares_them(team):
    team.rights(contact_create="team", contact_view="team")
    made = add(team.me, "contacts")
    assert (made["owner_id"], made["team_id"]) == (team.my_id, team.team)
    assert team.colleague.get(f"/contacts/{made['id']}").status_code == 200
    assert team.other.get(f"/contacts/{made['id']}").status_code == 404
    given = add(team.me, "contacts", owner=team.colleague_id, team_id=team.team)
    assert given["owner_id"] == team.colleague_id
    answer = team.me.post("/contacts", json={"name_en": "Elsewhere", "owner_id": team.other_id})
    assert answer.status_code == 422


def test_all_leaves_the_owner_as_it_was_said(team):
    assert add(team.me, "contacts")["owner_id"] is None
    assert add(team.me, "contacts", owner=team.other_id)["owner_id"] == team.other_id


@pytest.mark.parametrize("kind", CHILDREN)
def test_adding_to_a_contact_out_of_reach(team, admin_api, kind):
    mine = add(admin_api, "contacts", owner=team.my_id)["id"]
    theirs = add(admin_api, "contacts", owner=team.other_id)["id"]
    team.rights(**{f"{ENTITY[kind]}_create": "own"})
    add(team.me, kind, mine)
    if kind == "attachments":
        answer = team.me.post(f"/contacts/{theirs}/attachments", files={"file": ("a.txt", b"text")})
    else:
        answer = team.me.post(f"/contacts/{theirs}/{kind}", json=dict(BODIES[kind], number="1") if kind == "invoices"
                              else BODIES[kind])
    assert answer.status_code == 403, answer.text
    assert admin_api.ok("GET", f"/contacts/{theirs}/{kind}")["items"] == []


def test_keeping_by_law_is_editing(team, admin_api):
    theirs = add(admin_api, "contacts", owner=team.other_id)["id"]
    team.rights(contact_edit="own")
    body = {"field": "email", "until": "2099-01-01", "law": "Cap. 615"}
    assert team.me.post(f"/contacts/{theirs}/kept", json=body).status_code == 403
    admin_api.ok("POST", f"/contacts/{theirs}/kept", json=body)
    removal = team.me.delete(f"/contacts/{theirs}/kept/email",
                             headers=version(admin_api.ok("GET", f"/contacts/{theirs}")))
    assert removal.status_code == 403
    assert len(admin_api.ok("GET", f"/contacts/{theirs}/kept")["items"]) == 1


def test_no_right_reaches_further_than_viewing(team, admin_api, database):
    """Set wider than view, edit and delete still end where view does."""
    ours = add(admin_api, "contacts", team_id=team.team)
    team.rights(contact_view=None)
    assert change(team.me, "contacts", ours) == 403
    team.rights(contact_view="own")
    assert change(team.me, "contacts", ours) == 404
    assert team.me.get("/contacts").status_code == 200


def test_a_profile_without_any_right(workspace, database):
    nobody = workspace.add_user(make_profile(database)).api()
    for path in ("contacts", "companies", "activities", "messages", "invoices"):
        assert nobody.get(f"/{path}").status_code == 403, path
        assert nobody.post(f"/{path}", json={}).status_code == 403, path
    fields = nobody.ok("GET", "/fields")["items"]
    assert fields == []


def test_pages_offer_what_the_right_reaches(workspace, team, admin_api):
    mine, theirs = (add(admin_api, "contacts", owner=o)["id"] for o in (team.my_id, team.other_id))
    team.rights(contact_edit="own", contact_delete="own", activity_create="own")
    browser = team.people[0].browser()
    page = browser.page(f"/contacts/{mine}")
    for path in ("edit", "activities/new"):
        assert f'href="/contacts/{mine}/{path}"' in page
    assert f'action="/contacts/{mine}/archive"' in page
    page = browser.page(f"/contacts/{theirs}")
    for path in ("edit", "archive", "activities/new", "kept/new"):
        assert f"/contacts/{theirs}/{path}" not in page
    assert f'href="/contacts/{theirs}/messages/new"' in page
    for path in ("edit", "activities/new", "kept/new"):
        assert browser.get(f"/contacts/{theirs}/{path}").status_code == 403, path


def test_a_refusal_is_in_the_log(team, admin_api):
    theirs = add(admin_api, "contacts", owner=team.other_id)
    team.rights(contact_edit="own")
    assert change(team.me, "contacts", theirs) == 403
    (event,) = admin_api.ok("GET", f"/audit?outcome=denied&contact={theirs['id']}")["items"]
    assert (event["action"], event["reason"], event["record_ids"]) == ("update", "edit", [theirs["id"]])
    assert event["actor"] == team.my_id


PRESETS = ("administrator", "privacy_officer", "sales", "support", "marketing", "finance", "auditor", "staff")


@pytest.mark.parametrize("profile", PRESETS)
def test_a_profile_for_each_usual_job(workspace, admin_api, profile):
    person = workspace.add_user(profile)
    contact = add(admin_api, "contacts", salary={"amount": "1.00", "currency": "HKD"}, tax_id="TAX-1",
                  owner=None)["id"]
    api = person.api()
    me = api.ok("GET", "/me")["id"]
    admin_api.ok("PATCH", f"/contacts/{contact}", json={"owner_id": me}, headers={"If-Match": "1"})
    record = api.ok("GET", f"/contacts/{contact}")
    sees = {
        "administrator": {"salary", "tax_id"}, "staff": {"tax_id"}, "privacy_officer": {"salary", "tax_id"},
        "sales": set(), "support": set(), "marketing": set(), "finance": {"tax_id"}, "auditor": {"salary", "tax_id"},
    }
    assert {"salary", "tax_id"} & set(record) == sees[profile]
    invoices = api.get("/invoices").status_code
    assert invoices == (403 if profile in ("support", "marketing") else 200)
    writes = api.patch(f"/contacts/{contact}", headers=version(record), json={"job_title": "x"}).status_code
    assert writes == (403 if profile in ("marketing", "finance", "auditor") else 200)
    actors = {event["actor"] for event in api.ok("GET", "/audit?limit=200")["items"]}
    assert me in actors, "one's own actions are everybody's to see"
    assert (len(actors) > 1) == (profile in ("administrator", "privacy_officer", "auditor"))
    users = api.get("/users").status_code
    assert users == (200 if profile == "administrator" else 403)
    notes = api.get(f"/contacts/{contact}/activities").status_code
    assert notes == (403 if profile in ("marketing", "finance") else 200)
    export = api.post(f"/contacts/{contact}/export", json={}).status_code
    assert export == (202 if profile in ("administrator", "privacy_officer") else 403)


def test_presets_have_a_name_in_both_languages(workspace):
    browser = workspace.admin.browser()
    page = browser.page("/settings/users/new")
    for name in ("Privacy officer", "Sales", "Support agent", "Marketing", "Finance", "Auditor (read-only)"):
        assert re.search(rf">{re.escape(name)}\s*<", page), name


@pytest.mark.parametrize("sealed", (False, True))
def test_a_new_field_is_what_the_profile_says_of_new_fields(stack, workspace, database, admin_api, sealed):
    """Never more than that: what nobody decided on is the strict level."""
    name = "new_" + secrets.token_hex(3)
    levels = {level: workspace.add_user(make_profile(database, everything("all"), new_fields=level, new_sealed=level)).api()
              for level in ("hidden", "masked", "read", "edit")}
    contact = add(admin_api, "contacts")["id"]
    for api in levels.values():
        assert name not in api.ok("GET", f"/contacts/{contact}")
    admin_api.ok("POST", "/fields", json={
        "entity": "contact", "name": name, "type": "text", "label_en": name, "label_zh": name, "pii": True,
        "category": "identity", "purpose": "crm", "justification": "needed", "sealed": sealed})
    stack.praya("worker", admin_api.slug, "--once")
    admin_api.ok("PATCH", f"/contacts/{contact}", headers={"If-Match": "1"}, json={name: "canary"})
    for level, api in levels.items():
        record = api.ok("GET", f"/contacts/{contact}")
        assert (name in record) == (level != "hidden"), level
        assert ("canary" in str(record)) == (not sealed and level in ("read", "edit")), level
        answer = api.patch(f"/contacts/{contact}", headers=version(record), json={name: "mine " + level})
        assert answer.status_code == (200 if level == "edit" else 422), level
    admin_api.ok("DELETE", f"/fields/contact.{name}?confirm=contact.{name}")
    stack.praya("worker", admin_api.slug, "--once")
