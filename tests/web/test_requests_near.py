# SPDX-License-Identifier: ISC
"""A privacy request as whoever is no lawyer meets it: which step comes next, what waits for
what, and what has to happen when its last day comes near."""
import html
import re

import pytest

from harness import parse_forms
from jobs import done

NEXT = re.compile(r'class="button button-primary"[^>]*>([^<]*)<')
SOON = "an answer in writing has to go out"
PAST = "The answer is still owed"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def alone(stack):
    """Where nobody else may approve."""
    workspace = stack.new_workspace()
    return workspace, workspace.admin.api(), workspace.admin.browser()


def record(workspace, boss, days=None, **values):
    """Received that many days ago, at its first moment; at this moment where none are said."""
    if days is not None:
        cursor = workspace.database().cursor()
        cursor.execute("select (hk_today() - %s)::text", [days])
        values["received_at"] = cursor.fetchone()[0]
    return boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", **values})


def page(browser, case):
    return html.unescape(browser.page(f"/privacy/requests/{case['id']}"))


def step(boss, case, action, **values):
    version = boss.ok("GET", f"/privacy/requests/{case['id']}")["version"]
    boss.ok("POST", f"/privacy/requests/{case['id']}/{action}", headers={"If-Match": str(version)}, json=values)


def following(text):
    """The one button that stands out."""
    card = text[text.index('aria-labelledby="next"'):]
    return NEXT.findall(card[:card.index("</section>")])


def test_one_step_stands_out_from_receipt_to_the_answer(workspace, boss, browser):
    case = record(workspace, boss)
    assert following(page(browser, case)) == ["Record the identity check"]
    step(boss, case, "verify", how="known")
    assert following(page(browser, case)) == ["Search for the data"]
    step(boss, case, "search")
    step(boss, case, "review")
    assert len(following(page(browser, case))) == 1
    wrong = record(workspace, boss, kind="correction")
    assert following(page(browser, wrong)) == ["Record the identity check"]
    gone = record(workspace, boss, kind="erasure")
    step(boss, gone, "verify", how="known")
    assert following(page(browser, gone)) == ["Assess"]


def test_the_copy_comes_before_its_approval_and_the_package_behind_it(workspace, boss, browser):
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "CHAN Tai Man", "email": "copy@near.example"})["id"]
    second = workspace.add_user("privacy_officer")
    case = record(workspace, boss, contact_ids=[person])
    path = f"/privacy/requests/{case['id']}"
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    assert following(page(browser, case)) == ["Put the copy together"]
    done(boss, boss.ok("POST", f"{path}/copy", status=202)["job"])
    assert following(page(browser, case)) == ["Look through the copy"]
    form = [f for f in parse_forms(browser.page(f"{path}/copy"), f"{path}/copy") if f.action == f"{path}/copy/rest"]
    browser.submit(form[0], what="unmarked")
    # Whoever put it together does not approve it: no button that would be refused, but who may.
    mine = page(browser, case)
    assert following(mine) == [] and "by somebody else with the right to:" in mine and second.email.split("@")[0] in mine
    assert following(page(second.browser(), case)) == ["Approve the answer"]
    step(second.api(), case, "approve")
    assert following(page(browser, case)) == ["Make the package"]


def test_a_copy_of_nothing_is_put_together_once(alone):
    """Who was added after the day of receipt: nothing was held of them."""
    workspace, boss, browser = alone
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "LEE Later"})["id"]
    case = record(workspace, boss, 1, contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    done(boss, boss.ok("POST", f"/privacy/requests/{case['id']}/copy", status=202)["job"])
    assert following(page(browser, case)) == ["Approve the answer"]


def test_a_file_instead_of_the_copy_needs_none(alone):
    workspace, boss, browser = alone
    case = record(workspace, boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    boss.ok("POST", f"/privacy/requests/{case['id']}/files", status=201, files={"file": ("answer.pdf", b"%PDF-1.4 x", "application/pdf")})
    assert following(page(browser, case)) == ["Approve the answer"]


def test_what_can_be_begun_is_not_said_to_wait(alone):
    workspace, boss, browser = alone
    text = page(browser, record(workspace, boss))
    assert "Not yet" not in text
    assert "Each goes with its letter sent first: Give notice of delay, Refuse to comply" in text
    case = record(workspace, boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    text = page(browser, case)
    assert "Not yet" in text and "its letter sent" in text, "what lacks more than its letter"


@pytest.mark.parametrize("kind", ["access", "correction"])
@pytest.mark.parametrize("days, words", [(20, None), (38, SOON), (60, PAST)])
def test_near_the_last_day_it_says_what_has_to_happen(workspace, boss, browser, kind, days, words):
    text = page(browser, record(workspace, boss, days, kind=kind))
    assert [w for w in (SOON, PAST) if w in text] == ([words] if words else [])


def test_not_where_no_law_sets_a_day_nor_behind_a_notice_of_delay(workspace, boss, browser):
    assert SOON not in page(browser, record(workspace, boss, 38, kind="erasure"))
    case = record(workspace, boss, 38)
    values = {"reason": "The archive is large"}
    path = f"/privacy/requests/{case['id']}"
    boss.ok("POST", f"{path}/delay", headers={"If-Match": str(case["version"])}, json={"prepare": True, **values})
    made = boss.ok("POST", f"{path}/letters", status=201, json={"letter": "delay", "body": "By hand"})
    boss.ok("POST", f"{path}/letters/{made['id']}/send", json={"email": "chan@example.com"})
    step(boss, case, "delay", **values)
    assert SOON not in page(browser, case)


def test_that_it_is_no_request_is_for_a_second_person_to_say(workspace, boss, browser):
    second = workspace.add_user("privacy_officer")
    case = record(workspace, boss)
    action = f'href="/privacy/requests/{case["id"]}/not_a_request"'
    assert action not in page(browser, case) and "by somebody else with the right to:" in page(browser, case)
    assert action in page(second.browser(), case)


def test_who_is_alone_says_it_alone(alone):
    workspace, boss, browser = alone
    case = record(workspace, boss)
    assert "/not_a_request" in page(browser, case) and "somebody else" not in page(browser, case)
