# SPDX-License-Identifier: ISC
"""The receipt of an erasure as PDF: what it says, its digest, who may have it."""
import hashlib
import re
import secrets
import subprocess

import pytest

import routes
from harness import parse_forms
from jobs import done


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def gone(api):
    secret = f"paper{secrets.token_hex(4)}"
    contact = api.ok("POST", "/contacts", json={"name_en": f"LAM {secret}", "email": f"{secret}@example.com"})["id"]
    api.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})
    return contact, secret


def paper(api, contact):
    job = api.ok("POST", f"/contacts/{contact}/erase/pdf", status=202)["job"]
    answer = api.get(done(api, job)["download"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    return answer.content


def words(pdf):
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_it_says_what_was_erased_and_nobodys_name(api, gone):
    contact, secret = gone
    pdf = paper(api, contact)
    text = words(pdf)
    assert "Erasure receipt" in text and f"Erased person {contact}" in text and "Key destroyed" in text
    assert secret not in text
    papers = api.ok("GET", f"/contacts/{contact}/erase")["papers"]
    assert papers[-1]["sha256"] == hashlib.sha256(pdf).hexdigest() and papers[-1]["language"] == "en"


def test_who_did_it_stands_on_it_and_not_in_the_job(api, gone, workspace):
    database = workspace.database()
    rows = database.cursor()
    rows.execute("update app_user set name = 'Wong Unmistakable' where email = %s", [workspace.admin.email])
    assert "Wong Unmistakable" in words(paper(api, gone[0]))
    rows.execute("select string_agg(args::text, ' ') from job where kind = 'erase_receipt'")
    (args,) = rows.fetchone()
    database.close()
    assert "parts" in args and "Unmistakable" not in args and workspace.admin.email not in args


def test_each_paper_keeps_its_digest(api, gone):
    before = api.ok("GET", f"/contacts/{gone[0]}/erase")["papers"]
    paper(api, gone[0])
    after = api.ok("GET", f"/contacts/{gone[0]}/erase")["papers"]
    assert after[:-1] == before


def test_for_whom_it_is_not(api, gone, workspace):
    contact, _ = gone
    assert routes.problem(workspace.add_user("sales").api().post(f"/contacts/{contact}/erase/pdf"), 403) is None
    alive = api.ok("POST", "/contacts", json={"name_en": "HO Alive"})["id"]
    for nobody in (alive, 999999999):
        assert routes.problem(api.post(f"/contacts/{nobody}/erase/pdf"), 404) is None


def test_in_chinese_from_the_page(api, gone, workspace):
    contact, _ = gone
    window = workspace.admin.browser()
    window.write("/language", lang="zh-Hant", back="/")
    place = f"/contacts/{contact}/erase"
    form = next(f for f in parse_forms(window.page(place), place) if f.action.endswith("/erase/pdf"))
    answer = window.submit(form)
    assert answer.status_code == 303
    done(api, int(re.search(r"/jobs/(\d+)", answer.headers["Location"])[1]))
    newest = api.ok("GET", f"/contacts/{contact}/erase")["papers"][-1]
    assert newest["language"] == "zh-Hant" and newest["sha256"] in window.page(place)
