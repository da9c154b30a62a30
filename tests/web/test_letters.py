# SPDX-License-Identifier: ISC
"""Letters of requests: in the request's language, from templates, kept as written, on paper and by mail."""
import subprocess
import time

import psycopg2
import pytest

import routes
from mails import mail_to, mails_to, text_of
from test_requests import attach, contact, record, step, take, today

PATIENCE = 60
COMPLAINT = {"en": "Privacy Commissioner", "zh-Hant": "私隱專員公署"}


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def write(client, case, letter, status=201, **values):
    answer = client.post(f"/privacy/requests/{case['id']}/letters", json={"letter": letter, **values})
    assert answer.status_code == status, answer.text
    return answer.json()


def at(case, letter, what=""):
    return f"/privacy/requests/{case['id']}/letters/{letter['id']}{what}"


def due(client, case):
    return [d["letter"] for d in client.ok("GET", f"/privacy/requests/{case['id']}")["letters_due"]]


def pdf_of(client, case, letter):
    """The PDF, once the worker has made it."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = client.get(at(case, letter, "/pdf"))
        if answer.status_code == 200:
            return answer
        assert answer.status_code == 409 and time.monotonic() < end, answer.text
        time.sleep(0.05)


def read_pdf(content, tmp_path, program="pdftotext", *rest):
    file = tmp_path / "letter.pdf"
    file.write_bytes(content)
    argv = [program, *rest, str(file)] + (["-"] if program == "pdftotext" else [])
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


# ---- which, and what they say


@pytest.mark.parametrize("language, day", [("en", "14 Feb 2026"), ("zh-Hant", "2026年2月14日")])
def test_an_acknowledgement_has_reference_and_last_day(boss, language, day):
    case = record(boss, language=language, received_at="2026-01-05", requestor="陳大文")
    assert due(boss, case) == ["acknowledge"]
    letter = write(boss, case, "acknowledge")
    assert letter["language"] == language and letter["to"] == "陳大文"
    assert case["reference"] in letter["body"] and day in letter["body"] and "{" not in letter["body"]
    assert due(boss, case) == []


def test_a_step_says_which_letter_it_makes_due(boss, workspace):
    case = record(boss)
    write(boss, case, "acknowledge")
    window = workspace.admin.browser()
    assert "Notice of refusal (in writing, s.21(1))" in window.page(f"/privacy/requests/{case['id']}/refuse")
    assert take(boss, case, "refuse", prepare=True, ground="20(3)(b)", reason="No branch & no year").status_code == 200
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["letters_due"] == [
        {"action": "refuse", "letter": "refuse", "law": "21(1)"}]
    assert f"/privacy/requests/{case['id']}/letters/new?kind=refuse" in window.page(f"/privacy/requests/{case['id']}")
    write(boss, case, "no_disclosure")
    assert due(boss, case) == [], "s.21(2) is another way to say it"


@pytest.mark.parametrize("language, section", [("en", "section 20(3)(b)"), ("zh-Hant", "第20(3)(b)條")])
def test_a_refusal_has_ground_reasons_and_where_to_complain(boss, language, section):
    case = record(boss, language=language)
    step(boss, case, "refuse", ground="20(3)(b)", reason="沒有分店\nNo year")
    body = write(boss, case, "refuse")["body"]
    assert section in body and "沒有分店\nNo year" in body and COMPLAINT[language] in body and "2827 2827" in body


def test_what_is_withheld_is_told_with_its_ground(boss, rows):
    """Partly complied: log book, and the notice for the part."""
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    rows.execute("update privacy_request set approved_at = now() where request_id = %s", [case["id"]])
    attach(boss, case)
    assert take(boss, case, "comply_partly", prepare=True, ground="20(1)(b)", reason="Page 3 names another person").status_code == 200
    assert due(boss, case) == ["acknowledge", "partial"]
    body = write(boss, case, "partial")["body"]
    assert "section 20(1)(b)" in body and "Page 3 names another person" in body and COMPLAINT["en"] in body


@pytest.mark.parametrize("values, letter", [({"limb_a": True, "limb_b": False}, "held"), ({}, "copy")])
def test_held_or_copy_by_what_was_asked(boss, rows, values, letter):
    case = record(boss, **values)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    rows.execute("update privacy_request set approved_at = now() where request_id = %s", [case["id"]])
    if letter == "copy":
        step(boss, case, "comply", status=409)
        attach(boss, case)
    assert take(boss, case, "comply", prepare=True).status_code == 200
    assert due(boss, case) == ["acknowledge", letter]
    assert step(boss, case, "comply")["state"] == "complied" and due(boss, case) == ["acknowledge"]


def test_a_fee_is_told_item_by_item(boss):
    case = record(boss, language="zh-Hant")
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    step(boss, case, "fee", fee_copying="12.50", fee_postage="7.50", fee_lowest="20")
    body = write(boss, case, "fee")["body"]
    assert "HK$20.00" in body and "HK$12.50" in body and "HK$7.50" in body and "第28條" in body


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("kind", ["access", "correction", "erasure", "opt_out"])
def test_every_letter_of_every_kind_in_both_languages(boss, workspace, rows, kind, language):
    """Its form opens, and what is written by hand is what stays, whatever its preset lacks."""
    case, window = record(boss, kind=kind, requestor="Lam On"), workspace.admin.browser()
    rows.execute("select distinct letter from letter_use where request_kind = %s", [kind])
    names = [name for name, in rows.fetchall()]
    assert names
    for name in names:
        form = window.form(f"/privacy/requests/{case['id']}/letters/new?kind={name}&in={language}",
                           f"/privacy/requests/{case['id']}/letters")
        preset = dict(form.fields)["body"]
        assert "{" not in preset and "letter." not in preset and len(preset) > 60, name
        made = write(boss, case, name, language=language, body="By hand")
        assert made["body"] == "By hand" and made["language"] == language


def test_what_nobody_knows_yet_is_a_blank_and_is_not_written(boss, workspace):
    case, window = record(boss), workspace.admin.browser()
    refused = write(boss, case, "refuse", status=422)
    assert refused["errors"] == {"body": "Fill in what stands as […]"}
    path = f"/privacy/requests/{case['id']}/letters"
    form = window.form(f"{path}/new?kind=refuse", path)
    shown = window.submit(form, to="Somebody typed")
    assert shown.status_code == 422 and routes.marked(shown, "body") and "Somebody typed" in shown.text
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["letters"] == []


# ---- as a paper


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_as_pdf(boss, tmp_path, language):
    """A4, numbered, its fonts in it, Chinese with four bytes a character too."""
    head = {"name": "Harbour & Co 海港", "address": "1 Pier Road\nCentral", "contact": "2345 6789", "handler": "Data Officer"}
    boss.ok("PATCH", f"/letter-heads/{language}", json=head)
    case = record(boss, language=language, requestor="𠮷田太郎")
    letter = write(boss, case, "acknowledge", body="<b>&amp;</b> 陳大文，𠮷\n\n" + "Line of the letter.\n" * 80)
    answer = pdf_of(boss, case, letter)
    assert answer.headers["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    assert "陳" not in answer.headers["Content-Disposition"] and case["reference"] in answer.headers["Content-Disposition"]
    text = read_pdf(answer.content, tmp_path)
    for word in ("Harbour & Co 海港", "1 Pier Road", "2345 6789", "<b>&amp;</b>", "陳大文", "𠮷田太郎", case["reference"]):
        assert word in text, word
    pages = boss.ok("GET", at(case, letter))["pages"]
    squeezed = text.replace(" ", "")
    assert pages >= 2 and f"{pages}/{pages}" in squeezed and f"1/{pages}" in squeezed
    info = read_pdf(answer.content, tmp_path, "pdfinfo")
    assert "A4" in info and f"Pages:           {pages}" in info
    fonts = read_pdf(answer.content, tmp_path, "pdffonts").splitlines()[2:]
    assert fonts and all("NotoSansCJK" in f and f.split()[-5] == "yes" for f in fonts), fonts


def test_the_page_prints_as_it_stands(boss, workspace):
    case, window = record(boss, requestor="<Chan> & Co", language="zh-Hant"), workspace.admin.browser()
    letter = write(boss, case, "acknowledge", subject="<i>Heading</i>", body="One\n\n<script>alert(1)</script>")
    page = window.page(at(case, letter))
    assert "&lt;i&gt;Heading&lt;/i&gt;" in page and "&lt;script&gt;" in page and "<script>alert" not in page
    assert "&lt;Chan&gt; &amp; Co" in page and 'lang="zh-Hant-HK"' in page


# ---- on its way


def test_by_mail(boss, stack, workspace):
    to = f"lam@{workspace.slug}.example"
    case = record(boss, requestor={"name": "Lam On", "email": to}, language="zh-Hant")
    letter = write(boss, case, "acknowledge", subject="你的要求", body="One & two\nthree\n\n<b>four</b>")
    sent = boss.ok("POST", at(case, letter, "/send"), json={})
    assert sent["sent_how"] == "mail" and sent["sent_on"]
    mail = mail_to(stack, to)
    text = text_of(mail).replace("\r\n", "\n")
    assert mail["Subject"] == "你的要求" and "One & two\nthree" in text and "<b>four</b>" in text
    assert case["reference"] in text and "<b>four" not in text_of(mail, "html")
    for again in (boss.post(at(case, letter, "/send"), json={}), boss.post(at(case, letter, "/posted"), json={"on": sent["sent_on"]})):
        assert again.status_code == 409
    assert len(mails_to(stack, to)) == 1
    events = boss.ok("GET", f"/privacy/requests/{case['id']}")["events"]
    assert [e["action"] for e in events][:2] == ["letter_sent", "letter"]


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "two@example.com, three@example.com", "x\r\nBcc: y@example.com"])
def test_no_address_no_mail(boss, workspace, typed):
    case, window = record(boss), workspace.admin.browser()
    letter = write(boss, case, "acknowledge")
    answer = boss.post(at(case, letter, "/send"), json={"email": typed})
    assert answer.status_code == 422 and "email" in answer.json()["errors"]
    shown = window.write(at(case, letter, "/send"), email=typed)
    assert shown.status_code == 422 and routes.marked(shown, "email")
    assert boss.ok("GET", at(case, letter))["sent_how"] is None


def test_printed_and_posted_on(boss, rows):
    case = record(boss)
    letter, day = write(boss, case, "acknowledge"), today(rows)
    for wrong in (None, "2999-01-01", "2001-01-01", "yesterday"):
        answer = boss.post(at(case, letter, "/posted"), json={"on": wrong})
        assert answer.status_code == 422 and "on" in answer.json()["errors"], wrong
    sent = boss.ok("POST", at(case, letter, "/posted"), json={"on": str(day)})
    assert (sent["sent_how"], sent["sent_on"], sent["mail_state"]) == ("post", str(day), None)
    assert boss.post(at(case, letter, "/posted"), json={"on": str(day)}).status_code == 409
    assert boss.post(at(case, letter, "/send"), json={"email": "a@example.com"}).status_code == 409


# ---- what stays


def test_a_letter_stays_as_it_was_written(boss, rows):
    case = record(boss)
    letter = write(boss, case, "acknowledge")
    pdf_of(boss, case, letter)
    for change in ("update letter set sealed = '\\x00'", "update letter set letter = 'copy'", "update letter set language = 'zh-Hant'",
                   "update letter set pdf = '\\x00'", "update letter set created_at = now() - interval '1 day'",
                   "update letter set sent_how = 'post'", "update letter set sent_how = 'post', sent_on = '2999-01-01'",
                   "delete from letter"):
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(f"{change} where letter_id = %s", [letter["id"]])
        assert refused.value.pgcode in ("PR041", "PR026"), change
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("truncate letter")
    assert refused.value.pgcode == "PR026"
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("insert into letter (request_id, letter, language, sealed) values (%s, 'corrected', 'en', '\\x00')", [case["id"]])
    assert refused.value.pgcode == "PR041", "that letter is of another kind of request"


def test_nothing_of_it_lies_open(boss, rows):
    case = record(boss, requestor="Plainly Visible")
    letter = write(boss, case, "acknowledge", body="Plainly written")
    pdf_of(boss, case, letter)
    rows.execute("select letter::text from letter where letter_id = %s", [letter["id"]])
    text = rows.fetchone()[0]
    for word in ("Plainly", "%PDF"):
        assert word not in text and word.encode().hex() not in text


def test_it_goes_with_the_person(boss, workspace):
    person, window = contact(boss), workspace.admin.browser()
    case = record(boss, kind="erasure", contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "assess")
    assert due(boss, case) == ["acknowledge", "erasure"]
    letter = write(boss, case, "erasure", body="All of it was erased")
    pdf_of(boss, case, letter)
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    step(boss, case, "erase")
    seen = boss.ok("GET", at(case, letter))
    assert seen["body"] is None and seen["to"] is None and seen["letter"] == "erasure"
    assert boss.get(at(case, letter, "/pdf")).status_code == 410
    assert "What this letter said is gone" in window.page(at(case, letter))
    assert write(boss, case, "erasure", status=409, body="x")["status"] == 409
    assert boss.post(at(case, letter, "/posted"), json={"on": "2030-01-01"}).status_code == 409


# ---- who


def test_for_those_who_run_requests(boss, workspace):
    staff = workspace.add_user("staff").api()
    case = record(staff)
    letter = write(boss, case, "acknowledge")
    assert staff.get(at(case, letter)).status_code == 403
    assert staff.get(at(case, letter, "/pdf")).status_code == 403
    assert write(staff, case, "acknowledge", status=403)["status"] == 403
    assert staff.post(at(case, letter, "/send"), json={"email": "a@example.com"}).status_code == 403
    assert staff.ok("GET", f"/privacy/requests/{case['id']}")["letters"][0]["letter"] == "acknowledge"


def test_a_letter_of_another_request_is_not_there(boss, stack):
    case, other = record(boss), record(boss)
    letter = write(boss, case, "acknowledge")
    for what in ("", "/pdf"):
        assert boss.get(at(other, letter, what)).status_code == 404
    assert boss.post(at(other, letter, "/send"), json={"email": "a@example.com"}).status_code == 404
    assert stack.new_workspace().admin.api().get(at(case, letter)).status_code == 404


@pytest.mark.parametrize("wrong", [{"letter": "corrected"}, {"letter": "nothing"}, {"letter": "acknowledge", "language": "fr"},
                                   {"letter": "acknowledge", "body": " \u200b "}, {"letter": "acknowledge", "subject": "x" * 201},
                                   {"letter": "acknowledge", "body": "x" * 20001}, {"letter": "acknowledge", "to": ["x"]}])
def test_what_is_no_letter(boss, wrong):
    case = record(boss)
    assert boss.post(f"/privacy/requests/{case['id']}/letters", json=wrong).status_code == 422
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["letters"] == []


# ---- settings


def test_own_words(boss, workspace):
    window = workspace.admin.browser()
    path = "/letter-templates/acknowledge/en"
    assert boss.ok("GET", path)["own"] is False
    form = window.form("/settings/letters/acknowledge/en", "/settings/letters/acknowledge/en")
    assert window.submit(form, subject="{reference} <b>", body="Until {last_day}, {name} & {scope}").status_code == 303
    assert boss.ok("GET", path)["own"] is True and boss.ok("GET", "/letter-templates/acknowledge/zh-Hant")["own"] is False
    letter = write(boss, record(boss, requestor="Lam {due} On", scope="{reasons}"), "acknowledge")
    assert "<b>" in letter["subject"] and "Lam {due} On & {reasons}" in letter["body"], "what was filled in is not filled again"
    assert "&lt;b&gt;" in window.page("/settings/letters/acknowledge/en")
    listed = {(t["letter"], t["language"]): t["own"] for t in boss.ok("GET", "/letter-templates")["items"]}
    assert listed["acknowledge", "en"] is True and len(listed) == 34 and sum(listed.values()) == 1
    boss.ok("DELETE", path, status=204)
    assert boss.ok("GET", path)["own"] is False


@pytest.mark.parametrize("values, field, says", [
    ({"body": "{reference} {last_day} {salary}"}, "body", "{salary}"),
    ({"body": "{reference} {last_day} {"}, "body", "{"),
    ({"body": "{reference} {last_day} }"}, "body", "}"),
    ({"subject": "{Reference}"}, "subject", "{Reference}"),
    ({"body": "{reference}", "subject": "x"}, "body", "{last_day}"),
    ({"body": "{last_day}", "subject": "x"}, "body", "{reference}"),
    ({"body": "  "}, "body", ""),
    ({"subject": ""}, "subject", ""),
])
def test_a_template_that_would_not_do(boss, workspace, values, field, says):
    answer = boss.patch("/letter-templates/acknowledge/en", json=values)
    assert answer.status_code == 422 and says in answer.json()["errors"][field]
    window = workspace.admin.browser()
    form = window.form("/settings/letters/acknowledge/en", "/settings/letters/acknowledge/en")
    shown = window.submit(form, **values)
    assert shown.status_code == 422 and routes.marked(shown, field)
    assert boss.ok("GET", "/letter-templates/acknowledge/en")["own"] is False


def test_a_refusal_cannot_lose_what_the_law_wants(boss):
    for language in ("en", "zh-Hant"):
        for place in ("ground", "reasons", "complaint", "reference"):
            words = " ".join("{%s}" % p for p in ("ground", "reasons", "complaint", "reference") if p != place)
            answer = boss.patch(f"/letter-templates/refuse/{language}", json={"subject": "x", "body": words})
            assert answer.status_code == 422 and "{%s}" % place in answer.json()["errors"]["body"]


@pytest.mark.parametrize("path", ["nothing/en", "refuse/fr", "refuse/EN", "head/en"])
def test_no_such_template(boss, path):
    assert boss.get(f"/letter-templates/{path}").status_code == 404
    assert boss.patch(f"/letter-templates/{path}", json={"subject": "x"}).status_code == 404


def test_settings_are_for_those_who_manage_the_workspace(workspace):
    officer = workspace.add_user("privacy_officer").api()
    held = officer.get("/letter-templates").status_code
    assert held == 403
    assert officer.patch("/letter-heads/en", json={"name": "x"}).status_code == 403
    assert officer.patch("/letter-templates/refuse/en", json={"subject": "x"}).status_code == 403


@pytest.mark.parametrize("lang, words", [("en", ("Letters", "Still to be written", "Acknowledgement")), ("zh-Hant", ("信件", "尚待撰寫", "認收信"))])
def test_the_whole_way_in_both_languages(workspace, boss, lang, words, rows):
    window = workspace.admin.browser()
    window.write("/language", lang=lang, back="/privacy")
    case = record(boss, requestor="Lam On")
    page = window.page(f"/privacy/requests/{case['id']}")
    assert all(word in page for word in words)
    path = f"/privacy/requests/{case['id']}/letters"
    made = window.submit(window.form(f"{path}/new?kind=acknowledge", path))
    assert made.status_code == 303
    where = made.headers["Location"]
    assert window.submit(window.form(where, f"{where}/posted"), on=str(today(rows))).status_code == 303
    assert words[2] in window.page(f"/privacy/requests/{case['id']}")
    for settings in ("/settings/letters", "/settings/letters/heads/en", "/settings/letters/refuse/zh-Hant"):
        window.page(settings)
