# SPDX-License-Identifier: ISC
"""Copies of the log's head that leave the house: by mail each month, and in an export of everything."""
import json

import pytest

from mails import mails_to, text_of
from whole import ask_whole, fetch_whole

SETTINGS = "/settings/audit"


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def api(place):
    return place.admin.api()


@pytest.fixture
def rows(place):
    connection = place.database()
    yield connection.cursor()
    connection.close()


def work(place, rows):
    """What happened is sealed, and who is to hear of it does."""
    for _ in range(2):
        rows.execute("update chore set due_at = now() where name = 'audit_seal'")
        place.stack.praya("worker", place.slug, "--once")


def heads_mailed(place):
    lines = [line.strip() for mail in mails_to(place.stack, place.admin.email) for line in text_of(mail).splitlines()]
    return [line for line in lines if line.startswith("praya-audit 1 ")]


def found(place, line, tmp_path):
    (tmp_path / "kept").write_text(line + "\n")
    return json.loads(place.stack.praya("audit", "verify", place.slug, "--head", tmp_path / "kept", "--json", check=False).stdout)


def test_nobody_gets_it_who_did_not_ask(place, api, rows):
    assert api.ok("GET", "/audit/months")["head_mail"] is False
    work(place, rows)
    assert heads_mailed(place) == []


def test_once_a_month_and_it_finds_what_was_taken_out(place, api, rows, tmp_path):
    assert api.ok("PATCH", "/audit/months", json={"keep_months": 13, "head_mail": True})["head_mail"] is True
    assert api.ok("PATCH", "/audit/months", json={"keep_months": 13})["head_mail"] is True, "what is not said stays"
    work(place, rows)
    (line,) = heads_mailed(place)
    work(place, rows)
    assert heads_mailed(place) == [line], "once"
    assert found(place, line, tmp_path)["good"]
    rows.execute("update workspace set head_mailed = head_mailed - interval '1 month'")
    work(place, rows)
    assert len(heads_mailed(place)) == 2
    # Everything that was sealed is gone, with its links; the mail knows better.
    rows.execute("delete from audit_event; delete from audit_seal where seal_id > 1")
    assert "cut_off" in {f["kind"] for f in found(place, heads_mailed(place)[-1], tmp_path)["findings"]}
    reasons = [e["reason"] for e in api.ok("GET", "/audit", params={"action": "setting", "entity": "audit"})["items"]]
    assert reasons == [], "gone with the rest"


def test_it_ends_when_it_is_no_longer_wanted(place, api, rows):
    browser = place.admin.browser()
    assert browser.write(SETTINGS, keep_months=13, head_mail="true").status_code == 303
    assert browser.write(SETTINGS, keep_months=13, head_mail="false").status_code == 303
    assert api.ok("GET", "/audit/months")["head_mail"] is False
    work(place, rows)
    assert heads_mailed(place) == []
    reasons = [e["reason"] for e in api.ok("GET", "/audit", params={"action": "setting", "entity": "audit"})["items"]]
    assert reasons == ["head_mail_off", "head_mail_on"]


@pytest.mark.parametrize("wrong", ["yes please", 7, [], {}])
def test_what_is_neither_yes_nor_no_is_refused(api, wrong):
    answer = api.patch("/audit/months", json={"keep_months": 13, "head_mail": wrong})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["head_mail"]
    assert api.ok("GET", "/audit/months")["head_mail"] is False


def test_who_only_reads_the_log_orders_no_mail(place, api):
    auditor = place.add_user("auditor")
    assert auditor.api().patch("/audit/months", json={"keep_months": 13, "head_mail": True}).status_code == 403
    assert auditor.browser().write(SETTINGS, keep_months=13, head_mail="true").status_code == 403
    assert api.ok("GET", "/audit/months")["head_mail"] is False


def test_an_export_of_everything_has_the_head(place, api, rows, tmp_path):
    api.ok("POST", "/contacts", json={"name_en": "Somebody"})
    rows.execute("update workspace set export_threshold = 1000")
    work(place, rows)
    whole = fetch_whole(api, ask_whole(api)["job"])
    line = whole.read("log.head").decode()
    assert line.startswith("praya-audit 1 ") and line.count("\n") == 1
    # The newest link that the export itself has.
    last = max(whole.rows("audit_seal"), key=lambda s: s["seal_id"])
    assert int(line.split()[3]) == last["seal_id"]
    assert "log.head" in whole.read("README.html").decode()
    assert found(place, line.strip(), tmp_path)["good"]
    rows.execute("update audit_event set outcome = 'denied' where action = 'create'")
    assert "changed" in {f["kind"] for f in found(place, line.strip(), tmp_path)["findings"]}
