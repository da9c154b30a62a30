# SPDX-License-Identifier: ISC
"""Mail on its way out: sealed while it waits, gone when it has left, retried when
the relay cannot, given up when it will not, and never in clear over the wire."""
import json
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from harness import TOP
from mails import PATIENCE, mail_to, mails_to, text_of

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def address(kind="someone"):
    return f"{kind}-{secrets.token_hex(6)}@example.com"


def send(workspace, to, *options):
    workspace.stack.praya("mail", "test", workspace.slug, to, *options)


def newest(rows, state):
    """The last mail's row, once it is in that state."""
    def look():
        rows.execute("select state, attempts, error, sealed, key_id, outbox_id from outbox "
                     "order by outbox_id desc limit 1")
        return rows.fetchone()

    assert wait_until(lambda: look()[0] == state, PATIENCE), look()
    return look()


def put_off(rows):
    """The newest mail's job, once it waits for its next attempt: an attempt that is only counted
    may still be under way."""
    rows.execute("select job_id from job where kind = 'mail' order by job_id desc limit 1")
    job = rows.fetchone()[0]

    def waits():
        rows.execute("select state = 'queued' and run_at > now() + interval '20 seconds' from job "
                     "where job_id = %s", [job])
        return rows.fetchone()[0]

    assert wait_until(waits, PATIENCE)
    return job


def test_a_mail_arrives_and_nothing_of_it_stays(workspace, rows):
    to = address()
    send(workspace, to)
    mail = mail_to(workspace.stack, to)
    assert "reaches you" in text_of(mail) and mail["Auto-Submitted"] == "auto-generated"
    assert workspace.slug in mail["From"] and mail["Content-Language"] == "en"
    state, attempts, error, sealed, key, _ = newest(rows, "sent")
    assert (attempts, error, sealed, key) == (1, None, None, None)
    rows.execute("select count(*) from data_key where purpose = 'mail'")
    assert rows.fetchone() == (0,)
    rows.execute("select outcome, reason, actor_kind from audit_event where action = 'send'")
    assert ("ok", "mail_test", "worker") in rows.fetchall()


def test_a_mail_in_chinese(workspace):
    to = address()
    send(workspace, to, "--language", "zh-Hant")
    mail = mail_to(workspace.stack, to)
    assert "測試電郵" in mail["Subject"] and "這是測試電郵" in text_of(mail)
    assert '<html lang="zh-' in text_of(mail, "html")


def test_refused_for_good(workspace, rows):
    to = address("refused")
    send(workspace, to)
    state, attempts, error, sealed, key, _ = newest(rows, "failed")
    assert (attempts, error, sealed, key) == (1, "recipient", None, None)
    rows.execute("select outcome from audit_event where action = 'send' order by at desc limit 1")
    assert rows.fetchone() == ("failed",)
    # Of test instances it finds other faults, too: they do not wait for the disk.
    found = json.loads(workspace.stack.praya("doctor", "--json", check=False).stdout)
    assert any(f["about"] == f"workspace {workspace.slug}" and "given up" in f["what"] for f in found)


def test_put_off_and_tried_again(workspace, rows):
    to = address("later")
    send(workspace, to)
    job = put_off(rows)
    state, attempts, error, sealed, _, mail = newest(rows, "waiting")
    assert (attempts, error) == (1, "recipient")
    assert sealed is not None and to.encode() not in bytes(sealed)
    rows.execute("update job set run_at = now() where job_id = %s", [job])
    workspace.stack.praya("worker", workspace.slug, "--once")
    assert newest(rows, "sent")[1] == 2
    mail_to(workspace.stack, to)
    assert len(mails_to(workspace.stack, to)) == 1


def test_a_mail_whose_time_is_over_is_not_sent(workspace, rows):
    to = address("later")
    send(workspace, to)
    job = put_off(rows)
    assert newest(rows, "waiting")[1] == 1
    rows.execute("update outbox set expires_at = now() where state = 'waiting'")
    rows.execute("update job set run_at = now(), state = 'queued' where job_id = %s and state = 'queued'", [job])
    workspace.stack.praya("worker", workspace.slug, "--once")
    _, attempts, error, sealed, key, _ = newest(rows, "failed")
    assert (attempts, error, sealed, key) == (1, "expired", None, None)
    assert mails_to(workspace.stack, to) == []


def test_a_changed_mail_is_not_sent(workspace, rows):
    """Somebody who can write to the database puts one mail's text into another."""
    to = address("later")
    send(workspace, to)
    put_off(rows)
    rows.execute("update outbox set sealed = overlay(sealed placing '\\x00' from 40) where state = 'waiting'")
    rows.execute("update job set run_at = now() where kind = 'mail' and state = 'queued'")
    workspace.stack.praya("worker", workspace.slug, "--once")
    assert newest(rows, "failed")[2] == "unreadable"
    assert mails_to(workspace.stack, to) == []


@pytest.mark.parametrize("to", ["", "nobody", "a@b.example\r\nBcc: c@example.com", "a@example.com,b@example.com"])
def test_no_mail_to_what_is_no_address(workspace, rows, to):
    rows.execute("select count(*) from outbox")
    before = rows.fetchone()
    done = workspace.stack.praya("mail", "test", workspace.slug, to, check=False)
    assert done.returncode == 1 and "no address" in done.stderr
    rows.execute("select count(*) from outbox")
    assert rows.fetchone() == before


def test_the_log_holds_no_address(workspace):
    log = (Path(workspace.stack.status["var"]) / "log/worker.log").read_text()
    assert "template=test attempt=1 sent" in log and "given up: recipient" in log
    assert "@" not in log


@pytest.fixture
def relay(stack, tmp_path):
    """doctor's word on mail, with other settings of the relay."""
    def ask(**settings):
        lines = Path(stack.status["config"]).read_text().splitlines()
        lines = [line for line in lines if line.split(" = ")[0] not in settings]
        lines += [f"{name} = {value}" for name, value in settings.items() if value is not None]
        config = tmp_path / "praya.conf"
        config.write_text("\n".join(lines) + "\n")
        done = subprocess.run([stack.status["cli"], "--config", config, "doctor", "--json"],
                              text=True, capture_output=True, check=False)
        if not done.stdout:
            return "refused", done.stderr
        found = [f for f in json.loads(done.stdout) if f["about"] == "mail"]
        assert len(found) == 1
        return found[0]["level"], found[0]["what"]

    return ask


@pytest.fixture
def open_relay(tmp_path):
    """A relay that does not know STARTTLS."""
    folder, port_file = tmp_path / "mail", tmp_path / "port"
    folder.mkdir()
    process = subprocess.Popen([TOP / "scripts/mail_catcher", folder, port_file])
    assert wait_until(port_file.exists, 20)
    yield int(port_file.read_text())
    process.terminate()
    process.wait()


def test_doctor_reaches_the_relay(relay):
    level, what = relay()
    assert level == "ok" and "over TLS" in what


def test_nothing_is_said_without_tls(relay, open_relay):
    level, what = relay(**{"Mail.Relay": f"localhost:{open_relay}"})
    assert level == "fault" and "tls" in what


def test_a_certificate_of_somebody_else_is_refused(relay, stack):
    port = re.search(r"Mail.Relay = \S+:(\d+)", Path(stack.status["config"]).read_text())[1]
    level, what = relay(**{"Mail.Relay": f"localhost:{port}"})
    assert level == "fault" and "tls" in what
    level, what = relay(**{"Mail.CA": None})
    assert level == "fault" and "tls" in what


def test_a_relay_that_is_not_there(relay):
    level, what = relay(**{"Mail.Relay": "mail.praya.localhost:1"})
    assert level == "fault" and "unreachable" in what
    level, what = relay(**{"Mail.Relay": None})
    assert level == "note" and "not set" in what


def test_a_password_that_others_can_read_is_not_used(relay, tmp_path):
    password = tmp_path / "mail.password"
    password.write_text("secret\n")
    password.chmod(0o644)
    level, what = relay(**{"Mail.User": "praya", "Mail.PasswordFile": password})
    assert level == "fault" and "credentials" in what
    password.chmod(0o600)
    # The catcher offers no sign-in: then none is made, and nothing is sent.
    level, what = relay(**{"Mail.User": "praya", "Mail.PasswordFile": password})
    assert level == "fault" and "sign_in" in what


def test_settings_that_make_no_sense(relay, open_relay):
    for settings in ({"Mail.TLS": "maybe"}, {"Mail.From": "praya"}, {"Mail.From": None},
                     {"Mail.User": "praya"}, {"Mail.TLS": "none"}, {"Mail.Relay": "a b"},
                     {"Mail.Relay": "localhost:99999"}, {"Mail.Relay": "user@localhost"}):
        level, what = relay(**settings)
        assert level == "refused" and "Mail." in what
    level, what = relay(**{"Mail.TLS": "none", "Mail.Relay": f"localhost:{open_relay}"})
    assert level == "ok" and "TLS" not in what
