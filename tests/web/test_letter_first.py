# SPDX-License-Identifier: ISC
"""What the law wants notice of is told before it is done: a step waits for its letter, on page, in JSON and in the
database; a refusal stands in the log book before its notice goes out."""
import time

import psycopg2
import pytest

import routes
from test_pdpo_rows import refused_event
from test_request_states import OPEN, Bench, body, table
from test_requests import DAY, NOTICES, last_day, record, sent, step, take, today


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def case_of(client, case):
    return client.ok("GET", f"/privacy/requests/{case['id']}")


def prepared(client, case, action, **values):
    answer = take(client, case, action, prepare=True, **values)
    assert answer.status_code == 200, answer.text
    return answer.json()


def entries(client, case):
    return [e for e in client.ok("GET", "/privacy/logbook", params={"limit": 200})["items"] if e["request_id"] == case["id"]]


PATIENCE = 60
REFUSAL = {"ground": "20(3)(b)", "reason": "No year & no branch"}


@pytest.mark.parametrize("kind", [k for k in OPEN if NOTICES[k]])
def test_no_such_step_from_any_state_before_its_letter(workspace, kind):
    workspace.add_user("administrator")
    bench, tried, found = Bench(workspace, kind, letters=False), 0, []
    for state, action in sorted({(s, a) for s, a, _ in table(kind)}):
        if action not in NOTICES[kind]:
            continue
        tried += 1
        bench.put(state)
        seen = bench.api.ok("GET", f"/privacy/requests/{bench.id}")
        answer = take(bench.api, {"id": bench.id}, action, **body(action, kind, bench.other))
        to = "erased" if action == "erase" else None
        code = refused_event(workspace, {"id": bench.id}, action, {}, to=to, ground="20(3)(b)")
        if (seen["missing"].get(action), answer.status_code, bench.state(), code) != (["letter"], 409, state, "PR022") or \
                "has to go out first" not in answer.json()["detail"]:
            found.append((state, action, seen["missing"].get(action), answer.text, code))
    bench.connection.close()
    assert tried >= len(NOTICES[kind]) and not found, found


def test_a_refusal_that_was_prepared_and_not_taken_is_corrected(boss, rows):
    case = record(boss)
    prepared(boss, case, "refuse", **REFUSAL)
    (entry,) = entries(boss, case)
    step(boss, case, "withdraw", reason="She does not want it any more")
    entered = {e["id"]: e for e in entries(boss, case)}
    (correction,) = (e for e in entered.values() if e["corrects"] == entry["id"])
    assert len(entered) == 2 and correction["ground"] == "20(3)(b)" and correction["notice_on"] == entry["notice_on"]
    assert correction["reasons"].startswith("Not refused after all") and entered[entry["id"]] == entry
    # One that was taken stands as it is.
    other = record(boss)
    step(boss, other, "refuse", **REFUSAL)
    assert [e["corrects"] for e in entries(boss, other)] == [None]


def test_a_correction_of_the_book_is_in_the_requests_language(boss, rows):
    case = record(boss, language="zh-Hant")
    prepared(boss, case, "refuse", **REFUSAL)
    prepared(boss, case, "refuse", ground="20(3)(a)", reason="Other words")
    before = entries(boss, case)
    step(boss, case, "withdraw", reason="x")
    made = [e for e in entries(boss, case) if e["id"] not in {b["id"] for b in before}]
    assert len(made) == 1 and made[0]["reasons"].startswith("最終沒有拒絕") and made[0]["corrects"] == max(b["id"] for b in before)


def test_written_is_not_sent_and_another_letter_is_another(boss, rows):
    case = record(boss)
    prepared(boss, case, "refuse", **REFUSAL)
    sent(boss, case, "acknowledge", today(rows))
    sent(boss, case, "withdrawn", today(rows))
    boss.ok("POST", f"/privacy/requests/{case['id']}/letters", status=201, json={"letter": "refuse"})
    assert case_of(boss, case)["missing"]["refuse"] == ["letter"]
    assert routes.problem(take(boss, case, "refuse"), 409) is None
    sent(boss, case, "refuse", today(rows))
    assert take(boss, case, "refuse").json()["state"] == "refused"


def test_a_mail_that_was_not_taken_is_no_notice(boss, rows):
    case = record(boss)
    prepared(boss, case, "withdraw", reason="By letter of 3 May")
    path = f"/privacy/requests/{case['id']}/letters"
    made = boss.ok("POST", path, status=201, json={"letter": "withdrawn"})
    boss.ok("POST", f"{path}/{made['id']}/send", json={"email": "refused@example.com"})
    end = time.monotonic() + PATIENCE
    while boss.ok("GET", f"{path}/{made['id']}")["mail_state"] != "failed":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert case_of(boss, case)["missing"]["withdraw"] == ["letter"]
    boss.ok("POST", f"{path}/{made['id']}/posted", json={"on": str(today(rows))})
    assert take(boss, case, "withdraw").json()["state"] == "withdrawn"


def test_each_delay_has_a_notice_of_its_own(boss, rows):
    case = record(boss)
    for reason in ("The archive is large", "It is larger still"):
        assert routes.problem(take(boss, case, "delay", reason=reason), 409) is None
        prepared(boss, case, "delay", reason=reason)
        letter = boss.ok("POST", f"/privacy/requests/{case['id']}/letters", status=201, json={"letter": "delay"})
        assert reason in letter["body"]
        boss.ok("POST", f"/privacy/requests/{case['id']}/letters/{letter['id']}/posted", json={"on": str(today(rows))})
        assert take(boss, case, "delay").json()["state"] == "delay_noticed"


def test_what_was_prepared_is_in_the_letter_and_is_not_typed_again(boss, rows):
    case = record(boss, requestor="Lam On")
    seen = prepared(boss, case, "refuse", prejudice="None", **REFUSAL)
    assert seen["state"] == "received" and seen["missing"]["refuse"] == ["letter"]
    assert {"action": "refuse", "letter": "refuse", "law": "21(1)"} in case_of(boss, case)["letters_due"]
    letter = boss.ok("POST", f"/privacy/requests/{case['id']}/letters", status=201, json={"letter": "refuse"})
    assert "section 20(3)(b)" in letter["body"] and "No year & no branch" in letter["body"]
    assert [e["ground"] for e in entries(boss, case)] == ["20(3)(b)"], "in the log book before the notice"
    boss.ok("POST", f"/privacy/requests/{case['id']}/letters/{letter['id']}/posted", json={"on": str(today(rows))})
    assert take(boss, case, "refuse").json()["state"] == "refused"
    event = case_of(boss, case)["events"][0]
    assert event["action"] == "refuse" and event["ground"] == "20(3)(b)" and "No year & no branch" in event["text"]
    assert len(entries(boss, case)) == 1 and entries(boss, case)[0]["notice_on"] == str(today(rows))
    rows.execute("select count(*) from request_event where request_id = %s and note::text like '%%branch%%'", [case["id"]])
    assert rows.fetchone() == (0,), "not in plain"


def test_another_ground_than_the_one_prepared_is_a_correcting_entry(boss, rows):
    case = record(boss)
    prepared(boss, case, "refuse", **REFUSAL)
    prepared(boss, case, "refuse", ground="20(3)(a)", reason="In French")
    second, first = entries(boss, case)
    assert (first["ground"], second["ground"], second["corrects"]) == ("20(3)(b)", "20(3)(a)", first["id"])
    sent(boss, case, "refuse", today(rows))
    assert take(boss, case, "refuse", ground="20(3)(e)", reason="Not on the form").json()["state"] == "refused"
    assert [e["ground"] for e in entries(boss, case)] == ["20(3)(e)", "20(3)(a)", "20(3)(b)"]


@pytest.mark.parametrize("letter, kind", [("refuse", "access"), ("no_disclosure", "access"), ("partial", "access"),
                                          ("correction_refused", "correction")])
def test_no_notice_of_refusal_before_the_log_book(boss, workspace, rows, letter, kind):
    case = record(boss, kind=kind)
    path = f"/privacy/requests/{case['id']}/letters"
    made = boss.ok("POST", path, status=201, json={"letter": letter, "body": "By hand"})
    for answer in (boss.post(f"{path}/{made['id']}/posted", json={"on": str(today(rows))}),
                   boss.post(f"{path}/{made['id']}/send", json={"email": "a@example.com"}),
                   workspace.admin.browser().write(f"{path}/{made['id']}/posted", on=str(today(rows)))):
        assert answer.status_code == 409 and "log book" in answer.text
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update letter set sent_how = 'post', sent_on = hk_today() where letter_id = %s", [made["id"]])
    assert refused.value.pgcode == "PR044"


def test_what_was_told_in_time_is_not_late(boss, rows):
    """Written down on the day after the last: the notice counts, not the click."""
    for action, values, state in (("refuse", REFUSAL, "refused"), ("delay", {"reason": "The archive is large"}, "delay_noticed")):
        case = record(boss)
        prepared(boss, case, action, **values)
        sent(boss, case, action, today(rows))
        last_day(rows, case, today(rows) - DAY)
        rows.execute("alter table letter disable trigger kept")
        rows.execute("update letter set sent_on = hk_today() - 1 where request_id = %s", [case["id"]])
        rows.execute("alter table letter enable trigger kept")
        done = take(boss, case, action).json()
        assert (done["state"], done["late"]) == (state, False)
    late = record(boss)
    prepared(boss, late, "refuse", **REFUSAL)
    sent(boss, late, "refuse", today(rows))
    last_day(rows, late, today(rows) - DAY)
    assert "late_reason" in take(boss, late, "refuse").json()["errors"]
    assert take(boss, late, "refuse", late_reason="It lay in a drawer").json()["late"] is True
    assert [e["late"] for e in entries(boss, late)] == [True, False], "the log book says so, by a correcting entry"


def test_what_cannot_be_prepared(boss, workspace):
    case = record(boss)
    for action, values in (("search", {}), ("clarify", {"reason": "x"}), ("verify", {"how": "known"})):
        assert "prepare" in take(boss, case, action, prepare=True, **values).json()["errors"], action
    for values, field in (({"reason": "x"}, "ground"), ({"ground": "20(3)(b)"}, "reason"), ({**REFUSAL, "supplied": "x"}, "supplied"),
                          ({**REFUSAL, "ground": "24(1)"}, "ground")):
        answer = take(boss, case, "refuse", prepare=True, **values)
        assert answer.status_code == 422 and field in answer.json()["errors"]
    assert routes.problem(take(boss, case, "comply", prepare=True), 409) is None, "no such step of this state"
    staff = workspace.add_user("staff").api()
    assert routes.problem(take(staff, record(staff), "refuse", prepare=True, **REFUSAL), 403) is None
    assert entries(boss, case) == [] and case_of(boss, case)["letters_due"][-1]["action"] == "record"


@pytest.mark.parametrize("lang, words", [("en", ("Go on to the letter", "its letter sent", "Refused")),
                                         ("zh-Hant", ("繼續撰寫信件", "發出有關信件", "已拒絕"))])
def test_the_way_through_the_pages(boss, workspace, rows, lang, words):
    window = workspace.admin.browser()
    window.write("/language", lang=lang, back="/privacy")
    path = f"/privacy/requests/{record(boss, language=lang)['id']}"
    page = window.page(path)
    assert words[1] in page and f'href="{path}/refuse"' in page
    assert words[0] in window.page(f"{path}/refuse")
    form = window.form(f"{path}/refuse", f"{path}/refuse")
    wrong = window.submit(form, reason="Kept <text>")
    assert wrong.status_code == 422 and routes.marked(wrong, "ground") and "Kept &lt;text&gt;" in wrong.text
    answer = window.submit(form, reason="No <year>", ground="20(3)(b)")
    assert answer.status_code == 303 and answer.headers["Location"] == f"{path}/letters/new?kind=refuse"
    letter = window.submit(window.form(f"{path}/letters/new?kind=refuse", f"{path}/letters")).headers["Location"]
    assert f'href="{path}/refuse"' not in window.page(letter)
    assert window.submit(window.form(letter, f"{letter}/posted"), on=str(today(rows))).status_code == 303
    assert f'href="{path}/refuse"' in window.page(letter), "the step that waited for it"
    last = window.page(f"{path}/refuse")
    assert "No &lt;year&gt;" in last and words[0] not in last
    assert window.submit(window.form(f"{path}/refuse", f"{path}/refuse")).status_code == 303
    assert words[2] in window.page(path)
    window.write("/language", lang="en", back="/privacy")


def test_an_outcome_of_an_erasure_is_told_while_it_can_be(boss, workspace, rows):
    """Its case holds nothing of the person afterwards."""
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Tai Man"})["id"]
    case = record(boss, kind="erasure", contact_ids=[person])
    assert take(boss, case, "verify", how="known").status_code == 200
    assert take(boss, case, "assess").status_code == 200
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    assert case_of(boss, case)["missing"]["erase"] == ["letter"]
    path = f"/privacy/requests/{case['id']}"
    window = workspace.admin.browser()
    assert f'href="{path}/letters/new?kind=erasure"' in window.page(path) and window.get(f"{path}/erase").status_code == 409
    assert routes.problem(take(boss, case, "erase"), 409) is None
    sent(boss, case, "erasure", today(rows))
    assert take(boss, case, "erase").json()["state"] == "erased"
