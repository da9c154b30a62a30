# SPDX-License-Identifier: ISC
"""praya leaktest: finds nothing where nothing is wrong, finds what is made wrong, and
leaves nothing behind."""
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import jobs

from leaks import found, leaktest, told
from profiles import ENTITIES, everything, make_profile

AUDIT = ("view_audit", "erase", "run_requests", "manage_fields", "manage_workspace")
PRESETS = ("administrator", "privacy_officer", "staff", "sales", "support", "marketing", "finance", "auditor")


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@pytest.fixture(scope="module")
def filled(workspace, database):
    """Some records of the workspace's own, and a custom field of each sort."""
    admin = workspace.admin.api()
    for n in range(3):
        person = admin.ok("POST", "/contacts", status=201, json={"name_en": f"Real Person {n}", "vip": n == 1})["id"]
        admin.ok("POST", f"/contacts/{person}/activities", status=201, json={"kind": "note", "body": "real note"})
    return workspace


# What has a number in its path and is no record: there is one of each.
FILLED = {"download.fetch", "exports.show", "import.show", "import.read", "import.failed_csv", "job.show", "request.read",
          "request.ask_approve", "request.ask", "settings.support_grant", "support.read", "letter.read", "letter.pdf", "request.file",
          "incident.read", "incident.ask", "incident.form", "breach_letter.ask", "exposure.new", "exposure.read", "takedown.read",
          "takedown.evidence", "handover.page", "exports.whole_link"}
# Of `odd`: children without their contacts, and profiles whose every field is hidden or masked.
SHOWN_NOTHING = (4, 5, 6)


@pytest.fixture(scope="module")
def odd(filled, database):
    """Profiles that nobody thinks of."""
    view = lambda scope, entities=ENTITIES: everything(scope, ("view",), entities)
    children = ("activity", "message", "attachment", "invoice")
    hidden = {f"contact.{f}": "hidden" for f in ("name_en", "surname_en", "given_en", "email", "phone")}
    masked = {f"{e}.{f}": "masked" for e, f in (("contact", "email"), ("contact", "name_zh"), ("message", "body"), ("company", "phone"))}
    return [
        make_profile(database, everything("own"), special=AUDIT, new_sealed="masked"),
        make_profile(database, everything("team"), hidden, special=("see_vip", *AUDIT)),
        make_profile(database, {**view("all", ("contact", "company")), **view("own", children)}, masked),
        make_profile(database, {**view("own", ("contact",)), **view("all", children), **view("team", ("company",))}),
        make_profile(database, view("all", ("message", "invoice")), special=("manage_users",)),
        make_profile(database, everything("all", ("create",)), new_fields="hidden"),
        make_profile(database, everything("team"), new_fields="masked", new_sealed="hidden"),
    ]


def test_no_preset_leaks(filled):
    report, status = leaktest(filled)
    assert not report["hits"], told(report)
    assert report["leaks"] == 0 and status == 0
    assert report["profiles"] >= len(PRESETS) - 1
    assert report["canaries"] > 1000 and report["seen"] > 1000


@pytest.mark.parametrize("n", range(7))
def test_no_odd_profile_leaks_and_nothing_is_left(filled, odd, database, n):
    before = rows_of(database), files_of(filled)
    report, status = leaktest(filled, odd[n])
    assert not report["hits"], told(report)
    # Of a profile that is shown nothing at all it says that it saw nothing.
    assert (status, report["seen"] > 0) == ((1, False) if n in SHOWN_NOTHING else (0, True))
    assert report["canaries"] > 100
    assert (rows_of(database), files_of(filled)) == before
    every_reading_route_is_called_or_named(filled, report)


def every_reading_route_is_called_or_named(filled, report):
    """Rows of the table that only read are called, and nothing else is."""
    rows = filled.stack.praya_json("routes")
    reading = {r["name"] for r in rows if r["method"] == "GET" or (r["method"] == "POST" and r["action"] in ("search", "reveal"))}
    assert set(report["not_called"]) == {r["name"] for r in rows} - reading
    assert report["routes"] == len(reading)
    assert set(report["blank"]) < reading and not set(report["blank"]) & FILLED


def test_whoever_needs_a_second_step_is_tried_too(filled, database):
    name = make_profile(database, everything("own"), special=AUDIT)
    database.cursor().execute("update profile set require_totp = true where name = %s", [name])
    report, status = leaktest(filled, name)
    assert not report["hits"], told(report)
    assert status == 0 and report["seen"] > 100


# ---- what is made wrong is found

POLICY = "select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'visible' and polrelid = %s::regclass"


@contextlib.contextmanager
def opened(database, table, rule="true"):
    """Makes a policy of a table true; afterwards it is what it was."""
    cursor = database.cursor()
    cursor.execute(POLICY, [table])
    (before,) = cursor.fetchone()
    cursor.execute(f"alter policy visible on {table} using ({rule})")
    try:
        yield
    finally:
        cursor.execute(f"alter policy visible on {table} using ({before})")


@pytest.fixture
def broken(database):
    with contextlib.ExitStack() as whole:
        yield lambda table: whole.enter_context(opened(database, table))


def test_a_contact_that_everybody_sees_is_found(filled, odd, broken):
    broken("contact")
    report, status = leaktest(filled, odd[0])
    assert status == 1 and report["leaks"] > 100
    assert found(report, "shown", "contact of others") and found(report, "moved", "not visible")
    assert all(set(h) == {"profile", "route", "surface", "how", "what", "where"} for h in report["hits"])


@pytest.fixture(scope="module")
def open_notes(filled, odd, database):
    """The report when everybody sees every activity."""
    with opened(database, "activity"):
        return leaktest(filled, odd[2], "activity.,contact.")


def test_a_private_note_that_others_read_is_found(open_notes):
    report, status = open_notes
    assert status == 1 and found(report, "shown", "private activity note of")


def test_an_invoice_that_only_says_it_is_there_is_found(filled, odd, broken):
    broken("invoice")
    report, status = leaktest(filled, odd[2], "invoice.")
    assert status == 1 and found(report, "told", "invoice of others")


def test_a_vip_that_everybody_sees_is_found(filled, database, broken):
    name = make_profile(database, everything("all", ("view",)))
    report, status = leaktest(filled, name, "company.,contact.list")
    assert status == 0 and report["canaries"] > 100
    broken("company")
    report, status = leaktest(filled, name, "company.,contact.list")
    assert status == 1 and found(report, "shown", "company of vip")
    assert not [h for h in report["hits"] if "vip" not in h["what"] and h["how"] == "shown"]


@pytest.fixture
def open_levels(database):
    """Every field may be edited, as far as the program knows."""
    cursor = database.cursor()
    cursor.execute("select pg_get_functiondef('profile_holds'::regproc)")
    before = cursor.fetchone()[0]
    cursor.execute(before[:before.index("AS $function$")] + "AS $$ begin return (select string_agg('e', '') from field); end $$")
    yield
    cursor.execute(before)


def test_a_hidden_field_that_shows_is_found(filled, odd, open_levels):
    report, status = leaktest(filled, odd[1], "contact.")
    assert status == 1 and found(report, "shown", "contact.email of contact of own")
    assert found(report, "told", "sort contact.name_en") and found(report, "told", "filter contact.email")


# ---- nothing is left, and nobody notices

TABLES = ("app_user", "team", "session", "contact", "company", "activity", "message", "attachment", "invoice", "data_key",
          "audit_event", "stored_query", "record_share", "reveal", "replay", "epoch", "job", "import", "export", "download",
          "privacy_request", "support_grant", "letter", "request_file", "handover", "incident", "exposure", "takedown", "takedown_item", "alert")


def rows_of(database):
    cursor = database.cursor()
    counted = {}
    for table in TABLES:
        cursor.execute(f"select count(*), coalesce(md5(string_agg(t::text, '' order by t::text)), '') from {table} t")
        counted[table] = cursor.fetchone()
    return counted


def files_of(filled):
    return sorted(p.name for p in filled.stack.var.rglob("*") if p.is_file() and len(p.name) == 32)


def running(filled, profile):
    argv = [filled.stack.status["cli"], "--config", filled.stack.status["config"], "leaktest", filled.slug, "--profile", profile]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def in_trial(database):
    """Has its transaction written something?"""
    cursor = database.cursor()
    cursor.execute("select count(*) from pg_stat_activity where datname = current_database() "
                   "and pid <> pg_backend_pid() and backend_xid is not null and now() - xact_start > interval '1 second'")
    return cursor.fetchone()[0] > 0


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        os.sched_yield()


def test_nothing_is_left_after_a_kill_and_nothing_is_seen_meanwhile(filled, odd, database):
    before = rows_of(database)
    process = running(filled, odd[0])
    try:
        wait_for(lambda: in_trial(database))
        assert rows_of(database) == before
        assert filled.admin.api().ok("GET", "/users")["items"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_for(lambda: not in_trial(database))
    after = rows_of(database)
    assert {t: n for t, n in after.items() if t not in ("session", "audit_event")} == \
        {t: n for t, n in before.items() if t not in ("session", "audit_event")}
    cursor = database.cursor()
    cursor.execute("select count(*) from audit_event where route like 'leak.%'")
    assert cursor.fetchone()[0] == 0


def test_misuse_is_refused(filled):
    praya = filled.stack.praya
    assert praya("leaktest", check=False).returncode == 2
    assert praya("leaktest", "nobody-there", check=False).returncode == 1
    done = praya("leaktest", filled.slug, "--profile", "no-such", check=False)
    assert done.returncode == 1 and "no such profile" in done.stderr
    done = praya("leaktest", filled.slug, "--routes", "no.such,", check=False)
    assert done.returncode == 1 and "no such route" in done.stderr


# ---- in the background, and the page

PAGE = "/settings/leaktest"


def test_before_the_first_test_the_page_says_so(stack):
    fresh = stack.new_workspace()
    assert fresh.admin.api().ok("GET", PAGE)["state"] == "never"
    assert "Not tested yet" in fresh.admin.browser().page(PAGE)


def test_the_worker_does_it_and_the_page_shows_it(stack, broken_workspace):
    """One profile of the few leaks: the page says which, where, and nothing of a person."""
    fresh, name = broken_workspace
    admin = fresh.admin.api()
    answer = admin.post(PAGE, json={})
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert admin.post(PAGE, json={}).json()["job"] == job  # the one that is there already
    done = jobs.finished(admin, job, patience=300)
    assert done["state"] == "done" and done["result"]["leaks"] > 0 and done["done"] == done["total"]
    said = admin.ok("GET", PAGE)
    assert said["state"] == "leaks" and said["finished_at"] and said["running"] is False
    assert {h["profile"] for h in said["hits"]} == {name}
    page = fresh.admin.browser().page(PAGE)
    assert "Leaks found" in page and name in page and "not_called" not in page
    assert len(rows_of(fresh.database())["audit_event"]) > 0


@pytest.fixture
def broken_workspace(stack):
    """Two profiles only, and one of them sees too much."""
    fresh = stack.new_workspace()
    database = fresh.database()
    cursor = database.cursor()
    cursor.execute("delete from profile_right where profile_id in (select profile_id from profile where name <> 'administrator')")
    cursor.execute("delete from profile_field where profile_id in (select profile_id from profile where name <> 'administrator')")
    cursor.execute("delete from profile p where name <> 'administrator' and not exists (select from app_user u where u.profile_id = p.profile_id)")
    name = make_profile(database, {"company.view": "own"})
    cursor.execute("alter policy visible on company using (true)")
    return fresh, name


def test_only_those_who_may_see_the_log_see_it_and_only_managers_start_it(filled, database):
    clerk = filled.add_user(make_profile(database, everything("all"))).api()
    assert clerk.get(PAGE).status_code == 403 and clerk.post(PAGE, json={}).status_code == 403
    auditor = filled.add_user(make_profile(database, {}, special=("view_audit",))).api()
    assert auditor.get(PAGE).status_code == 200 and auditor.post(PAGE, json={}).status_code == 403


def test_at_night_the_worker_asks_for_it_itself(stack):
    """In the night after a day in which somebody was there; not for a workspace of today."""
    old, new = stack.new_workspace(), stack.new_workspace()
    old.database().cursor().execute("update workspace set created_at = now() - interval '2 days'")
    cursor = old.database().cursor()
    cursor.execute("select extract(hour from now() at time zone 'Asia/Hong_Kong')::int")
    (hour,) = cursor.fetchone()
    config = Path(stack.status["config"])
    night = config.with_name("night.conf")
    night.write_text(config.read_text().replace("LeakTest.Hour = -1", f"LeakTest.Hour = {hour}"))
    night.chmod(0o600)
    for workspace in (old, new):
        workspace.database().cursor().execute("delete from chore where name = 'leak_test'")
        workspace.admin.api().ok("GET", "/me")
    work = [stack.status["cli"], "--config", night, "worker"]
    process = subprocess.Popen([*work, old.slug, "--once"])
    try:
        wait_for(lambda: queued(old), 300)
        subprocess.run([*work, new.slug, "--once"], check=True)
    finally:
        process.terminate()
        process.wait()
        night.unlink()
    assert not queued(new)


def queued(workspace):
    cursor = workspace.database().cursor()
    cursor.execute("select count(*) from job where kind = 'leak_test'")
    return cursor.fetchone()[0]
