# SPDX-License-Identifier: ISC
"""Row 33 of the fact sheet and its neighbours: who was erased is not made anew by form, program, file or mail; who opted out
gets no marketing from that moment."""
import itertools
import json
import re
import sys
from pathlib import Path

import pytest

from exports import ask, fetch, set_threshold, table
from test_import import failed_rows, import_file
from test_mail_in import mail

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

count = itertools.count(1)


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def sales(workspace):
    return workspace.add_user("sales").api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def somebody(api, **more):
    n = next(count)
    body = {"name_en": f"SUPP Person{n}", "email": f"Supp{n}@Example.com", "phone": f"+8529100{n:04}", **more}
    return {"id": api.ok("POST", "/contacts", json=body)["id"], **body}


def erase(api, who):
    api.ok("POST", f"/contacts/{who['id']}/erase", json={"reason": "subject_request", "confirm": str(who["id"])})
    assert wait_until(lambda: searched(api, who), 60)


def searched(api, who):
    """Uploads that speak of the person go in that search, and would go with the test's."""
    stages = api.ok("GET", f"/contacts/{who['id']}/erase")["stages"]
    return next(s["at"] for s in stages if s["stage"] == "scanned")


@pytest.fixture
def gone(api):
    who = somebody(api)
    erase(api, who)
    return who


def today(rows):
    rows.execute("select hk_today()::text")
    return rows.fetchone()[0]


def refused(answer, field):
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert list(errors) == [field], errors
    return errors[field]


def change(api, who, **values):
    version = api.ok("GET", f"/contacts/{who['id']}")["version"]
    return api.patch(f"/contacts/{who['id']}", json=values, headers={"If-Match": str(version)})


def other_ways(who):
    """The same number and address in other forms."""
    local = who["phone"][4:]
    return [("phone", local), ("phone", f"(852) {local[:4]} {local[4:]}"), ("phone2", f"+852-{local}"), ("whatsapp", who["phone"]),
            ("email", who["email"].upper()), ("email2", who["email"].lower())]


def test_the_program_makes_nobody_anew_in_any_form(api, gone, rows):
    for field, text in other_ways(gone):
        said = refused(api.post("/contacts", json={"name_en": "SUPP Again", field: text}), field)
        assert f"erased on {today(rows)}" in said, said
    rows.execute("select count(*) from contact where name_en = 'SUPP Again'")
    assert rows.fetchone() == (0,)


def test_whoever_may_not_know_gets_a_neutral_word(sales, gone):
    said = refused(sales.post("/contacts", json={"name_en": "SUPP Again", "phone": gone["phone"]}), "phone")
    assert "erased" not in said and not re.search(r"\d", said)


def test_nor_by_a_change_of_somebody_else(api, gone):
    other = somebody(api)
    refused(change(api, other, phone2=gone["phone"]), "phone2")
    assert api.ok("GET", f"/contacts/{other['id']}")["phone2"] is None
    # What stays as it is asks nothing.
    assert change(api, other, phone=other["phone"], english_name="Kit").status_code == 200


def test_the_form_says_so(workspace, gone):
    window = workspace.admin.browser()
    answer = window.write("/contacts", name_en="SUPP Form", email=gone["email"])
    assert answer.status_code == 422 and "Blocked: erased on" in answer.text
    assert gone["email"] in answer.text, "what was typed is there again"


def test_row_33_a_file_skips_and_reports(api, gone, rows):
    free = f"supp-free{next(count)}@example.com"
    local = gone["phone"][4:]
    result = import_file(api, f"name_en,phone,email\nSUPP Filed,{local[:4]} {local[4:]},\nSUPP Filed2,,{gone['email'].upper()}\n"
                              f"SUPP Filed3,,{free}\n")
    assert (result["created"], result["failed"]) == (1, 2), result
    reported = failed_rows(api, result)
    assert [r[0] for r in reported[1:]] == ["SUPP Filed", "SUPP Filed2"]
    assert all(f"Blocked: erased on {today(rows)}" in r[-1] for r in reported[1:])


def test_a_file_reports_a_neutral_word_to_others(workspace, gone):
    person = workspace.add_user("sales").api()
    result = import_file(person, f"name_en,phone\nSUPP Filed,{gone['phone']}\n")
    assert result["failed"] == 1
    said = failed_rows(person, result)[1][-1]
    assert "cannot be kept here" in said and "erased" not in said


def test_a_file_that_changes_people_meets_it_too(api, gone):
    other, third = somebody(api), somebody(api)
    chosen = json.dumps({"columns": {"name_en": "name_en", "email": "email", "phone": "phone"}, "match": "email"})
    result = import_file(api, f"email,name_en,phone\n{other['email']},SUPP Changed,{gone['phone']}\n"
                              f"{third['email']},SUPP Changed,\n", mode="update", map=chosen)
    assert (result["updated"], result["failed"]) == (1, 1), result
    assert api.ok("GET", f"/contacts/{other['id']}")["phone"] == other["phone"]


def test_mail_of_an_erased_person_makes_nobody(workspace, gone, rows):
    done_ = workspace.stack.praya("mail-in", workspace.slug, "--json", stdin=mail(f"Back <{gone['email']}>").encode(),
                                  check=False, binary=True)
    assert done_.returncode in (0, 65), done_.stderr
    rows.execute("select count(*) from contact where email_lower = lower(%s)", [gone["email"]])
    assert rows.fetchone() == (0,)


def test_nothing_of_the_person_is_in_the_list(gone, rows):
    rows.execute("select count(*), bool_and(octet_length(digest) = 16) from suppression")
    n, short = rows.fetchone()
    assert n >= 2 and short
    rows.execute("select string_agg(s::text, ' ') from suppression s")
    text = rows.fetchone()[0].lower()
    assert gone["phone"][1:] not in text and gone["email"].lower() not in text


@pytest.mark.parametrize("statement", [
    "delete from suppression", "update suppression set digest = '\\x00'", "update suppression set kind = 'opt_out'",
    "truncate suppression",
])
def test_nobody_takes_it_out(workspace, gone, rows, statement):
    rows.execute("set role praya_tenant")
    with pytest.raises(Exception, match="permission denied"):
        rows.execute(statement)


def look(api, **what):
    return api.ok("POST", "/privacy/suppression", json=what)["items"]


def test_asking_about_one(api, gone, rows):
    day = today(rows)
    assert look(api, phone=gone["phone"][4:], email=gone["email"]) == [
        {"what": w, "blocked": True, "marketing_stopped": True, "erased_on": day, "returned_on": None, "opted_out_on": None}
        for w in ("phone", "email")]
    [free] = look(api, email="nobody-at-all@example.com")
    assert (free["blocked"], free["marketing_stopped"], free["erased_on"]) == (False, False, None)


@pytest.mark.parametrize("path", ["/privacy/suppression", "/privacy/suppression/returned"])
@pytest.mark.parametrize("body, field", [
    ({}, "phone"), ({"phone": "twelve"}, "phone"), ({"email": "no address"}, "email"),
    ({"email": "a@example.com", "contact_id": 1}, "contact_id")])
def test_what_cannot_be_asked(api, path, body, field):
    answer = api.post(path, json={**body, **({"how": "counter"} if "returned" in path else {})})
    assert answer.status_code == 422 and field in answer.json()["errors"]


def test_the_way_back_needs_to_say_how(api, gone):
    for how in (None, "", "because"):
        body = {"phone": gone["phone"], **({} if how is None else {"how": how})}
        answer = api.post("/privacy/suppression/returned", json=body)
        assert answer.status_code == 422 and "how" in answer.json()["errors"]
    refused(api.post("/contacts", json={"name_en": "SUPP Again", "phone": gone["phone"]}), "phone")


def test_who_comes_back_gets_a_new_record_and_no_marketing(api, gone, rows):
    both = {"phone": gone["phone"], "email": gone["email"]}
    items = api.ok("POST", "/privacy/suppression/returned", json={**both, "how": "counter"})["items"]
    assert [i["blocked"] for i in items] == [False, False] and all(i["returned_on"] for i in items)
    assert api.post("/privacy/suppression/returned", json={**both, "how": "counter"}).status_code == 409
    new = api.ok("POST", "/contacts", json={"name_en": "SUPP Returned", **both})
    assert new["marketing_stopped_at"] is not None
    rows.execute("select count(*) from audit_event where entity = 'suppression' and reason = 'came_back' and action = 'update'")
    assert rows.fetchone()[0] >= 2
    # Erased once more, blocked once more.
    erase(api, {"id": new["id"]})
    refused(api.post("/contacts", json={"name_en": "SUPP Again", "email": gone["email"]}), "email")


def test_only_those_who_run_requests_ask(sales, gone):
    assert sales.post("/privacy/suppression", json={"phone": gone["phone"]}).status_code == 403
    assert sales.post("/privacy/suppression/returned", json={"phone": gone["phone"], "how": "phone"}).status_code == 403


def test_the_page_finds_and_lets_back(workspace, gone, api):
    window = workspace.admin.browser()
    form = window.form("/privacy/suppression", "/privacy/suppression")
    answer = window.submit(form, phone=gone["phone"])
    assert answer.status_code == 200 and "Makes no new record" in answer.text and "How they came back" in answer.text
    assert gone["phone"] in answer.text
    back = window.write("/privacy/suppression/returned", phone=gone["phone"], how="letter")
    assert back.status_code in (200, 303), back.text
    assert look(api, phone=gone["phone"])[0]["blocked"] is False


# ---- opting out


def opt_out(api, **more):
    return api.ok("POST", "/privacy/requests", status=201, json={"kind": "opt_out", "channel": "phone", **more})


def test_row_32_opting_out_stops_marketing_at_once(api, rows):
    who, twin = somebody(api), None
    twin = somebody(api, phone2=who["phone"])
    stays = somebody(api)
    assert api.ok("GET", f"/contacts/{who['id']}")["marketing_stopped_at"] is None
    opt_out(api, contact_ids=[who["id"]], requestor={"name": who["name_en"]})
    assert api.ok("GET", f"/contacts/{who['id']}")["marketing_stopped_at"] is not None
    assert api.ok("GET", f"/contacts/{twin['id']}")["marketing_stopped_at"] is not None, "the same number"
    assert api.ok("GET", f"/contacts/{stays['id']}")["marketing_stopped_at"] is None
    # The record stays, and is changed and found as before.
    assert change(api, who, english_name="Kit").status_code == 200
    [line] = look(api, email=who["email"])
    assert (line["blocked"], line["marketing_stopped"]) == (False, True) and line["opted_out_on"]


def test_opting_out_without_a_contact(api):
    n = next(count)
    opt_out(api, requestor={"name": "SUPP Stranger", "phone": f"9100 {n:04}", "email": f"stranger{n}@example.com"})
    new = api.ok("POST", "/contacts", json={"name_en": "SUPP Later", "phone": f"+8529100{n:04}"})
    assert new["marketing_stopped_at"] is not None
    changed = somebody(api)
    assert change(api, changed, email2=f"Stranger{n}@example.com").status_code == 200
    assert api.ok("GET", f"/contacts/{changed['id']}")["marketing_stopped_at"] is not None


def names(api, answer):
    return {row["name_en"] for row in table(fetch(api, answer["job"]))}


def test_a_mailing_leaves_them_out_and_other_exports_do_not(api):
    out, stays = somebody(api, bio="suppmailing"), somebody(api, bio="suppmailing")
    opt_out(api, contact_ids=[out["id"]], requestor={"name": out["name_en"]})
    chosen = {"q": "SUPP Person", "fields": ["name_en"]}
    mailing = names(api, ask(api, **chosen, reason="campaign"))
    assert stays["name_en"] in mailing and out["name_en"] not in mailing
    assert out["name_en"] in names(api, ask(api, **chosen, reason="report"))


def test_row_32_a_mailing_that_waits_loses_who_opts_out(workspace, api):
    out, stays = somebody(api), somebody(api)
    second = workspace.add_user("administrator").api()
    set_threshold(workspace, 1)
    try:
        waits = ask(api, q="SUPP Person", fields=["name_en"], reason="campaign")
        assert waits["state"] == "waiting"
        opt_out(api, contact_ids=[out["id"]], requestor={"name": out["name_en"]})
        second.ok("POST", f"/exports/{waits['export']}/approve", json={"note": "For the mailing"})
    finally:
        set_threshold(workspace, 500)
    mailing = names(api, api.ok("GET", f"/exports/{waits['export']}"))
    assert stays["name_en"] in mailing and out["name_en"] not in mailing


def test_an_erased_person_can_still_make_a_request(api, gone):
    made = api.ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "email", "requestor": {"name": "SUPP Asks", "email": gone["email"], "phone": gone["phone"]}})
    assert made["reference"]
