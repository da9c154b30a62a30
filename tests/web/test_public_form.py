# SPDX-License-Identifier: ISC
"""The public form of requests: counts when it is sent, tells nobody who is known, and its links do what
they are for and nothing else."""
import concurrent.futures
import re
import secrets
import time
from pathlib import Path

import pytest

import routes
from harness import Api, some_address
from mails import link_in, mail_to, mails_to, text_of
from test_requests import contact, step

PATIENCE = 60


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def visitor(workspace):
    """From an address of its own: requests are counted by address."""
    return workspace.stack.visitor(workspace.slug, some_address())


def address():
    return f"p{secrets.token_hex(6)}@people.example"


def filled(visitor, **values):
    form = visitor.form("/privacy-request", "/privacy-request")
    return visitor.submit(form, **{"kind": "access", "name": "Lam On", "email": address(), **values})


def sent(visitor, **values):
    """The path of its status page."""
    answer = filled(visitor, **values)
    assert answer.status_code == 303, routes.main_text(answer)
    return answer.headers["Location"]


def post(visitor, path, **options):
    """With the token of this browser's forms."""
    data = {"_csrf": visitor.csrf("/privacy-request")}
    return visitor.post(path, data=data, headers={"Origin": visitor.origin}, **options)


def newest(boss):
    items = boss.ok("GET", "/privacy/requests", params={"limit": 200})["items"]
    return max(items, key=lambda c: c["id"])


def upload_link(stack, boss, case):
    """The path of a link to send one file."""
    mail_to(stack, case["requestor"]["email"])  # the one to confirm the address
    before = len(mails_to(stack, case["requestor"]["email"]))
    boss.ok("POST", f"/privacy/requests/{case['id']}/upload-links", status=202)
    return link_in(mail_to(stack, case["requestor"]["email"], before + 1), boss.origin)


# ---- sent


@pytest.mark.parametrize("kind, state", [("access", "received"), ("correction", "received"), ("erasure", "received"), ("opt_out", "applied")])
def test_it_counts_when_it_is_sent(visitor, boss, kind, state):
    path = sent(visitor, kind=kind, scope="Orders of 2025", name="陳大文")
    case = newest(boss)
    assert (case["kind"], case["state"], case["channel"]) == (kind, state, "form")
    assert case["email_confirmed"] is False and case["recorded_by"] is None and case["contact_ids"] == []
    assert case["requestor"]["name"] == "陳大文" and case["scope"] == "Orders of 2025"
    assert case["limb_a"] is case["limb_b"] is (kind == "access")
    page = visitor.page(path)
    assert case["reference"] in page and "陳大文" not in page and "Orders" not in page


def test_it_is_on_the_board_at_once_and_never_dropped(visitor, boss, workspace):
    sent(visitor)
    case, window = newest(boss), workspace.admin.browser()
    assert case["reference"] in window.page("/privacy") and "Email not confirmed" in window.page("/privacy")
    assert "Email not confirmed" in window.page(f"/privacy/requests/{case['id']}")
    assert case["due_at"] and case["days_left"] == 40
    step(boss, case, "search")


def test_the_link_in_the_mail_confirms_by_a_button_alone(visitor, boss, stack, workspace):
    to = address()
    sent(visitor, email=to, name="Visit https://evil.example now", scope="buy pills", language="zh-Hant")
    case, mail = newest(boss), mail_to(stack, to)
    assert case["reference"] in mail["Subject"] and "evil" not in str(mail) and "pills" not in text_of(mail)
    link = link_in(mail, visitor.origin)
    for _ in range(2):
        assert "/confirm" in visitor.page(link)
    assert newest(boss)["email_confirmed"] is False, "programs that look through mail open every address"
    assert visitor.submit(visitor.form(link, f"{link}/confirm")).status_code == 303
    case = newest(boss)
    assert case["email_confirmed"] is True
    assert [e["action"] for e in boss.ok("GET", f"/privacy/requests/{case['id']}")["events"]] == ["confirmed", "record"]
    assert "/confirm" not in visitor.page(link)
    assert "Email not confirmed" not in workspace.admin.browser().page(f"/privacy/requests/{case['id']}")


def test_a_status_link_confirms_nothing(visitor, boss):
    path = sent(visitor)
    assert post(visitor, f"{path}/confirm").status_code == 410
    program = Api(visitor.stack, visitor.slug, None)
    assert program.post(f"{path}/confirm", json={}).status_code == 410
    assert newest(boss)["email_confirmed"] is False


def test_by_a_program(workspace, boss):
    program = Api(workspace.stack, workspace.slug, None)
    made = program.ok("POST", "/privacy-request", status=201, json={"kind": "access", "name": "Ho", "email": address()})
    assert set(made) == {"reference", "received_at", "due_at", "due_rolled_at", "status_url"}
    token = made["status_url"].rsplit("/", 1)[1]
    seen = program.ok("GET", f"/privacy-request/{token}")
    assert seen["reference"] == made["reference"] == newest(boss)["reference"]
    assert set(seen) == {"reference", "kind", "received_at", "due_at", "due_rolled_at", "email_confirmed", "closed"}


# ---- who is known is not told


def test_the_answer_is_the_same_for_somebody_known(visitor, boss):
    known = address()
    contact(boss, email=known, name_en="Lam On")
    pages = []
    for email in (known, address()):
        page = visitor.page(sent(visitor, email=email))
        reference = newest(boss)["reference"]
        pages.append(re.sub(r'value="[^"]*"|/privacy-request/[\w-]+', "", page.replace(reference, "REF")))
        assert newest(boss)["contact_ids"] == []
    assert pages[0] == pages[1]


# ---- misuse


@pytest.mark.parametrize("values, field", [
    ({"kind": ""}, "kind"), ({"kind": "nothing"}, "kind"), ({"name": ""}, "name"), ({"name": " \u200b"}, "name"),
    ({"name": "x" * 201}, "name"), ({"email": ""}, "email"), ({"email": "nobody"}, "email"), ({"email": "a@b"}, "email"),
    ({"email": "a@example.com, b@example.com"}, "email"), ({"scope": "x" * 4001}, "scope"), ({"language": "fr"}, "language"),
    ({"capacity": "king"}, "capacity"), ({"capacity": "authorised"}, "subject_name"), ({"period_from": "yesterday"}, "period_from"),
    ({"period_from": "2026-02-01", "period_to": "2026-01-01"}, "period_to"), ({"form_wanted": "gold"}, "form_wanted"),
    ({"address": "x" * 401}, "address"), ({"phone": "1" * 61}, "phone"),
])
def test_what_is_refused_keeps_what_was_typed(visitor, boss, values, field):
    before = newest(boss)["id"] if boss.ok("GET", "/privacy/requests")["items"] else 0
    answer = filled(visitor, subject_reference="Kept & shown", **values)
    assert answer.status_code == 422 and routes.marked(answer, field), routes.main_text(answer)
    assert "Kept &amp; shown" in answer.text
    items = boss.ok("GET", "/privacy/requests")["items"]
    assert not items or newest(boss)["id"] == before


@pytest.mark.parametrize("extra", [{"contact_ids": "1"}, {"channel": "letter"}, {"received_at": "2020-01-01"}, {"recorded_by": "1"},
                                   {"assignee_id": "1"}, {"message_id": "1"}, {"confirmed_at": "2026-01-01"}])
def test_nothing_else_can_be_said(visitor, extra):
    assert filled(visitor, **extra).status_code == 422


def test_without_the_token_of_the_form_nothing_is_taken(visitor, boss):
    sent(visitor)
    before = newest(boss)["id"]
    for token in ("", "x" * 40):
        answer = visitor.post("/privacy-request", data={"_csrf": token, "kind": "access", "name": "x", "email": address()},
                              headers={"Origin": visitor.origin})
        assert answer.status_code == 403
    assert newest(boss)["id"] == before


def test_html_in_what_was_typed_is_text(visitor, boss, workspace):
    sent(visitor, name="<script>alert(1)</script>", scope="<img src=x onerror=alert(2)>")
    page = workspace.admin.browser().page(f"/privacy/requests/{newest(boss)['id']}")
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("token", ["x", "A" * 43, "thanks2", "." * 20])
def test_a_link_that_nobody_made(visitor, token):
    for path in (f"/privacy-request/{token}", f"/privacy-request/{token}/confirm", f"/privacy-request/{token}/upload"):
        answer = visitor.get(path) if path.endswith(token) else post(visitor, path)
        assert answer.status_code == 410, path


def test_links_of_another_workspace(visitor, stack):
    path = sent(visitor)
    other = stack.new_workspace()
    assert stack.visitor(other.slug).get(path).status_code == 410


def test_tokens_are_stored_as_digests_and_end(visitor, boss, rows):
    path = sent(visitor)
    token = path.rsplit("/", 1)[1]
    rows.execute("select count(*) from request_token where hash = convert_to(%s, 'UTF8')", [token])
    assert rows.fetchone() == (0,)
    rows.execute("update request_token set expires_at = now() where hash = sha256(convert_to(%s, 'UTF8')) returning 1", [token])
    assert rows.fetchone() == (1,)
    assert visitor.get(path).status_code == 410


def test_so_many_from_one_address_and_no_more(workspace, boss):
    visitor = workspace.stack.visitor(workspace.slug, some_address())
    answers = [filled(visitor).status_code for _ in range(23)]
    assert answers[:20] == [303] * 20 and 429 in answers[20:], answers
    other = workspace.stack.visitor(workspace.slug, some_address())
    assert filled(other).status_code == 303


def test_a_letter_box_is_not_filled(visitor, boss, stack):
    to = address()
    for _ in range(6):
        sent(visitor, email=to)
    sent(visitor, email="after" + to)
    mail_to(stack, "after" + to)
    assert 1 <= len(mails_to(stack, to)) <= 4
    counted = [c for c in boss.ok("GET", "/privacy/requests", params={"limit": 200})["items"] if c["requestor"]["email"] == to]
    assert len(counted) == 6, "each counts all the same"


# ---- proof of who asks


PROOF = ("身份證.jpg", b"\xff\xd8\xff" + b"An identity card" * 500, "image/jpeg")


def test_one_file_once(visitor, boss, stack, workspace, rows):
    sent(visitor)
    case = newest(boss)
    link = upload_link(stack, boss, case)
    form = visitor.form(link, f"{link}/upload")
    done = visitor.submit(form, files={"file": PROOF})
    assert done.status_code == 303 and done.headers["Location"] == "/privacy-request/thanks"
    visitor.page("/privacy-request/thanks")
    assert visitor.submit(form, files={"file": PROOF}).status_code == 410 and visitor.get(link).status_code == 410
    file, = boss.ok("GET", f"/privacy/requests/{case['id']}")["files"]
    assert (file["what"], file["name"], file["destroyed"]) == ("proof", PROOF[0], False)
    path = f"/privacy/requests/{case['id']}/files/{file['id']}"
    fetched = boss.get(path)
    assert fetched.status_code == 200 and fetched.content == PROOF[1]
    events = boss.ok("GET", f"/privacy/requests/{case['id']}")["events"]
    assert [e["action"] for e in events][:3] == ["file_seen", "file", "upload_link"]
    assert workspace.add_user("staff").api().get(path).status_code == 403
    rows.execute("select request_file::text from request_file where file_id = %s", [file["id"]])
    assert PROOF[0].encode().hex() not in rows.fetchone()[0], "its name is sealed"


def test_it_is_destroyed_at_the_decision(visitor, boss, stack, rows):
    sent(visitor)
    case = newest(boss)
    link = upload_link(stack, boss, case)
    visitor.submit(visitor.form(link, f"{link}/upload"), files={"file": PROOF})
    rows.execute("select object from request_file where request_id = %s", [case["id"]])
    name, = rows.fetchone()
    where = list(Path(stack.var).rglob(name))
    assert len(where) == 1
    step(boss, case, "verify", how="id_seen")
    file, = boss.ok("GET", f"/privacy/requests/{case['id']}")["files"]
    assert file["destroyed"] is True
    assert boss.get(f"/privacy/requests/{case['id']}/files/{file['id']}").status_code == 410
    rows.execute("select object_key from request_file where request_id = %s", [case["id"]])
    assert rows.fetchone() == (None,), "nobody opens it from this moment"
    rows.execute("update chore set due_at = now() where name = 'requests'")
    stack.praya("worker", boss.slug, "--once")
    assert not where[0].exists()


def test_a_refusal_is_a_decision_too(visitor, boss, stack):
    sent(visitor)
    case = newest(boss)
    link = upload_link(stack, boss, case)
    visitor.submit(visitor.form(link, f"{link}/upload"), files={"file": PROOF})
    other = upload_link(stack, boss, case)
    step(boss, case, "refuse", ground="20(1)(a)(i)", reason="Not shown")
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["files"][0]["destroyed"] is True
    assert post(visitor, f"{other}/upload", files={"file": PROOF}).status_code == 410
    assert boss.post(f"/privacy/requests/{case['id']}/upload-links").status_code == 409


@pytest.mark.parametrize("file", [None, ("empty.pdf", b"", "application/pdf"), ("big.pdf", b"x" * (10 * 1024 * 1024 + 1), "application/pdf")])
def test_no_file_an_empty_one_and_one_too_large(visitor, boss, stack, file):
    sent(visitor)
    case = newest(boss)
    link = upload_link(stack, boss, case)
    form = visitor.form(link, f"{link}/upload")
    answer = visitor.submit(form, files={"file": file} if file else {"nothing": ("", b"")})
    assert answer.status_code == 422
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["files"] == []
    assert visitor.submit(visitor.form(link, f"{link}/upload"), files={"file": PROOF}).status_code == 303


def test_no_link_without_an_address(boss):
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter"})
    assert boss.post(f"/privacy/requests/{case['id']}/upload-links").status_code == 409
    assert boss.post("/privacy/requests/999999999/upload-links").status_code == 404


def test_a_status_link_takes_no_file(visitor, boss):
    path = sent(visitor)
    assert post(visitor, f"{path}/upload", files={"file": PROOF}).status_code == 410
    assert boss.ok("GET", f"/privacy/requests/{newest(boss)['id']}")["files"] == []


# ---- in both languages


@pytest.mark.parametrize("lang, words", [
    ("en", ("Personal information collection statement", "sections 18 and 22", "Send the request")),
    ("zh-Hant", ("收集個人資料聲明", "第18及22條", "提交要求")),
])
def test_in_both_languages(workspace, boss, lang, words):
    visitor = workspace.stack.visitor(workspace.slug, some_address())
    visitor.headers["Accept-Language"] = lang
    boss.ok("PATCH", f"/letter-heads/{lang}", json={"name": "Harbour & Co", "address": "1 Pier Road", "handler": "Data Officer"})
    page = visitor.page("/privacy-request")
    assert all(word in page for word in words) and "Data Officer, Harbour &amp; Co, 1 Pier Road" in page
    visitor.page(sent(visitor))
    assert newest(boss)["language"] == lang


# ---- what came by the form is thrown out by two


def officer(workspace):
    return workspace.add_user("privacy_officer").api()


def came_in(visitor, boss):
    sent(visitor)
    return newest(boss)


def test_one_alone_says_not_that_it_is_no_request(workspace, visitor, boss):
    officer(workspace)
    case = came_in(visitor, boss)
    step(boss, case, "not_a_request", status=403, reason="A greeting")
    # Nor after having done something on it oneself.
    boss.post(f"/privacy/requests/{case['id']}/note", json={"note": "looked at it"},
              headers={"If-Match": str(boss.ok("GET", f"/privacy/requests/{case['id']}")["version"])})
    step(boss, case, "not_a_request", status=403, reason="A greeting")


def test_two_say_so(workspace, visitor, boss):
    second = officer(workspace)
    case = came_in(visitor, boss)
    step(second, case, "search")
    assert step(boss, case, "not_a_request", reason="A greeting")["state"] == "not_a_request"


def test_whoever_is_alone_says_so_with_a_reason(stack):
    alone = stack.new_workspace()
    boss = alone.admin.api()
    case = came_in(alone.stack.visitor(alone.slug, some_address()), boss)
    step(boss, case, "not_a_request", status=422)
    step(boss, case, "not_a_request", reason="A greeting")
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["events"][0]["sole_approver"] is True


def test_those_at_once_are_no_more_than_one_after_another(workspace, boss):
    """Forty from one address, ten at a time: twenty are taken, as of those that come one by one."""
    address_there = some_address()
    before = len(boss.ok("GET", "/privacy/requests", params={"limit": 200})["items"])

    def ask(_):
        program = Api(workspace.stack, workspace.slug, None, address_there)
        return program.post("/privacy-request", json={"kind": "access", "name": "Ho", "email": address()}).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(40)))
    assert sorted(answers) == [201] * 20 + [429] * 20
    assert len(boss.ok("GET", "/privacy/requests", params={"limit": 200})["items"]) - before <= 20


def test_a_letter_box_gets_no_more_of_those_at_once(workspace, stack, rows):
    """From ten addresses to one letter-box: the request counts, the mail is one of three."""
    to = address()

    def ask(_):
        program = Api(workspace.stack, workspace.slug, None, some_address())
        return program.post("/privacy-request", json={"kind": "access", "name": "Ho", "email": to}).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert set(pool.map(ask, range(12))) == {201}
    stack.praya("worker", workspace.slug, "--once")
    rows.execute("select count(*) from job where kind = 'mail' and state not in ('done', 'failed')")
    assert rows.fetchone() == (0,)
    assert len(mails_to(stack, to)) == 3
