# SPDX-License-Identifier: ISC
"""praya mail-in: what an MTA pipes in is filed under its people."""
import base64
import hashlib
import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[1] / "fuzz/corpus/mime"
DATA, NO_USER, AGAIN = 65, 67, 75


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


def pipe(workspace, message, check=True):
    if isinstance(message, str):
        message = message.encode()
    done = workspace.stack.praya("mail-in", workspace.slug, "--json", stdin=message, check=False, binary=True)
    if check:
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        return json.loads(done.stdout)
    return done


count = iter(range(1, 10000))


def somebody(api, **fields):
    address = f"Person.{next(count)}@Example.com"
    body = {"name_en": "MAIL Person", "email": address, **fields}
    return api.ok("POST", "/contacts", json=body)["id"], address


def mail(sender, to="sales@firm.example", subject="Hello", body="text\n", head="", number=None):
    number = number if number is not None else next(count)
    return f"From: {sender}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{number}@test>\n{head}\n{body}"


def proven(sender, relay="mx.praya.localhost"):
    """What the relay of this stack writes on top of a message whose domain passed."""
    domain = sender.strip("<>").split("@")[1]
    return f"Authentication-Results: {relay}; spf=fail smtp.mailfrom=bounce@lists.example;\n\tdkim=pass header.d={domain}\n"


def sent(workspace, **rest):
    """A user's mail, as it comes through the relay."""
    return proven(workspace.admin.email) + mail(workspace.admin.email, **rest)


def messages(api, contact):
    return api.ok("GET", f"/contacts/{contact}/messages")["items"]


def contacts(api):
    return api.ok("GET", "/contacts", params={"limit": 200, "sort": "-created_at"})["items"]


def test_from_a_contact(api, workspace):
    contact, address = somebody(api)
    head = "Date: Sun, 1 Nov 2026 09:30:00 +0800\n"
    result = pipe(workspace, mail(f"Mei <{address.upper()}>", subject="約見", body="星期五見\n", head=head))
    assert result == {"direction": "in", "stored": 1, "known": 0, "files": 0, "created": 0, "ignored": False, "tray": False,
                      "unproven": False}
    [message] = messages(api, contact)
    assert (message["channel"], message["direction"]) == ("email", "in")
    assert (message["subject"], message["body"]) == ("約見", "星期五見")
    assert message["happened_at"] == "2026-11-01T01:30:00Z"
    assert message["sender"] == f"Mei <{address.lower()}>" and message["recipients"] == "sales@firm.example"


def test_by_the_second_address(api, workspace):
    contact, _ = somebody(api, email2="Second.One@example.com")
    pipe(workspace, mail("second.one@EXAMPLE.com"))
    assert len(messages(api, contact)) == 1


def test_from_a_user_to_contacts(api, workspace):
    one, first = somebody(api)
    two, second = somebody(api)
    to = f"{first}, stranger@example.net, {workspace.admin.email}\nCc: X <{second}>"
    result = pipe(workspace, sent(workspace, to=to))
    assert (result["direction"], result["stored"], result["created"]) == ("out", 2, 0)
    assert messages(api, one)[0]["direction"] == messages(api, two)[0]["direction"] == "out"
    assert all(c["email"] != "stranger@example.net" for c in contacts(api))


def test_several_contacts_of_one_address(api, workspace):
    address = "family@example.com"
    people = [somebody(api, email=address)[0] for _ in range(3)]
    assert pipe(workspace, mail(address))["stored"] == 3
    assert [len(messages(api, p)) for p in people] == [1, 1, 1]


def test_of_somebody_unknown_it_makes_a_lead(api, workspace):
    result = pipe(workspace, mail('"AU YEUNG Ka" <New.Lead@Example.NET>', body="may I ask"))
    assert (result["stored"], result["created"]) == (1, 1)
    lead = next(c for c in contacts(api) if c["email"] == "new.lead@example.net")
    assert (lead["name_en"], lead["lifecycle"], lead["source"]) == ("AU YEUNG Ka", "lead", "email")
    assert messages(api, lead["id"])[0]["body"] == "may I ask"
    assert pipe(workspace, mail("new.lead@example.net"))["created"] == 0
    assert len(messages(api, lead["id"])) == 2


@pytest.mark.parametrize(
    "name, field, kept",
    [
        ("=?big5?B?" + base64.b64encode("陳大文".encode("big5")).decode() + "?=", "name_zh", "陳大文"),
        ("", "name_en", "no.name"),
        ('"4111 1111 1111 1111"', "name_en", "no.name"),
        ("x" * 5000, "name_en", "x" * 200),
    ],
)
def test_names_of_leads(api, workspace, name, field, kept):
    address = f"no.name@d{next(count)}.example"
    pipe(workspace, mail(f"{name} <{address}>"))
    lead = next(c for c in contacts(api) if c["email"] == address)
    assert lead[field] == kept


def test_from_a_user_to_nobody_known(api, workspace):
    to = f"{workspace.admin.email}, First One <first.one@example.net>, second.two@example.net"
    result = pipe(workspace, sent(workspace, to=to))
    assert (result["direction"], result["created"]) == ("out", 1)
    assert any(c["email"] == "first.one@example.net" for c in contacts(api))
    assert all(c["email"] != "second.two@example.net" for c in contacts(api))


def test_the_mailbox_that_feeds_us_becomes_nobody(api, workspace):
    head = "Delivered-To: crm@firm.example\n"
    message = sent(workspace, to="crm@firm.example, real@example.net", head=head)
    pipe(workspace, message)
    emails = {c["email"] for c in contacts(api)}
    assert "real@example.net" in emails and "crm@firm.example" not in emails


def test_machines_become_nobody(api, workspace):
    for head in ("List-Id: <l.example.com>\n", "Precedence: bulk\n", "Auto-Submitted: auto-generated\n"):
        result = pipe(workspace, mail("robot@example.org", head=head))
        assert result["ignored"] and result["stored"] == result["created"] == 0
    assert all(c["email"] != "robot@example.org" for c in contacts(api))
    contact, address = somebody(api)
    assert pipe(workspace, mail(address, head="Precedence: bulk\n"))["stored"] == 1


def test_the_same_message_twice(api, workspace):
    contact, address = somebody(api)
    message = mail(address)
    assert pipe(workspace, message)["stored"] == 1
    again = pipe(workspace, "Received: by another.example\n" + message)
    assert (again["stored"], again["known"]) == (0, 1)
    assert len(messages(api, contact)) == 1


def test_without_a_message_id_the_whole_message_counts(api, workspace):
    contact, address = somebody(api)
    message = f"From: {address}\nSubject: x\n\nbody\n"
    assert pipe(workspace, message)["stored"] == 1
    assert pipe(workspace, message)["known"] == 1
    assert pipe(workspace, message + "more\n")["stored"] == 1
    assert len(messages(api, contact)) == 2


def test_the_same_stranger_ten_times_at_once(api, workspace):
    results = []

    def deliver(n):
        results.append(pipe(workspace, mail("racer@example.net", number=f"race{n % 5}")))

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(r["created"] for r in results) == 1
    assert sum(r["stored"] for r in results) == 5 and sum(r["known"] for r in results) == 5
    [lead] = [c for c in contacts(api) if c["email"] == "racer@example.net"]
    assert len(messages(api, lead["id"])) == 5


def test_attachments_are_files_of_the_message(api, workspace):
    contact, address = somebody(api)
    data = os.urandom(200000)
    body = (
        "--b\nContent-Type: text/plain\n\nsee file\n--b\nContent-Type: application/pdf\n"
        "Content-Disposition: attachment; filename*=utf-8''%E5%A0%B1%E5%83%B9.pdf\n"
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}--b\n"
        "Content-Disposition: attachment; filename=4111111111111111.txt\n\nx\n--b\n"
        "Content-Disposition: attachment; filename=empty.txt\n\n--b--\n"
    )
    head = "Content-Type: multipart/mixed; boundary=b\n"
    assert pipe(workspace, mail(address, body=body, head=head))["files"] == 2
    [message] = messages(api, contact)
    files = api.ok("GET", f"/messages/{message['id']}")["attachments"]
    assert [f["file_name"] for f in files] == ["報價.pdf", "file"]
    read = api.ok("GET", f"/attachments/{files[0]['id']}")
    assert read["sha256"] == hashlib.sha256(data).hexdigest() and read["contact_id"] == contact
    assert api.get(f"/attachments/{files[0]['id']}/content").content == data


def test_a_file_for_two_people_is_two_objects(api, workspace, database):
    people = [somebody(api, email="pair@example.com")[0] for _ in range(2)]
    body = "--b\nContent-Disposition: attachment; filename=a.txt\n\nshared\n--b--\n"
    pipe(workspace, mail("pair@example.com", body=body, head="Content-Type: multipart/mixed; boundary=b\n"))
    files = [api.ok("GET", f"/contacts/{p}/attachments")["items"][0] for p in people]
    cursor = database.cursor()
    cursor.execute("select count(distinct object) from attachment where contact_id = any (%s)", (people,))
    assert cursor.fetchone() == (2,)
    api.ok("POST", f"/contacts/{people[0]}/erase", json={"reason": "subject_request", "confirm": str(people[0])})
    assert api.get(f"/attachments/{files[0]['id']}/content").status_code == 410
    assert api.get(f"/attachments/{files[1]['id']}/content").content == b"shared"


def test_more_text_than_a_message_shows_is_a_file(api, workspace):
    contact, address = somebody(api)
    text = "字" * 250000
    message = mail(address, body=text, head="Content-Type: text/plain; charset=utf-8\n")
    assert pipe(workspace, message)["files"] == 1
    [stored] = messages(api, contact)
    assert stored["body"] == "字" * 200000
    [file] = api.ok("GET", f"/messages/{stored['id']}")["attachments"]
    assert api.get(f"/attachments/{file['id']}/content").content.decode() == text


def test_a_huge_head_is_cut_not_refused(api, workspace):
    contact, address = somebody(api)
    to = ", ".join(f"person{n}@example.com" for n in range(500))
    pipe(workspace, mail(address, to=to, subject="長" * 20000))
    [message] = messages(api, contact)
    assert message["subject"] == "長" * 998 and len(message["recipients"]) == 2000


def test_a_date_of_tomorrow_and_beyond_is_not_believed(api, workspace):
    contact, address = somebody(api)
    pipe(workspace, mail(address, head="Date: Fri, 31 Dec 2999 23:59:59 +0000\n"))
    [message] = messages(api, contact)
    assert message["happened_at"] == message["created_at"]


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir()))
def test_no_mail_breaks_it(workspace, name):
    done = pipe(workspace, (CORPUS / name).read_bytes(), check=False)
    assert done.returncode in (0, DATA), (name, done.returncode, done.stderr)
    assert len(done.stderr.splitlines()) == (done.returncode != 0)
    for word in (b"example.com", b"chan", b"@", b"subject"):
        assert word not in done.stderr.lower()


@pytest.mark.parametrize("name", ["no_from", "from_garbage", "body_only"])
def test_nobody_to_file_it_under(workspace, name):
    done = pipe(workspace, (CORPUS / name).read_bytes(), check=False)
    assert done.returncode == DATA and b"no sender" in done.stderr


def test_from_a_user_to_nobody(workspace):
    message = sent(workspace, to="undisclosed-recipients:;")
    done = pipe(workspace, message, check=False)
    assert done.returncode == DATA and b"no recipient" in done.stderr


def test_limits(api, workspace):
    contact, address = somebody(api)
    largest = mail(address, body="x" * (20 * 1024 * 1024))
    assert pipe(workspace, largest)["files"] == 1
    done = pipe(workspace, mail(address) + "x" * (50 * 1024 * 1024), check=False)
    assert done.returncode == DATA and b"larger" in done.stderr
    assert pipe(workspace, (CORPUS / "parts_150").read_bytes(), check=False).returncode == DATA
    assert pipe(workspace, b"", check=False).returncode == DATA
    assert len(messages(api, contact)) == 1


def test_no_such_workspace(stack):
    done = stack.praya("mail-in", "nowhere", stdin="From: a@b.example\n\nx\n", check=False)
    assert done.returncode == NO_USER and len(done.stderr.splitlines()) == 1
    assert stack.praya("mail-in", check=False).returncode == 2


def test_while_the_database_is_away_the_mta_keeps_it(stack, workspace, tmp_path):
    lines = Path(stack.status["config"]).read_text().splitlines()
    host = str(stack.var / "run/db")
    assert any(host in line for line in lines)
    config = tmp_path / "praya.conf"
    config.write_text("\n".join(line.replace(host, str(tmp_path)) for line in lines) + "\n")
    config.chmod(0o600)
    argv = [stack.status["cli"], "--config", config, "mail-in", workspace.slug]
    done = subprocess.run(argv, input=mail("a@example.com"), text=True, capture_output=True, check=False)
    assert done.returncode == AGAIN, done.stderr
    assert "example.com" not in done.stderr


def test_it_is_in_the_log_as_the_operators_command(api, workspace, database):
    contact, address = somebody(api)
    pipe(workspace, mail(address))
    cursor = database.cursor()
    cursor.execute(
        "select actor_kind, action, route from audit_event where entity = 'message' and subject_ids = array[%s::integer]",
        (contact,),
    )
    assert cursor.fetchall() == [("cli", "create", "cli mail-in")]
    cursor.execute("select source, length(mail_key) from message where contact_id = %s", (contact,))
    assert cursor.fetchall() == [("mail", 16)]


def test_matching_by_address_uses_an_index(database):
    cursor = database.cursor()
    cursor.execute("begin; set local role praya_tenant; set local enable_seqscan = off")
    cursor.execute("select gate_system('cli', null, 'test')")
    cursor.execute(
        "explain select contact_id from contact where erased_at is null and "
        "(email_lower = any (array['a@b.example']) or email2_lower = any (array['a@b.example']))"
    )
    plan = "\n".join(row[0] for row in cursor.fetchall())
    cursor.execute("rollback")
    assert "contact_email_lower" in plan and "contact_email2_lower" in plan, plan


# ---- a user's address, which anybody can write


OWN = "mx.praya.localhost"


def forged(domain, case):
    """Heads of messages that nothing proves, on top of From."""
    results = "Authentication-Results: "
    good = f"dkim=pass header.d={domain}"
    return {
        "nothing": "",
        "another relay's": f"{results}mx.evil.example; {good}\n",
        "ours below another's": f"{results}mx.evil.example; {good}\n{results}{OWN}; {good}\n",
        "ours says no, forged says yes": f"{results}{OWN}; dkim=fail header.d={domain}\n{results}{OWN}; {good}\n",
        "failed": f"{results}{OWN}; dkim=fail header.d={domain}; spf=softfail smtp.mailfrom=a@{domain}\n",
        "none": f"{results}{OWN}; none\n",
        "of another domain": f"{results}{OWN}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example\n",
        "of a domain that ends alike": f"{results}{OWN}; dkim=pass header.d=not{domain}\n",
        "of a domain below": f"{results}{OWN}; dkim=pass header.d={domain}.evil.example\n",
        "in a comment": f"{results}{OWN}; dkim=fail (dkim=pass header.d={domain}) header.d={domain}\n",
        "in a comment within": f"{results}{OWN}; dkim=fail (a (b\\)) ; {good}) header.d=x.example\n",
        "in quotes": f'{results}{OWN}; spf=pass smtp.mailfrom="a; {good}; x=y"@evil.example\n',
        "in quotes without an end": f'{results}{OWN}; {good}; spf=pass smtp.mailfrom="a\n',
        "a reason": f'{results}{OWN}; dkim=fail reason="pass header.d={domain}"\n',
        "another method": f"{results}{OWN}; x-spam=pass header.d={domain}; auth=pass smtp.auth=a@{domain}\n",
        "the greeting's name": f"{results}{OWN}; spf=pass smtp.helo={domain}\n",
        "another's signature of our user": f"{results}{OWN}; dkim=pass header.d=evil.example header.i=a@{domain}\n",
        "another name": f"{results}{OWN}.evil.example; {good}\n",
        "no name": f"{results}; {good}\n",
        "cut": f"{results}{OWN}; {good}; dkim\n",
        "one more From": f"{results}{OWN}; {good}\nFrom: Other <other@evil.example>\n",
        "a word too long": f"{results}{OWN}; dkim=pass header.b={'x' * 5000} header.d={domain}\n",
    }[case]


CASES = ["nothing", "another relay's", "ours below another's", "ours says no, forged says yes", "failed", "none", "of another domain",
         "of a domain that ends alike", "of a domain below", "in a comment", "in a comment within", "in quotes", "in quotes without an end",
         "a reason", "another method", "the greeting's name", "another's signature of our user", "another name", "no name", "cut",
         "one more From", "a word too long"]


@pytest.fixture(scope="module")
def colleague(workspace):
    return workspace.add_user("staff", email=f"Colleague{next(count)}@firm-{next(count)}.example")


@pytest.mark.parametrize("case", CASES)
def test_what_nothing_proves_is_received_and_marked(api, workspace, colleague, case):
    contact, address = somebody(api)
    before = len(contacts(api))
    head = forged(colleague.email.split("@")[1].lower(), case)
    result = pipe(workspace, head + mail(colleague.email, to=f"{address}, never.seen@example.net"))
    if case == "one more From":
        assert (result["direction"], messages(api, contact)) == ("in", []), "it is the other one's"
        return
    assert (result["direction"], result["unproven"], result["stored"], result["created"]) == ("in", True, 1, 0)
    (message,) = messages(api, contact)
    assert message["direction"] == "in"
    assert api.ok("GET", f"/messages/{message['id']}")["sender_unproven"] is True
    assert len(contacts(api)) == before, "and nobody new is known by it"


@pytest.mark.parametrize("results", [
    "dkim=pass header.d={d}", "dkim=fail header.d={d}; dkim=pass (2048-bit; \"x\") header.i=@{d}", "spf=pass smtp.mailfrom=bounce+a=b@{d}",
    "spf=PASS smtp.mailfrom={d}", "dmarc=pass (p=reject dis=none) header.from={D}", "dkim/1=pass header.d={d}",
    "\n\tdkim=none;\n\tDKIM=pass\n\t  reason=\"good signature\"\n\t  header.d={d} header.b=\"ab=c\";\n\tspf=neutral smtp.mailfrom=x@y.example;",
])
def test_what_the_relay_vouches_for_is_sent(api, workspace, colleague, results):
    contact, address = somebody(api)
    domain = colleague.email.split("@")[1].lower()
    head = f"Received: from a by b\nAuthentication-Results: (ours) MX.praya.localhost 1; {results.format(d=domain, D=domain.upper())}\n"
    result = pipe(workspace, head + mail(f"Me <{colleague.email}>", to=address))
    assert (result["direction"], result["unproven"], result["stored"]) == ("out", False, 1)
    (message,) = messages(api, contact)
    assert message["direction"] == "out" and "sender_unproven" not in api.ok("GET", f"/messages/{message['id']}")


@pytest.mark.parametrize("sender", ["{0}, other@evil.example", "Us: {0};", "other@evil.example, {0}"])
def test_of_several_senders_none_is_proven(api, workspace, colleague, sender):
    contact, address = somebody(api)
    result = pipe(workspace, proven(colleague.email) + mail(sender.format(colleague.email), to=address))
    assert result["direction"] == "in"


def test_it_makes_nobody_known(api, workspace, colleague):
    before = len(contacts(api))
    for to in ("stranger.one@example.net", workspace.admin.email, "undisclosed-recipients:;"):
        done = pipe(workspace, mail(colleague.email, to=to), check=False)
        assert done.returncode == DATA and b"nothing proves" in done.stderr
        assert b"firm-" not in done.stderr
    assert len(contacts(api)) == before


def test_of_somebody_who_is_no_user_nothing_is_to_be_proven(api, workspace):
    contact, address = somebody(api)
    assert pipe(workspace, mail(address))["unproven"] is False
    (message,) = messages(api, contact)
    assert "sender_unproven" not in api.ok("GET", f"/messages/{message['id']}")


@pytest.mark.parametrize("lang, mark, sentence", [("en", "Sender not proven", "anybody can write that"),
                                                  ("zh-Hant", "寄件人未經證實", "任何人都可冒用")])
def test_readers_see_the_mark(api, workspace, colleague, lang, mark, sentence):
    contact, address = somebody(api)
    pipe(workspace, mail(colleague.email, to=address))
    (message,) = messages(api, contact)
    browser = workspace.admin.browser()
    browser.submit(browser.form("/", "/language"), lang=lang)
    assert mark in browser.page(f"/contacts/{contact}")
    page = browser.page(f"/messages/{message['id']}")
    assert sentence in page
    pipe(workspace, proven(colleague.email) + mail(colleague.email, to=address))
    (newer,) = [m for m in messages(api, contact) if m["id"] != message["id"]]
    assert mark not in browser.page(f"/messages/{newer['id']}")


def test_without_the_setting_nobody_is_proven(api, stack, workspace, colleague, tmp_path):
    contact, address = somebody(api)
    lines = Path(stack.status["config"]).read_text().splitlines()
    config = tmp_path / "praya.conf"
    config.write_text("\n".join(line for line in lines if not line.startswith("Mail.Results")) + "\n")
    config.chmod(0o600)
    argv = [stack.status["cli"], "--config", config, "mail-in", workspace.slug, "--json"]
    text = proven(colleague.email) + mail(colleague.email, to=address)
    done = subprocess.run(argv, input=text, text=True, capture_output=True, check=True)
    result = json.loads(done.stdout)
    assert (result["direction"], result["unproven"]) == ("in", True)
    assert messages(api, contact)[0]["direction"] == "in"
