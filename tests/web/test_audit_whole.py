# SPDX-License-Identifier: ISC
"""Is the log whole: whatever is changed in it behind Praya's back is found, by whoever
owns the database, too; and what happens in its time and right is not taken for it."""
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def api(place):
    return place.admin.api()


@pytest.fixture
def rows(place):
    """As a superuser, whom nothing stops."""
    connection = place.database()
    yield connection.cursor()
    connection.close()


def verify(stack, place, *options):
    """What `praya audit verify` finds; its exit status says the same."""
    finished = stack.praya("audit", "verify", place.slug, "--json", *options, check=False)
    found = json.loads(finished.stdout)
    assert finished.returncode == (0 if found["good"] else 1), finished.stderr
    assert ("is not whole" in finished.stderr) is not found["good"]
    return found


def kinds(found):
    return {f["kind"] for f in found["findings"]}


def value(rows, sql, args=None):
    rows.execute(sql, args)
    return rows.fetchone()[0]


def work(stack, place):
    rows = place.database()
    rows.cursor().execute("update chore set due_at = now()")
    rows.close()
    stack.praya("worker", place.slug, "--once")


def fill(stack, place, api):
    """A log with some events, in several links; nothing of it is wrong."""
    for name in ("One", "Two", "Three"):
        contact = api.ok("POST", "/contacts", json={"name_en": name, "job_title": "Buyer"})
        api.ok("PATCH", f"/contacts/{contact['id']}", json={"job_title": "Seller"},
               headers={"If-Match": str(contact["version"])})
        api.ok("GET", "/contacts")
        verify(stack, place)
    assert wait_until(lambda: verify(stack, place)["unsealed"] <= 1, 60)
    found = verify(stack, place)
    assert found["good"] and found["seals"] >= 3 and found["events"] >= 9, found
    return found


@pytest.fixture
def sealed(stack, place, api):
    return fill(stack, place, api)


TAMPERED = [
    ("update audit_event set reason = 'contract' where action = 'update'", {"changed"}),
    ("update audit_event set outcome = 'denied' where action = 'list'", {"changed"}),
    ("update audit_event set actor_id = 4711 where action = 'create'", {"changed"}),
    ("update audit_event set ip = '203.0.113.9' where action = 'create'", {"changed"}),
    ("update audit_event set subject_ids = '{}' where action = 'list'", {"changed"}),
    ("update audit_event set record_ids = record_ids || 4711::bigint where action = 'list'", {"changed"}),
    ("update audit_event set changes = null where action = 'update'", {"changed"}),
    ("update audit_event set count = null where action = 'list'", {"changed"}),
    # Dated anew, to the microsecond.
    ("update audit_event set at = at - interval '1 microsecond' where action = 'create'", {"changed"}),
    # Fields are named once for many events: their names are covered all the same.
    ("update field_set set fields = array_append(fields, 'zz') where entity = 'contact'", {"changed"}),
    # In another order.
    ("update audit_event e set xid = o.xid from audit_event o where e.action = 'create' and o.action = 'update' "
     "and e.record_ids = o.record_ids", {"changed", "taken_out", "put_in"}),
    ("delete from audit_event where event_id = (select min(event_id) from audit_event where action = 'list')",
     {"taken_out"}),
    ("insert into audit_event overriding system value select (jsonb_populate_record(e, '{\"event_id\": 999999}')).* from audit_event e "
     "where action = 'list' limit 1", {"put_in"}),
    # Where no link looks: before the first, of another generation, younger than anything.
    ("insert into audit_event overriding system value select (jsonb_populate_record(e, '{\"generation\": 99, \"event_id\": 999999}')).* "
     "from audit_event e where action = 'list' limit 1", {"put_in"}),
    ("insert into audit_event overriding system value select (jsonb_populate_record(e, '{\"generation\": 0, \"event_id\": 999999}')).* "
     "from audit_event e where action = 'list' limit 1", {"put_in"}),
    ("insert into audit_event overriding system value select (jsonb_populate_record(e, '{\"xid\": \"0\", \"event_id\": 999999}')).* "
     "from audit_event e where action = 'list' limit 1", {"put_in"}),
    ("insert into audit_event overriding system value select (jsonb_populate_record(e, '{\"xid\": \"999999999999\", \"event_id\": 999999}')).* "
     "from audit_event e where action = 'list' limit 1", {"put_in"}),
    ("delete from audit_seal where seal_id = 2", {"link", "put_in"}),
    ("update audit_seal set digest = sha256('x') where seal_id = 2", {"link", "changed"}),
    ("update audit_seal set events = events + 1 where seal_id = 2", {"link", "taken_out"}),
    ("update audit_seal set at = at - interval '1 second' where seal_id = 2", {"link"}),
    ("update audit_seal set kind = 'month' where seal_id = 2", {"link", "too_early", "put_in"}),
]


@pytest.fixture(scope="module")
def common(stack, workspace):
    """One workspace for all that can be put back as it was."""
    connection = workspace.database()
    cursor = connection.cursor()
    fill(stack, workspace, workspace.admin.api())
    cursor.execute("create table kept_event as table audit_event")
    cursor.execute("create table kept_seal as table audit_seal")
    cursor.execute("create table kept_set as table field_set")
    yield cursor
    connection.close()


PUT_BACK = """
delete from audit_event where event_id <= (select max(event_id) from kept_event) or event_id >= 999999;
insert into audit_event overriding system value table kept_event;
delete from audit_seal where seal_id <= (select max(seal_id) from kept_seal);
insert into audit_seal table kept_seal;
update field_set s set fields = k.fields from kept_set k where k.field_set_id = s.field_set_id
"""


@pytest.mark.parametrize("statement, wanted", TAMPERED)
def test_what_is_changed_behind_its_back_is_found(stack, workspace, common, statement, wanted):
    common.execute(statement)
    assert common.rowcount > 0
    found = verify(stack, workspace)
    assert kinds(found) and kinds(found) <= wanted, found["findings"]
    assert not verify(stack, workspace)["good"], "it is not forgotten"
    common.execute(PUT_BACK)
    assert verify(stack, workspace)["good"]


ANOTHER = {
    "bigint": "coalesce({0}, 0) + 4711",
    "integer": "coalesce({0}, 0) + 4711",
    "text": "coalesce({0}, '') || 'x'",
    "inet": "'203.0.113.9'",
    "ARRAY": "coalesce({0}, '{{}}') || 4711::bigint",
    "bytea": "coalesce({0}, '') || 'x'",
    "xid8": "'999999999999'",
    "timestamp with time zone": "{0} - interval '1 microsecond'",
}


def test_every_column_is_covered(stack, workspace, common):
    """As the database lists them: one that is added is forgotten by nobody. Its number
    cannot be changed, only put in anew."""
    common.execute("select column_name, data_type from information_schema.columns where table_name = 'audit_event' "
                   "and column_name <> 'event_id' order by ordinal_position")
    columns, found = common.fetchall(), []
    common.execute("insert into field_set (entity, fields) values ('contact', '{zz}') returning field_set_id")
    field_set, = common.fetchone()
    for column, kind in columns:
        another = str(field_set) if column == "field_set_id" else ANOTHER[kind].format(column)
        common.execute("set session_replication_role = replica")
        common.execute(f"update audit_event set {column} = {another} where action = 'create' and event_id = "
                       "(select min(event_id) from audit_event where action = 'create')")
        assert common.rowcount == 1, column
        common.execute("reset session_replication_role")
        if verify(stack, workspace)["good"]:
            found.append(column)
        common.execute(PUT_BACK)
    assert len(columns) >= 24 and not found
    assert verify(stack, workspace)["good"]


@pytest.mark.parametrize("statement, wanted", [
    ("update audit_seal set signature = digest || digest where seal_id = (select max(seal_id) from audit_seal)",
     {"forged"}),
    # An end that was never signed.
    ("insert into audit_seal select seal_id + 1, kind, generation, xid_to, xid_to, month, 0, total, digest, digest, "
     "signature, at from audit_seal order by seal_id desc limit 1", {"link", "forged", "taken_out"}),
])
def test_an_end_that_is_not_signed_is_found(stack, place, rows, sealed, statement, wanted):
    rows.execute(statement)
    assert "forged" in kinds(verify(stack, place)) <= wanted


def this_month(rows):
    return value(rows, "select 'audit_event_' || to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM')")


@pytest.mark.parametrize("statement, wanted", [
    ("truncate {0}", {"taken_out"}),
    ("drop table {0}", {"no_month", "taken_out"}),
])
def test_a_month_that_is_emptied_or_taken_out_is_found(stack, place, rows, sealed, statement, wanted):
    rows.execute(statement.format(this_month(rows)))
    found = stack.praya("audit", "verify", place.slug, "--json", check=False)
    # The check itself makes the month anew, where its own event goes: what was in it is missing.
    assert found.returncode == 1 and kinds(json.loads(found.stdout)) <= wanted | {"taken_out"}


def test_an_event_moved_to_another_month_is_found_in_both(stack, place, rows, sealed):
    rows.execute("select audit_ensure_month(now() - interval '40 days')")
    rows.execute("update audit_event set at = at - interval '40 days' where action = 'create'")
    found = verify(stack, place)
    assert kinds(found) == {"taken_out", "put_in"}


def head_of(before, seal):
    """As the documentation says it is made."""
    text = (f"{before.hex()} praya-seal 1 {seal['seal_id']} {seal['kind']} {seal['generation']} "
            f"{seal['xid_from']} {seal['xid_to']} {seal['month'] or '-'} {seal['events']} {seal['total']} "
            f"{seal['at']} {seal['digest'].hex()}")
    return hashlib.sha256(text.encode()).digest()


def links(rows):
    rows.execute("select seal_id, kind, generation, xid_from::text, xid_to::text, month::text, events, total, "
                 "digest, head, (extract(epoch from at) * 1000000)::bigint as at from audit_seal order by seal_id")
    names = [c.name for c in rows.description]
    seals = [dict(zip(names, row)) for row in rows.fetchall()]
    return [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in s.items()} for s in seals]


def uuid_of(stack, place):
    return stack.praya_json("tenant", "show", place.slug)["uuid"]


def test_a_chain_made_anew_over_a_changed_event_has_no_signature(stack, place, rows, sealed):
    """Whoever knows how it is made, and has all of the workspace's database, lacks the key."""
    before = bytes(32)
    for seal in links(rows):
        assert head_of(before, seal) == seal["head"]
        before = seal["head"]
    rows.execute("update audit_event set actor_id = 4711 where action = 'create'")
    names = ("event_id, at, generation, xid, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, "
             "action, outcome, entity, record_ids, subject_ids::bigint[] = record_ids, "
             "case when subject_ids::bigint[] = record_ids then null else subject_ids::bigint[] end")
    before = bytes(32)
    for seal in links(rows):
        seal["digest"] = bytes(value(
            rows, f"select sha256(string_agg(record_send(row({names}, (select sha256(record_send(row(f.entity, f.fields))) "
            "from field_set f where f.field_set_id = e.field_set_id), reason, count, key_id, changes, grant_id, operator_id)), '' "
            "order by e.xid, event_id)) from audit_event e where xid >= %s::text::xid8 and xid < %s::text::xid8",
            [seal["xid_from"], seal["xid_to"]]))
        before = head_of(before, seal)
        rows.execute("update audit_seal set digest = %s, head = %s where seal_id = %s",
                     [seal["digest"], before, seal["seal_id"]])
    assert kinds(verify(stack, place)) == {"forged", "other"}


def cut(rows, after=1):
    """The log as it was after that link."""
    rows.execute("delete from audit_event where xid >= (select xid_to from audit_seal where seal_id = %s)", [after])
    rows.execute("delete from audit_seal where seal_id > %s", [after])


def heads(stack, place):
    return Path(stack.status["var"]) / "files/heads" / f"{uuid_of(stack, place)}.head"


def cell(stack):
    connection = stack.database_named("praya_cell")
    return connection, connection.cursor()


def test_an_end_that_was_cut_off_is_found_by_either_head(stack, place, rows, sealed):
    cut(rows)
    found = verify(stack, place)
    assert kinds(found) == {"cut_off"} and len(found["findings"]) == 2
    assert {f["where"] for f in found["findings"]} == {"region", "file"}
    assert found["findings"][0]["sealed"] > found["findings"][0]["found"]
    # Nothing is sealed on top of it, so nothing covers it up.
    api = place.admin.api()
    api.ok("GET", "/contacts")
    work(stack, place)
    assert value(rows, "select max(seal_id) from audit_seal") == 1
    region, cursor = cell(stack)
    cursor.execute("delete from audit_head where line = %s", [heads(stack, place).read_text().strip()])
    assert cursor.rowcount == 1
    region.close()
    assert {f["where"] for f in verify(stack, place)["findings"]} == {"file"}


def test_an_end_that_was_cut_off_everywhere_is_found_by_a_head_somebody_kept(stack, place, rows, sealed, tmp_path):
    kept = tmp_path / "kept"
    kept.write_text(sealed["head"] + "\n")
    assert verify(stack, place, "--head", kept)["good"]
    cut(rows)
    heads(stack, place).unlink()
    region, cursor = cell(stack)
    cursor.execute("delete from audit_head where encode(public, 'hex') = %s", [sealed["head"].split()[2]])
    region.close()
    assert kinds(verify(stack, place)) == {"unpublished"}
    found = verify(stack, place, "--head", kept)
    assert kinds(found) == {"cut_off"} and found["findings"][0]["where"] == "line 1"


def changed(line, n, text):
    words = line.split()
    words[n] = text
    return " ".join(words)


@pytest.mark.parametrize("n, text, kind", [
    (3, "1", "forged"),             # the seal's number
    (5, "999999", "forged"),        # events
    (7, "00" * 32, "forged"),       # the head
    (8, "22" * 64, "forged"),       # the signature
    (8, "22" * 63, "no_head"),
    (3, "-1", "no_head"),
    (2, "11" * 32, "no_head"),      # another key
    (0, "'; drop table audit_seal; --", "no_head"),
])
def test_a_head_that_was_changed_is_forged(stack, place, sealed, tmp_path, n, text, kind):
    kept = tmp_path / "kept"
    kept.write_text(sealed["head"] + "\n" + changed(sealed["head"], n, text) + "\n")
    found = verify(stack, place, "--head", kept)
    assert kinds(found) == {kind} and found["findings"][0]["where"] == "line 2"


def test_a_file_without_a_head_is_refused(stack, place, sealed, tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        assert stack.praya("audit", "verify", place.slug, "--head", path, check=False).returncode == 1
    (tmp_path / "empty").write_text("\n\n")
    finished = stack.praya("audit", "verify", place.slug, "--head", tmp_path / "empty", check=False)
    assert finished.returncode == 1 and "holds no head" in finished.stderr
    (tmp_path / "noise").write_bytes(bytes(range(1, 256)) * 50)
    assert kinds(verify(stack, place, "--head", tmp_path / "noise")) == {"no_head"}


def test_another_workspaces_head_says_nothing_here(stack, place, sealed, tmp_path):
    other = stack.new_workspace()
    verify(stack, other)
    theirs = verify(stack, other)["head"]
    (tmp_path / "theirs").write_text(theirs)
    assert kinds(verify(stack, place, "--head", tmp_path / "theirs")) == {"no_head"}
    heads(stack, place).write_text(theirs + "\n")
    found = verify(stack, place)
    assert [(f["kind"], f["where"]) for f in found["findings"]] == [("forged", "file")]


def test_what_is_right_is_not_found(stack, place, api, rows, sealed):
    person = api.ok("POST", "/contacts", json={"name_en": "Goes", "salary": {"amount": "5.00", "currency": "HKD"}})
    api.ok("PATCH", f"/contacts/{person['id']}", json={"job_title": "Before"},
           headers={"If-Match": str(person["version"])})
    verify(stack, place)
    api.ok("POST", f"/contacts/{person['id']}/erase",
           json={"reason": "subject_request", "confirm": str(person["id"])})
    work(stack, place)
    place.add_user("staff").browser().page("/contacts")
    found = verify(stack, place)
    assert found["good"] and found["events"] > sealed["events"], found
    assert value(rows, "select count(*) from data_key where contact_id = %s", [person["id"]]) == 0


def old_month(rows):
    """A month past its time, with events that are sealed."""
    rows.execute("select audit_ensure_month(now() - interval '15 months')")
    rows.execute("insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, "
                 "action) select now() - interval '15 months', 'user', null, 'cookie', null, null, null, null, 'test', "
                 "'view' from generate_series(1, 50)")


def expire(rows):
    rows.execute("update audit_month set notice_at = notice_at - interval '8 days', notice_runs = 3 "
                 "where notice_at is not null")


def test_a_month_that_went_in_its_time_is_no_finding(stack, place, api, rows, sealed):
    old_month(rows)
    work(stack, place)
    expire(rows)
    work(stack, place)
    found = verify(stack, place)
    assert found["good"] and found["months_gone"] == 1
    assert value(rows, "select events from audit_seal where kind = 'month'") == 50
    # What is put into the past again behind its back is.
    rows.execute("select audit_ensure_month(now() - interval '15 months')")
    old_month(rows)
    rows.execute("update audit_event set xid = '5' where at < now() - interval '14 months'")
    assert kinds(verify(stack, place)) == {"put_in"}


def test_a_month_that_is_not_as_it_was_sealed_does_not_go(stack, place, api, rows, sealed):
    old_month(rows)
    work(stack, place)
    rows.execute("delete from audit_event where event_id = (select min(event_id) from audit_event "
                 "where at < now() - interval '14 months')")
    expire(rows)
    work(stack, place)
    assert value(rows, "select count(*) from audit_month where dropped_at is not null") == 0
    found = verify(stack, place)
    assert [(f["kind"], f["sealed"], f["found"]) for f in found["findings"]] == [("taken_out", 50, 49)]


def test_a_month_that_went_before_its_time_is_found(stack, place, rows, sealed):
    old_month(rows)
    rows.execute("select audit_ensure_month(now() - interval '5 months')")
    rows.execute("update audit_event set at = at + interval '10 months' where at < now() - interval '14 months'")
    work(stack, place)
    part = value(rows, "select tableoid::regclass::text from audit_event order by at limit 1")
    rows.execute(f"alter table audit_event detach partition {part}")
    found = verify(stack, place)
    assert [(f["kind"], f["month"]) for f in found["findings"]] == [("no_month", part[-7:].replace("_", "-"))]


def test_what_a_restore_lost_is_recorded_and_signed(stack, place, api, rows, sealed, tmp_path):
    (tmp_path / "kept").write_text(sealed["head"])
    lost = value(rows, "select sum(events) from audit_seal where seal_id > 1")
    cut(rows)
    assert kinds(verify(stack, place)) == {"cut_off"}
    assert f"{lost} events are recorded as lost" in stack.praya("audit", "resume", place.slug).stdout
    assert "nothing to do" in stack.praya("audit", "resume", place.slug).stdout
    api.ok("GET", "/contacts")
    verify(stack, place)
    found = verify(stack, place, "--head", tmp_path / "kept")
    assert found["good"] and found["lost"] == lost, found
    assert value(rows, "select generation from audit_event order by at desc, event_id desc limit 1") == 2
    reasons = [e["reason"] for e in api.ok("GET", "/audit", params={"action": "setting"})["items"]]
    assert "log_resumed" in reasons
    # The record itself cannot be made larger, and the new end cannot be cut off.
    rows.execute("update audit_seal set events = events + 1 where kind = 'loss'")
    assert kinds(verify(stack, place)) == {"link"}
    rows.execute("update audit_seal set events = events - 1 where kind = 'loss'")
    assert verify(stack, place)["good"]
    rows.execute("delete from audit_event where generation = 2")
    assert "taken_out" in kinds(verify(stack, place))


def test_a_database_from_another_cluster_is_not_sealed_wrongly(stack, place, rows, sealed):
    """Its transactions have numbers that are still to come here."""
    rows.execute("update audit_seal set xid_to = '99999999999' where seal_id = (select max(seal_id) from audit_seal)")
    before = value(rows, "select max(seal_id) from audit_seal")
    place.admin.api().ok("GET", "/contacts")
    work(stack, place)
    assert value(rows, "select max(seal_id) from audit_seal") == before
    assert "0 events are recorded as lost" in stack.praya("audit", "resume", place.slug).stdout
    work(stack, place)
    assert value(rows, "select max(generation) from audit_seal where kind = 'events'") == 2


def test_several_who_seal_at_once_make_one_chain(stack, place, api, rows):
    cli = [stack.status["cli"], "--config", stack.status["config"]]
    running = [subprocess.Popen([*cli, "audit", "verify", place.slug], stdout=subprocess.DEVNULL) for _ in range(4)]
    running += [subprocess.Popen([*cli, "worker", place.slug, "--once"]) for _ in range(2)]
    for n in range(40):
        api.ok("POST", "/contacts", json={"name_en": f"Person {n}"})
    assert [p.wait(60) for p in running[:4]] == [0] * 4 and [p.wait(60) for p in running[4:]] == [0] * 2
    work(stack, place)
    found = verify(stack, place)
    assert found["good"] and found["events"] >= 40
    ids = [s["seal_id"] for s in links(rows)]
    assert ids == list(range(1, len(ids) + 1))


def test_a_transaction_that_is_still_open_is_waited_for(stack, place, api, rows, sealed):
    """Its number is lower than those of events that are seen before it."""
    slow = place.database()
    slow.autocommit = False
    with slow.cursor() as cursor:
        cursor.execute("select gate_system('worker', null, 'test')")
        cursor.execute("insert into audit_event (action, entity) values ('view', 'slow')")
        api.ok("POST", "/contacts", json={"name_en": "Quick"})
        found = verify(stack, place)
        assert found["good"]
        found = verify(stack, place)
        assert found["good"] and found["unsealed"] > 0
        slow.commit()
    slow.close()
    verify(stack, place)
    found = verify(stack, place)
    assert found["good"] and found["unsealed"] <= 1
    rows.execute("delete from audit_event where entity = 'slow'")
    assert kinds(verify(stack, place)) == {"taken_out"}


def test_a_kill_at_any_moment_leaves_a_chain_that_holds(stack, place, api, rows):
    cli = [stack.status["cli"], "--config", stack.status["config"], "audit", "verify", place.slug]
    killed = 0
    for n in range(40):
        api.ok("POST", "/contacts", json={"name_en": f"Person {n}"})
        running = subprocess.Popen(cli, stdout=subprocess.DEVNULL)
        try:
            running.wait(0.004 * (n % 20) + 0.005)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            killed += 1
    assert killed > 5
    verify(stack, place)
    found = verify(stack, place)
    assert found["good"] and found["events"] >= 40


def test_the_page_and_the_api_check_and_show(stack, place, api, rows, sealed):
    auditor = place.add_user("auditor")
    program = auditor.api()
    job = program.ok("POST", "/audit/verify", status=202)["job"]
    result = done(program, job)
    assert result["good"] is True and result["events"] >= sealed["events"]
    last = program.ok("GET", "/audit/verify")
    assert last["running"] is None and last["last"]["good"] is True and last["last"]["head"].startswith("praya-audit 1 ")
    rows.execute("update audit_event set actor_id = 4711 where action = 'create'")
    browser = auditor.browser()
    answer = browser.submit(browser.form("/settings/audit", "/settings/audit/verify"))
    assert answer.status_code == 303
    assert done(program, answer.headers["Location"].rpartition("/")[2])["good"] is False
    page = browser.page("/settings/audit")
    assert "Not whole" in page and "Events were changed" in page
    events = program.ok("GET", "/audit", params={"entity": "audit", "action": "view"})["items"]
    checks = [e["outcome"] for e in events if e["reason"] == "verified"]
    assert checks[0] == "failed" and checks[1] == "ok"


def test_staff_neither_check_nor_see_the_result(place):
    program = place.add_user("staff").api()
    assert program.post("/audit/verify").status_code == 403
    assert program.get("/audit/verify").status_code == 403


def test_a_workspace_made_out_of_a_backup_says_what_it_lacks(stack, place, api, rows, sealed, tmp_path):
    stack.praya("tenant", "backup", place.slug, "--out", tmp_path / "backup")
    for n in range(3):
        api.ok("POST", "/contacts", json={"name_en": f"Later {n}"})
    verify(stack, place)
    assert wait_until(lambda: verify(stack, place)["unsealed"] <= 1, 60)
    (tmp_path / "kept").write_text(verify(stack, place)["head"])
    beside = "r" + place.slug
    stack.praya("tenant", "restore", tmp_path / "backup", "--slug", beside)
    other = type(place)(stack, beside, place.admin)
    verify(stack, other)
    found = verify(stack, other, "--head", tmp_path / "kept")
    assert found["good"] and found["lost"] >= 3, found
    # The one it was made of goes on as before.
    assert verify(stack, place)["good"]
    copy = other.database()
    copy.cursor().execute("update audit_event set actor_id = 4711 where action = 'create'")
    assert kinds(verify(stack, other)) == {"changed"} and verify(stack, place)["good"]
    copy.close()
