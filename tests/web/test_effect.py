# SPDX-License-Identifier: ISC
"""What a change of rights means, told before it is made: the numbers are those that
the same people are shown before and afterwards, whatever the change."""
import html
import random
import re
import secrets

import pytest

from harness import parse_forms
from profiles import ENTITIES, everything, make_profile, set_rights

LISTS = {"contact": "contacts", "company": "companies", "activity": "activities", "message": "messages",
         "attachment": "attachments", "invoice": "invoices"}
SCOPES = ("none", "own", "team", "all")


class Office:
    """Two teams and somebody without, records of all of them and of nobody."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.database = workspace.database()
        self.api = workspace.admin.api()
        self.profile = make_profile(self.database, everything("all"), special=("see_vip",))
        self.other = make_profile(self.database, everything("own"))
        cursor = self.database.cursor()
        cursor.execute("insert into team (name) values ('Red'), ('Blue') returning team_id")
        self.teams = [team for team, in cursor.fetchall()]
        self.people = [workspace.add_user(self.profile) for _ in range(4)]
        for person, team in zip(self.people, (self.teams[0], self.teams[0], self.teams[1], None)):
            cursor.execute("update app_user set team_id = %s where email = %s", (team, person.email))
        self.programs = [person.api() for person in self.people]
        self.ids = [program.ok("GET", "/me")["id"] for program in self.programs]
        self.fill()

    def fill(self):
        dice = random.Random(1)
        for i in range(40):
            who = dice.choice([*self.ids, None])
            whose = {"owner_id": who, "team_id": dice.choice([*self.teams, None]), "name_en": f"N {i}"}
            contact = self.api.ok("POST", "/contacts", json=whose)["id"]
            if i % 3 == 0:
                self.api.ok("POST", "/companies", json=whose)
            for kind, body in (("activities", {"kind": "note", "body": "x"}),
                               ("messages", {"channel": "email", "direction": "in", "body": "x"}),
                               ("invoices", {"issued_on": "2026-01-02", "status": "draft", "number": secrets.token_hex(4)})):
                writer = dice.choice([self.api, *self.programs])
                if dice.random() < 0.6:
                    writer.ok("POST", f"/contacts/{contact}/{kind}", json=body)
            if dice.random() < 0.5:
                dice.choice([self.api, *self.programs]).post(
                    f"/contacts/{contact}/attachments", files={"file": ("a.txt", b"text")})
            if i % 8 == 0:
                self.api.ok("DELETE", f"/contacts/{contact}", headers={
                    "If-Match": str(self.api.ok("GET", f"/contacts/{contact}")["version"])})
        cursor = self.database.cursor()
        cursor.execute("update contact set vip = true where contact_id % 4 = 0")
        cursor.execute("update company set vip = true where company_id % 3 = 0")
        for entity in ("contact", "company"):
            for user, team in ((dice.choice(self.ids), None), (None, dice.choice(self.teams))):
                cursor.execute(
                    f"insert into record_share (entity, record_id, user_id, team_id, level) "
                    f"select %s, {entity}_id, %s, %s, 'read' from {entity} where {entity}_id %% 5 = %s",
                    (entity, user, team, dice.randrange(5)))
        self.keep_private(cursor, dice)
        cursor.execute("update message set created_by = null where message_id % 3 = 0")
        cursor.execute("update activity set owner_id = %s where activity_id %% 5 = 0", (self.ids[0],))

    def keep_private(self, cursor, dice):
        """Notes of the author's alone, of a team, of named people; and files that go with them."""
        cursor.execute(
            "update activity set private_to = (array['author', 'team', 'people'])[1 + activity_id %% 3], private_team_id = "
            "case when activity_id %% 3 = 1 then %s::bigint end where activity_id %% 2 = 0", (self.teams[1],))
        cursor.execute(
            "insert into activity_reader (activity_id, user_id, author_id) select activity_id, %s, created_by from activity "
            "where private_to = 'people' and created_by <> %s", (self.ids[1], self.ids[1]))
        cursor.execute(
            "update attachment f set activity_id = (select min(v.activity_id) from activity v where v.contact_id = f.contact_id) "
            "where f.attachment_id % 2 = 0")

    def number(self, name):
        return next(p for p in self.api.ok("GET", "/profiles")["items"] if p["name"] == name)["id"]

    def seen(self, program):
        """What this person is shown, page by page."""
        found = {}
        for entity, path in LISTS.items():
            answer = program.get(f"/{path}?limit=200")
            found[entity] = {item["id"] for item in answer.json()["items"]} if answer.status_code == 200 else set()
        return found


@pytest.fixture(scope="module")
def office(workspace):
    return Office(workspace)


@pytest.fixture(autouse=True)
def as_it_was(office):
    yield
    set_rights(office.database, office.profile, {**everything("all"), ".see_vip": "all"})
    cursor = office.database.cursor()
    for number, team in zip(office.ids, (office.teams[0], office.teams[0], office.teams[1], None)):
        cursor.execute(
            "update app_user set team_id = %s, profile_id = (select profile_id from profile where name = %s) "
            "where user_id = %s", (team, office.profile, number))


def hold(office, told, before, after):
    """What was told is what they saw and see."""
    for user, was, now in zip(told["users"], before, after):
        for entity, count in user["records"].items():
            assert count == {
                "before": len(was[entity]), "after": len(now[entity]), "gained": len(now[entity] - was[entity]),
                "lost": len(was[entity] - now[entity])}, (entity, user)
        for entity in set(ENTITIES) - set(user["records"]):
            assert was[entity] == now[entity], f"{entity} changed and was not counted"


@pytest.mark.parametrize("seed", range(24))
def test_any_change_of_scopes(office, seed):
    dice = random.Random(seed)
    profile = office.number(office.profile)
    start = {f"{e}.view": dice.choice(SCOPES) for e in ENTITIES}
    set_rights(office.database, office.profile, {k: None if v == "none" else v for k, v in start.items()})
    set_rights(office.database, office.profile, {".see_vip": dice.choice((None, "all"))})
    change = {f"{e}.view": dice.choice(SCOPES) for e in ENTITIES if dice.random() < 0.6}
    before = [office.seen(program) for program in office.programs]
    body = {"rights": change, "special": {"see_vip": dice.random() < 0.5}}
    told = office.api.ok("POST", f"/profiles/{profile}/preview", json=body)
    assert told["counted"] is True and sorted(u["id"] for u in told["users"]) == sorted(office.ids)
    told["users"].sort(key=lambda u: u["id"])
    assert [office.seen(program) for program in office.programs] == before, "a preview changes nothing"
    office.api.ok("PATCH", f"/profiles/{profile}", json=body,
                  headers={"If-Match": str(office.api.ok("GET", f"/profiles/{profile}")["version"])})
    hold(office, told, before, [office.seen(program) for program in office.programs])


@pytest.mark.parametrize("seed", range(12))
def test_any_move_of_a_user(office, seed):
    dice = random.Random(100 + seed)
    set_rights(office.database, office.profile, {
        f"{e}.view": dice.choice(("own", "team", "all")) for e in ENTITIES})
    set_rights(office.database, office.other, {
        f"{e}.view": dice.choice((None, "own", "team", "all")) for e in ENTITIES})
    set_rights(office.database, office.other, {".see_vip": dice.choice((None, "all"))})
    i = dice.randrange(len(office.ids))
    body = {"profile": dice.choice((office.profile, office.other)), "team_id": dice.choice([*office.teams, None])}
    before = office.seen(office.programs[i])
    told = office.api.ok("POST", f"/users/{office.ids[i]}/preview", json=body)
    assert [u["id"] for u in told["users"]] == [office.ids[i]]
    office.api.ok("PATCH", f"/users/{office.ids[i]}", json=body,
                  headers={"If-Match": str(office.api.ok("GET", f"/users/{office.ids[i]}")["version"])})
    hold(office, told, [before], [office.seen(office.programs[i])])


def test_nobody_counts_who_cannot_sign_in(office):
    office.database.cursor().execute("update app_user set active = false where user_id = %s", (office.ids[3],))
    told = office.api.ok("POST", f"/profiles/{office.number(office.profile)}/preview", json={"rights": {"contact.view": "own"}})
    office.database.cursor().execute("update app_user set active = true where user_id = %s", (office.ids[3],))
    assert office.ids[3] not in [u["id"] for u in told["users"]] and len(told["users"]) == 3


def test_whoever_previews_need_not_see_it(office, workspace):
    """The numbers are of those whom it concerns, not of the one who asks."""
    name = make_profile(office.database, {**everything("own"), "contact.view": "own"},
                        special=("manage_users", "manage_profiles"), new_fields="edit", new_sealed="edit")
    target = make_profile(office.database, {"contact.view": "all"}, new_fields="hidden")
    person = workspace.add_user(target).api()
    mine = workspace.add_user(name).api()
    told = mine.ok("POST", f"/profiles/{office.number(target)}/preview", json={"rights": {"contact.view": "own"}})
    seen = len(office.seen(person)["contact"])
    assert seen > 20 and told["users"][0]["records"]["contact"] == {"before": seen, "after": 0, "gained": 0, "lost": seen}
    assert len(mine.ok("GET", "/contacts?limit=200")["items"]) == 0, "and the one who asks sees what they saw"


def summary(office, **body):
    return office.api.ok("POST", f"/profiles/{office.number(office.profile)}/preview", json=body)["summary"]


def test_in_sentences(office):
    """What happens to the same people is in one sentence; numbers that differ are a range."""
    set_rights(office.database, office.profile, {f"{e}.view": None for e in ENTITIES if e != "contact"})
    set_rights(office.database, office.profile, {"contact.view": "own"})
    cursor = office.database.cursor()
    cursor.execute("update field set enabled = true, justification = 'law' where name = 'hkid'")
    total = len(office.seen(office.api)["contact"])
    gained = sorted(total - len(office.seen(program)["contact"]) for program in office.programs)
    assert 0 < gained[0] < gained[-1]
    assert summary(office, rights={"contact.view": "all"}, fields={"contact.hkid": "read"}) == [
        f"4 users gain {gained[0]}–{gained[-1]} contacts and the field HKID number."]
    cursor.execute("update field set enabled = false where name = 'hkid'")
    set_rights(office.database, office.profile, {"contact.view": "all"})
    assert summary(office, fields={"contact.email": "hidden"}) == ["4 users lose the field Email."]
    assert summary(office, fields={"contact.email": "masked"}) == ["4 users lose the field Email in full."]
    assert summary(office, rights={"contact.view": "none"}) == [f"4 users lose {total} contacts."]
    assert summary(office) == []
    assert summary(office, rights={"contact.export": "none"}) == []
    many = summary(office, fields={f"contact.{f}": "hidden" for f in (
        "email", "email2", "phone", "phone2", "whatsapp", "address", "district", "bio", "source", "tags")})
    assert many[0].startswith("4 users lose the field Email, ") and many[0].endswith(" and 2 more fields.")


def test_the_page_tells_it_before_it_is_saved(office):
    browser = office.workspace.admin.browser()
    profile = office.number(office.profile)
    path = f"/settings/profiles/{profile}"
    total = len(office.seen(office.api)["contact"])
    shown = browser.submit(browser.form(path, path), **{"rights[contact.view]": "none"})
    assert f'formaction="{path}/form"' in shown.text
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", shown.text)))
    assert f"4 users lose {total} contacts, " in text and "1 user loses" not in text
    assert re.search(r"Contacts: View [^→]*All → [^→]*None", text)
    assert text.count(f"{total} → 0 −{total}") == 4
    assert office.seen(office.programs[0])["contact"], "it holds only when it is saved"
    (form,) = [f for f in parse_forms(shown.text) if f.action == path]
    assert browser.submit(form, step="save").status_code == 303
    assert not office.seen(office.programs[0])["contact"]


def test_the_page_of_a_user_tells_it_too(office):
    browser = office.workspace.admin.browser()
    path = f"/settings/users/{office.ids[2]}"

    def change(**values):
        form = next(f for f in parse_forms(browser.page(path)) if "email" in dict(f.fields))
        return browser.submit(form, **values)

    assert change(name="Only a name").status_code == 303
    shown = change(profile=office.other, team_id=str(office.teams[0]))
    assert shown.status_code == 200 and "1 user loses" in shown.text
    assert office.api.ok("GET", f"/users/{office.ids[2]}")["profile"] == office.profile
    (form,) = [f for f in parse_forms(shown.text) if f.action == path]
    again = back_to_the_form(browser, form)
    typed = dict(next(f for f in parse_forms(again.text) if "email" in dict(f.fields)).fields)
    assert (typed["profile"], typed["team_id"]) == (office.other, str(office.teams[0]))
    assert browser.submit(form, step="save").status_code == 303
    user = office.api.ok("GET", f"/users/{office.ids[2]}")
    assert (user["profile"], user["team_id"], user["name"]) == (office.other, office.teams[0], "Only a name")
    (event,) = office.api.ok("GET", "/audit?entity=user&action=permission&limit=1")["items"]
    assert {c["field"]: (c["before"], c["after"]) for c in event["changes"]} == {
        "profile": (office.profile, office.other), "team": ("Blue", "Red")}


def back_to_the_form(browser, form):
    """The other button of the page that tells what it means."""
    headers = {"Origin": browser.origin}
    return browser.post(form.action + "/form", data=form.fields, headers=headers)


@pytest.mark.parametrize("body, field", [
    ({"profile": "emperor"}, "profile"), ({"team_id": 999999}, "team_id"), ({"team_id": 0}, "team_id"),
    ({"team_id": "x"}, "team_id"), ({"name": "X"}, "name"), ({"active": False}, "active")])
def test_what_cannot_be_previewed(office, body, field):
    answer = office.api.post(f"/users/{office.ids[0]}/preview", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"]


def test_who_may_not_preview(office, workspace):
    staff = workspace.add_user("staff").api()
    assert staff.post(f"/users/{office.ids[0]}/preview", json={}).status_code == 403
    assert staff.post(f"/profiles/{office.number(office.profile)}/preview", json={}).status_code == 403
    me = office.api.ok("GET", "/me")["id"]
    assert office.api.post(f"/users/{me}/preview", json={"profile": "staff"}).status_code == 403
    assert office.api.post(f"/users/{me}/preview", json={"team_id": office.teams[0]}).status_code == 403
    assert office.api.post("/users/999999/preview", json={}).status_code == 404
    assert office.api.post("/profiles/999999/preview", json={}).status_code == 404


def test_the_own_team_is_somebody_elses_to_change(office):
    me = office.api.ok("GET", "/me")["id"]
    user = office.api.ok("GET", f"/users/{me}")
    answer = office.api.patch(f"/users/{me}", json={"team_id": office.teams[0]}, headers={"If-Match": str(user["version"])})
    assert answer.status_code == 403 and office.api.ok("GET", f"/users/{me}")["team_id"] is None
