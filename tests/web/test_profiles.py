# SPDX-License-Identifier: ISC
"""Profiles as settings: the list, the editor and its JSON, copies, comparison, and
who may change what. What a change means for people is in test_effect.py."""
import html
import re
import secrets
import threading

import pytest

from profiles import ENTITIES, everything, make_profile

RIGHTS = ("view", "create", "edit", "delete", "export", "import")


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def admin(workspace):
    return workspace.admin.browser()


def new(api, **body):
    return api.ok("POST", "/profiles", json={"name": "p-" + secrets.token_hex(4), **body})


def version(record):
    return {"If-Match": str(record["version"])}


def patch(api, profile, **body):
    return api.patch(f"/profiles/{profile['id']}", json=body, headers=version(profile))


def read(api, profile):
    return api.ok("GET", f"/profiles/{profile['id']}")


def test_list(api, admin):
    items = api.ok("GET", "/profiles")["items"]
    names = [p["name"] for p in items]
    assert names[:2] == ["administrator", "staff"] and {"sales", "auditor"} <= set(names)
    first = items[0]
    assert (first["label"], first["builtin"], first["fixed"], first["users"]) == ("Administrator", True, True, 1)
    page = admin.page("/settings/profiles")
    assert "Privacy officer" in page and "1 user" in page
    assert 'href="/settings/profiles"' in admin.page("/settings")


NOTES = ("contact.opinion_note", "activity.opinion_note", "message.opinion_note")


def test_what_always_comes_with_its_record_is_no_choice(workspace, api, admin):
    """The note of a disputed opinion (s.25(2)): whoever sees the record sees it, nobody writes it."""
    made = new(api, rights={"contact.view": "own"})
    assert [made["fields"][n] for n in NOTES] == ["read", "hidden", "hidden"]
    page = admin.page(f"/settings/profiles/{made['id']}")
    assert page.count("Always shown with its record") == len(NOTES)
    assert "fields[contact.phone]" in page and not any(f"fields[{n}]" in page for n in NOTES)
    for level in ("masked", "edit", "", None, 1):
        answer = patch(api, made, fields={NOTES[0]: level})
        assert answer.status_code == 422 and f"fields.{NOTES[0]}" in answer.json()["errors"], level
    whole = patch(api, made, fields=made["fields"])
    assert whole.status_code == 200 and whole.json()["fields"] == made["fields"]
    user = workspace.add_user(made["name"])
    number = user.api().ok("GET", "/me")["id"]
    fields = api.ok("GET", f"/users/{number}/access")["fields"]
    assert [fields[n] for n in NOTES] == ["read", "hidden", "hidden"]
    compared = api.ok("GET", f"/profiles/compare?a={made['id']}&b=1")["differences"]
    assert not [d for d in compared if d["key"].endswith("opinion_note")]


def test_a_new_one_has_nothing(api):
    made = new(api)
    assert set(made["rights"]) == {f"{e}.{r}" for e in ENTITIES for r in RIGHTS}
    assert set(made["rights"].values()) == {"none"} and set(made["fields"].values()) == {"hidden"}
    assert not any(made["special"].values())
    assert (made["new_fields"], made["new_sealed"], made["builtin"], made["users"]) == ("hidden", "hidden", False, 0)
    assert read(api, made) == made


def test_a_copy_has_the_same(api):
    sales = next(p for p in api.ok("GET", "/profiles")["items"] if p["name"] == "sales")
    sales, copy = read(api, sales), new(api, **{"from": sales["id"], "special": {"view_audit": True}})
    for key in ("rights", "fields", "new_fields", "new_sealed"):
        assert copy[key] == sales[key], key
    assert copy["special"] == {**sales["special"], "view_audit": True}
    answer = api.post("/profiles", json={"name": "Of nothing", "from": 999999})
    assert answer.status_code == 422 and "from" in answer.json()["errors"]


def test_change(api, workspace):
    profile = new(api, rights={"contact.view": "all"}, new_fields="edit")
    person = workspace.add_user(profile["name"]).api()
    contact = api.ok("POST", "/contacts", json={"name_en": "Lau", "job_title": "Clerk"})["id"]
    assert person.ok("GET", f"/contacts/{contact}").get("job_title") is None, "hidden: made before the field was decided on"
    answer = patch(api, profile, rights={"contact.edit": "own"}, fields={"contact.job_title": "read"},
                   special={"view_audit": True})
    changed = answer.json()
    assert answer.status_code == 200 and changed["version"] == profile["version"] + 1
    assert changed["rights"] == {**profile["rights"], "contact.edit": "own"}
    assert changed["fields"] == {**profile["fields"], "contact.job_title": "read"}
    assert changed["special"]["view_audit"] is True
    assert read(api, changed)["fields"] == changed["fields"]
    assert person.ok("GET", f"/contacts/{contact}")["job_title"] == "Clerk", "from the very next request on"
    assert patch(api, changed, fields={"contact.job_title": "hidden"}).status_code == 200
    assert "job_title" not in person.ok("GET", f"/contacts/{contact}")


def test_every_level_and_scope_comes_back(api):
    profile = new(api)
    for scope in ("own", "team", "all", "none"):
        wanted = {f"{e}.{r}": scope for e in ENTITIES for r in RIGHTS}
        answer = patch(api, read(api, profile), rights=wanted)
        assert answer.status_code == 200 and answer.json()["rights"] == wanted == read(api, profile)["rights"]
    for level in ("masked", "read", "edit", "hidden"):
        wanted = {name: level for name in profile["fields"] if name not in NOTES}
        answer = patch(api, read(api, profile), fields=wanted, new_fields=level, new_sealed=level)
        assert answer.status_code == 200
        stored = read(api, profile)
        assert stored["fields"] == {**wanted, **dict.fromkeys(NOTES, "hidden")} and (stored["new_fields"], stored["new_sealed"]) == (level, level)
    for on in (True, False):
        wanted = {name: on for name in profile["special"]}
        assert patch(api, read(api, profile), special=wanted).json()["special"] == wanted == read(api, profile)["special"]


def test_a_narrower_view_narrows_what_needs_it(api):
    profile = new(api, rights=everything("all"))
    changed = patch(api, profile, rights={"contact.view": "own", "company.view": "none"}).json()
    assert [changed["rights"][f"contact.{r}"] for r in RIGHTS] == ["own", "all", "own", "own", "own", "all"]
    assert [changed["rights"][f"company.{r}"] for r in RIGHTS] == ["none", "all", "none", "none", "none", "all"]


def test_saving_leaves_nothing_undecided(api, database):
    """A field without a row is a new one; after a save there is none."""
    name = make_profile(database, {"contact.view": "all"}, new_fields="read", new_sealed="masked")
    profile = next(p for p in api.ok("GET", "/profiles")["items"] if p["name"] == name)
    before = read(api, profile)
    assert before["fields"]["contact.email"] == "read" and before["fields"]["contact.salary"] == "masked"
    changed = patch(api, profile, new_fields="hidden", new_sealed="hidden").json()
    assert changed["fields"] == before["fields"], "what new ones will be says nothing of those that there are"


WRONG = [
    ({"rights": {"contact.fly": "all"}}, "rights.contact.fly"),
    ({"rights": {"nothing.view": "all"}}, "rights.nothing.view"),
    ({"rights": {"contact": "all"}}, "rights.contact"),
    ({"rights": {"contact.view": "some"}}, "rights.contact.view"),
    ({"rights": {"contact.view": ""}}, "rights.contact.view"),
    ({"rights": {"contact.view": None}}, "rights.contact.view"),
    ({"rights": {"contact.view": True}}, "rights.contact.view"),
    ({"rights": {"contact.erase": "all"}}, "rights.contact.erase"),
    ({"rights": {"contact.unset": "all"}}, "rights.contact.unset"),
    ({"rights": {"contact.public": "all"}}, "rights.contact.public"),
    ({"special": {"view": True}}, "special.view"),
    ({"special": {"self": True}}, "special.self"),
    ({"special": {"fly": True}}, "special.fly"),
    ({"special": {"erase": "yes"}}, "special.erase"),
    ({"special": {"erase": 1}}, "special.erase"),
    ({"special": {"manage_profiles": True}}, "special.manage_profiles"),
    ({"fields": {"contact.nothing": "edit"}}, "fields.contact.nothing"),
    ({"fields": {"contact.email": "all"}}, "fields.contact.email"),
    ({"fields": {"contact.email": None}}, "fields.contact.email"),
    ({"fields": {"email": "edit"}}, "fields.email"),
    ({"new_fields": "all"}, "new_fields"),
    ({"new_sealed": "none"}, "new_sealed"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": None}, "name"),
    ({"name": "x" * 61}, "name"),
    ({"name": "Administrator"}, "name"),
    ({"name": "staff"}, "name"),
    ({"name": "保障資料主任"}, "name"),
    ({"rights": "all"}, "rights"),
    ({"colour": "red"}, "colour"),
    ({"builtin": True}, "builtin"),
    ({"users": 3}, "users"),
]


@pytest.mark.parametrize("body, field", WRONG)
def test_refused(api, body, field):
    profile = new(api)
    answer = patch(api, profile, **body)
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["errors"], answer.text
    assert read(api, profile) == profile, "nothing of it is stored"
    made = api.post("/profiles", json={"name": "New " + secrets.token_hex(4), **body})
    assert made.status_code == 422 and field in made.json()["errors"], made.text
    answer = api.post(f"/profiles/{profile['id']}/preview", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"], answer.text


def test_a_name_is_taken_once(api):
    profile = new(api)
    answer = api.post("/profiles", json={"name": profile["name"].lower()})
    assert answer.status_code == 422 and "name" in answer.json()["errors"]
    assert patch(api, new(api), name=profile["name"]).status_code == 422
    assert patch(api, profile, name=profile["name"].lower()).status_code == 200


def test_a_preset_keeps_its_name(api):
    support = next(p for p in api.ok("GET", "/profiles")["items"] if p["name"] == "support")
    assert patch(api, support, name="Helpers").status_code == 422
    changed = patch(api, support, fields={"contact.bio": "masked"})
    assert changed.status_code == 200 and changed.json()["name"] == "support"


def test_versions(api):
    profile = new(api)
    assert api.patch(f"/profiles/{profile['id']}", json={}).status_code == 428
    assert api.delete(f"/profiles/{profile['id']}").status_code == 428
    changed = patch(api, profile, new_fields="read").json()
    assert patch(api, profile, new_fields="edit").status_code == 412
    assert api.delete(f"/profiles/{profile['id']}", headers=version(profile)).status_code == 412
    assert read(api, changed)["new_fields"] == "read"


def test_removing(api, workspace):
    profile = new(api)
    person = workspace.add_user(profile["name"])
    answer = api.delete(f"/profiles/{profile['id']}", headers=version(profile))
    assert answer.status_code == 409 and "Users have this profile" in answer.json()["detail"]
    user = next(u for u in api.ok("GET", "/users?limit=200")["items"] if u["email"] == person.email)
    api.ok("PATCH", f"/users/{user['id']}", json={"profile": "staff"}, headers=version(user))
    assert api.delete(f"/profiles/{profile['id']}", headers=version(profile)).status_code == 204
    assert api.get(f"/profiles/{profile['id']}").status_code == 404
    assert patch(api, profile, new_fields="edit").status_code == 404


def test_the_administrators_is_fixed(api, admin):
    fixed = read(api, api.ok("GET", "/profiles")["items"][0])
    assert fixed["name"] == "administrator"
    for answer in (patch(api, fixed, fields={"contact.salary": "hidden"}), patch(api, fixed, special={"erase": False}),
                   api.post(f"/profiles/{fixed['id']}/preview", json={}),
                   api.delete(f"/profiles/{fixed['id']}", headers=version(fixed))):
        assert answer.status_code == 409 and "copy it" in answer.json()["detail"], answer.text
    page = admin.page(f"/settings/profiles/{fixed['id']}")
    assert "Copy it" in page and "<select" not in page and "To preview" not in page


def test_a_second_step_can_be_asked_of_anybody(api, admin, workspace):
    """Also of the administrators and of oneself: it gives nobody anything."""
    fixed = read(api, api.ok("GET", "/profiles")["items"][0])
    assert fixed["require_totp"] is False
    both = patch(api, fixed, require_totp=True, special={"erase": False})
    assert both.status_code == 409, "nothing else goes with it"
    told = api.ok("POST", f"/profiles/{fixed['id']}/preview", json={"require_totp": True})
    assert told["changes"] == [{"key": "require_totp", "was": "no", "becomes": "yes"}] and told["summary"] == []
    changed = patch(api, fixed, require_totp=True).json()
    assert changed["require_totp"] is True and changed["rights"] == fixed["rights"]
    assert patch(api, changed, require_totp=False).json()["require_totp"] is False
    (event,) = api.ok("GET", "/audit?entity=profile&action=permission&limit=1")["items"]
    assert [(c["field"], c["before"], c["after"]) for c in event["changes"]] == [("require_totp", "Yes", "No")]
    mine = new(api, require_totp=True)
    assert new(api, **{"from": mine["id"]})["require_totp"] is True, "a copy asks no less"
    for wrong in ("yes", 1, "1", {}):
        assert patch(api, mine, require_totp=wrong).status_code == 422
    shown = admin.submit(editor(admin, mine), require_totp="0")
    assert "Two-step sign-in required" in shown.text
    (form,) = [f for f in parse(shown.text) if f.action == f"/settings/profiles/{mine['id']}"]
    assert admin.submit(form, step="save").status_code == 303 and read(api, mine)["require_totp"] is False


# ---- who may


@pytest.fixture(scope="module")
def manager(workspace, database):
    name = make_profile(
        database, {"contact.view": "team", "contact.edit": "own", "company.view": "all"}, {"contact.salary": "masked"},
        special=("manage_users", "manage_profiles", "view_audit"), new_fields="read")
    return workspace.add_user(name), name


def test_without_the_right(workspace, api, database):
    profile = new(api)
    clerk = workspace.add_user(make_profile(database, everything("all"), special=("manage_users",)))
    program, browser = clerk.api(), clerk.browser()
    assert program.get("/profiles").status_code == 200, "whoever manages users needs their names"
    for answer in (program.get(f"/profiles/{profile['id']}"), program.post("/profiles", json={"name": "X"}),
                   patch(program, profile, new_fields="edit"), program.get("/profiles/compare?a=1&b=2"),
                   program.delete(f"/profiles/{profile['id']}", headers=version(profile)),
                   program.post(f"/profiles/{profile['id']}/preview", json={}), program.get("/profiles/fields"),
                   browser.get("/settings/profiles"), browser.get(f"/settings/profiles/{profile['id']}"),
                   browser.get("/settings/profiles/fields"), browser.get("/settings/profiles/compare")):
        assert answer.status_code == 403, answer.url
    assert "/settings/profiles" not in browser.page("/settings")


def test_nobody_gives_more_than_they_have(api, manager):
    mine = manager[0].api()
    profile = new(api, rights={"contact.view": "all", "invoice.view": "own"}, fields={"contact.email": "masked"})
    refused = [
        ({"rights": {"contact.edit": "team"}}, "rights.contact.edit"),
        ({"rights": {"invoice.view": "team"}}, "rights.invoice.view"),
        ({"special": {"erase": True}}, "special.erase"),
        ({"fields": {"contact.email": "edit"}}, "fields.contact.email"),
        ({"fields": {"contact.salary": "read"}}, "fields.contact.salary"),
        ({"fields": {"contact.tax_id": "masked"}}, "fields.contact.tax_id"),
        ({"new_fields": "edit"}, "new_fields"),
        ({"new_sealed": "masked"}, "new_sealed"),
    ]
    for body, key in refused:
        answer = patch(mine, profile, **body)
        assert answer.status_code == 403 and list(answer.json()["errors"]) == [key], answer.text
        answer = mine.post(f"/profiles/{profile['id']}/preview", json=body)
        assert answer.status_code == 403 and list(answer.json()["errors"]) == [key], answer.text
        if "rights" in body:
            body["rights"].setdefault("contact.view", "team")
            body["rights"].setdefault("invoice.view", "own")
        answer = mine.post("/profiles", json={"name": "Richer", **body})
        assert answer.status_code == 403 and key in answer.json()["errors"], answer.text
    assert read(api, profile) == profile
    given = patch(mine, profile, rights={"contact.edit": "own", "contact.view": "team"},
                  fields={"contact.email": "read", "contact.salary": "masked"}, special={"view_audit": True}, new_fields="read")
    assert given.status_code == 200, given.text


def test_a_copy_of_somebody_with_more(api, manager):
    mine = manager[0].api()
    answer = mine.post("/profiles", json={"name": "Mine too", "from": 1})
    assert answer.status_code == 403 and "special.erase" in answer.json()["errors"]
    assert "Mine too" not in str(api.ok("GET", "/profiles"))


def test_the_own_profile(api, manager):
    person, name = manager
    mine, browser = person.api(), person.browser()
    profile = next(p for p in mine.ok("GET", "/profiles")["items"] if p["name"] == name)
    for answer in (patch(mine, profile, special={"erase": True}), patch(mine, profile, fields={"contact.email": "hidden"}),
                   patch(mine, profile), mine.post(f"/profiles/{profile['id']}/preview", json={}),
                   mine.delete(f"/profiles/{profile['id']}", headers=version(profile))):
        assert answer.status_code == 403 and "another administrator" in answer.json()["detail"], answer.text
    page = browser.page(f"/settings/profiles/{profile['id']}")
    assert "for another administrator to change" in page and "<select" not in page
    forged = browser.post(f"/settings/profiles/{profile['id']}", headers={"Origin": browser.origin}, data={
        "_csrf": browser.csrf(), "_version": profile["version"], "special[erase]": "1", "step": "save"})
    assert forged.status_code == 403
    assert read(api, profile)["special"]["erase"] is False
    me = mine.ok("GET", "/me")["id"]
    denied = api.ok("GET", f"/audit?outcome=denied&action=permission&actor={me}&limit=200")["items"]
    assert [e["reason"] for e in denied[:6]] == ["manage_profiles"] * 6


# ---- pages


def editor(browser, profile):
    return browser.form(f"/settings/profiles/{profile['id']}", f"/settings/profiles/{profile['id']}")


def test_the_editor_sends_every_right_and_field(api, admin):
    profile = new(api, rights={"contact.view": "team"})
    form = editor(admin, profile)
    names = [name for name, _ in form.fields]
    assert {f"rights[{e}.{r}]" for e in ENTITIES for r in RIGHTS} <= set(names)
    assert {f"fields[{name}]" for name in profile["fields"] if name not in NOTES} <= set(names)
    assert {f"special[{name}]" for name in profile["special"]} <= set(names)
    assert dict(form.fields)["rights[contact.view]"] == "team"
    assert len(names) > 120


def test_save_from_the_page(api, admin):
    profile = new(api)
    shown = admin.submit(editor(admin, profile), **{
        "rights[contact.view]": "all", "special[view_audit]": ["0", "1"], "fields[contact.hkid]": "masked",
        "new_fields": "read", "name": "Renamed " + secrets.token_hex(3)})
    assert shown.status_code == 200 and read(api, profile) == profile, "first it is shown"
    (form,) = [f for f in parse(shown.text) if f.action == f"/settings/profiles/{profile['id']}"]
    saved = admin.submit(form, step="save")
    assert saved.status_code == 303 and saved.headers["Location"] == f"/settings/profiles/{profile['id']}"
    after = read(api, profile)
    assert after["rights"] == {**profile["rights"], "contact.view": "all"}
    assert after["special"] == {**profile["special"], "view_audit": True}
    assert after["fields"] == {**profile["fields"], "contact.hkid": "masked", "contact.opinion_note": "read"}
    assert after["new_fields"] == "read" and after["name"].startswith("Renamed")
    # A box that was ticked and is no longer.
    shown = admin.submit(editor(admin, profile), **{"special[view_audit]": "0"})
    saved = admin.submit(next(f for f in parse(shown.text) if "profiles" in f.action), step="save")
    assert saved.status_code == 303 and read(api, profile)["special"]["view_audit"] is False


def parse(text):
    from harness import parse_forms
    return parse_forms(text)


def test_from_the_preview_back_to_the_form(api, admin):
    profile = new(api)
    shown = admin.submit(editor(admin, profile), **{"rights[company.view]": "own", "name": "Kept"})
    (form,) = [f for f in parse(shown.text) if f.action == f"/settings/profiles/{profile['id']}"]
    again = admin.post(form.action + "/form", data=form.fields, headers={"Origin": admin.origin})
    assert again.status_code == 200
    (typed,) = [f for f in parse(again.text) if f.action == f"/settings/profiles/{profile['id']}"]
    assert dict(typed.fields)["rights[company.view]"] == "own" and dict(typed.fields)["name"] == "Kept"
    assert admin.submit(form, step="save").status_code == 303, "nothing was used up"
    profile = read(api, profile)
    assert profile["name"] == "Kept"
    # The form can be sent as often as one likes.
    typed.fields = [(n, v if n != "_version" else profile["version"]) for n, v in typed.fields]
    for scope in ("team", "all"):
        assert admin.submit(typed, **{"rights[company.view]": scope}).status_code == 200
    assert read(api, profile) == profile


def test_a_wrong_entry_comes_back_as_typed(api, admin):
    profile = new(api)
    answer = admin.submit(editor(admin, profile), **{"rights[contact.view]": "all", "name": "Administrator"})
    assert answer.status_code == 422
    assert "There is a profile of that name" in answer.text
    (form,) = [f for f in parse(answer.text) if f.action == f"/settings/profiles/{profile['id']}"]
    assert dict(form.fields)["rights[contact.view]"] == "all" and dict(form.fields)["name"] == "Administrator"
    forged = admin.submit(editor(admin, profile), **{"rights[contact.view]": "everything"})
    assert forged.status_code == 422
    forged = admin.submit(editor(admin, profile), **{"special[manage_profiles]": "1"})
    assert forged.status_code == 422 and "manages users, too" in forged.text


def test_two_at_the_same_profile(api, admin):
    """Whoever comes second sees both, keeps what was typed, and decides."""
    profile = new(api)
    form = editor(admin, profile)
    theirs = patch(api, profile, rights={"contact.view": "own", "company.view": "all"}).json()
    for step in (None, "save"):
        answer = admin.submit(form, **{"rights[contact.view]": "team", "fields[contact.email]": "edit", "step": step})
        assert answer.status_code == 412
        text = html.unescape(re.sub(r"<[^>]+>", " ", answer.text))
        assert "Somebody else changed this profile" in text
        assert re.search(r"Contacts: View\s+Own\s+Team", text) and re.search(r"Companies: View\s+All\s+None", text)
        assert read(api, profile) == theirs
    (again,) = [f for f in parse(answer.text) if f.action == f"/settings/profiles/{profile['id']}"]
    assert dict(again.fields)["_version"] == str(theirs["version"])
    shown = admin.submit(again)
    (confirm,) = [f for f in parse(shown.text) if f.action == f"/settings/profiles/{profile['id']}"]
    assert admin.submit(confirm, step="save").status_code == 303
    after = read(api, profile)
    assert (after["rights"]["contact.view"], after["rights"]["company.view"], after["fields"]["contact.email"]) == (
        "team", "none", "edit")


def test_a_manager_is_offered_what_they_have(api, manager):
    profile = new(api, rights={"invoice.view": "own", "contact.create": "team"}, special={"erase": True})
    page = manager[0].browser().page(f"/settings/profiles/{profile['id']}")

    def offered(name):
        (select,) = re.findall(rf'<select[^>]*name="{re.escape(name)}"[^>]*>(.*?)</select>', page, re.S)
        return re.findall(r'value="([a-z]+)"', select)

    assert offered("rights[contact.view]") == ["none", "own", "team"]
    assert offered("rights[contact.edit]") == ["none", "own"]
    assert offered("rights[invoice.view]") == ["none", "own"]
    assert offered("rights[contact.create]") == ["none", "own", "team"]
    assert offered("rights[message.view]") == ["none"]
    assert offered("fields[contact.salary]") == ["hidden", "masked"]
    assert offered("fields[contact.email]") == ["hidden", "masked", "read"]
    assert 'type="checkbox" id="special-close_workspace"' not in page
    assert 'type="checkbox" id="special-erase"' in page, "what is there may be taken away"


def test_new_and_remove_by_pages(api, admin):
    form = admin.form("/settings/profiles/new?from=2", "/settings/profiles")
    assert dict(form.fields)["from"] == "2"
    again = admin.submit(form, name="")
    assert again.status_code == 422 and "f-name" in again.text
    made = admin.submit(form, name="By page")
    assert made.status_code == 303
    number = made.headers["Location"].rpartition("/")[2]
    copied, staff = api.ok("GET", f"/profiles/{number}"), api.ok("GET", "/profiles/2")
    assert copied["rights"] == staff["rights"] and copied["name"] == "By page"
    ask = admin.form(f"/settings/profiles/{number}/remove", f"/settings/profiles/{number}/remove")
    assert admin.submit(ask).status_code == 303
    assert api.get(f"/profiles/{number}").status_code == 404
    assert admin.get("/settings/profiles/1/remove").status_code == 409


def test_a_form_as_large_as_a_catalogue_can_be(api, admin, database):
    """The row of the route takes more fields than other forms may have."""
    profile = new(api)
    form = editor(admin, profile)
    many = {f"fields[contact.own_{i}]": "edit" for i in range(1500)}
    answer = admin.submit(form, **many)
    assert answer.status_code == 422, "read to the end, and refused for what it says"
    too_many = {f"fields[contact.own_{i}]": "edit" for i in range(2001)}
    assert admin.submit(form, **too_many).status_code in (413, 422)
    assert read(api, profile) == profile


# ---- side by side


def test_compare_two(api, admin):
    a = new(api, rights={"contact.view": "own", "company.view": "all"}, fields={"contact.email": "read"})
    b = new(api, rights={"contact.view": "all", "company.view": "all"}, special={"erase": True})
    found = api.ok("GET", f"/profiles/compare?a={a['id']}&b={b['id']}")["differences"]
    assert {d["key"]: (d["a"], d["b"]) for d in found} == {
        "rights.contact.view": ("own", "all"), "special.erase": ("no", "yes"), "fields.contact.email": ("read", "hidden")}
    page = admin.page(f"/settings/profiles/compare?a={a['id']}&b={b['id']}")
    assert page.index("Differences") < page.index("Contacts: Email") < page.index("What both have") < page.index("Companies: View")
    assert "They are alike" in admin.page(f"/settings/profiles/compare?a={a['id']}&b={a['id']}")
    assert "Differences" not in admin.page("/settings/profiles/compare")
    for query in (f"a={a['id']}&b=999999", "a=999999&b=1"):
        assert api.get(f"/profiles/compare?{query}").status_code == 404
        assert admin.get(f"/settings/profiles/compare?{query}").status_code == 404
    for query in ("a=0&b=1", "a=x&b=1", "a=1"):
        assert api.get(f"/profiles/compare?{query}").status_code == 400


def test_all_by_every_field(api, admin):
    """What holds, not only what is said: a field of records that are not seen is hidden."""
    a = new(api, rights={"contact.view": "all"}, fields={"contact.email": "edit", "company.email": "edit"})
    found = next(p for p in api.ok("GET", "/profiles/fields")["profiles"] if p["id"] == a["id"])["fields"]
    assert found["contact.email"] == "read" and found["company.email"] == "hidden" and found["contact.phone"] == "hidden"
    assert "contact.hkid" not in found, "it is not in use"
    page = admin.page("/settings/profiles/fields?show=contact")
    assert html.escape(a["name"]) in page and page.count("<td class=\"lv-") % len(api.ok("GET", "/profiles")["items"]) == 0
    assert "Close the workspace" in admin.page("/settings/profiles/fields?show=rights")
    assert admin.get("/settings/profiles/fields?show=nothing").status_code == 400


def test_every_page_in_chinese(workspace, api):
    browser = workspace.admin.browser()
    browser.post("/language", data={"_csrf": browser.csrf(), "lang": "zh-Hant", "back": "/"},
                 headers={"Origin": browser.origin})
    profile = new(api)
    for path, word in (("/settings/profiles", "角色"), (f"/settings/profiles/{profile['id']}", "紀錄權限"),
                       ("/settings/profiles/new", "複製自"), ("/settings/profiles/compare?a=1&b=2", "相異之處"),
                       ("/settings/profiles/fields", "可編輯"), ("/settings/profiles/1", "管理員角色"),
                       (f"/settings/profiles/{profile['id']}/remove", "移除角色"), ("/settings/users/1/access", "此用戶的權限")):
        text = browser.page(path)
        assert word in text, path
        assert not re.search(r">\s*(profiles|access)\.[a-z_.]+\s*<", text), path
    shown = browser.submit(editor(browser, profile), **{"rights[contact.view]": "all"})
    assert "更改的影響" in shown.text
    browser.post("/language", data={"_csrf": browser.csrf(), "lang": "en", "back": "/"},
                 headers={"Origin": browser.origin})


# ---- what is left behind


def test_each_change_is_in_the_log_with_before_and_after(api, database):
    profile = new(api, rights={"contact.view": "own"})
    patch(api, profile, rights={"contact.view": "all"}, fields={"contact.email": "read"}, special={"erase": True})
    api.ok("DELETE", f"/profiles/{profile['id']}", headers={"If-Match": str(profile["version"] + 1)})
    events = [e for e in api.ok("GET", "/audit?entity=profile&action=permission&limit=200")["items"]
              if e["record_ids"] == [profile["id"]]]
    assert [e["reason"] for e in events] == ["profile_removed", "profile_changed", "profile_created"]
    changes = {c["field"]: (c["before"], c["after"]) for c in events[1]["changes"]}
    assert changes == {"rights.contact.view": ("Own", "All"), "fields.contact.email": ("Hidden", "Read"),
                       "special.erase": ("No", "Yes")}
    assert {"field": "name", "label": "Name", "before": "", "after": profile["name"]} in events[2]["changes"]
    cursor = database.cursor()
    cursor.execute("select changes from audit_event where entity = 'profile' and record_ids = %s::bigint[]", ([profile["id"]],))
    assert all(b"contact" not in bytes(changes) for changes, in cursor.fetchall())


def test_effective_access_of_a_user(api, admin, workspace, database):
    name = make_profile(database, {"contact.view": "own", "contact.edit": "all", "invoice.view": "all"},
                        {"contact.email": "edit", "company.email": "edit"}, special=("view_audit",))
    person = workspace.add_user(name)
    mine = person.api()
    me = mine.ok("GET", "/me")["id"]
    for i in range(3):
        api.ok("POST", "/contacts", json={"name_en": f"Of {name} {i}", "owner_id": me})
    access = api.ok("GET", f"/users/{me}/access")
    assert (access["profile"], access["team_id"]) == (name, None)
    assert access["rights"]["contact.edit"] == "own", "no further than viewing"
    assert access["fields"]["contact.email"] == "edit" and access["fields"]["company.email"] == "hidden"
    assert access["special"]["view_audit"] is True and access["special"]["erase"] is False
    assert access["visible"]["contact"] == 3 == len(mine.ok("GET", "/contacts?limit=200")["items"])
    assert access["visible"]["company"] == 0
    page = admin.page(f"/settings/users/{me}/access")
    assert "What this user may do" in page and name in page
    for client in (mine, workspace.add_user("staff").api()):
        assert client.get(f"/users/{me}/access").status_code == 403
    assert api.get("/users/999999/access").status_code == 404


def test_rights_that_keep_moving_are_no_fault(workspace):
    """A job that changes fields moves what every process has cached, several times in a row."""
    api, over, answers = workspace.admin.api(), threading.Event(), []

    def move():
        # Without "with", which would be one transaction, out of which nothing can be committed.
        database = workspace.database()
        rows = database.cursor()
        rows.execute("set synchronous_commit = off")
        while not over.is_set():
            rows.execute("do $$ begin for i in 1..1000 loop update epoch set catalogue = catalogue + 1; commit; end loop; end $$")
        database.close()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        answers = [api.request("GET", "/contacts").status_code for _ in range(60)]
    finally:
        over.set()
        mover.join()
    assert set(answers) <= {200, 503}, answers
    assert api.request("GET", "/contacts").status_code == 200
