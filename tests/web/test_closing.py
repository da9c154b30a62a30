# SPDX-License-Identifier: ISC
"""Closing a workspace: who may, what still works, how it is taken back, and how it ends."""
import contextlib
import csv
import io
import json
import sys
import threading
import zipfile
from pathlib import Path

import psycopg2
import pytest

from exports import set_threshold
from harness import Api
from jobs import done
from mails import mail_to, mails_to, text_of
from test_log_book import refused
from test_request_reminders import told as step_with_letter

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


def close(api, slug, status=200):
    return api.ok("POST", "/workspace/close", status=status, json={"confirm": slug})


def due(own):
    """Closing is looked at once a minute: now, for `own`."""
    with contextlib.closing(own.database()) as connection:
        connection.cursor().execute("update chore set due_at = now() where name = 'closing'")


@pytest.fixture
def own(stack):
    return stack.new_workspace()


@pytest.fixture
def person(own):
    return own.admin.api().ok("POST", "/contacts", json={"name_en": "Somebody Here"})


def test_one_administrator_closes_alone_and_reopens(own, person):
    api = own.admin.api()
    assert api.ok("GET", "/workspace")["state"] == "active"
    answer = close(api, own.slug)
    assert (answer["state"], answer["days_left"], answer["open_requests"]) == ("closing", 30, 0)
    assert api.post("/workspace/close", json={"confirm": own.slug}).status_code == 409
    assert api.ok("POST", "/workspace/reopen")["state"] == "active"
    assert api.post("/workspace/reopen").status_code == 409
    assert api.ok("POST", "/contacts", json={"name_en": "Goes On"})["id"]


def test_records_are_only_read(own, person):
    api = own.admin.api()
    company = api.ok("POST", "/companies", json={"name_en": "Some Company"})["id"]
    note = api.ok("POST", f"/contacts/{person['id']}/activities", json={"kind": "note", "body": "A note"})["id"]
    close(api, own.slug)
    path, version = f"/contacts/{person['id']}", {"If-Match": str(person["version"])}
    tries = [
        api.post("/contacts", json={"name_en": "Nobody"}),
        api.post("/companies", json={"name_en": "No Company"}),
        api.post(f"{path}/activities", json={"kind": "note", "body": "No note"}),
        api.post(f"{path}/attachments", files={"file": ("a.txt", b"x", "text/plain")}),
        api.patch(path, json={"name_en": "Other"}, headers=version),
        api.delete(path, headers=version),
        api.delete(f"/companies/{company}", headers={"If-Match": "1"}),
        api.delete(f"/activities/{note}", headers={"If-Match": "1"}),
    ]
    assert [t.status_code for t in tries] == [409] * len(tries), [t.text for t in tries]
    assert api.ok("GET", path)["name_en"] == "Somebody Here"
    assert api.ok("GET", "/contacts")["items"]


def test_pages_offer_what_can_be_done(own, person):
    """Nothing to add, to change or to put away; what the law asks and what takes it out stay. As before once it is reopened."""
    api, browser, path = own.admin.api(), own.admin.browser(), f"/contacts/{person['id']}"
    changes = [f'href="{path}/edit"', f'action="{path}/archive"', f'{path}/activities', f'{path}/invoices/new', f'{path}/share']
    stays = [f'href="{path}/export"', f'href="{path}/erase"', "/privacy/requests/new"]

    def page():
        return browser.page(path)

    before = page()
    changes = [c for c in changes if c in before]
    assert len(changes) >= 3 and 'href="/contacts/new"' in browser.page("/contacts") and 'href="/import"' in before
    assert [s for s in stays if s not in before] == []
    close(api, own.slug)
    closing = page()
    assert [c for c in changes if c in closing] == [] and [s for s in stays if s not in closing] == []
    assert 'href="/contacts/new"' not in browser.page("/contacts") and 'href="/import"' not in closing
    for form in (f"{path}/edit", "/contacts/new"):
        answer = browser.get(form)
        assert answer.status_code == 409 and "records can only be read" in answer.text
    api.ok("POST", "/workspace/reopen")
    assert [c for c in changes if c not in page()] == []


def test_what_the_law_asks_goes_on(own, person):
    api = own.admin.api()
    close(api, own.slug)
    made = api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [person["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Here"}, "language": "en"})
    assert api.ok("GET", f"/privacy/requests/{made['id']}")["state"]
    other = own.admin.api()
    assert other.ok("GET", "/workspace")["open_requests"] == 1


class Writers:
    """Programs that make people and change one, as fast as they are let; what came of it."""

    def __init__(self, admin, person):
        self.made, self.states, self.over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(admin.api(), person["id"], n)) for n in range(3)]

    def work(self, api, number, n):
        while not self.over.is_set():
            name = f"Under Load {n} {len(self.states)}"
            made = api.post("/contacts", json={"name_en": name})
            version = api.get(f"/contacts/{number}").json()["version"]
            changed = api.patch(f"/contacts/{number}", json={"bio": name}, headers={"If-Match": str(version)})
            self.states += [made.status_code, changed.status_code]
            if made.status_code == 201:
                self.made.append((made.json()["id"], name))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_it_closes_under_load(own, person):
    """What was answered is there, nothing is written from then on, and none of it is an error of ours."""
    api = own.admin.api()
    with Writers(own.admin, person) as load:
        assert wait_until(lambda: len(load.made) > 10, 60)
        close(api, own.slug)
        rows, at = own.database().cursor(), len(load.states)
        # Whoever had begun before is through by then.
        assert wait_until(lambda: len(load.states) > at + 12, 60)
        rows.execute("select count(*), max(version) from contact")
        before, at = rows.fetchone(), len(load.states)
        assert wait_until(lambda: len(load.states) > at + 20, 60)
    assert set(load.states) <= {200, 201, 409, 412} and set(load.states[-6:]) <= {409, 412}
    rows.execute("select count(*), max(version) from contact")
    assert rows.fetchone() == before
    rows.connection.close()
    for number, name in load.made:
        assert api.ok("GET", f"/contacts/{number}")["name_en"] == name
    assert api.ok("POST", "/workspace/reopen")["state"] == "active"
    assert api.ok("POST", "/contacts", json={"name_en": "Goes On"})["id"]


def test_an_erasure_goes_on(own, person):
    api = own.admin.api()
    close(api, own.slug)
    api.ok("POST", f"/contacts/{person['id']}/erase", json={"reason": "subject_request", "confirm": str(person["id"])})
    assert "Somebody" not in json.dumps(api.get(f"/contacts/{person['id']}").json())


def state_of(stack, slug):
    listed = (line.split() for line in stack.praya("tenant", "list").stdout.splitlines())
    return {name: state for name, state, *_ in listed}.get(slug)


def knock(stack, user, password=None):
    return Api(stack, user.slug, None).post("/session", json={"email": user.email, "password": password or user.password})


def test_only_administrators_come_in(stack, own, person):
    """Sessions and tokens of the others stop, and what they are told is why; a request lets in who sees to it."""
    officer, clerk = own.add_user("privacy_officer"), own.add_user("staff")
    inside, token = clerk.browser(), clerk.api()
    close(own.admin.api(), own.slug)
    page = own.admin.browser().page("/contacts")
    assert "This workspace is closing" in page and "30 days are left" in page
    for user in (clerk, officer):
        answer = knock(stack, user)
        assert answer.status_code == 403 and "closing" in answer.json()["detail"], answer.text
    assert inside.get("/contacts").status_code == 303 and token.get("/contacts").status_code == 401
    log_in = stack.visitor(own.slug)
    refused = log_in.submit(log_in.form("/login", "/login"), email=clerk.email, password=clerk.password)
    assert refused.status_code == 403 and "Only its administrators can sign in" in refused.text
    wrong = knock(stack, clerk, "something-else")
    assert wrong.status_code == 401 and "closing" not in wrong.text
    ask(own.admin.api(), person)
    assert knock(stack, officer).status_code == 201 and knock(stack, clerk).status_code == 403
    own.admin.api().ok("POST", "/workspace/reopen")
    assert token.get("/contacts").status_code == 200 and inside.get("/contacts").status_code == 200
    events = json.dumps(own.admin.api().ok("GET", "/audit?action=sign_in_failed"))
    assert "closing" in events


def test_the_directory_says_so(stack, own):
    api = own.admin.api()
    close(api, own.slug)
    assert state_of(stack, own.slug) == "closing"
    api.ok("POST", "/workspace/reopen")
    assert state_of(stack, own.slug) == "active"
    stack.praya("tenant", "close", own.slug)
    assert state_of(stack, own.slug) == "closing"
    stack.praya("tenant", "suspend", own.slug)
    stack.praya("tenant", "resume", own.slug)
    due(own)
    stack.praya("worker", own.slug, "--once")
    assert wait_until(lambda: state_of(stack, own.slug) == "closing", 90)


MAIL = "From: somebody@example.org\nTo: a@example.org\nSubject: Hi\nMessage-ID: <1@example.org>\n\nHello\n"


def test_mail_and_the_public_form_go_on_but_no_import(stack, own, person):
    api = own.admin.api()
    close(api, own.slug)
    assert stack.visitor(own.slug).get("/privacy-request").status_code == 200
    stack.praya("mail-in", own.slug, stdin=MAIL)
    file = {"file": ("a.csv", "name_en\nNo Import\n", "text/csv")}
    assert api.post("/imports", files=file).status_code == 409
    connection = own.database()
    cursor = connection.cursor()
    for route, stopped in (("job.import", True), ("cli import", True), ("job.mail", False)):
        cursor.execute("select set_config('praya.actor_kind', 'worker', false), set_config('praya.wide', '1', false), "
                       "set_config('praya.route', %s, false)", (route,))
        if not stopped:
            cursor.execute("update company set name_en = name_en")
            continue
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute("update company set name_en = name_en")
        assert refused.value.pgcode == "PR051", route
    connection.close()


def ask(api, person):
    return api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [person["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Here"}, "language": "en"})


def in_language(own, language):
    browser = own.admin.browser()
    own.admin.api().ok("PATCH", "/me", json={"language": language})
    return browser


def test_what_the_law_expects_is_said_first(own, person):
    api = own.admin.api()
    duties = {d["what"]: d for d in api.ok("GET", "/workspace")["duties"]}
    assert [duties[w]["count"] for w in ("requests", "invoices", "log_book", "kept")] == [0, 0, 0, 0]
    assert duties["invoices"]["law"] == "Cap. 112 s.51C" and duties["log_book"]["law"] == "Cap. 486 s.27(3)"
    assert duties["invoices"]["until"] is None
    made = api.ok("POST", f"/contacts/{person['id']}/invoices", json={
        "number": "INV-1", "issued_on": "2026-02-01", "status": "issued"})
    ask(api, person)
    duties = {d["what"]: d for d in api.ok("GET", "/workspace")["duties"]}
    assert (duties["requests"]["count"], duties["invoices"]["count"]) == (1, 1)
    assert duties["invoices"]["until"] == api.ok("GET", f"/invoices/{made['id']}")["keep_until"] == "2033-01-31"
    for language, words in (("en", ("Open privacy requests", "Cap. 112 s.51C")), ("zh-Hant", ("未完成的私隱要求", "拒絕要求的紀錄簿", "第112章第51C條", "第486章第27(3)條"))):
        page = in_language(own, language).page("/workspace")
        assert all(w in page for w in words)
        assert page.index(words[0]) < page.index('action="/workspace/close"')
    staff = own.add_user("staff")
    assert "duties" not in staff.api().ok("GET", "/workspace") and "Cap. 112" not in staff.browser().page("/workspace")


def test_a_second_administrator_agrees(own, person):
    first, other = own.admin.api(), own.add_user("administrator")
    second = other.api()
    assert close(first, own.slug)["state"] == "asked"
    told = mail_to(own.stack, other.email)
    assert "wants to close" in told["Subject"] and "/workspace" in text_of(told)
    assert not [m for m in mails_to(own.stack, own.admin.email) if "wants to close" in m["Subject"]]
    assert first.post("/workspace/close", json={"confirm": own.slug}).status_code == 403
    assert first.ok("POST", "/contacts", json={"name_en": "Still Open"})["id"]
    assert close(second, own.slug)["state"] == "closing"
    assert first.ok("POST", "/workspace/reopen")["state"] == "active"


def meanwhile(own, change, ask):
    """What is answered to ask() when it has to wait for this change of the row."""
    answers = []
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with contextlib.closing(own.database()) as other, contextlib.closing(own.database()) as watch:
        other.autocommit = False
        other.cursor().execute(f"update closing set {change} where ended_at is null")
        thread = threading.Thread(target=lambda: answers.append(ask()))
        thread.start()
        cursor = watch.cursor()

        def waits():
            cursor.execute(waiting)
            return cursor.fetchone()[0] > 0

        assert wait_until(waits, 10), "it waits for the other"
        other.commit()
        thread.join()
    return answers[0]


def closing_events(own):
    with contextlib.closing(own.database()) as connection:
        cursor = connection.cursor()
        cursor.execute("select count(*) from audit_event where reason = 'closing_begun'")
        return cursor.fetchone()[0]


def test_agreed_to_as_it_is_taken_back(own, person):
    """Either comes first, and the other is about what is then: nothing is shut that no row says is closing."""
    first, second = own.admin.api(), own.add_user("administrator").api()
    assert close(first, own.slug)["state"] == "asked"
    answer = meanwhile(own, "ended_at = now()", lambda: second.post("/workspace/close", json={"confirm": own.slug}))
    assert answer.status_code == 200 and answer.json()["state"] == "asked"
    assert closing_events(own) == 0
    assert first.ok("POST", "/contacts", json={"name_en": "Still Open"})["id"]


def test_agreed_to_twice_at_once(own, person):
    first, second = own.admin.api(), own.add_user("administrator").api()
    assert close(first, own.slug)["state"] == "asked"
    begun = "begun_at = now(), closes_at = now() + interval '30 days'"
    answer = meanwhile(own, begun, lambda: second.post("/workspace/close", json={"confirm": own.slug}))
    assert answer.status_code == 409
    assert closing_events(own) == 0, "once begun it is not begun again"


def test_an_open_request_stands_against_it(own, person):
    api = own.admin.api()
    api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [person["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Here"}, "language": "en"})
    assert api.post("/workspace/close", json={"confirm": own.slug}).status_code == 409
    assert api.ok("GET", "/workspace")["state"] == "active"


def test_who_asks_proves_who_it_is_and_types_the_name(own):
    browser = own.admin.browser()
    form = browser.form("/workspace", "/workspace/close")
    assert browser.submit(form, confirm="something-else").status_code == 422
    asking, browser.password = browser.password, None
    fresh = own.admin.browser()
    assert browser.page("/workspace").count("/workspace/reopen") == 0
    browser.password = asking
    assert fresh.submit(fresh.form("/workspace", "/workspace/close"), confirm=own.slug).status_code == 303
    page = fresh.page("/workspace")
    assert "will be destroyed on" in page and 'href="/workspace/exports"' in page


@pytest.mark.parametrize("profile", ["staff", "privacy_officer", "auditor", "marketing"])
def test_nobody_else_may(own, profile):
    api = own.add_user(profile).api()
    assert api.post("/workspace/close", json={"confirm": own.slug}).status_code == 403
    assert api.post("/workspace/reopen").status_code == 403
    assert api.ok("GET", "/workspace")["slug"] == own.slug


@pytest.mark.parametrize("body", [{}, {"confirm": ""}, {"confirm": "harbour"}, {"confirm": 1}, {"confirm": None}])
def test_without_the_name_nothing_happens(own, body):
    api = own.admin.api()
    assert api.post("/workspace/close", json=body).status_code in (400, 422)
    assert api.ok("GET", "/workspace")["state"] == "active"


def test_the_end(movable, clock):
    """Reminded, waited for while a request is open, destroyed, and proved to who owned it, in their language."""
    own = movable.new_workspace()
    api = own.admin.api()
    person = api.ok("POST", "/contacts", json={"name_en": "Somebody Here"})
    api.ok("PATCH", "/me", json={"language": "zh-Hant"})
    shown = movable.praya_json("tenant", "show", own.slug)
    close(api, own.slug)

    def told():
        return [m for m in mails_to(movable, own.admin.email) if "將會銷毀" in m["Subject"]]

    assert wait_until(lambda: len(told()) == 1, 60)
    assert own.admin.browser().origin + "/workspace" in text_of(told()[0])
    clock("+24d")
    movable.praya("worker", own.slug, "--once")
    assert wait_until(lambda: len(told()) == 2, 60)
    case = ask(api, person)
    clock("+31d")
    movable.praya("worker", own.slug, "--once")
    waits = api.ok("GET", "/workspace")
    assert (waits["state"], waits["days_left"], waits["open_requests"]) == ("closing", 0, 1)
    step_with_letter(api, api.ok("GET", f"/privacy/requests/{case['id']}"), "withdraw", "withdrawn", reason="x",
                     late_reason="It lay where nobody looked")
    due(own)

    def gone():
        movable.praya("worker", own.slug, "--once", check=False)
        found = movable.praya("tenant", "certificate", own.slug, check=False)
        return found.returncode == 0 and found.stdout

    assert wait_until(gone, 90)
    statement = json.loads(json.loads(gone())["statement"])
    assert statement["early"] is False and statement["there_was"]["database"] == shown["database"]
    assert statement["reason"] == "closed by its owner" and own.slug not in movable.slugs()

    def last():
        return [m for m in mails_to(movable, own.admin.email) if "已經銷毀" in m["Subject"]]

    assert wait_until(last, 60)


def test_every_administrator_is_reminded(movable, clock):
    """30, 14, 7 and 1 days before, each once; who is none, or none any more, is not."""
    own = movable.new_workspace()
    other, staff, left = own.add_user("administrator"), own.add_user("staff"), own.add_user("administrator")
    api = own.admin.api()
    close(api, own.slug)
    close(other.api(), own.slug)

    def told(user):
        return len([m for m in mails_to(movable, user.email) if "will be destroyed" in text_of(m)])

    for n, (offset, days) in enumerate([(None, 30), ("+15d", 15), ("+16d", 14), ("+22d", 8), ("+23d", 7),
                                        ("+28d", 2), ("+29d", 1)]):
        if offset:
            clock(offset)
        due(own)
        movable.praya("worker", own.slug, "--once")
        assert api.ok("GET", "/workspace")["days_left"] == days
        expected = sum(days <= mark for mark in (30, 14, 7, 1))
        for user in (own.admin, other):
            assert wait_until(lambda: told(user) == expected, 30), (user.email, days, told(user))
        if n == 0:
            with contextlib.closing(own.database()) as connection:
                connection.cursor().execute("update app_user set active = false where email = %s", [left.email])
    assert told(staff) == 0 and told(left) <= 1
    api.ok("POST", "/workspace/reopen")


def test_the_operator_closes_and_reopens(stack, own, person):
    """The same by the command line: same conditions, same days, and an administrator takes it back."""
    api = own.admin.api()
    assert stack.praya("tenant", "reopen", own.slug, check=False).returncode == 1
    ends = stack.praya("tenant", "close", own.slug).stdout.strip()
    assert api.ok("GET", "/workspace") | {"closes_at": ends, "state": "closing", "days_left": 30} == api.ok("GET", "/workspace")
    assert api.patch(f"/contacts/{person['id']}", json={"name_en": "X"}, headers={"If-Match": "1"}).status_code == 409
    again = stack.praya("tenant", "close", own.slug, check=False)
    assert again.returncode == 1 and again.stderr.strip()
    stack.praya("tenant", "reopen", own.slug)
    assert api.ok("GET", "/workspace")["state"] == "active"
    stack.praya("tenant", "close", own.slug)
    assert api.ok("POST", "/workspace/reopen")["state"] == "active"
    api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [person["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Here"}, "language": "en"})
    refused = stack.praya("tenant", "close", own.slug, check=False)
    assert refused.returncode == 1 and api.ok("GET", "/workspace")["state"] == "active"
    assert stack.praya("tenant", "close", "nobody-here", check=False).returncode == 1


def test_log_book_and_invoices_as_one_file(own, person):
    """What the owner must keep: to be read without a program of ours, whoever was erased, in their language."""
    api = own.admin.api()
    bill = {"number": "=INV<1>", "issued_on": "2026-02-01", "status": "issued",
            "bill_to": {"name": "Chan & Co <b>", "address": "1 Harbour Road"},
            "lines": [{"description": "Tea", "quantity": "2", "unit_amount": {"amount": "10.50", "currency": "HKD"}}]}
    api.ok("POST", f"/contacts/{person['id']}/invoices", status=201, json=bill)
    refused(api, contact_ids=[person["id"]])
    api.ok("POST", f"/contacts/{person['id']}/erase", json={"reason": "subject_request", "confirm": str(person["id"])})
    close(api, own.slug)
    path = done(api, api.ok("POST", "/workspace/books", status=202)["job"])["download"]
    answer = api.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        files = {n: pack.read(n).decode() for n in pack.namelist()}
    assert set(files) == {"index.html", "style.css", "manifest.json", "log-book.csv", "log-book.html", "invoices.csv",
                          "invoices.html", "invoice-lines.csv", "invoice-lines.html"}
    invoice, = csv.DictReader(io.StringIO(files["invoices.csv"][1:]))
    assert (invoice["Invoice"], invoice["Amount"], invoice["Billed to"]) == ("'=INV<1>", "21.00", "Chan & Co <b>")
    assert invoice["To be kept until"] == "2033-01-31"
    line, = csv.DictReader(io.StringIO(files["invoice-lines.csv"][1:]))
    assert (line["Description"], line["Quantity"], line["Price of one"]) == ("Tea", "2", "10.50")
    entry, = csv.DictReader(io.StringIO(files["log-book.csv"][1:]))
    assert entry["Reasons"] == "No year & no place"
    assert "Chan &amp; Co &lt;b&gt;" in files["invoices.html"] and "<th" in files["invoices.html"]
    assert "No year &amp; no place" in files["log-book.html"] and 'href="./log-book.html"' in files["index.html"]
    assert json.loads(files["manifest.json"])["files"]
    for name in ("invoices.html", "log-book.html", "invoice-lines.html", "index.html"):
        assert files[name].count("<html") == files[name].count("</html>") == 1, name
    api.ok("PATCH", "/me", json={"language": "zh-Hant"})
    browser = own.admin.browser()
    asked = browser.submit(browser.form("/workspace", "/workspace/books"))
    assert asked.status_code == 303
    path = done(api, int(asked.headers["Location"].rsplit("/", 1)[1]))["download"]
    with zipfile.ZipFile(io.BytesIO(browser.get(path).content)) as pack:
        assert "紀錄簿及發票" in pack.read("index.html").decode()
    staff = own.add_user("administrator")
    assert staff.api().get(path).status_code == 404
    events = json.dumps(api.ok("GET", "/audit?action=export"))
    assert "books" in events and "log_book" in events


def test_above_the_threshold_a_second_person_lets_it_go(own, person):
    """It names people, so it is held like any other export."""
    api = own.admin.api()
    for n in range(3):
        bill = {"number": f"INV-{n}", "issued_on": "2026-02-01", "status": "issued", "bill_to": {"name": "Chan & Co"},
                "lines": [{"description": "Tea", "quantity": "2", "unit_amount": {"amount": "1", "currency": "HKD"}}]}
        api.ok("POST", f"/contacts/{person['id']}/invoices", status=201, json=bill)
    officer = own.add_user("privacy_officer").api()
    set_threshold(own, 2)
    browser = own.admin.browser()
    asked = browser.submit(browser.form("/workspace", "/workspace/books"))
    assert asked.status_code == 303 and "/exports/" in asked.headers["Location"]
    number = int(asked.headers["Location"].rsplit("/", 1)[1])
    assert "Log book and invoices" in browser.page(f"/exports/{number}")
    # Asked for twice it is the same one; nobody lets go of one's own.
    again = api.ok("POST", "/workspace/books", status=202)
    assert again == {"export": number, "state": "waiting", "count": 3, "job": None}
    assert api.post(f"/exports/{number}/approve", json={"note": "I would like to have it"}).status_code == 403
    seen = officer.ok("GET", f"/exports/{number}")
    assert (seen["kind"], seen["asked"], seen["state"]) == ("books", 3, "waiting")
    approved = officer.ok("POST", f"/exports/{number}/approve", json={"note": "The law wants it"})
    assert approved["state"] == "running" and approved["approved"] == 3
    job = api.ok("GET", f"/exports/{number}")["job"]
    answer = api.get(done(api, job)["download"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        assert "INV-2" in pack.read("invoices.csv").decode()
    end = api.ok("GET", f"/exports/{number}")
    assert (end["state"], end["exported"], end["fetched"]) == ("done", 3, 1)
    # The next one counts what nobody approved: it waits again, and is refused.
    second = api.ok("POST", "/workspace/books", status=202)["export"]
    assert second != number
    officer.ok("POST", f"/exports/{second}/reject", json={"note": "Once is enough"})
    assert api.ok("GET", f"/exports/{second}")["state"] == "rejected"


@pytest.mark.parametrize("path", ["/workspace/books", "/workspace/exports"])
def test_whoever_is_shut_out_is_nobody_to_wait_for(own, person, path):
    """While it closes the officer cannot come in to approve: the administrator decides alone, in writing."""
    api = own.admin.api()
    bill = {"number": "INV-1", "issued_on": "2026-02-01", "status": "issued", "bill_to": {"name": "Chan & Co"},
            "lines": [{"description": "Tea", "quantity": "2", "unit_amount": {"amount": "1", "currency": "HKD"}}]}
    api.ok("POST", f"/contacts/{person['id']}/invoices", status=201, json=bill)
    officer = own.add_user("privacy_officer")
    set_threshold(own, 0)
    number = api.ok("POST", path, status=202, json={"reason": "legal"} if path.endswith("exports") else None)["export"]
    assert api.post(f"/exports/{number}/approve", json={"note": "Nobody else is there"}).status_code == 403
    browser = own.admin.browser()
    assert f"/exports/{number}/approve" not in browser.page(f"/exports/{number}")
    close(api, own.slug)
    with pytest.raises(AssertionError):
        officer.browser()
    assert own.admin.api().ok("GET", f"/exports/{number}")["allowed"] == ["approve", "cancel"]
    form = browser.form(f"/exports/{number}", f"/exports/{number}/approve")
    assert browser.submit(form, note="short").status_code == 422
    assert browser.submit(form, note="Nobody else can come in").status_code == 303
    assert done(api, api.ok("GET", f"/exports/{number}")["job"])
    assert api.ok("GET", f"/exports/{number}")["alone"] is True


@pytest.mark.parametrize("profile", ["staff", "privacy_officer", "auditor"])
def test_only_administrators_make_it(own, profile):
    assert own.add_user(profile).api().post("/workspace/books").status_code == 403
