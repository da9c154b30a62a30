# SPDX-License-Identifier: ISC
"""Teams: made, named, filled at their users, emptied, and gone with their records elsewhere."""
import pytest

import routes
from harness import parse_forms


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


count = iter(range(1000))


@pytest.fixture
def team(boss):
    return boss.ok("POST", "/teams", status=201, json={"name": f"Team {next(count)} 隊"})


def at(thing, **headers):
    return {"If-Match": str(thing["version"]), **headers}


def put_in(boss, person, team_id):
    user = next(u for u in boss.ok("GET", "/users", params={"limit": 200})["items"] if u["email"] == person.email)
    boss.ok("PATCH", f"/users/{user['id']}", json={"team_id": team_id}, headers=at(user))
    return user["id"]


def test_made_named_and_listed(boss, team, rows):
    assert team["members"] == 0 and team["version"] == 1
    assert team in boss.ok("GET", "/teams")["items"]
    renamed = boss.ok("PATCH", f"/teams/{team['id']}", json={"name": "  East   Kowloon "}, headers=at(team))
    assert renamed["name"] == "East Kowloon" and renamed["version"] == 2
    rows.execute("select reason from audit_event where entity = 'team' and record_ids = array[%s::bigint] order by event_id", [team["id"]])
    assert [r for (r,) in rows.fetchall()] == ["team_created", "team_renamed"]
    boss.ok("DELETE", f"/teams/{team['id']}", headers=at(renamed))


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "x" * 61}, {"name": "a\nb"}, {"name": 7},
                                  {"name": "x", "members": [1]}])
def test_what_is_no_team(boss, body):
    assert routes.problem(boss.post("/teams", json=body), 422) is None


def test_one_name_once(boss, team):
    for name in (team["name"], team["name"].upper(), f" {team['name']} "):
        refused = boss.post("/teams", json={"name": name})
        assert refused.status_code == 422 and "name" in refused.json()["errors"], name
    other = boss.ok("POST", "/teams", status=201, json={"name": f"Other of {team['id']}"})
    assert boss.patch(f"/teams/{other['id']}", json={"name": team["name"]}, headers=at(other)).status_code == 422
    assert boss.patch(f"/teams/{other['id']}", json={"name": other["name"]}, headers=at(other)).status_code == 200, "its own is no other's"


def test_changes_rest_on_a_version(boss, team):
    boss.ok("PATCH", f"/teams/{team['id']}", json={"name": f"Later {team['id']}"}, headers=at(team))
    assert boss.patch(f"/teams/{team['id']}", json={"name": "Stale"}, headers=at(team)).status_code == 412
    assert boss.delete(f"/teams/{team['id']}", headers=at(team)).status_code == 412
    assert boss.patch(f"/teams/{team['id']}", json={"name": "None"}).status_code == 428


def test_its_members(workspace, boss, team):
    person = workspace.add_user("staff")
    number = put_in(boss, person, team["id"])
    seen = boss.ok("GET", f"/teams/{team['id']}")
    assert seen["members"] == 1 and [u["id"] for u in seen["users"]] == [number]
    refused = boss.delete(f"/teams/{team['id']}", headers=at(seen))
    assert refused.status_code == 409 and "still in this team" in refused.json()["detail"]
    put_in(boss, person, None)
    assert boss.ok("GET", f"/teams/{team['id']}")["members"] == 0
    boss.ok("DELETE", f"/teams/{team['id']}", headers=at(seen))


def test_its_records_go_elsewhere(boss, team, rows):
    heir = boss.ok("POST", "/teams", status=201, json={"name": f"Heir of {team['id']}"})
    person = boss.ok("POST", "/contacts", json={"name_en": "Of A Team", "team_id": team["id"]})["id"]
    company = boss.ok("POST", "/companies", json={"name_en": "Of A Team Ltd", "team_id": team["id"]})["id"]
    gone = boss.request("DELETE", f"/teams/{team['id']}", params={"move_to": heir["id"]}, headers=at(team))
    assert gone.status_code == 200 and gone.json()["moved"] == {"contact": 1, "company": 1}, gone.text
    rows.execute("select (select team_id from contact where contact_id = %s), (select team_id from company where company_id = %s)",
                 [person, company])
    assert rows.fetchone() == (heir["id"], heir["id"])
    rows.execute("select count(*) from audit_event where reason = 'team_removed' and entity = 'contact' and subject_ids = array[%s::integer]",
                 [person])
    assert rows.fetchone() == (1,)
    assert boss.get(f"/teams/{team['id']}").status_code == 404
    # And to no team.
    boss.ok("DELETE", f"/teams/{heir['id']}", headers=at(heir))
    rows.execute("select team_id from contact where contact_id = %s", [person])
    assert rows.fetchone() == (None,)


def test_where_they_cannot_go(boss, team):
    for to in (team["id"], 999999):
        refused = boss.request("DELETE", f"/teams/{team['id']}", params={"move_to": to}, headers=at(team))
        assert refused.status_code == 422 and "move_to" in refused.json()["errors"], to
    assert boss.get(f"/teams/{team['id']}").status_code == 200


def test_who_may_not(workspace, boss, team):
    staff = workspace.add_user("staff")
    api, window = staff.api(), staff.browser()
    for method, path in (("GET", "/teams"), ("POST", "/teams"), ("GET", f"/teams/{team['id']}"),
                         ("PATCH", f"/teams/{team['id']}"), ("DELETE", f"/teams/{team['id']}")):
        answer = api.request(method, path, json={"name": "x"} if method in ("POST", "PATCH") else None, headers=at(team))
        assert answer.status_code == 403, f"{method} {path}"
    assert window.get("/settings/teams").status_code == 403 and "/settings/teams" not in window.page("/settings")


def test_from_the_page(workspace, boss):
    window = workspace.admin.browser()
    assert 'href="/settings/teams"' in window.page("/settings")
    made = window.submit(window.form("/settings/teams", "/settings/teams"), name="Page & <Team> 頁")
    assert made.status_code == 303
    path = made.headers["Location"]
    assert "Page &amp; &lt;Team&gt; 頁" in window.page(path)
    again = window.submit(window.form("/settings/teams", "/settings/teams"), name="page & <team> 頁")
    assert again.status_code == 422 and "of this name" in again.text
    renamed = window.submit(window.form(path, path), name="Page team")
    assert renamed.status_code == 303 and "Page team" in window.page("/settings/teams")
    person = workspace.add_user("staff")
    number = put_in(boss, person, int(path.rsplit("/", 1)[1]))
    page = window.page(path)
    assert f'href="/settings/users/{number}"' in page
    assert not [f for f in parse_forms(page, path) if f.action == f"{path}/remove"], "not while somebody is in it"
    put_in(boss, person, None)
    assert window.submit(window.form(path, f"{path}/remove")).status_code == 303
    assert window.get(path).status_code == 404


def test_in_chinese(workspace):
    window = workspace.admin.browser()
    window.submit(window.form("/settings/teams", "/language"), lang="zh-Hant")
    assert "團隊" in window.page("/settings/teams")
    window.submit(window.form("/settings/teams", "/language"), lang="en")
