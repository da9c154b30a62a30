# SPDX-License-Identifier: ISC
"""The end of a workspace: that nothing is left, that it can be proved, and that it goes on where it was cut off."""
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from jobs import done
from mails import mail_to, mails_to, text_of
from whole import ask_whole

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


def destroy(stack, slug, confirm=None, reason="an order of the court", check=True):
    argv = ["tenant", "destroy", slug, "--confirm", slug if confirm is None else confirm, "--reason", reason]
    return stack.praya(*argv, check=check)


@pytest.fixture
def doomed(stack):
    """A workspace with a person, a file and an export, in use."""
    made = stack.new_workspace()
    api = made.admin.api()
    person = api.ok("POST", "/contacts", json={"name_en": "Somebody Here"})["id"]
    api.ok("POST", f"/contacts/{person}/attachments", files={"file": ("a.txt", b"A file", "text/plain")})
    done(api, ask_whole(api)["job"])
    return made


def rows(stack, database, text, *values):
    connection = stack.database_named(database)
    cursor = connection.cursor()
    cursor.execute(text, values)
    found = cursor.fetchall() if cursor.description else None
    connection.close()
    return found


def left(stack, shown):
    """What there still is of it."""
    name = shown["database"]
    found = []
    if rows(stack, "postgres", "select 1 from pg_database where datname = %s", name):
        found.append("database")
    if rows(stack, "postgres", "select 1 from pg_roles where rolname = %s", name):
        found.append("role")
    if list(Path(stack.status["var"]).rglob(name)):
        found.append("files")
    for table in ("tenant", "tenant_key", "erasure_ledger", "wakeup"):
        if rows(stack, "praya_cell", f"select 1 from {table} where tenant_id = %s", shown["id"]):
            found.append(table)
    return found


def test_nothing_is_left_and_a_certificate_says_so(stack, doomed):
    shown = stack.praya_json("tenant", "show", doomed.slug)
    assert {"database", "role", "files", "tenant", "tenant_key"} <= set(left(stack, shown))
    api, browser = doomed.admin.api(), doomed.admin.browser()
    open_one = stack.database(doomed.slug)
    certificate = json.loads(destroy(stack, doomed.slug).stdout)
    assert left(stack, shown) == []
    statement = json.loads(certificate["statement"])
    assert statement["address"] == doomed.slug and statement["workspace"] == f"Test {doomed.slug}"
    assert statement["early"] is True and statement["reason"] == "an order of the court"
    assert statement["there_was"]["database"] == shown["database"] and statement["there_was"]["file_bytes"] > 0
    assert statement["begun_at"] <= statement["ended_at"] and statement["last_backup_ends_by"] > statement["ended_at"][:10]
    with pytest.raises(psycopg2.Error):
        open_one.cursor().execute("select 1")
    # The pool knew it for some seconds.
    end = time.monotonic() + 30
    while browser.get("/contacts").status_code != 404 and time.monotonic() < end:
        time.sleep(0.2)
    assert browser.get("/contacts").status_code == 404 and api.get("/contacts").status_code == 404
    assert stack.praya("tenant", "show", doomed.slug, check=False).returncode == 1 or \
        stack.praya_json("tenant", "show", doomed.slug)["state"] == "destroyed"
    assert doomed.slug not in stack.slugs()


def test_the_certificate_can_be_shown_again_and_is_checked(stack, doomed):
    first = destroy(stack, doomed.slug).stdout
    assert stack.praya("tenant", "certificate", doomed.slug).stdout == first
    # Asked once more, the same.
    assert destroy(stack, doomed.slug).stdout == first
    rows(stack, "praya_cell", "update destruction set certificate = replace(certificate, 'court', 'count') where slug = %s",
         doomed.slug)
    answer = stack.praya("tenant", "certificate", doomed.slug, check=False)
    assert answer.returncode == 1 and "not what was signed" in answer.stderr


def checked_outside(stack, folder, certificate):
    """As docs/life.md says, word by word: the key is the one that the operator publishes."""
    docs = (Path(__file__).resolve().parents[2] / "docs/life.md").read_text()
    told = docs[docs.index("    jq -j .statement"):docs.index("`manifest.sig` of a whole export")]
    (folder / "certificate.json").write_text(certificate)
    key = stack.praya("key", "public").stdout.strip()
    done = subprocess.run(["sh", "-e", "-c", told.replace("KEY", key)], cwd=folder, capture_output=True, text=True,
                          check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def test_anybody_checks_the_certificate_without_us(stack, doomed, tmp_path):
    certificate = destroy(stack, doomed.slug).stdout
    assert checked_outside(stack, tmp_path, certificate)
    for spoil in (("court", "count"), (doomed.slug, "harbour"), ('\\"early\\":true', '\\"early\\":false')):
        assert spoil[0] in certificate
        assert not checked_outside(stack, tmp_path, certificate.replace(*spoil))


def test_the_name_stays_taken_for_a_year(stack, doomed):
    destroy(stack, doomed.slug)
    argv = ["tenant", "create", doomed.slug, "--name", "Another", "--region", "hk", "--admin-email", "a@b.example",
            "--admin-password-stdin"]
    answer = stack.praya(*argv, stdin="quite-a-good-password\n", check=False)
    assert answer.returncode == 1
    rows(stack, "praya_directory", "update tenant set state_at = now() - interval '366 days' where slug = %s", doomed.slug)
    stack.praya(*argv, stdin="quite-a-good-password\n")
    assert stack.praya_json("tenant", "show", doomed.slug)["name"] == "Another"
    assert stack.praya("tenant", "certificate", doomed.slug).returncode == 0
    destroy(stack, doomed.slug)


def test_what_was_cut_off_is_gone_on_with(stack, doomed):
    shown = stack.praya_json("tenant", "show", doomed.slug)
    argv = [stack.status["cli"], "--config", stack.status["config"], "tenant", "destroy", doomed.slug,
            "--confirm", doomed.slug, "--reason", "an order"]
    # Killed a little later each time, so in every step.
    for n in range(12):
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(timeout=0.02 + n * 0.03)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        state = rows(stack, "praya_directory", "select state from tenant where slug = %s", doomed.slug)[0][0]
        # Once it has begun it never comes back.
        assert state in ("active", "destroying", "destroyed")
        if state != "active":
            assert doomed.slug not in stack.slugs()
    assert json.loads(destroy(stack, doomed.slug).stdout)["signature"]
    assert left(stack, shown) == []


def test_its_owners_are_sent_the_certificate(stack, tmp_path):
    """Each in their language, as paper and as signed text; then their addresses are forgotten, and nobody is sent it twice."""
    own = stack.new_workspace()
    other, staff = own.add_user("administrator"), own.add_user("staff")
    own.admin.api().ok("PATCH", "/me", json={"language": "zh-Hant"})
    certificate = json.loads(destroy(stack, own.slug).stdout)
    forgotten = "select owners is null from destruction where slug = %s"
    assert own.admin.email not in str(rows(stack, "praya_cell", "select owners from destruction where slug = %s", own.slug))
    # Nobody has to ring for the worker.
    ours, theirs = mail_to(stack, own.admin.email), mail_to(stack, other.email)
    assert "已經銷毀" in ours["Subject"] and "has been destroyed" in theirs["Subject"]
    for mail in (ours, theirs):
        files = {f.get_filename(): f.get_content() for f in mail.iter_attachments()}
        assert set(files) == {"certificate.pdf", "certificate.json"} and files["certificate.pdf"].startswith(b"%PDF-")
        assert json.loads(files["certificate.json"]) == certificate
        assert own.slug in text_of(mail)
    assert wait_until(lambda: rows(stack, "praya_cell", forgotten, own.slug) == [(True,)], 30)
    stack.praya("worker", "harbour", "--once")
    assert len(mails_to(stack, other.email)) == 1 and mails_to(stack, staff.email) == []
    paper = tmp_path / "paper.pdf"
    stack.praya("tenant", "certificate", own.slug, "--pdf", paper, "--language", "zh-Hant")
    words = "".join(subprocess.run(["pdftotext", paper, "-"], capture_output=True, check=True, text=True).stdout.split())
    assert "銷毀證明書" in words and certificate["signature"][:20] in words and "前已經銷毀" in words
    assert stack.praya("tenant", "certificate", own.slug, "--pdf", paper, check=False).returncode == 1


@pytest.mark.parametrize("confirm, reason", [("", "an order"), ("harbour", "an order"), (None, ""), (None, "x" * 501)])
def test_it_is_not_done_by_mistake(stack, workspace, confirm, reason):
    answer = destroy(stack, workspace.slug, confirm, reason, check=False)
    assert answer.returncode != 0
    assert workspace.admin.api().ok("GET", "/contacts")["items"] is not None


def test_what_is_not_there_is_said(stack):
    assert destroy(stack, "nobody-has-this", check=False).returncode == 1
    assert stack.praya("tenant", "certificate", "nobody-has-this", check=False).returncode == 1
