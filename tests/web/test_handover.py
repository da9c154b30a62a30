# SPDX-License-Identifier: ISC
"""Handing an answer over: by a link that says nothing, a code by mail each time, and no other way."""
import concurrent.futures
import re
import secrets

import psycopg2
import pytest

import routes
from harness import Api, some_address
from mails import link_in, mail_to, mails_to, text_of
from test_requests import record, step

COPY = ("copy 複本.zip", b"PK" + b"What we hold on you. " * 5000, "application/zip")


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
    return workspace.stack.visitor(workspace.slug, some_address())


@pytest.fixture
def program(workspace):
    return Api(workspace.stack, workspace.slug, None)


def ready(boss, rows, **values):
    """A case whose copy may leave: identity checked, approved, a file added. And that file."""
    to = f"p{secrets.token_hex(6)}@people.example"
    case = record(boss, requestor={"name": "Lam On", "email": to}, **{"form_wanted": "electronic", **values})
    step(boss, case, "verify", how="known")
    rows.execute("update privacy_request set approved_at = now() where request_id = %s", [case["id"]])
    made = boss.ok("POST", f"/privacy/requests/{case['id']}/files", status=201, files={"file": COPY})
    return made, made["files"][0]["id"]


def hand_over(boss, case, file, status=201, **values):
    answer = boss.post(f"/privacy/requests/{case['id']}/handovers", json={"file_id": file, **values})
    assert answer.status_code == status, answer.text
    return answer.json()


def link_of(stack, boss, case, number=1):
    return link_in(mail_to(stack, case["requestor"]["email"], number), boss.origin)


def code_of(stack, case, number):
    return re.search(r"\b(\d{6})\b", text_of(mail_to(stack, case["requestor"]["email"], number)))[1]


# ---- the way it goes


@pytest.mark.parametrize("lang, words", [("en", ("A file for you", "Mail me a code", "Fetch the file")), ("zh-Hant", ("有檔案給你", "電郵一次性驗證碼給我", "下載檔案"))])
def test_link_code_file(boss, rows, stack, visitor, lang, words):
    visitor.headers["Accept-Language"] = lang
    case, file = ready(boss, rows, language=lang)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    page = visitor.page(link)
    assert words[0] in page and words[1] in page and f"<span>{words[2]}</span>" not in page
    assert "Lam On" not in page and case["reference"] not in page and "複本" not in page.replace(words[0], "")
    assert visitor.submit(visitor.form(link, f"{link}/code")).status_code == 303
    code = code_of(stack, case, 2)
    assert f"<span>{words[2]}</span>" in visitor.page(link)
    fetched = visitor.submit(visitor.form(link, link), code=f"{code[:3]} {code[3:]}")
    assert fetched.status_code == 200 and fetched.content == COPY[1]
    assert fetched.headers["Cache-Control"] == "no-store"
    seen = boss.ok("GET", f"/privacy/requests/{case['id']}")
    assert seen["handovers"][0]["state"] == "fetched" and seen["handovers"][0]["fetches"] == 1
    assert [e["action"] for e in seen["events"]][:3] == ["handover_fetched", "handover", "file"]
    again = visitor.submit(visitor.form(link, f"{link}/code"))
    assert again.status_code == 303, "it may be fetched again, with another code"


def test_a_code_is_good_once(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    program.ok("POST", f"{link}/code", status=202)
    code = code_of(stack, case, 2)
    assert program.post(link, json={"code": code}).content == COPY[1]
    answer = program.post(link, json={"code": code})
    assert answer.status_code == 422 and answer.json()["errors"] == {"code": "This code is wrong, or no longer good"}


@pytest.mark.parametrize("wrong", ["000000", "12345", "1234567", "abcdef", "１２３４５６", "", "' or 1=1--"])
def test_a_wrong_code_fetches_nothing(boss, rows, stack, program, wrong):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    assert program.post(link, json={"code": wrong}).status_code == 422, "before any code was mailed"
    program.ok("POST", f"{link}/code", status=202)
    if code_of(stack, case, 2) != wrong:
        assert program.post(link, json={"code": wrong}).status_code == 422
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["handovers"][0]["fetches"] == 0


def test_after_five_wrong_codes_the_right_one_is_no_good(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    program.ok("POST", f"{link}/code", status=202)
    code = code_of(stack, case, 2)
    for n in range(5):
        assert program.post(link, json={"code": f"{(int(code) + n + 1) % 1000000:06}"}).status_code == 422
    assert program.post(link, json={"code": code}).status_code == 422
    missed = [e for e in boss.ok("GET", f"/privacy/requests/{case['id']}")["events"] if e["action"] == "handover_missed"]
    assert len(missed) == 6
    program.ok("POST", f"{link}/code", status=202)
    assert program.post(link, json={"code": code_of(stack, case, 3)}).content == COPY[1]


def test_a_code_dies_in_ten_minutes_and_with_the_next(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    program.ok("POST", f"{link}/code", status=202)
    first = code_of(stack, case, 2)
    program.ok("POST", f"{link}/code", status=202)
    second = code_of(stack, case, 3)
    if first != second:
        assert program.post(link, json={"code": first}).status_code == 422
    rows.execute("update handover set code_until = now() where request_id = %s", [case["id"]])
    assert program.post(link, json={"code": second}).status_code == 422


def test_codes_of_a_link_come_to_an_end(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    answers = [program.post(f"{link}/code", json={}).status_code for _ in range(11)]
    assert answers == [202] * 10 + [429]


# ---- nothing leaves too early


def test_not_before_identity_and_approval(boss, rows, stack):
    to = f"p{secrets.token_hex(6)}@people.example"
    case = record(boss, requestor={"name": "Lam On", "email": to}, form_wanted="electronic")
    file = boss.ok("POST", f"/privacy/requests/{case['id']}/files", status=201, files={"file": COPY})["files"][0]["id"]
    hand_over(boss, case, file, status=409)
    step(boss, case, "verify", how="known")
    hand_over(boss, case, file, status=409)
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("insert into handover (request_id, file_id, hash, email, expires_at) values (%s, %s, '\\x00', '\\x00', now() + interval '1 day')",
                     [case["id"], file])
    assert refused.value.pgcode == "PR043", "the database says so, too"
    rows.execute("update privacy_request set approved_at = now() where request_id = %s", [case["id"]])
    hand_over(boss, case, file)
    assert len(mails_to(stack, to)) <= 1


def test_a_link_only_where_a_file_was_chosen(boss, rows):
    case, file = ready(boss, rows, form_wanted="paper")
    assert hand_over(boss, case, file, status=422)["errors"].keys() == {"chosen"}
    hand_over(boss, case, file, chosen=True)


@pytest.mark.parametrize("values, field", [({"file_id": 999999999}, "file_id"), ({"email": "nobody"}, "email"), ({"days": 0}, "days"),
                                           ({"days": 61}, "days"), ({"file_id": None}, "file_id"), ({"token": "x"}, "token")])
def test_what_is_no_hand_over(boss, rows, values, field):
    case, file = ready(boss, rows)
    assert field in hand_over(boss, case, file, status=422, **values)["errors"]
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["handovers"] == []


def test_a_file_of_another_request_is_not_handed_over(boss, rows):
    case, file = ready(boss, rows)
    other, theirs = ready(boss, rows)
    assert "file_id" in hand_over(boss, case, theirs, status=422)["errors"]


def test_proof_is_never_handed_over(boss, rows):
    case, file = ready(boss, rows)
    rows.execute("insert into request_file (request_id, what, name, content_type, object, size, sha256) "
                 "values (%s, 'proof', '\\x00', 'x', 'none', 1, '\\x00') returning file_id", [case["id"]])
    assert "file_id" in hand_over(boss, case, rows.fetchone()[0], status=422)["errors"]


# ---- ends


def test_ended_made_anew_and_over(boss, rows, stack, program):
    case, file = ready(boss, rows)
    first = hand_over(boss, case, file)["handovers"][0]
    link = link_of(stack, boss, case)
    program.ok("GET", link)
    second = hand_over(boss, case, file, days=30)["handovers"][0]
    assert program.get(link).status_code == 410, "the new one takes its place"
    link = link_of(stack, boss, case, 2)
    program.ok("GET", link)
    boss.ok("POST", f"/privacy/requests/{case['id']}/handovers/{second['id']}/end")
    for path in (link, f"{link}/code"):
        assert program.post(path, json={}).status_code == 410
    assert boss.post(f"/privacy/requests/{case['id']}/handovers/{first['id']}/end").status_code == 404
    hand_over(boss, case, file)
    link = link_of(stack, boss, case, 3)
    rows.execute("update handover set expires_at = now() where request_id = %s", [case["id"]])
    assert program.get(link).status_code == 410
    states = [h["state"] for h in boss.ok("GET", f"/privacy/requests/{case['id']}")["handovers"]]
    assert states == ["expired", "ended", "ended"]


def test_two_weeks_unless_it_is_said(boss, rows):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    rows.execute("select extract(day from expires_at - created_at)::int from handover where request_id = %s", [case["id"]])
    assert rows.fetchone() == (14,)


def test_a_link_nobody_made_and_one_of_another_workspace(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    other = Api(stack, stack.new_workspace().slug, None)
    for client, path in ((program, "/d/x"), (program, link + "x"), (program, link[:-1]), (other, link)):
        assert client.get(path).status_code == 410
        assert client.post(path, json={"code": "123456"}).status_code == 410


def test_digests_only(boss, rows, stack, program):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)
    program.ok("POST", f"{link}/code", status=202)
    code = code_of(stack, case, 2)
    rows.execute("select handover::text from handover where request_id = %s", [case["id"]])
    text = rows.fetchone()[0]
    for word in (link.rsplit("/", 1)[1], case["requestor"]["email"]):
        assert word not in text and word.encode().hex() not in text
    rows.execute("select code = sha256(convert_to(%s, 'UTF8')) from handover where request_id = %s", [code, case["id"]])
    assert rows.fetchone() == (False,), "keyed: six digits are soon tried"


# ---- nobody fetches it


def test_not_fetched_is_warned_of(boss, rows, stack, workspace):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    before = len(mails_to(stack, workspace.admin.email))
    rows.execute("update handover set created_at = now() - interval '6 days' where request_id = %s", [case["id"]])
    rows.execute("update chore set due_at = now() where name = 'requests'")
    stack.praya("worker", workspace.slug, "--once")
    mail = mail_to(stack, workspace.admin.email, before + 1)
    assert case["reference"] in mail["Subject"] and "Lam" not in text_of(mail)
    rows.execute("select warned_on is not null from handover where request_id = %s", [case["id"]])
    assert rows.fetchone() == (True,)


def test_for_those_who_run_requests(boss, rows, workspace):
    case, file = ready(boss, rows)
    staff = workspace.add_user("staff").api()
    assert staff.post(f"/privacy/requests/{case['id']}/files", files={"file": COPY}).status_code == 403
    hand_over(staff, case, file, status=403)


def test_codes_asked_for_at_once_are_no_more(boss, rows, stack, workspace):
    case, file = ready(boss, rows)
    hand_over(boss, case, file)
    link = link_of(stack, boss, case)

    def ask(_):
        return Api(workspace.stack, workspace.slug, None).post(f"{link}/code", json={}).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(ask, range(20))) == [202] * 10 + [429] * 10


def test_wrong_codes_at_once_shut_the_address(boss, rows, stack, workspace):
    """Thirty an hour, of whatever links: forty that come at once are not ten more."""
    links, where = [], some_address()
    for _ in range(4):
        case, file = ready(boss, rows)
        hand_over(boss, case, file)
        links.append(link_of(stack, boss, case))

    def guess(n):
        return Api(workspace.stack, workspace.slug, None, where).post(links[n % 4], json={"code": "000000"}).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(guess, range(40))) == [422] * 30 + [429] * 10
