# SPDX-License-Identifier: ISC
"""A finished list is for whoever may still take out every record of it."""
import pytest

from exports import ask, fetch, table
from jobs import done
from profiles import everything, make_profile, set_rights


@pytest.fixture(scope="module")
def database(workspace):
    connection = workspace.database()
    yield connection
    connection.close()


@pytest.fixture
def made(workspace, database):
    """A finished list of three people, two of whom are the asker's own."""
    profile = make_profile(database, everything("all"))
    user = workspace.add_user(profile)
    api, boss = user.api(), workspace.admin.api()
    me = api.ok("GET", "/me")["id"]
    tag = f"Scope{me}"
    people = [boss.ok("POST", "/contacts", status=201, json={"name_en": f"{tag} {n}", **({"owner_id": me} if n else {})})["id"]
              for n in range(3)]
    job = ask(api, q=tag)["job"]
    path = done(api, job)["download"]
    assert api.get(path).status_code == 200
    return profile, api, people, path


def refused(api, path, database):
    answer = api.get(path)
    assert answer.status_code == 403 and "may not see or take out" in answer.text
    cursor = database.cursor()
    cursor.execute("select outcome from audit_event where action = 'download' and %s = any (record_ids) order by event_id desc "
                   "limit 1", [int(path.rsplit("/", 1)[1])])
    assert cursor.fetchone() == ("denied",)


@pytest.mark.parametrize("right", ["view", "export"])
@pytest.mark.parametrize("scope", ["own", "team"])
def test_a_narrower_scope_shuts_it(made, database, right, scope):
    profile, api, _, path = made
    set_rights(database, profile, {f"contact.{right}": scope})
    refused(api, path, database)
    set_rights(database, profile, {f"contact.{right}": "all"})
    assert api.get(path).status_code == 200


@pytest.mark.parametrize("change", ["vip = true", "vip = true, owner_id = null, team_id = null"])
def test_a_record_that_went_out_of_sight_shuts_it(made, database, change):
    _, api, people, path = made
    database.cursor().execute(f"update contact set {change} where contact_id = %s", [people[0]])
    refused(api, path, database)


def test_what_the_file_does_not_hold_is_no_hindrance(workspace, database):
    """Out of sight when it was made, whatever was asked for; what is in it has to be in reach."""
    profile = make_profile(database, everything("all"))
    user, officer = workspace.add_user(profile), workspace.add_user(make_profile(database, everything("all"), special=("approve_exports",)))
    api, boss, cursor = user.api(), workspace.admin.api(), database.cursor()
    me = api.ok("GET", "/me")["id"]
    people = [boss.ok("POST", "/contacts", status=201, json={"name_en": f"Exact{me} {n}", **({"owner_id": me} if n else {})})["id"]
              for n in range(3)]
    cursor.execute("update workspace set export_threshold = 1")
    number = ask(api, q=f"Exact{me}")["export"]
    set_rights(database, profile, {"contact.export": "own"})
    officer.api().ok("POST", f"/exports/{number}/approve", json={})
    cursor.execute("update workspace set export_threshold = 500")
    files = fetch(api, api.ok("GET", f"/exports/{number}")["job"])
    assert {int(row["id"]) for row in table(files)} == set(people[1:])
    cursor.execute("update contact set owner_id = null where contact_id = %s", [people[1]])
    refused(api, api.ok("GET", f"/exports/{number}")["download"], database)


def test_a_new_one_holds_what_is_left(made, database):
    profile, api, people, path = made
    set_rights(database, profile, {"contact.export": "own"})
    refused(api, path, database)
    (name,) = {n for n in fetch(api, ask(api, q="Scope")["job"]) if n.endswith(".csv")}
    assert name


def test_what_stays_in_reach_is_no_hindrance(made, database):
    _, api, people, path = made
    database.cursor().execute("update contact set archived_at = now() where contact_id = %s", [people[1]])
    assert api.get(path).status_code == 200
