# SPDX-License-Identifier: ISC
"""Everything there is in a workspace, as files: that nothing is missing, and who may have it."""
import json
import mailbox
import re
import sys
from pathlib import Path

import pytest

from exports import set_threshold
from jobs import done, finished
from mails import link_in, mails_to, text_of
from person import FILE, make_person
from profiles import make_profile
from whole import Whole, ask_whole, fetch_whole

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

# Whole tables that are left out; a new one has to be thought about.
LEFT_OUT = {
    "session", "sign_in_guard", "sign_in_link", "passkey_challenge", "factor", "recovery_code", "support_entry",
    "stored_query", "reveal", "replay", "job", "job_secret", "outbox", "download", "export_record", "import_failed",
    "chore", "handover", "request_token", "mail_tray", "audit_mark", "epoch", "schema_version", "schema_repeatable",
}


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def person(api, rows):
    rows.execute("update workspace set export_threshold = 1000")
    return make_person(api, rows)


@pytest.fixture(scope="module")
def request_for(api, person):
    made = api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [person["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Asking"}, "language": "en"})
    return made["id"]


@pytest.fixture(scope="module")
def whole(api, person, request_for):
    found = fetch_whole(api, ask_whole(api)["job"])
    found.check()
    return found


def test_every_table_that_holds_anything_is_in_it_or_named(whole, rows):
    rows.execute("select relname from pg_class where relnamespace = 'public'::regnamespace "
                 "and relkind in ('r', 'p') and not relispartition")
    tables = {name for (name,) in rows.fetchall()}
    schema = json.loads(whole.read("schema.json"))
    left = {x["table"] for x in schema["left_out"] if x["column"] is None}
    assert left == LEFT_OUT <= tables
    assert set(whole.manifests[0]["rows"]) == tables - left == {t["name"] for t in schema["tables"]}
    for table in tables - left:
        assert len(whole.rows(table)) == whole.manifests[0]["rows"][table] == len(whole.csv(table)), table


def test_no_row_is_missing(whole, rows):
    for table in ("contact", "company", "activity", "message", "attachment", "invoice", "invoice_line", "app_user",
                  "profile", "profile_right", "team", "field", "workspace", "privacy_request", "request_event",
                  "law_term", "audit_seal"):
        rows.execute(f"select count(*) from {table}")
        assert whole.manifests[0]["rows"][table] == rows.fetchone()[0] or table == "audit_seal", table
    # The log goes on while it is exported.
    rows.execute("select count(*) from audit_event")
    assert 0 < whole.manifests[0]["rows"]["audit_event"] <= rows.fetchone()[0]


def test_every_value_of_a_person_is_in_it(whole, person):
    (record,) = [r for r in whole.rows("contact") if r["contact_id"] == person["id"]]
    assert record["hkid"] == "A123456(3)" and record["tax_id"] == person["values"]["tax_id"]
    assert set(record["_keys"]) >= {"hkid", "tax_id", "salary", "date_of_birth"}
    assert not [name for name in record if name.endswith("_bi") or name in ("grams", "wrapped")]
    text = whole.read("data/contact.jsonl").decode() + whole.read("data/company.jsonl").decode()
    for name, value in person["values"].items():
        if isinstance(value, str) and name not in ("hkid",):
            assert value in text, name
    (line,) = [r for r in whole.csv("contact") if r["contact_id"] == str(person["id"])]
    assert line["hkid"] == "A123456(3)" and line["name_en"] == person["values"]["name_en"]


def test_what_lies_under_other_keys_is_open_too(whole, person):
    around = person["around"]
    assert around["payer"] in whole.read("data/invoice.jsonl").decode()
    assert "Somebody Asking" in whole.read("data/privacy_request.jsonl").decode()
    assert person["old"]["tax_id"] in "".join(r["changes"] or "" for r in whole.rows("audit_event"))


def test_no_secret_of_signing_in_is_in_it(whole, rows, workspace):
    rows.execute("select password_hash from app_user where password_hash is not null")
    hashes = [h for (h,) in rows.fetchall()]
    text = b"".join(whole.read(n) for n in whole.names() if n.startswith("data/")).decode()
    assert hashes and not [h for h in hashes if h in text]
    assert "argon2" not in text and not {"wrapped", "object_key", "password_hash"} & set(whole.csv("app_user")[0])


def test_files_are_as_they_were(whole, person):
    (file,) = [r for r in whole.rows("attachment") if r["contact_id"] == person["id"] and r["_entry"]]
    assert re.fullmatch(rf"attachments/{person['id']}/\d+-.*", file["_entry"])
    assert person["around"]["file"] in file["_entry"] and whole.read(file["_entry"]) == FILE


def test_messages_are_mail(whole, tmp_path):
    (tmp_path / "all.mbox").write_bytes(whole.read("mail/0001.mbox"))
    found = list(mailbox.mbox(tmp_path / "all.mbox"))
    records = whole.rows("message")
    assert len(found) == len(records) > 0
    by_id = {m["Message-ID"].split("@")[0].strip("<"): m for m in found}
    for record in records:
        mail = by_id[str(record["message_id"])]
        assert mail["X-Praya-Channel"] == record["channel"] and mail["X-Praya-Contact"] == str(record["contact_id"])
        body = mail.get_payload(decode=True).decode()
        assert body.strip() == (record["body"] or "").strip()


def test_it_says_what_it_is(whole, workspace):
    page = whole.read("README.html").decode()
    assert f"Everything of Test {workspace.slug}" in page and "audit_event" in page and 'lang="en-HK"' in page
    manifest = whole.manifests[0]
    assert (manifest["format"], manifest["volume"], manifest["volumes"]) == ("praya-workspace-export", 1, 1)


def test_the_command_makes_volumes(workspace, person, api, tmp_path):
    for n in range(120):
        api.ok("POST", f"/contacts/{person['id']}/attachments",
               files={"file": (f"../{n}:陳.txt", f"file {n}".encode(), "text/plain")}, status=201)
    out = tmp_path / "all.zip"
    whole = Whole([Path(p).read_bytes() for p in workspace.stack.praya(
        "export", "workspace", workspace.slug, "--out", out, "--language", "zh-Hant", "--entries", 200).stdout.split()])
    whole.check()
    assert [len(b.namelist()) for b in whole.boxes][:1] == [200] and len(whole.boxes) == 2
    assert [(m["volume"], m["volumes"]) for m in whole.manifests] == [(1, 2), (2, 2)]
    page = whole.read("README.html").decode()
    assert "的所有資料" in page
    # What each table holds stands in the reader's language, whichever table.
    told = re.findall(r"<tr><td>(\w+)</td><td>([^<]*)</td>", page)
    assert {name for name, _ in told} == set(whole.manifests[0]["rows"])
    assert [name for name, words in told if not re.search("[\u4e00-\u9fff]", words)] == []
    assert not [n for n in whole.names() if ".." in n.split("/") or n.startswith("/") or ":" in n]
    found = {whole.read(r["_entry"]) for r in whole.rows("attachment") if r["file_name"].endswith("陳.txt")}
    assert found == {f"file {n}".encode() for n in range(120)}
    again = workspace.stack.praya("export", "workspace", workspace.slug, "--out", out, check=False)
    assert again.returncode == 1 and out.exists()


def test_who_asks_proves_who_it_is(workspace, person, rows):
    browser = workspace.admin.browser()
    form = browser.form("/workspace/exports", "/workspace/exports")
    assert browser.submit(form, reason="").status_code == 422
    rows.execute("update session set verified_at = now() - interval '6 minutes'")
    password, browser.password = browser.password, None
    assert browser.submit(form, reason="transfer").status_code == 403
    browser.password = password
    answer = browser.submit(form, reason="transfer")
    assert answer.status_code == 303 and re.fullmatch(r"/exports/\d+", answer.headers["Location"])
    assert "The whole workspace" in browser.page(answer.headers["Location"])


@pytest.mark.parametrize("profile", ["staff", "privacy_officer", "auditor", "marketing"])
def test_nobody_else_may_ask(workspace, profile):
    user = workspace.add_user(profile)
    assert user.api().post("/workspace/exports", json={"reason": "transfer"}).status_code == 403
    assert user.browser().get("/workspace/exports").status_code == 403


def test_the_link_of_the_mail(workspace, api, person):
    job = ask_whole(api)["job"]
    result = done(api, job)
    origin = workspace.stack.origin(workspace.slug)

    def ready():
        return [m for m in mails_to(workspace.stack, workspace.admin.email) if "/workspace/exports/" in text_of(m)]

    assert wait_until(ready, 30)
    link = link_in(ready()[-1], origin)
    assert re.fullmatch(r"/workspace/exports/[\w-]{40,}", link)
    browser = workspace.admin.browser()
    answer = browser.get(link)
    assert answer.status_code == 303
    page = browser.page(answer.headers["Location"])
    assert result["download"] in page and "downloads left: 5" in page
    # Twice is the same; who is not signed in, is no administrator, or guesses gets nothing.
    assert browser.get(link).status_code == 303
    assert workspace.stack.visitor(workspace.slug).get(link).headers.get("Location", "").startswith("/login")
    assert workspace.add_user("staff").browser().get(link).status_code == 403
    assert browser.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404


def test_it_is_fetched_five_times_by_administrators_only(workspace, api, person, rows):
    path = done(api, ask_whole(api)["job"])["download"]
    assert workspace.add_user("staff").api().get(path).status_code == 403
    other = workspace.add_user("administrator").api()
    # Who asks for its head alone takes nothing along.
    assert [other.request("HEAD", path).status_code for _ in range(6)] == [200] * 6
    assert [other.get(path).status_code for _ in range(3)] == [200] * 3
    assert [api.get(path).status_code for _ in range(3)] == [200, 200, 410]
    assert api.request("HEAD", path).status_code == 410
    number = int(path.rpartition("/")[2])
    rows.execute("select outcome, count(*) from audit_event where action = 'download' and entity = 'download' "
                 "and record_ids = array[%s]::bigint[] group by 1 order by 1", [number])
    assert rows.fetchall() == [("denied", 1), ("ok", 5)]


def test_a_day_after_it_was_ready_it_is_destroyed(workspace, api, person, rows):
    """Key and file, by whichever way somebody comes: the day counts from when it could be fetched."""
    stack = workspace.stack
    asked = ask_whole(api)
    path = done(api, asked["job"])["download"]
    number = int(path.rpartition("/")[2])
    rows.execute("select extract(epoch from d.expires_at - j.finished_at)::int, d.object, d.key_id from download d join job j "
                 "using (job_id) where d.download_id = %s", [number])
    seconds, name, key = rows.fetchone()
    assert abs(seconds - 24 * 3600) < 5
    folder = Path(stack.status["var"]) / "files"

    def stored():
        return [f for f in folder.rglob("*") if f.is_file() and name in str(f)]

    assert len(stored()) == 1

    def ready():
        return [m for m in mails_to(stack, workspace.admin.email)
                if "/workspace/exports/" in text_of(m) and re.search(rf"\bE{asked['export']}\b", text_of(m))]

    assert wait_until(ready, 30)
    link = link_in(ready()[-1], stack.origin(workspace.slug))
    rows.execute("update download set expires_at = now() where download_id = %s", [number])
    browser = workspace.admin.browser()
    assert api.get(path).status_code == 410 and browser.get(path).status_code == 410
    assert browser.get(link).status_code == 410
    assert api.ok("GET", f"/exports/{asked['export']}")["volumes"] == [] and path not in browser.page(f"/exports/{asked['export']}")
    stack.praya("worker", workspace.slug, "--once")
    rows.execute("update chore set due_at = now() where name = 'expire'")
    stack.praya("worker", workspace.slug, "--once")

    def gone():
        rows.execute("select destroyed_at is not null and key_id is null from download where download_id = %s", [number])
        return rows.fetchone() == (True,) and not stored()

    assert wait_until(gone, 30)
    rows.execute("select count(*) from data_key where key_id = %s", [key])
    assert key is None or rows.fetchone() == (0,)
    assert api.get(path).status_code == 410 and browser.get(link).status_code == 410


def test_how_far_it_is(workspace, api, rows):
    """In parts of a hundred and in time, to whoever may have it: what the bar counts means nothing to anybody."""
    rows.execute("insert into job (kind, args, unique_key, state, done, total, lease_until) values ('workspace_export', '{}', "
                 "'how far', 'running', 20000, 80000, now() + interval '1 hour') returning job_id")
    (job,) = rows.fetchone()
    rows.execute("insert into export (kind, entity, format, state, reason, asked, day, threshold, created_by, begun_at, job_id) "
                 "values ('workspace', 'workspace', 'zip', 'running', 'legal', 1, 0, 1000, 1, now() - interval '110 s', %s) "
                 "returning export_id", [job])
    (number,) = rows.fetchone()
    try:
        found = api.ok("GET", f"/exports/{number}")["progress"]
        assert (found["done"], found["total"], found["percent"]) == (20000, 80000, 25)
        assert 330 <= found["seconds_left"] < 360
        browser = workspace.admin.browser()
        page = browser.page(f"/exports/{number}")
        assert f'data-follow="/api/v1/exports/{number}"' in page and 'http-equiv="refresh"' in page
        assert '<progress max="100" value="25"' in page and "25 %" in page and "About 6 minutes to go." in page
        assert "80,000" not in page
        for done, words in {0: "too early", 1: "too early", 79999: "Less than a minute"}.items():
            rows.execute("update job set done = %s where job_id = %s", [done, job])
            assert words in browser.page(f"/exports/{number}")
        assert workspace.add_user("staff").api().get(f"/exports/{number}").status_code in (403, 404)
    finally:
        rows.execute("update export set state = 'failed' where export_id = %s", [number])
        rows.execute("update job set state = 'cancelled' where job_id = %s", [job])
    assert "data-follow" not in browser.page(f"/exports/{number}")


def test_one_is_made_at_a_time(api, person):
    first, second = ask_whole(api), ask_whole(api)
    assert first["export"] == second["export"] and first["job"] == second["job"]
    done(api, first["job"])
    third = ask_whole(api)
    assert third["export"] > first["export"]
    done(api, third["job"])


def test_who_is_no_administrator_any_more_gets_none(workspace, rows, person):
    user = workspace.add_user("administrator")
    api = user.api()
    rows.execute("update workspace set export_threshold = 0")
    waiting = api.ok("POST", "/workspace/exports", status=202, json={"reason": "transfer"})
    assert waiting["state"] == "waiting" and waiting["job"] is None
    rows.execute("update app_user set profile_id = (select profile_id from profile where name = 'staff') where email = %s",
                 [user.email])
    answer = workspace.admin.api().post(f"/exports/{waiting['export']}/approve", json={"note": "They need it."})
    assert answer.status_code == 409
    rows.execute("update workspace set export_threshold = 1000")
    workspace.admin.api().ok("POST", f"/exports/{waiting['export']}/reject", json={"note": "No."})


def test_a_second_person_decides_above_the_threshold(workspace, api, person):
    set_threshold(workspace, 0)
    try:
        waiting = ask_whole(api)
        assert waiting["state"] == "waiting"
        assert api.post(f"/exports/{waiting['export']}/approve", json={"note": "Mine, and so it is."}).status_code == 403
        approver = workspace.add_user("privacy_officer").api()
        job = approver.ok("POST", f"/exports/{waiting['export']}/approve", json={"note": "Needed."})["job"]
        assert finished(api, job)["state"] == "done"
        assert approver.get(done(api, job)["download"]).status_code == 403
    finally:
        set_threshold(workspace, 1000)


def test_an_erasure_makes_it_unreadable(workspace, api, person, rows):
    going = api.ok("POST", "/contacts", json={"name_en": "Going Away"})["id"]
    path = done(api, ask_whole(api)["job"])["download"]
    api.ok("POST", f"/contacts/{going}/erase", json={"reason": "subject_request", "confirm": str(going)})
    assert api.get(path).status_code == 410
    number = path.rpartition("/")[2]
    rows.execute("select key_id from download where download_id = %s", [number])
    assert rows.fetchone() == (None,)

    def gone():
        rows.execute("select destroyed_at is not null from download where download_id = %s", [number])
        return rows.fetchone() == (True,)

    assert wait_until(gone, 30)
    found = fetch_whole(api, ask_whole(api)["job"])
    assert "Going Away" not in b"".join(found.read(n) for n in found.names()).decode(errors="replace")


@pytest.mark.parametrize("body", [{}, {"reason": "because"}, {"reason": 1}, {"reason": "work", "more": 1}])
def test_what_cannot_be_asked(api, body):
    assert api.post("/workspace/exports", json=body).status_code in (400, 422)
