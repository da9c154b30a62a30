# SPDX-License-Identifier: ISC
"""What the database refuses whatever the programs do: raising own rights, giving
more than one has, taking the last administrator away, also two at once."""
import threading

import psycopg2
import pytest

from profiles import everything, make_profile

OWN, MORE, LAST, FIXED = "PR011", "PR012", "PR013", "PR014"


@pytest.fixture(scope="module")
def superuser(workspace):
    return workspace.database()


@pytest.fixture(scope="module")
def manager(workspace, superuser):
    """Somebody who manages users and profiles, but is no administrator."""
    profile = make_profile(
        superuser, {"contact.view": "team", "contact.edit": "own"}, {"contact.salary": "masked"},
        special=("manage_users", "manage_profiles"), new_fields="read", new_sealed="hidden")
    return workspace.add_user(profile), profile


def user_of(superuser, person):
    cursor = superuser.cursor()
    cursor.execute("select user_id from app_user where email = %s", (person.email,))
    return cursor.fetchone()[0]


@pytest.fixture
def as_manager(workspace, superuser, manager):
    """A connection that came through the gate as the manager."""
    connection = workspace.database()
    cursor = connection.cursor()
    cursor.execute("select set_config('praya.actor_kind', 'user', false), set_config('praya.user_id', %s, false)",
                   (str(user_of(superuser, manager[0])),))
    yield cursor
    connection.close()


def refused(cursor, state, sql, *values):
    with pytest.raises(psycopg2.Error) as caught:
        cursor.execute(sql, values)
    assert caught.value.pgcode == state, caught.value


def number(superuser, name):
    cursor = superuser.cursor()
    cursor.execute("select profile_id from profile where name = %s", (name,))
    return cursor.fetchone()[0]


def test_own_profile(superuser, manager, as_manager):
    mine = number(superuser, manager[1])
    refused(as_manager, OWN, "insert into profile_right values (%s, '', 'erase', 'all')", mine)
    refused(as_manager, OWN, "update profile_right set scope = 'all' where profile_id = %s", mine)
    refused(as_manager, OWN, "delete from profile_right where profile_id = %s", mine)
    refused(as_manager, OWN, "update profile_field set level = 'edit' where profile_id = %s", mine)
    refused(as_manager, OWN, "delete from profile_field where profile_id = %s", mine)
    refused(as_manager, OWN, "insert into profile_field values (%s, 'contact', 'hkid', 'edit')", mine)
    refused(as_manager, OWN, "update profile set new_fields = 'edit' where profile_id = %s", mine)


def test_oneself(superuser, manager, as_manager):
    me = user_of(superuser, manager[0])
    refused(as_manager, OWN, "update app_user set profile_id = %s where user_id = %s", number(superuser, "administrator"), me)
    refused(as_manager, OWN, "update app_user set profile_id = %s where user_id = %s", number(superuser, "marketing"), me)
    refused(as_manager, OWN, "insert into team (name) values ('t'); "
            "update app_user set team_id = (select max(team_id) from team) where user_id = %s", me)
    as_manager.execute("update app_user set name = 'Still me' where user_id = %s", (me,))


def test_more_than_one_has(superuser, manager, as_manager):
    other = number(superuser, make_profile(superuser, {"contact.view": "all", "company.view": "own"}, new_fields="hidden"))
    refused(as_manager, MORE, "insert into profile_right values (%s, 'contact', 'edit', 'team')", other)
    refused(as_manager, MORE, "insert into profile_right values (%s, '', 'erase', 'all')", other)
    refused(as_manager, MORE, "update profile_right set scope = 'team' where profile_id = %s and entity = 'company'", other)
    refused(as_manager, MORE, "update profile_right set \"right\" = 'delete' where profile_id = %s and entity = 'company'", other)
    refused(as_manager, MORE, "insert into profile_field values (%s, 'contact', 'salary', 'read')", other)
    refused(as_manager, MORE, "insert into profile_field values (%s, 'contact', 'email', 'edit')", other)
    refused(as_manager, MORE, "update profile set new_fields = 'edit' where profile_id = %s", other)
    refused(as_manager, MORE, "update profile set new_sealed = 'masked' where profile_id = %s", other)
    refused(as_manager, MORE, "insert into profile (name, new_fields) values ('richer', 'edit')")
    # As much as one has, and less than there was.
    as_manager.execute("insert into profile_right values (%s, 'contact', 'edit', 'own')", (other,))
    as_manager.execute("update profile_right set scope = 'own' where profile_id = %s and \"right\" = 'view'", (other,))
    as_manager.execute("insert into profile_field values (%s, 'contact', 'salary', 'masked')", (other,))
    as_manager.execute("update profile set new_fields = 'read' where profile_id = %s", (other,))
    # A row that goes leaves what new fields are.
    refused(as_manager, MORE, "insert into profile_field values (%s, 'contact', 'email', 'hidden'); "
            "update profile_field set level = 'edit' where profile_id = %s and field = 'email'", other, other)


def test_people_with_more(workspace, superuser, manager, as_manager):
    staff = user_of(superuser, workspace.add_user("staff"))
    poor = user_of(superuser, workspace.add_user(make_profile(superuser, new_fields="hidden")))
    administrator = number(superuser, "administrator")
    refused(as_manager, MORE, "update app_user set profile_id = %s where user_id = %s", administrator, poor)
    refused(as_manager, MORE, "update app_user set active = false where user_id = %s", staff)
    refused(as_manager, MORE, "update app_user set profile_id = %s where user_id = %s", number(superuser, manager[1]), staff)
    refused(as_manager, MORE, "insert into app_user (email, email_key, name, profile_id) values ('x@y.z', '\\x00', 'X', %s)",
            administrator)
    as_manager.execute("update app_user set profile_id = %s where user_id = %s", (number(superuser, manager[1]), poor))
    as_manager.execute("update app_user set active = false where user_id = %s", (poor,))


def test_the_administrators_profile_is_fixed(workspace, superuser):
    admin = number(superuser, "administrator")
    connection = workspace.database()
    cursor = connection.cursor()
    cursor.execute("select set_config('praya.actor_kind', 'user', false), set_config('praya.user_id', '1', false)")
    refused(cursor, FIXED, "delete from profile_right where profile_id = %s and \"right\" = 'erase'", admin)
    refused(cursor, FIXED, "insert into profile_field values (%s, 'contact', 'email', 'hidden')", admin)
    refused(cursor, FIXED, "update profile set name = 'boss' where profile_id = %s", admin)
    refused(cursor, FIXED, "delete from profile where profile_id = %s", admin)
    connection.close()


def test_nobody_signed_in_changes_nothing(workspace, superuser):
    connection = workspace.database()
    cursor = connection.cursor()
    cursor.execute("select set_config('praya.actor_kind', 'nobody', false)")
    refused(cursor, OWN, "insert into profile_right values (%s, '', 'erase', 'all')", number(superuser, "staff"))
    refused(cursor, MORE, "insert into profile (name, new_fields) values ('nobody''s', 'masked')")
    refused(cursor, MORE, "insert into app_user (email, email_key, name, profile_id) values ('n@y.z', '\\x01', 'N', %s)",
            number(superuser, "staff"))
    connection.close()


def test_the_last_administrator_stays(stack):
    """Whoever asks: also the worker and whoever has a connection of their own."""
    workspace = stack.new_workspace()
    superuser = workspace.database()
    cursor = superuser.cursor()
    staff = number(superuser, "staff")
    refused(cursor, LAST, "update app_user set profile_id = %s", staff)
    refused(cursor, LAST, "update app_user set active = false")
    refused(cursor, LAST, "delete from app_user")
    for right in ("manage_users", "manage_profiles"):
        refused(cursor, LAST, "delete from profile_right where \"right\" = %s", right)
    # An administrator who cannot sign in is none.
    deputy = user_of(superuser, workspace.add_user("administrator"))
    cursor.execute("update app_user set active = false where user_id = %s", (deputy,))
    refused(cursor, LAST, "update app_user set profile_id = %s where user_id <> %s", staff, deputy)
    # Managing users alone is not enough.
    half = number(superuser, make_profile(superuser, special=("manage_users",)))
    cursor.execute("update app_user set profile_id = %s, active = true where user_id = %s", (half, deputy))
    refused(cursor, LAST, "update app_user set profile_id = %s where user_id <> %s", staff, deputy)
    cursor.execute("update app_user set profile_id = (select profile_id from profile where name = 'administrator') "
                   "where user_id = %s", (deputy,))
    cursor.execute("update app_user set profile_id = %s where user_id <> %s", (staff, deputy))


def test_two_administrators_cannot_demote_each_other_at_once(stack):
    workspace = stack.new_workspace()
    superuser = workspace.database()
    people = [workspace.admin, workspace.add_user("administrator")]
    ids = [user_of(superuser, person) for person in people]
    staff, connections, states = number(superuser, "staff"), [], []
    for asker, victim in (ids, ids[::-1]):
        connection = psycopg2.connect(superuser.dsn)
        cursor = connection.cursor()
        cursor.execute("select set_config('praya.actor_kind', 'user', false), set_config('praya.user_id', %s, false)",
                       (str(asker),))
        connections.append((connection, cursor, victim))

    def demote(connection, cursor, victim):
        try:
            cursor.execute("update app_user set profile_id = %s where user_id = %s", (staff, victim))
            connection.commit()
            states.append("done")
        except psycopg2.Error as error:
            states.append(error.pgcode)

    # The first holds its change back until the second waits for it.
    first, second = connections
    first[1].execute("update app_user set profile_id = %s where user_id = %s", (staff, first[2]))
    waiter = threading.Thread(target=demote, args=second)
    waiter.start()
    watch = superuser.cursor()
    while True:
        watch.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
        if watch.fetchone()[0] == 1:
            break
    first[0].commit()
    waiter.join()
    assert states == [LAST]
    watch.execute("select count(*) from app_user join profile p using (profile_id) where p.name = 'administrator'")
    assert watch.fetchone() == (1,)


def test_over_the_api(workspace, superuser, manager):
    """The same, asked properly: a clear answer, and an entry in the log."""
    person, profile = manager
    api = person.api()
    me = api.ok("GET", "/me")["id"]
    rich = workspace.add_user("staff").api().ok("GET", "/me")["id"]
    for path, change, said in (
        (f"/users/{me}", {"profile": "administrator"}, "another administrator"),
        (f"/users/{me}", {"profile": "marketing"}, "another administrator"),
        (f"/users/{rich}", {"active": False}, "more than you"),
        (f"/users/{rich}", {"profile": profile}, "more than you"),
    ):
        version = api.ok("GET", path)["version"]
        answer = api.patch(path, json=change, headers={"If-Match": str(version)})
        assert answer.status_code == 403, answer.text
        assert said in answer.json()["detail"]
        assert api.ok("GET", path)["version"] == version
    for wanted in ("administrator", "staff"):
        answer = api.post("/users", json={"email": "new@people.example", "name": "New", "profile": wanted})
        assert answer.status_code == 403
    denied = workspace.admin.api().ok("GET", f"/audit?actor={me}&outcome=denied&action=permission")["items"]
    assert len(denied) == 6


def test_the_last_administrator_over_the_api(stack):
    workspace = stack.new_workspace()
    api = workspace.admin.api()
    me = api.ok("GET", "/me")["id"]
    version = {"If-Match": str(api.ok("GET", f"/users/{me}")["version"])}
    for change in ({"active": False}, {"profile": "staff"}):
        assert api.patch(f"/users/{me}", json=change, headers=version).status_code == 403
    deputy = workspace.add_user("administrator")
    theirs = deputy.api()
    theirs.ok("PATCH", f"/users/{me}", json={"profile": "staff"}, headers=version)
    assert api.get("/users").status_code == 403, "from the very next request on"
    them = theirs.ok("GET", "/me")["id"]
    version = {"If-Match": str(theirs.ok("GET", f"/users/{them}")["version"])}
    assert theirs.patch(f"/users/{them}", json={"active": False}, headers=version).status_code == 403
    assert theirs.get("/users").status_code == 200
