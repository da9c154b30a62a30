# SPDX-License-Identifier: ISC
"""VIP records, lists of those a record is shared with, private notes."""
import pytest

import seen


@pytest.fixture(scope="module")
def cursor(workspace):
    return workspace.database().cursor()


@pytest.fixture(scope="module")
def admin(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def red(cursor):
    return seen.team(cursor, "Red")


def add(workspace, cursor, scope, team=None, **more):
    person = workspace.add_user(seen.profile(cursor, scope, **more))
    if team:
        seen.join(cursor, person, team)
    person.number = seen.number_of(cursor, person)
    person.program = person.api()
    return person


@pytest.fixture(scope="module")
def clerk(workspace, cursor):
    return add(workspace, cursor, "all")


@pytest.fixture(scope="module")
def mate(workspace, cursor, red):
    return add(workspace, cursor, "own", red)


def sees(person, number, kind="contacts"):
    status = person.program.get(f"/{kind}/{number}").status_code
    listed = number in {c["id"] for c in person.program.ok("GET", f"/{kind}", params={"limit": 200})["items"]}
    assert listed == (status == 200)
    return listed


@pytest.mark.parametrize("kind", ["contacts", "companies"])
def test_a_vip_is_its_owners_and_of_those_it_is_shared_with(admin, clerk, mate, red, kind):
    vip = admin.ok("POST", f"/{kind}", json={"name_en": "Very Important", "vip": True})
    number = vip["id"]
    assert not sees(clerk, number, kind) and not sees(mate, number, kind)
    admin.ok("POST", f"/{kind}/{number}/shares", status=201, json={"user_id": clerk.number, "level": "read"})
    assert sees(clerk, number, kind) and not sees(mate, number, kind)
    answer = clerk.program.patch(f"/{kind}/{number}", headers={"If-Match": str(vip["version"])}, json={"name_zh": "改"})
    assert answer.status_code == 403
    admin.ok("POST", f"/{kind}/{number}/shares", json={"team_id": red, "level": "edit"})
    assert sees(mate, number, kind)
    mate.program.ok("PATCH", f"/{kind}/{number}", headers={"If-Match": str(vip["version"])}, json={"name_zh": "要人"})
    # It was shared with them; it is not theirs to share.
    assert mate.program.post(f"/{kind}/{number}/shares", json={"user_id": clerk.number, "level": "edit"}).status_code == 403
    shares = mate.program.ok("GET", f"/{kind}/{number}/shares")["items"]
    assert [(s["team_id"], s["user_id"], s["level"]) for s in shares] == [(red, None, "edit"), (None, clerk.number, "read")]
    for share in shares:
        admin.ok("DELETE", f"/{kind}/{number}/shares/{share['id']}", status=204)
    assert not sees(clerk, number, kind) and not sees(mate, number, kind)


def test_who_makes_a_vip_owns_it(clerk):
    made = clerk.program.ok("POST", "/contacts", json={"name_en": "Mine and important", "vip": True})
    assert made["owner_id"] == clerk.number
    other = clerk.program.ok("POST", "/contacts", json={"name_en": "Nobody's"})
    answer = clerk.program.patch(f"/contacts/{other['id']}", headers={"If-Match": str(other["version"])}, json={"vip": True})
    assert answer.status_code == 422 and "vip" in answer.json()["errors"]


def test_what_hangs_on_a_vip_goes_with_it(admin, clerk):
    vip = admin.ok("POST", "/contacts", json={"name_en": "Important", "vip": True})["id"]
    note = admin.ok("POST", f"/contacts/{vip}/activities", json={"kind": "note", "body": "of a vip"})["id"]
    assert not sees(clerk, note, "activities")
    admin.ok("POST", f"/contacts/{vip}/shares", json={"user_id": clerk.number, "level": "read"})
    assert sees(clerk, note, "activities")
    assert clerk.program.post(f"/contacts/{vip}/activities", json={"kind": "note", "body": "x"}).status_code == 403


@pytest.mark.parametrize("kind", ["contacts", "companies"])
@pytest.mark.parametrize("body", [{"owner_id": "me"}, {"owner_id": None}, {"vip": False}, {"team_id": "team"}])
def test_what_is_only_shared_is_not_given_to_others(admin, clerk, mate, red, kind, body):
    """Who may edit it, because it was shared, does not say who else sees it."""
    vip = admin.ok("POST", f"/{kind}", json={"name_en": "Lent", "vip": True, "owner_id": clerk.number})
    path, version = f"/{kind}/{vip['id']}", {"If-Match": str(vip["version"])}
    admin.ok("POST", f"{path}/shares", status=201, json={"user_id": mate.number, "level": "edit"})
    body = {name: {"me": mate.number, "team": red}.get(value, value) for name, value in body.items()}
    answer = mate.program.patch(path, headers=version, json=body)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == list(body), answer.text
    # As it stands it says nothing, and the rest of the record may be edited.
    mate.program.ok("PATCH", path, headers=version, json={"name_zh": "借", "vip": True, "owner_id": clerk.number})
    after = {"If-Match": str(vip["version"] + 1)}
    assert clerk.program.ok("PATCH", path, headers=after, json={"vip": False})["vip"] is False


@pytest.mark.parametrize("body, field", [
    ({}, "user_id"), ({"user_id": 1, "team_id": 1, "level": "read"}, "user_id"), ({"user_id": 99999, "level": "read"}, "user_id"),
    ({"team_id": 99999, "level": "read"}, "team_id"), ({"user_id": 1, "level": "own"}, "level"), ({"user_id": 1}, "level"),
    ({"user_id": 0, "level": "read"}, "user_id"), ({"user_id": 1, "level": "read", "colour": "red"}, "colour"),
])
def test_shares_that_are_refused(admin, body, field):
    number = admin.ok("POST", "/contacts", json={"name_en": "Not shared"})["id"]
    answer = admin.post(f"/contacts/{number}/shares", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"], answer.text
    assert admin.ok("GET", f"/contacts/{number}/shares")["items"] == []


def test_a_share_of_another_record_is_not_found(admin, clerk):
    one, two = (admin.ok("POST", "/contacts", json={"name_en": n})["id"] for n in ("One", "Two"))
    share = admin.ok("POST", f"/contacts/{one}/shares", json={"user_id": clerk.number, "level": "read"})["id"]
    assert admin.delete(f"/contacts/{two}/shares/{share}").status_code == 404
    assert admin.delete(f"/companies/{one}/shares/{share}").status_code == 404
    assert len(admin.ok("GET", f"/contacts/{one}/shares")["items"]) == 1


def test_sharing_from_the_page_and_its_event(workspace, admin, clerk):
    number = admin.ok("POST", "/contacts", json={"name_en": "Shared by hand", "vip": True})["id"]
    browser = workspace.admin.browser()
    assert f"/contacts/{number}/shares/new" in browser.page(f"/contacts/{number}")
    form = browser.form(f"/contacts/{number}/shares/new", f"/contacts/{number}/shares")
    answer = browser.submit(form, user_id="", team_id="", level="read")
    assert answer.status_code == 422 and "Choose one person or one team" in answer.text
    answer = browser.submit(browser.form(f"/contacts/{number}/shares/new", f"/contacts/{number}/shares"),
                            user_id=str(clerk.number), team_id="", level="edit")
    assert answer.status_code == 303
    assert sees(clerk, number) and "Read and edit" in browser.page(f"/contacts/{number}")
    event = admin.ok("GET", f"/contacts/{number}/audit", params={"action": "permission"})["items"][0]
    assert event["changes"][0]["after"].endswith("Read and edit") and event["fields"] == ["shares"]
    share = admin.ok("GET", f"/contacts/{number}/shares")["items"][0]["id"]
    answer = browser.submit(browser.form(f"/contacts/{number}/shares/{share}", f"/contacts/{number}/shares/{share}/remove"))
    assert answer.status_code == 303 and not sees(clerk, number)


# ---- private notes


@pytest.fixture(scope="module")
def author(workspace, cursor, red):
    return add(workspace, cursor, "all", red)


@pytest.fixture(scope="module")
def person(admin):
    return admin.ok("POST", "/contacts", json={"name_en": "With notes"})["id"]


def note(author, person, **more):
    return author.program.ok("POST", f"/contacts/{person}/activities", status=201,
                             json={"kind": "note", "subject": "quiet", "body": "qwxyz words", **more})


def readers(workspace, admin, clerk, author, mate_all, number):
    return {name for name, program in (("admin", admin), ("clerk", clerk.program), ("author", author.program), ("mate", mate_all.program))
            if program.get(f"/activities/{number}").status_code == 200}


@pytest.fixture(scope="module")
def mate_all(workspace, cursor, red):
    return add(workspace, cursor, "all", red)


def test_whom_a_private_note_is_for(workspace, admin, clerk, author, mate_all, person):
    def who(made):
        return readers(workspace, admin, clerk, author, mate_all, made["id"])
    assert who(note(author, person)) == {"admin", "clerk", "author", "mate"}
    assert who(note(author, person, private_to="author")) == {"author"}
    assert who(note(author, person, private_to="team")) == {"author", "mate"}
    named = note(author, person, private_to="people", readers=[clerk.number])
    assert who(named) == {"author", "clerk"} and named["readers"] == [clerk.number]


def test_a_private_note_does_not_move_the_last_activity(admin, author):
    person = admin.ok("POST", "/contacts", status=201, json={"name_en": "Quiet Person"})["id"]
    note(author, person, private_to="author")
    assert admin.ok("GET", f"/contacts/{person}")["last_activity_at"] is None
    note(author, person)
    assert admin.ok("GET", f"/contacts/{person}")["last_activity_at"] is not None


def test_a_private_note_is_in_no_list_page_timeline_or_log(workspace, admin, clerk, author, person):
    made = note(author, person, private_to="author", body="hushhush words")
    for program in (admin, clerk.program):
        for path in ("/activities", f"/contacts/{person}/activities"):
            assert made["id"] not in {a["id"] for a in program.ok("GET", path, params={"limit": 200})["items"]}
        assert program.ok("GET", "/activities", params={"filter[private_to]": "author"})["items"] == []
    assert "hushhush" not in workspace.admin.browser().page(f"/contacts/{person}")
    assert "hushhush" in author.browser().page(f"/contacts/{person}")
    for event in admin.ok("GET", "/audit", params={"limit": 200})["items"]:
        assert event["entity"] != "activity" or made["id"] not in event["record_ids"]


def test_only_its_author_changes_it(clerk, author, person):
    made = note(author, person, private_to="people", readers=[clerk.number])
    assert clerk.program.get(f"/activities/{made['id']}").status_code == 200
    match = {"If-Match": str(made["version"])}
    assert clerk.program.patch(f"/activities/{made['id']}", headers=match, json={"body": "y"}).status_code == 403
    assert clerk.program.patch(f"/activities/{made['id']}", headers=match, json={"private_to": None}).status_code == 403
    assert clerk.program.delete(f"/activities/{made['id']}", headers=match).status_code == 403
    author.program.ok("PATCH", f"/activities/{made['id']}", headers=match, json={"private_to": "author"})
    assert clerk.program.get(f"/activities/{made['id']}").status_code == 404


@pytest.mark.parametrize("body, field", [
    ({"kind": "call", "private_to": "author"}, "private_to"), ({"private_to": "everybody"}, "private_to"),
    ({"private_to": "people"}, "readers"), ({"private_to": "people", "readers": ["x"]}, "readers"),
])
def test_private_notes_that_are_refused(author, person, body, field):
    answer = author.program.post(f"/contacts/{person}/activities", json={"kind": "note", "body": "x", **body})
    assert answer.status_code == 422 and field in answer.json()["errors"], answer.text


@pytest.mark.parametrize("level", ["hidden", "read"])
def test_who_may_not_make_a_note_private_names_no_readers(workspace, cursor, clerk, person, level):
    writer = add(workspace, cursor, "all", fields={("activity", "private_to"): level}).program
    made = writer.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "x"})
    answer = writer.patch(f"/activities/{made['id']}", headers={"If-Match": str(made["version"])}, json={"readers": [clerk.number]})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["readers"], answer.text


def test_a_team_of_nobody_is_refused(clerk, person):
    answer = clerk.program.post(f"/contacts/{person}/activities", json={"kind": "note", "body": "x", "private_to": "team"})
    assert answer.status_code == 422 and "private_to" in answer.json()["errors"]


def test_the_files_of_a_private_note_go_with_it(admin, author, person):
    made = note(author, person, private_to="author")
    file = author.program.ok("POST", f"/contacts/{person}/attachments", status=201, data={"activity_id": made["id"]},
                             files={"file": ("quiet.txt", b"hush")})
    assert author.program.get(f"/attachments/{file['id']}/content").status_code == 200
    assert admin.get(f"/attachments/{file['id']}").status_code == 404
    assert admin.get(f"/attachments/{file['id']}/content").status_code == 404


def test_an_erasure_empties_private_notes_too(cursor, admin, author):
    number = admin.ok("POST", "/contacts", json={"name_en": "To be erased"})["id"]
    made = note(author, number, private_to="author")
    admin.ok("POST", f"/contacts/{number}/erase", json={"reason": "subject_request", "confirm": str(number)})
    cursor.execute("select subject, body from activity where activity_id = %s", [made["id"]])
    assert cursor.fetchone() == (None, None)


def test_a_private_note_from_the_page(workspace, author, clerk, person):
    browser = author.browser()
    form = browser.form(f"/contacts/{person}/activities/new", f"/contacts/{person}/activities")
    answer = browser.submit(form, kind="note", body="typed quietly", private_to="people", readers=str(clerk.number))
    assert answer.status_code == 303
    page = browser.page(f"/contacts/{person}")
    assert "typed quietly" in page
    assert "typed quietly" in clerk.browser().page(f"/contacts/{person}")
    assert "typed quietly" not in workspace.admin.browser().page(f"/contacts/{person}")
