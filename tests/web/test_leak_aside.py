# SPDX-License-Identifier: ISC
"""praya leaktest on what is no record: files taken in, jobs, exports, their files, privacy
requests with letters, files and hand-overs, incidents, what was taken down, alerts and
support access. What is made wrong there is found."""
import contextlib

import pytest

from leaks import found, leaktest, told
from profiles import everything, make_profile

ME = "(select user_id from app_user where email like 'me@%.invalid')"


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@contextlib.contextmanager
def plant(database, table, body, owner="current_user"):
    """Something happens to each new row of a table meanwhile."""
    cursor = database.cursor()
    cursor.execute(f"create function planted_{table}() returns trigger language plpgsql security definer "
                   f"set search_path = public as $$ begin {body}; return new; end $$")
    cursor.execute(f"create trigger planted before insert on {table} for each row execute function planted_{table}()")
    cursor.execute(f"alter function planted_{table}() owner to {owner}")
    try:
        yield
    finally:
        cursor.execute(f"drop function planted_{table}() cascade")


PLANTS = [
    ("import", f"new.created_by := {ME}", "shown", "import of others"),
    ("job", f"new.created_by := {ME}", "shown", "job of others"),
    ("job", f"new.created_by := {ME}", "told", "job of others about a person"),
    ("export", f"new.created_by := {ME}", "shown", "export of others"),
    ("export", f"new.created_by := {ME}", "shown", "export of everything of others"),
    ("download", f"new.user_id := {ME}", "told", "download of others"),
    ("privacy_request", f"new.assignee_id := {ME}", "shown", "privacy request of others"),
    ("support_grant", f"update contact set bio = new.reason where owner_id = {ME}", "shown", "support grant"),
]


# Taken down, and yet there.
WITHHELD = ("message", "activity")


@pytest.fixture(scope="module")
def planted(workspace, database):
    """Of each kind, somebody else's is given to the one who asks: the report on that."""
    name = make_profile(database, everything("own"))
    with contextlib.ExitStack() as plants:
        for table, body in {(table, body) for table, body, *_ in PLANTS}:
            plants.enter_context(plant(database, table, body))
        back = [f"update {table} set withheld_at = null where '{table}' = new.entity and {table}_id = new.record_id" for table in WITHHELD]
        plants.enter_context(plant(database, "takedown_item", "; ".join(back), owner="praya_owner"))
        return leaktest(workspace, name)


@pytest.mark.parametrize("how, what", [p[2:] for p in PLANTS])
def test_what_is_planted_is_found(planted, how, what):
    report, status = planted
    assert status == 1 and found(report, how, what), told(report)


@pytest.mark.parametrize("table", WITHHELD)
def test_what_was_taken_down_and_shows_is_found(planted, table):
    report, status = planted
    assert status == 1 and found(report, "shown", f"{table} taken down of own"), told(report)


def test_a_job_about_an_invisible_person_is_found_with_whoever_manages(workspace, database):
    """Nothing else is: who approves exports, runs requests and manages the workspace sees those."""
    special = ("approve_exports", "run_requests", "manage_workspace")
    name = make_profile(database, everything("own"), special=special)
    with plant(database, "job", "new.args := '{}'"):
        report, status = leaktest(workspace, name)
    assert status == 1 and found(report, "shown", "job of others about a person"), told(report)
    assert {h["what"] for h in report["hits"]} == {"job of others about a person"}, told(report)


ALL_AT_ONCE = ("letter of others", "file of a request of others", "hand-over that is over", "hand-over of others", "incident of the workspace",
               "takedown of the workspace", "copy of what was taken down", "alert of the workspace")


@pytest.fixture(scope="module")
def opened(workspace, database):
    """Whoever asks gets the right to run requests in its middle, and reads of alerts in a field."""
    name = make_profile(database, everything("own", ("view",), ("contact", "activity")))
    say = f"update contact set {{}} where owner_id = {ME}"
    with contextlib.ExitStack() as plants:
        for table, body in (
            ("incident", "insert into profile_right (profile_id, entity, \"right\", scope) select profile_id, '', 'run_requests', 'all' "
             f"from app_user where user_id = {ME} on conflict do nothing"),
            ("alert", say.format("bio = new.who")),
        ):
            plants.enter_context(plant(database, table, body))
        return leaktest(workspace, name)


@pytest.mark.parametrize("what", ALL_AT_ONCE)
def test_privacy_work_that_shows_is_found(opened, what):
    report, status = opened
    assert status == 1 and found(report, "shown", what), told(report)


def test_a_list_of_who_was_exposed_that_is_told_of_is_found(opened):
    report, status = opened
    assert status == 1 and found(report, "told", "list of an incident of the workspace"), told(report)
