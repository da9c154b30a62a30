# SPDX-License-Identifier: ISC
"""Who works here: added, changed, switched off by whoever manages users, who never
gets more rights that way than they have."""
import secrets

import pytest

import routes
from harness import parse_forms

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def database(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def address():
    return f"u{secrets.token_hex(5)}@example.com"


def wish(**values):
    return {"email": address(), "name": "Wong Ka Yan", "profile": "staff", "password": PASSWORD, **values}


def add(api, **values):
    return api.ok("POST", "/users", status=201, json=wish(**values))


def change(api, user, **values):
    return api.patch(f"/users/{user['id']}", json=values, headers={"If-Match": str(user["version"])})


def me(api):
    number = api.ok("GET", "/me")["id"]
    return api.ok("GET", f"/users/{number}")


def signs_in(workspace, email, password=PASSWORD):
    return workspace.stack.visitor(workspace.slug).sign_in(email, password).status_code == 303


def new_profile(database, name):
    """With staff's levels of new fields and no right."""
    database.execute(
        "insert into profile (name, new_fields, new_sealed) "
        "select %s, new_fields, new_sealed from profile where name = 'staff' returning profile_id",
        (name,),
    )
    return database.fetchone()[0]


def manager(workspace, database, *more):
    """Somebody who manages users and has no other special right, as a program."""
    name = f"manager-{secrets.token_hex(3)}"
    profile = new_profile(database, name)
    database.execute(
        "insert into profile_right (profile_id, entity, \"right\", scope) "
        "select %s, entity, \"right\", scope from profile_right join profile p using (profile_id) where p.name = 'staff'",
        (profile,),
    )
    database.execute(
        "insert into profile_field (profile_id, entity, field, level) "
        "select %s, entity, field, level from profile_field join profile p using (profile_id) where p.name = 'staff'",
        (profile,),
    )
    for right in ("manage_users", *more):
        database.execute("insert into profile_right values (%s, '', %s, 'all')", (profile, right))
    person = workspace.add_user("staff")
    database.execute("update app_user set profile_id = %s where email = %s", (profile, person.email))
    return person.api(), name


def test_added_signs_in_with_the_profiles_rights(workspace, api):
    user = add(api, email="  Ka.Yan@EXAMPLE.com ", language="zh-Hant")
    assert (user["email"], user["profile"], user["language"], user["active"]) == ("Ka.Yan@example.com", "staff", "zh-Hant", True)
    assert user["password_set"] is True and PASSWORD not in str(user)
    visitor = workspace.stack.visitor(workspace.slug)
    assert visitor.sign_in("ka.yan@example.com", PASSWORD).status_code == 303
    assert visitor.get("/settings/users").status_code == 403 and "聯絡人" in visitor.page("/contacts")


def test_the_answer_says_where_it_is(api):
    answer = api.post("/users", json=wish())
    assert answer.headers["Location"] == f"/api/v1/users/{answer.json()['id']}"
    assert api.ok("GET", f"/users/{answer.json()['id']}") == answer.json()


def test_without_a_password_nobody_gets_in(workspace, api):
    user = add(api, password=None)
    assert user["password_set"] is False
    for password in ("", PASSWORD, "null", "None"):
        assert not signs_in(workspace, user["email"], password)


BAD = [
    *(("email", {"email": e}) for e in ("", "x", "a@b", "a@@b.example", "x" * 250 + "@b.example", None, 5)),
    *(("name", {"name": n}) for n in ("", "  ", "x" * 101, None)),
    *(("profile", {"profile": p}) for p in ("", "nobody", "Staff", None)),
    *(("language", {"language": tag}) for tag in ("de", "zh", "EN")),
    *(("password", {"password": p}) for p in ("short", "x" * 129, "x" * 201)),
    *((name, {name: 1}) for name in ("active", "id", "version", "team_id", "rights")),
]


@pytest.mark.parametrize("field, values", BAD)
def test_what_is_no_user(api, database, field, values):
    database.execute("select count(*) from app_user")
    before = database.fetchone()
    answer = api.post("/users", json=wish(**values))
    assert routes.problem(answer, 422) is None and field in answer.json()["errors"], answer.text
    database.execute("select count(*) from app_user")
    assert database.fetchone() == before


def test_an_address_is_taken_whatever_its_case(api):
    user = add(api)
    answer = api.post("/users", json=wish(email=user["email"].upper()))
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["email"]
    other = add(api)
    answer = change(api, other, email=user["email"].upper())
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["email"]
    assert change(api, user, email=user["email"].upper().replace("EXAMPLE.COM", "example.com")).status_code == 200


def test_changes_need_their_version(api):
    user = add(api)
    assert api.patch(f"/users/{user['id']}", json={"name": "X"}).status_code == 428
    assert change(api, user, name="First").status_code == 200
    assert change(api, user, name="Second").status_code == 412
    assert api.ok("GET", f"/users/{user['id']}")["name"] == "First"
    for field, value in (("email", None), ("name", None), ("name", ""), ("profile", "nobody"), ("active", "yes"), ("id", 1)):
        answer = change(api, api.ok("GET", f"/users/{user['id']}"), **{field: value})
        assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]


def test_another_profile_holds_from_the_next_request_on(api, workspace, database):
    person = workspace.add_user("staff")
    database.execute("select user_id from app_user where email = %s", (person.email,))
    theirs, user = person.api(), api.ok("GET", f"/users/{database.fetchone()[0]}")
    assert theirs.get("/users").status_code == 403
    user = change(api, user, profile="administrator").json()
    assert [theirs.get("/users").status_code for _ in range(6)] == [200] * 6
    change(api, user, profile="staff")
    assert [theirs.get("/users").status_code for _ in range(6)] == [403] * 6


def test_an_administrator_gives_a_new_password(workspace, api):
    user = add(api)
    old = workspace.stack.visitor(workspace.slug)
    assert old.sign_in(user["email"], PASSWORD).status_code == 303
    assert change(api, user, password="another long one").status_code == 200
    assert old.get("/").headers["Location"] == "/login"
    assert not signs_in(workspace, user["email"]) and signs_in(workspace, user["email"], "another long one")


def test_every_session_and_token_of_a_user_can_be_ended(workspace, api, database):
    person = workspace.add_user("staff")
    theirs, program = person.browser(), person.api()
    database.execute("select user_id from app_user where email = %s", (person.email,))
    number = database.fetchone()[0]
    assert (api.ok("GET", f"/users/{number}")["sessions"], api.ok("GET", f"/users/{number}")["tokens"]) == (1, 1)
    assert api.delete(f"/users/{number}/sessions").status_code == 204
    assert theirs.get("/").headers["Location"] == "/login" and program.get("/me").status_code == 401
    assert (api.ok("GET", f"/users/{number}")["sessions"], api.ok("GET", f"/users/{number}")["tokens"]) == (0, 0)


def test_nobody_changes_the_own_rights_or_way_in(api):
    for values in ({"profile": "staff"}, {"active": False}, {"password": "another long one"}):
        assert routes.problem(change(api, me(api), **values), 403) is None, values
    answer = change(api, me(api), name="Me Myself")
    assert answer.status_code == 200 and answer.json()["profile"] == "administrator"


def test_the_last_who_can_manage_users_stays(stack):
    """Also when two take each other's right away at the same moment."""
    workspace = stack.new_workspace()
    second = workspace.add_user("administrator")
    api, other = workspace.admin.api(), second.api()
    first_user, second_user = me(api), me(other)
    assert change(api, second_user, active=False).status_code == 200
    assert change(other, first_user, active=False).status_code == 401
    assert change(api, me(api), active=False).status_code == 403
    assert api.ok("GET", "/me")["profile"] == "administrator"


def test_whoever_manages_users_gives_no_right_they_lack(workspace, api, database):
    mine, name = manager(workspace, database)
    for profile in ("administrator",):
        assert routes.problem(mine.post("/users", json=wish(profile=profile)), 403) is None
    assert mine.post("/users", json=wish(profile="staff")).status_code == 201
    assert mine.post("/users", json=wish(profile=name)).status_code == 201
    user = add(api)
    assert routes.problem(change(mine, user, profile="administrator"), 403) is None
    # Nor by somebody else's account: no new address, password, name, or end of it.
    boss = add(api, profile="administrator")
    for values in ({"password": "another long one"}, {"email": address()}, {"name": "X"}, {"active": False}, {"profile": "staff"}):
        assert routes.problem(change(mine, boss, **values), 403) is None, values
    assert mine.delete(f"/users/{boss['id']}/sessions").status_code == 403
    assert signs_in(workspace, boss["email"])


def test_nor_a_field_they_do_not_see(workspace, api, database):
    mine, _ = manager(workspace, database)
    name = f"open-{secrets.token_hex(3)}"
    profile = new_profile(database, name)
    database.execute("insert into profile_right values (%s, 'contact', 'view', 'own')", (profile,))
    # Fewer rights, but salaries in the clear.
    database.execute("insert into profile_field values (%s, 'contact', 'salary', 'read')", (profile,))
    assert mine.post("/users", json=wish(profile=name)).status_code == 403
    database.execute("update profile_field set level = 'hidden' where profile_id = %s", (profile,))
    assert mine.post("/users", json=wish(profile=name)).status_code == 201


def test_staff_see_no_users(workspace):
    person = workspace.add_user("staff")
    staff, browser = person.api(), person.browser()
    for method, path in (("GET", "/users"), ("GET", "/users/1"), ("GET", "/profiles"), ("POST", "/users")):
        assert staff.request(method, path).status_code == 403
    for path in ("/settings/users", "/settings/users/new", "/settings/users/1"):
        assert browser.get(path).status_code == 403
    assert "/settings/users" not in browser.page("/settings")


def test_the_list_pages_to_its_end(workspace, api):
    made = {add(api, name=f"Same Name {n % 3}")["id"] for n in range(12)}
    seen, after = [], ""
    while after is not None:
        page = api.ok("GET", f"/users?limit=5{after and '&after='}{after}")
        assert len(page["items"]) <= 5
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) and made <= set(seen)
    for after in ("x", "AAAA", api.ok("GET", "/audit?limit=1")["next"]):
        answer = api.get(f"/users?after={after}")
        assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["after"]


def test_profiles_tell_what_they_may(api):
    profiles = {item["name"]: item for item in api.ok("GET", "/profiles")["items"]}
    assert profiles["administrator"]["builtin"] and profiles["staff"]["builtin"]
    assert profiles["administrator"]["special"]["erase"] is True and profiles["staff"]["rights"]["contact.view"] == "all"
    assert not any(profiles["staff"]["special"].values())
    staff = api.ok("GET", f"/profiles/{profiles['staff']['id']}")["fields"]
    assert (staff["contact.salary"], staff["contact.tax_id"], staff["contact.hkid"]) == ("hidden", "masked", "masked")


def test_from_the_page(workspace, browser):
    email = address()
    form = browser.form("/settings/users/new", "/settings/users")
    wrong = browser.submit(form, name="Lee Siu Ming", email="not an address", profile="staff", password=PASSWORD)
    assert wrong.status_code == 422 and routes.marked(wrong, "email")
    assert 'value="Lee Siu Ming"' in wrong.text and PASSWORD not in wrong.text
    form = browser.form("/settings/users/new", "/settings/users")
    answer = browser.submit(form, name="Lee Siu Ming", email=email, profile="staff", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/users")
    assert email in browser.page("/settings/users") and signs_in(workspace, email)


def test_two_on_the_page_do_not_overwrite_each_other(api, browser):
    user = add(api)
    path = f"/settings/users/{user['id']}"
    one, two = (next(f for f in parse_forms(browser.page(path)) if "name" in dict(f.fields)) for _ in range(2))
    assert browser.submit(one, name="First").status_code == 303
    assert browser.submit(two, name="Second").status_code == 412
    assert api.ok("GET", f"/users/{user['id']}")["name"] == "First"


def test_everything_is_in_the_log(api, database):
    user = add(api)
    user = change(api, user, profile="administrator").json()
    user = change(api, user, email=address(), name="Another").json()
    user = change(api, user, active=False).json()
    api.ok("DELETE", f"/users/{user['id']}/sessions")
    database.execute("select reason from audit_event where action = 'permission' and entity = 'user' and record_ids = array[%s::bigint] order by event_id", (user["id"],))
    reasons = [reason for reason, in database.fetchall()]
    assert reasons == ["user_created", "profile_changed", "email_changed", "user_changed", "user_deactivated", "sessions_ended"]


def test_own_account(workspace):
    person = workspace.add_user("staff")
    api, browser = person.api(), person.browser()
    assert api.ok("PATCH", "/me", json={"name": "  New   Name ", "language": "zh-Hant"}) == {"name": "New Name", "language": "zh-Hant"}
    assert api.ok("GET", "/me")["name"] == "New Name" and "設定" in browser.page("/settings")
    for body, field in (({"name": ""}, "name"), ({"name": None}, "name"), ({"language": "de"}, "language"), ({"email": address()}, "email"), ({"profile": "administrator"}, "profile")):
        answer = api.patch("/me", json=body)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
