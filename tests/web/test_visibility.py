# SPDX-License-Identifier: ISC
"""Records of others are absent everywhere, and asked for like those that never were."""
import re

import pytest

from jobs import finished

import seen

MISSING = 987654321
# Not about one record, or the caller's own.
CHILDREN = ("activities", "messages", "attachments", "invoices")


@pytest.fixture(scope="module")
def cursor(workspace):
    return workspace.database().cursor()


@pytest.fixture(scope="module")
def admin(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def people(workspace, cursor):
    """ann and ben of one team, cat of another; each sees own, team or all."""
    red, blue = seen.team(cursor, "Red"), seen.team(cursor, "Blue")
    made = {}
    for name, scope, team in (("own", "own", red), ("team", "team", red), ("other", "team", blue), ("all", "all", blue)):
        person = workspace.add_user(seen.profile(cursor, scope), email=f"{name}@visible.example")
        seen.join(cursor, person, team)
        made[name] = person
    return made


@pytest.fixture(scope="module")
def who(people):
    return {name: person.api() for name, person in people.items()}


@pytest.fixture(scope="module")
def ids(cursor, people):
    return {name: seen.number_of(cursor, person) for name, person in people.items()}


def make(api, **fields):
    return api.ok("POST", "/contacts", status=201, json=fields)


@pytest.fixture(scope="module")
def hidden(admin, cursor, ids):
    """A contact of `other` with something of every kind, and a company."""
    person = make(admin, name_en="Zzyzx Hidden", name_zh="隱藏人", email="zzyzx@hidden.example", phone="+85291234567")
    number = person["id"]
    admin.ok("POST", f"/contacts/{number}/activities", json={"kind": "note", "body": "note of zzyzx"})
    admin.ok("POST", f"/contacts/{number}/messages", json={"channel": "sms", "direction": "in", "body": "sms of zzyzx"})
    admin.ok("POST", f"/contacts/{number}/invoices", json={"number": "ZZ-1", "issued_on": "2026-01-01", "status": "issued", "amount": "5.00"})
    company = admin.ok("POST", "/companies", json={"name_en": "Zzyzx Limited"})["id"]
    admin.post(f"/contacts/{number}/attachments", files={"file": ("zzyzx.txt", b"zzyzx")})
    cursor.execute("update contact set owner_id = %s, team_id = (select team_id from app_user where user_id = %s) where contact_id = %s",
                   [ids["other"], ids["other"], number])
    cursor.execute("update company set owner_id = %s, team_id = (select team_id from app_user where user_id = %s) where company_id = %s",
                   [ids["other"], ids["other"], company])
    found = {"contact": number, "company": company}
    for kind, name in (("activity", "activities"), ("message", "messages"), ("invoice", "invoices"), ("attachment", "attachments")):
        found[kind] = admin.ok("GET", f"/contacts/{number}/{name}")["items"][0]["id"]
    return found


def test_scopes_of_contacts(who, ids, cursor):
    mine = make(who["own"], name_en="Mine Own")
    cursor.execute("select owner_id, team_id is not null from contact where contact_id = %s", [mine["id"]])
    assert cursor.fetchone()[0] == ids["own"]
    theirs = make(who["team"], name_en="Team Mate")
    blue = make(who["other"], name_en="Other Team")
    seen_by = lambda name: {c["id"] for c in who[name].ok("GET", "/contacts", params={"limit": 200})["items"]}
    assert mine["id"] in seen_by("own") and theirs["id"] not in seen_by("own")
    assert theirs["id"] in seen_by("team") and blue["id"] not in seen_by("team")
    assert blue["id"] in seen_by("other") and theirs["id"] not in seen_by("other")
    assert {mine["id"], theirs["id"], blue["id"]} <= seen_by("all")


@pytest.mark.parametrize("name", ["own", "team"])
def test_pages_of_a_narrow_list_are_complete_and_in_order(who, name):
    made = [make(who[name], name_en=f"Row {n:02}", last_verified_on="2026-02-03")["id"] for n in range(7)]
    for sort in ("-updated_at", "name_en", "-name_en", "created_at"):
        found, after = [], None
        while True:
            params = {"limit": 3, "sort": sort, "filter[last_verified_on]": "2026-02-03", **({"after": after} if after else {})}
            page = who[name].ok("GET", "/contacts", params=params)
            found += [c["id"] for c in page["items"]]
            after = page["next"]
            if after is None:
                break
        mine = [c for c in found if c in made]
        assert sorted(mine) == made and len(found) == len(set(found))
        if sort in ("name_en", "created_at"):
            assert mine == made
    for kind in ("note", "call"):
        for number in made[:3]:
            who[name].ok("POST", f"/contacts/{number}/activities", json={"kind": kind, "body": f"{kind} {number}"})
    listed = who[name].ok("GET", "/activities", params={"limit": 200, "filter[kind]": "note"})["items"]
    assert [a["contact_id"] for a in listed][:3] == list(reversed(made[:3]))


def routes_about(stack):
    for row in stack.praya_json("routes"):
        first = re.match(r"/(contacts|companies|activities|messages|attachments|invoices)/\{id\}", row["path"])
        if first and row["right"] not in ("public", "self"):
            yield row, first.group(1)


ENTITY = {"contacts": "contact", "companies": "company", "activities": "activity", "messages": "message",
          "attachments": "attachment", "invoices": "invoice"}


def test_every_route_says_the_same_of_an_invisible_record_and_a_missing_one(stack, workspace, cursor, hidden):
    """As a profile with every right but a scope of its own records."""
    special = ("view_audit", "erase", "run_requests", "manage_fields", "manage_workspace")
    rights = (*seen.RIGHTS, "export", "import")
    person = workspace.add_user(seen.profile(cursor, "own", rights=rights, special=special))
    api, page = person.api(), person.browser()
    csrf = page.csrf()
    asked = 0
    for row, kind in routes_about(stack):
        for surface in {"both": ("api", "page"), "api": ("api",), "page": ("page",)}[row["surface"]]:
            answers = []
            for number in (hidden[ENTITY[kind]], MISSING):
                path = row["path"].replace("{id}", str(number), 1).replace("{id}", "55555").replace("{token}", "salary")
                if surface == "api":
                    options = {"headers": {"If-Match": "1"}}
                    if row["method"] in ("POST", "PATCH"):
                        options["json"] = {}
                    answer = api.request(row["method"], path, **options)
                elif row["method"] == "GET":
                    answer = page.get(path)
                else:
                    answer = page.post(path, data={"_csrf": csrf, "_version": "1"}, headers={"Origin": page.origin})
                text = answer.text.replace(f"/{number}", "/N")
                text = re.sub(r"[0-9a-f]{16,}|[A-Za-z0-9_-]{22,}", "", text)
                answers.append((answer.status_code, text))
            assert answers[0] == answers[1], (row["name"], surface)
            assert answers[0][0] in (400, 404, 415, 422, 428), (row["name"], surface, answers[0][0])
            asked += 1
    assert asked > 60


def test_nothing_of_it_is_anywhere_else(workspace, cursor, people, who, hidden):
    """Lists, searches, first page, log: no page of a narrow user holds its words."""
    page = people["own"].browser()
    words = ("zzyzx", "隱藏人", "ZZ-1")
    for path in ("/", "/contacts", "/companies", "/activities", "/messages", "/attachments", "/invoices"):
        text = page.page(path)
        assert not [w for w in words if w.lower() in text.lower()], path
    for q in ("zzyzx", "隱藏", "91234567", "hidden.example"):
        assert who["own"].ok("POST", "/contacts/search", json={"q": q})["items"] == []
        assert who["other"].ok("POST", "/contacts/search", json={"q": q})["items"][0]["id"] == hidden["contact"]
    for name in CHILDREN:
        items = who["own"].ok("GET", f"/{name}", params={"limit": 200})["items"]
        assert hidden["contact"] not in {i["contact_id"] for i in items}
        items = who["own"].ok("GET", f"/{name}", params={"filter[contact_id]": hidden["contact"]})["items"]
        assert items == []


def test_what_hangs_on_nobody_visible_is_refused(who, hidden):
    for number in (hidden["contact"], MISSING):
        for path, body in (("activities", {"kind": "note", "body": "x"}), ("messages", {"channel": "sms", "direction": "in", "body": "x"})):
            assert who["own"].post(f"/contacts/{number}/{path}", json=body).status_code == 404
            answer = who["own"].post(f"/{path}", json={"contact_id": number, **body})
            assert answer.status_code == 422 and list(answer.json()["errors"]) == ["contact_id"]


def test_a_reference_to_what_is_invisible_reads_as_empty_and_stays(admin, who, cursor, ids, hidden):
    mine = make(who["own"], name_en="Works There")
    cursor.execute("update contact set company_id = %s where contact_id = %s", [hidden["company"], mine["id"]])
    read = who["own"].ok("GET", f"/contacts/{mine['id']}")
    assert read["company_id"] is None
    for number in (hidden["company"], MISSING):
        assert who["own"].ok("GET", "/contacts", params={"filter[company_id]": number})["items"] == []
        answer = who["own"].patch(f"/contacts/{mine['id']}", headers={"If-Match": str(read["version"])}, json={"company_id": number})
        assert answer.status_code == 422 and "company_id" in answer.json()["errors"]
    who["own"].ok("PATCH", f"/contacts/{mine['id']}", headers={"If-Match": str(read["version"])},
                  json={"company_id": None, "job_title": "Clerk"})
    assert admin.ok("GET", f"/contacts/{mine['id']}")["company_id"] == hidden["company"]


def test_the_log_holds_no_invisible_person(workspace, cursor, admin, who, hidden):
    auditor = workspace.add_user(seen.profile(cursor, "own", special=("view_audit",))).api()
    make(auditor, name_en="Of the auditor")
    admin.ok("GET", "/contacts", params={"limit": 200})
    assert who["all"].ok("GET", f"/contacts/{hidden['contact']}")
    after, events = None, []
    for _ in range(20):
        page = auditor.ok("GET", "/audit", params={"limit": 200, **({"after": after} if after else {})})
        events += page["items"]
        after = page["next"]
        if after is None:
            break
    assert events
    for event in events:
        assert hidden["contact"] not in event["subject_ids"], event
        if event["entity"] in hidden:
            assert hidden[event["entity"]] not in event["record_ids"], event
    assert auditor.ok("GET", "/audit", params={"contact": hidden["contact"]})["items"] == []


def test_giving_a_record_out_of_ones_own_sight(who, ids):
    mine = make(who["own"], name_en="To be given away")
    answer = who["own"].patch(f"/contacts/{mine['id']}", headers={"If-Match": str(mine["version"])}, json={"owner_id": ids["other"]})
    assert answer.status_code == 422 and "owner_id" in answer.json()["errors"]
    who["own"].ok("POST", f"/contacts/{mine['id']}/shares", json={"user_id": ids["own"], "level": "read"})
    who["own"].ok("PATCH", f"/contacts/{mine['id']}", headers={"If-Match": str(mine["version"])}, json={"owner_id": ids["other"]})
    assert who["own"].ok("GET", f"/contacts/{mine['id']}")["owner_id"] == ids["other"]


def test_an_import_meets_only_what_its_sender_sees(workspace, cursor, admin, hidden):
    sender = workspace.add_user(seen.profile(cursor, "own", rights=(*seen.RIGHTS, "import"))).api()
    rows = "name_en,email,job_title\nSomebody,zzyzx@hidden.example,Imported\n"
    mapping = '{"columns": {"name_en": "name_en", "email": "email", "job_title": "job_title"}, "match": "email", "mode": "update"}'
    made = sender.ok("POST", "/imports", files={"file": ("a.csv", rows)}, data={"map": mapping})
    finished(sender, made["job"])
    done = sender.ok("GET", f"/imports/{made['id']}")
    assert (done["state"], done["created"], done["updated"]) == ("done", 1, 0)
    assert admin.ok("GET", f"/contacts/{hidden['contact']}")["job_title"] is None
    assert [c["name_en"] for c in sender.ok("GET", "/contacts")["items"]] == ["Somebody"]
