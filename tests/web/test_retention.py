# SPDX-License-Identifier: ISC
"""Rules of keeping and erasing (row 22): what a law keeps of a person, field by field, is shown before
anything is erased, and the erasure follows it. The days are counted by PostgreSQL's own today."""
import itertools

import psycopg2
import pytest

from harness import parse_forms
from test_requests import record, step

NUMBERS = itertools.count(91230000)
LAW = "Cap. 615 Sch. 2 s.20"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def day(rows, words):
    rows.execute(f"select (hk_today() {words})::date::text")
    return rows.fetchone()[0]


def at_noon(text):
    return f"{text}T12:00:00+08:00"


@pytest.fixture
def rule(boss):
    """Rules of one test, taken out behind it."""
    made = []

    def add(**body):
        made.append(boss.ok("POST", "/privacy/retention-rules", status=201, json={"law": LAW, **body})["id"])
        return made[-1]

    yield add
    for number in made:
        boss.ok("DELETE", f"/privacy/retention-rules/{number}", status=204)


def person(boss, **fields):
    return boss.ok("POST", "/contacts", json={"name_en": "Kept Person", "phone": f"+852{next(NUMBERS)}", **fields})["id"]


def told(boss, contact, happened):
    body = {"channel": "letter", "direction": "in", "body": "About the loan", "happened_at": at_noon(happened)}
    return boss.ok("POST", f"/contacts/{contact}/messages", json=body)["id"]


def said(boss, contact):
    return {i["what"]: i for i in boss.ok("GET", f"/contacts/{contact}/retention")["items"]}


def erase(boss, contact):
    return boss.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})


def test_row_22_a_least_period_of_seven_years(boss, rows, rule):
    """At 6 years and 364 days it is kept, at 7 years it is erased."""
    rule(entity="message", counts_from="happened_at", min_months=84)
    young, old = person(boss), person(boss)
    told(boss, young, day(rows, "- interval '7 years' + interval '1 day'"))
    message = told(boss, old, day(rows, "- interval '7 years'"))
    kept = said(boss, young)["message"]
    assert (kept["state"], kept["until"], kept["law"], kept["count"]) == ("kept", day(rows, ""), LAW, 1)
    assert "message" not in said(boss, old)
    receipt = erase(boss, young)
    assert [(k["what"], k["law"], k["until"]) for k in receipt["kept"] if k["until"]] == [("message", LAW, day(rows, ""))]
    assert [k for k in erase(boss, old)["kept"] if k["until"]] == []
    rows.execute("select body is null, kept_until from message where message_id = %s", [message])
    assert rows.fetchone() == (True, None)


def test_row_22_invoices_are_kept_by_the_rule_that_ships(boss, rows):
    one, two = person(boss), person(boss)
    for contact, words in ((one, "- interval '7 years' + interval '1 day'"), (two, "- interval '7 years'")):
        boss.ok("POST", f"/contacts/{contact}/invoices", json={
            "number": f"R-{contact}", "issued_on": day(rows, words), "status": "paid",
            "lines": [{"description": "Words", "quantity": "1", "unit_amount": "5.00"}],
            "bill_to": {"name": "Payer", "address": "1 Road"}})
    kept = said(boss, one)
    assert {(k, v["state"], v["until"], v["law"]) for k, v in kept.items()} == {
        (k, "kept", day(rows, ""), "Cap. 112 s.51C") for k in ("bill_to", "invoice_lines")}
    assert said(boss, two) == {}
    assert {k["what"] for k in erase(boss, one)["kept"] if k["until"]} == {"bill_to", "invoice_lines"}
    assert [k for k in erase(boss, two)["kept"] if k["until"]] == []


def test_row_22_a_longest_period_of_two_years(boss, rows, rule):
    """Two years are within it; it is due a day later, and no law stands before it."""
    number = rule(entity="activity", counts_from="happened_at", max_months=24, law="Our own word")
    within, due = person(boss), person(boss)
    for contact, words in ((within, "- interval '2 years'"), (due, "- interval '2 years' - interval '1 day'")):
        boss.ok("POST", f"/contacts/{contact}/activities", json={
            "kind": "note", "body": "x", "happened_at": at_noon(day(rows, words))})
    assert "activity" not in said(boss, within)
    item = said(boss, due)["activity"]
    assert (item["state"], item["since"], item["until"], item["law"]) == ("due", day(rows, ""), None, "Our own word")
    # What a law keeps is not due.
    rule(entity="activity", counts_from="happened_at", min_months=36)
    assert said(boss, due)["activity"]["state"] == "kept"
    assert number


def test_of_several_laws_the_longest_and_the_field_that_is_marked(boss, rows, rule):
    rule(entity="contact", category="contact", counts_from="created_at", min_months=12)
    rule(entity="contact", field="phone", counts_from="created_at", min_months=24, law="Cap. 1")
    contact = person(boss, address="1 Road", email="kept.by.law@example.com")
    boss.ok("POST", f"/contacts/{contact}/kept", json={"field": "address", "until": "2070-01-01", "law": "Cap. 2"})
    kept = said(boss, contact)
    assert kept["field:phone"]["law"] == "Cap. 1" and kept["field:phone"]["until"] == day(rows, "+ interval '2 years' - interval '1 day'")
    assert kept["field:email"]["law"] == LAW
    assert kept["field:address"]["until"] == "2070-01-01" and kept["field:address"]["law"] == "Cap. 2"
    assert "field:name_en" not in kept
    receipt = {k["what"]: k for k in erase(boss, contact)["kept"] if k["until"]}
    assert set(receipt) == {"field:phone", "field:email", "field:address"}
    opened = boss.ok("POST", f"/contacts/{contact}/erase/kept", json={"reason": "authority"})
    assert {i["what"] for i in opened["items"]} == set(receipt)


def test_a_period_that_has_not_begun(boss, rows, rule):
    rule(entity="contact", field="phone", counts_from="last_verified_on", min_months=12, max_months=24)
    contact = person(boss)
    assert said(boss, contact)["field:phone"]["until"] == day(rows, "+ interval '1 year' - interval '1 day'")
    verified = person(boss, last_verified_on="2015-01-01")
    assert said(boss, verified)["field:phone"]["since"] == "2017-01-02"


def test_the_case_shows_it_before_anything_is_erased(boss, browser, rows, rule, workspace):
    rule(entity="contact", field="phone", counts_from="created_at", min_months=84)
    contact = person(boss)
    case = record(boss, kind="erasure", contact_ids=[contact])
    until = day(rows, "+ interval '7 years' - interval '1 day'")
    shown = boss.ok("GET", f"/privacy/requests/{case['id']}")["retention"]
    assert [(s["contact_id"], s["what"], s["until"], s["law"]) for s in shown] == [(contact, "field:phone", until, LAW)]
    page = browser.get(f"/privacy/requests/{case['id']}").text
    assert "What a law keeps" in page and "kept by law until" in page and LAW in page
    # Only of an erasure, and only for whoever runs requests.
    assert "retention" not in record(boss, kind="correction", contact_ids=[person(boss)])
    member = workspace.add_user("staff")
    own = record(member.api(), kind="erasure", contact_ids=[])
    assert "retention" not in member.api().ok("GET", f"/privacy/requests/{own['id']}")
    page = browser.get(f"/contacts/{contact}/erase").text
    assert "kept by law until" in page and LAW in page


def test_a_rule_that_is_taken_out_keeps_nothing_any_more_but_what_was_erased_by_it(boss, rows):
    number = boss.ok("POST", "/privacy/retention-rules", status=201, json={
        "entity": "contact", "field": "phone", "counts_from": "created_at", "min_months": 84, "law": LAW})["id"]
    before, after = person(boss), person(boss)
    erase(boss, before)
    boss.ok("DELETE", f"/privacy/retention-rules/{number}", status=204)
    assert boss.delete(f"/privacy/retention-rules/{number}").status_code == 404
    assert [k["what"] for k in boss.ok("GET", f"/contacts/{before}/erase")["kept"] if k["until"]] == ["field:phone"]
    assert said(boss, after) == {}
    assert [k for k in erase(boss, after)["kept"] if k["until"]] == []


WRONG = [
    ({"entity": "invoice"}, "entity"),
    ({"entity": "nothing"}, "entity"),
    ({"counts_from": "happened_at"}, "counts_from"),
    ({"counts_from": "date_of_birth"}, "counts_from"),
    ({"counts_from": ""}, "counts_from"),
    ({"field": "phone", "category": "contact"}, "category"),
    ({"field": "owner_id"}, "field"),
    ({"field": "no_such"}, "field"),
    ({"entity": "message", "field": "phone"}, "field"),
    ({"category": "none"}, "category"),
    ({"min_months": None}, "min_months"),
    ({"min_months": 0}, "min_months"),
    ({"min_months": 1201}, "min_months"),
    ({"min_months": 24, "max_months": 12}, "max_months"),
    ({"law": "  "}, "law"),
]


@pytest.mark.parametrize("change, at", WRONG)
def test_what_is_no_rule(boss, change, at):
    body = {"entity": "contact", "counts_from": "created_at", "min_months": 12, "law": LAW, **change}
    answer = boss.post("/privacy/retention-rules", json={k: v for k, v in body.items() if v is not None})
    assert answer.status_code == 422 and at in answer.json()["errors"], answer.text


def test_the_page_keeps_what_was_typed(browser, boss, rows):
    page = browser.get("/privacy/retention").text
    assert "Cap. 112 s.51C" in page and "Built in" in page and "kept for 84 months at least" in page
    body = {"entity": "contact", "counts_from": "created_at", "min_months": "24", "max_months": "12", "law": "Typed law"}
    again = browser.write("/privacy/retention", **body)
    assert again.status_code == 422 and "Typed law" in again.text
    assert browser.write("/privacy/retention", **{**body, "max_months": "36"}).status_code == 303
    made = next(r for r in boss.ok("GET", "/privacy/retention-rules")["items"] if r["law"] == "Typed law")
    assert (made["min_months"], made["max_months"], made["builtin"]) == (24, 36, False)
    assert browser.write(f"/privacy/retention/{made['id']}/remove").status_code == 303
    rows.execute("select count(*) from audit_event where action = 'retention' and entity = 'retention_rule' and record_ids = array[%s::bigint]",
                 [made["id"]])
    assert rows.fetchone() == (2,)


def test_what_a_law_sets_is_taken_out_by_nobody(boss, rows, workspace):
    builtin = [r["id"] for r in boss.ok("GET", "/privacy/retention-rules")["items"] if r["builtin"]]
    assert len(builtin) == 3
    assert boss.delete(f"/privacy/retention-rules/{builtin[0]}").status_code == 404
    rows.execute("select current_database()")
    role = rows.fetchone()[0]
    for statement in ("update retention_rule set active = false where rule_id = %s" % builtin[0],
                      "update retention_rule set min_months = 1",
                      "delete from retention_rule",
                      "insert into retention_rule (entity, counts_from, term) values ('message', 'created_at', 'x')",
                      "insert into retention_rule (entity, counts_from, min_months, law) values ('invoice', 'created_at', 1, 'x')"):
        rows.execute("begin")
        rows.execute(f'set local role "{role}"')
        with pytest.raises(psycopg2.Error):
            rows.execute(statement)
        rows.execute("rollback")


def test_who_may_not(workspace, boss):
    member = workspace.add_user("staff").api()
    assert member.get("/privacy/retention-rules").status_code == 403
    assert member.post("/privacy/retention-rules", json={}).status_code == 403
    contact = person(boss)
    assert member.get(f"/contacts/{contact}/retention").status_code == member.get(f"/contacts/{contact}").status_code
    assert boss.get("/contacts/99999999/retention").status_code == 404
