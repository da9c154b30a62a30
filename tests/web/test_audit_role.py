# SPDX-License-Identifier: ISC
"""What of the log's keeping the workspace's own login role can do by itself: no link of the chain,
no word on what was counted and looked at, no hold but for whoever is in charge of the workspace."""
import psycopg2
import pytest

SEAL = ("select audit_seal_add(coalesce(max(seal_id), 0) + 1, %s, 1, '1', '2', %s, 0, 0, '', '', '', now()) from audit_seal")


@pytest.fixture
def role(workspace):
    """The workspace's login role, in a transaction that came through no gate."""
    connection = workspace.database()
    connection.autocommit = False
    cursor = connection.cursor()
    cursor.execute("select current_database()")
    (name,) = cursor.fetchone()
    cursor.execute(f"set session authorization {name}")
    yield cursor
    connection.rollback()
    connection.close()


def be(cursor, **settings):
    for name, value in settings.items():
        cursor.execute("select set_config(%s, %s, true)", [f"praya.{name}", str(value)])


def refused(cursor, statement, values=None):
    cursor.execute("savepoint here")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement, values)
    cursor.execute("rollback to savepoint here")


@pytest.mark.parametrize("kind, month", [("events", "2026-11-01"), ("loss", None), ("month", "2026-11-01"), ("month", None)])
@pytest.mark.parametrize("actor", ["", "user", "worker", "cli"])
def test_it_adds_no_link(role, kind, month, actor):
    be(role, actor_kind=actor, user_id=1)
    refused(role, SEAL, [kind, month])


@pytest.mark.parametrize("settings", [{}, {"actor_kind": "worker", "user_id": 1}, {"actor_kind": "user", "user_id": 1},
                                      {"actor_kind": "nobody"}, {"actor_kind": "user", "user_id": 1, "session_id": 999999}])
def test_it_sets_and_ends_no_hold(role, settings):
    be(role, **settings)
    refused(role, "select audit_hold_add('2026-01-01', '2026-01-02', 'dispute', null)")
    refused(role, "select audit_hold_end(1)")


def test_nor_one_in_an_incidents_name(workspace, role):
    be(role, actor_kind="cli")
    refused(role, "select audit_hold_add('2026-01-01', '2026-01-02', 'incident', 1)")
    role.execute("select audit_hold_end(999999)")
    assert role.fetchone() == (False,)


def test_each_hold_has_its_events_once(workspace):
    api = workspace.admin.api()
    hold = api.ok("POST", "/audit/holds", status=201, json={"from": "2026-01-01", "to": "2026-01-02", "reason": "dispute"})["id"]
    assert api.delete(f"/audit/holds/{hold}").status_code in (200, 204)
    events = [e["reason"] for e in api.ok("GET", "/audit", params={"entity": "audit", "action": "setting"})["items"]
              if e["record_ids"] == [hold]]
    assert sorted(events) == ["hold_ended", "hold_set"]


@pytest.mark.parametrize("actor", ["", "user", "worker"])
@pytest.mark.parametrize("look", ["watch_events('1', '2')", "watch_counted('u1', now())", "watch_sign_in(1, '192.0.2.1', now())"])
def test_it_does_not_say_what_was_looked_at(role, look, actor):
    be(role, actor_kind=actor, user_id=1)
    refused(role, f"select {look}")
