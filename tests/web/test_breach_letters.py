# SPDX-License-Identifier: ISC
"""Letters to the people an incident exposed, and the Commissioner's form."""
import io
import subprocess
import zipfile

import pytest

from jobs import done
from mails import mail_to, text_of

TEXTS = {"about_en": "Somebody looked at <your> record.", "about_zh": "有人查看了您的紀錄。",
         "advice_en": "Be careful with calls.", "advice_zh": "請小心來電。", "enquiries": "Privacy officer, 2345 6789"}


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def officer(workspace):
    return workspace.add_user("privacy_officer")


def contact(client, name, **values):
    return client.ok("POST", "/contacts", status=201, json={"name_en": name, **values})["id"]


def act(client, number, action, **values):
    version = client.ok("GET", f"/privacy/incidents/{number}")["version"]
    return client.ok("POST", f"/privacy/incidents/{number}/{action}", json=values, headers={"If-Match": str(version)})


def approve(officer, number):
    browser = officer.browser()
    path = f"/privacy/incidents/{number}/approve"
    assert browser.submit(browser.form(path, path)).status_code == 303


def seen_by_somebody(workspace, boss, people):
    """An incident in which somebody looked at these people, its list made."""
    thief = workspace.add_user("administrator")
    api = thief.api()
    for person in people:
        api.ok("GET", f"/contacts/{person}")
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select user_id from app_user where email = %s", [thief.email])
        actor = cursor.fetchone()[0]
    made = boss.ok("POST", "/privacy/incidents", status=201, json={
        "kind": "insider", "title": "Look-ups", "what": "Somebody looked too much", "actor": actor, "from": "2026-01-01"})
    done(boss, made["lists"][0]["job"])
    return made["id"], made["lists"][0]["id"]


def write(browser, number, status=202, **values):
    headers = {"X-CSRF-Token": browser.csrf()}
    answer = browser.post(f"/api/v1/privacy/incidents/{number}/letters", json=values, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def paper(pdf):
    """The words of a PDF, whatever lines they stand in."""
    assert pdf.startswith(b"%PDF-")
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return " ".join(text.split())


def decided(boss, officer, number, notify="yes"):
    act(boss, number, "start", step=4)
    act(boss, number, "decide", notify=notify, note="Real risk of harm")
    approve(officer, number)


def test_a_letter_each_in_their_language_as_a_file(workspace, boss, officer):
    english = contact(boss, "Chan <Tai> Man", language="en", address="1 Queen's Road", email="a@example.com")
    chinese = contact(boss, "Wong", name_zh="黃大文", language="zh-Hant", email="b@example.com")
    erased = contact(boss, "Lee Gone", email="c@example.com")
    number, chosen = seen_by_somebody(workspace, boss, [english, chinese, erased])
    boss.ok("POST", f"/contacts/{erased}/erase", json={"reason": "subject_request", "confirm": str(erased)})
    browser = workspace.admin.browser()
    write(browser, number, 409, list=chosen, by="print", **TEXTS)
    decided(boss, officer, number)
    job = write(browser, number, list=chosen, by="print", **TEXTS)["job"]
    result = done(boss, job)
    assert result["letters"] == 2
    answer = browser.get(result["download"])
    assert answer.status_code == 200
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    names = sorted(n for n in files.namelist() if n != "manifest.json")
    assert names == sorted([f"letter-{english:08}.pdf", f"letter-{chinese:08}.pdf"]), "no name, and none to who was erased"
    letter = paper(files.read(f"letter-{english:08}.pdf"))
    assert "Chan <Tai> Man" in letter and "Somebody looked at <your> record." in letter
    assert "Identity" in letter and "1 Queen" in letter and "Lee Gone" not in letter
    letter = paper(files.read(f"letter-{chinese:08}.pdf"))
    assert "黃大文" in letter and TEXTS["about_zh"] in letter and TEXTS["about_en"] not in letter
    messages = boss.ok("GET", f"/contacts/{english}/messages")["items"]
    assert [m["channel"] for m in messages] == ["letter"] and messages[0]["direction"] == "out"
    actions = [e["action"] for e in boss.ok("GET", f"/contacts/{english}/audit")["items"]]
    assert "send" in actions
    incident = boss.ok("GET", f"/privacy/incidents/{number}")
    assert incident["subjects_at"] and incident["events"][0]["action"] == "told"


def test_erasing_somebody_ends_the_file(workspace, boss, officer):
    person = contact(boss, "Ho Later", email="later@example.com")
    number, chosen = seen_by_somebody(workspace, boss, [person])
    decided(boss, officer, number)
    browser = workspace.admin.browser()
    path = done(boss, write(browser, number, list=chosen, by="print", **TEXTS)["job"])["download"]
    assert browser.get(path).status_code == 200
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    assert browser.get(path).status_code == 410


def test_by_mail(workspace, boss, officer):
    email = f"exposed-{workspace.slug}@example.com"
    person = contact(boss, "Yip Mailed", language="en", email=email)
    without = contact(boss, "No Address")
    number, chosen = seen_by_somebody(workspace, boss, [person, without])
    decided(boss, officer, number)
    result = done(boss, write(workspace.admin.browser(), number, list=chosen, by="email", **TEXTS)["job"])
    assert result["letters"] == 1, "who has no address is left to be written to"
    text = text_of(mail_to(workspace.stack, email))
    assert "Somebody looked at" in text and TEXTS["enquiries"] in text
    assert [m["channel"] for m in boss.ok("GET", f"/contacts/{person}/messages")["items"]] == ["email"]
    assert boss.ok("GET", f"/contacts/{without}/messages")["items"] == []


@pytest.mark.parametrize("values, field", [
    ({"list": 999999}, "list"), ({"list": None}, "list"), ({"by": "pigeon"}, "by"), ({"by": None}, "by"),
    ({"about_en": " "}, "about_en"), ({"advice_zh": None}, "advice_zh"), ({"enquiries": None}, "enquiries"),
])
def test_what_is_missing(workspace, boss, officer, values, field):
    person = contact(boss, "Ng")
    number, chosen = seen_by_somebody(workspace, boss, [person])
    decided(boss, officer, number)
    body = {"list": chosen, "by": "print", **TEXTS, **values}
    answer = write(workspace.admin.browser(), number, 422, **{k: v for k, v in body.items() if v is not None})
    assert field in answer["errors"]


def test_not_before_a_decision_to_notify(workspace, boss, officer):
    number, chosen = seen_by_somebody(workspace, boss, [contact(boss, "Mak")])
    decided(boss, officer, number, "no")
    write(workspace.admin.browser(), number, 409, list=chosen, by="print", **TEXTS)
    assert workspace.admin.browser().get(f"/privacy/incidents/{number}/letters").status_code == 409


def test_by_page(workspace, boss, officer):
    number, chosen = seen_by_somebody(workspace, boss, [contact(boss, "Tse")])
    decided(boss, officer, number)
    browser = workspace.admin.browser()
    path = f"/privacy/incidents/{number}/letters"
    form = browser.form(path, path)
    assert browser.submit(form, **{**TEXTS, "about_zh": ""}).status_code == 422
    answer = browser.submit(form, **TEXTS)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/jobs/")
    done(boss, int(answer.headers["Location"].rsplit("/", 1)[1]))


def test_the_commissioners_form_has_four_parts(workspace, boss):
    """Row 44 of the acceptance tests."""
    number, _ = seen_by_somebody(workspace, boss, [contact(boss, "Form One"), contact(boss, "Form Two")])
    act(boss, number, "start", step=1)
    act(boss, number, "close", step=1, note="Two records, on one day")
    form = boss.ok("GET", f"/privacy/incidents/{number}/form")
    assert [p["part"] for p in form["parts"]] == ["a", "b", "c", "d"]
    rows = {r["name"]: r["text"] for p in form["parts"] for r in p["rows"]}
    assert rows["people"] == "2" and rows["gathered"] == "Two records, on one day" and rows["what"] == "Somebody looked too much"
    assert "Identity 2" in rows["data"] and rows["harm"] is None
    browser = workspace.admin.browser()
    for lang, words in (("en", ["A. Data user", "D. Assessment and remedial action", "(to be filled in)"]),
                        ("zh-Hant", ["A. 資料使用者", "D. 評估及補救措施", "（待填寫）"])):
        browser.write("/language", lang=lang, back="/")
        page = browser.page(f"/privacy/incidents/{number}/form")
        assert all(word in page for word in words)


@pytest.mark.parametrize("lang, words", [("en", ["A. Data user", "D. Assessment and remedial action", "(to be filled in)", "Page 1 / 1"]),
                                         ("zh-Hant", ["A. 資料使用者", "D. 評估及補救措施", "待填寫"])])
def test_the_form_as_a_document(workspace, boss, lang, words):
    number, _ = seen_by_somebody(workspace, boss, [contact(boss, "Form Three")])
    browser = workspace.admin.browser()
    browser.write("/language", lang=lang, back="/")
    path = f"/privacy/incidents/{number}/form"
    answer = browser.submit(browser.form(path, path))
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/jobs/")
    result = done(boss, int(answer.headers["Location"].rsplit("/", 1)[1]))
    answer = browser.get(result["download"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    text = paper(answer.content)
    assert all(word in text for word in words) and "Somebody looked too much" in text
    incident = boss.ok("GET", f"/privacy/incidents/{number}")
    assert incident["events"][0]["action"] == "form" and incident["reference"] in text
    browser.write("/language", lang="en", back="/")


def test_who_may_have_the_form_made(workspace, boss, officer):
    number, _ = seen_by_somebody(workspace, boss, [contact(boss, "Form Four")])
    staff = workspace.add_user("staff").api()
    assert staff.get(f"/privacy/incidents/{number}/form").status_code == 403
    assert staff.post(f"/privacy/incidents/{number}/form", json={}).status_code == 403
    assert boss.post("/privacy/incidents/999999/form", json={}).status_code == 404
    assert boss.post(f"/privacy/incidents/{number}/form", json={"x": 1}).status_code == 422
    job = boss.ok("POST", f"/privacy/incidents/{number}/form", status=202, json={})["job"]
    path = done(boss, job)["download"]
    assert boss.get(path).status_code == 200 and officer.api().get(path).status_code in (403, 404), "whoever asked for it"
