# SPDX-License-Identifier: ISC
"""Large exports wait for a second person; what is tried to get around that."""
import concurrent.futures
import re

import pytest

from exports import ask, fetch, set_threshold, table
from jobs import done
from mails import mail_to, mails_to, text_of
from profiles import everything, make_profile, set_rights

NOTE = "The board wants to see these"


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def seller(workspace, rows):
    """The profile of those who export; and ten people to export."""
    api = workspace.admin.api()
    for n in range(10):
        api.ok("POST", "/contacts", json={"name_en": f"Customer {n}", "salary": {"amount": "43210.50", "currency": "HKD"}})
    set_threshold(workspace, 5)
    return make_profile(rows.connection, everything("all"), new_sealed="edit")


@pytest.fixture
def asker(workspace, seller):
    """Somebody who has taken out nothing today."""
    return workspace.add_user(seller)


@pytest.fixture(scope="module")
def approver(workspace):
    return workspace.add_user("privacy_officer")


def waiting(api, **body):
    answer = ask(api, **body)
    assert answer["state"] == "waiting" and answer["job"] is None, answer
    return answer["export"]


def test_below_the_threshold_nobody_is_asked(asker):
    api = asker.api()
    answer = ask(api, q="Customer 1")
    assert answer["state"] == "running" and answer["count"] == 1
    assert len(table(fetch(api, answer["job"]))) == 1


def test_above_it_waits_until_somebody_approves(workspace, asker, approver):
    api, officer = asker.api(), approver.api()
    number = waiting(api, reason="campaign")
    mine = api.ok("GET", f"/exports/{number}")
    assert (mine["state"], mine["asked"], mine["threshold"], mine["allowed"]) == ("waiting", 10, 5, ["cancel"])
    assert mine["download"] is None and mine["job"] is None
    seen = officer.ok("GET", f"/exports/{number}")
    assert seen["created_by"]["name"] and seen["allowed"] == ["approve", "reject"]
    approved = officer.ok("POST", f"/exports/{number}/approve", json={"note": "For the autumn mailing"})
    assert (approved["state"], approved["approved"], approved["alone"]) == ("running", 10, False)
    ready = api.ok("GET", f"/exports/{number}")
    files = fetch(api, ready["job"])
    assert len(table(files)) == 10
    note = files["export-note.txt"].decode()
    assert approver.email in note and asker.email in note and "For the autumn mailing" in note
    end = api.ok("GET", f"/exports/{number}")
    assert (end["state"], end["exported"], end["fetched"]) == ("done", 10, 1)


def test_administrators_are_told_at_each_step(workspace, asker, approver):
    api, officer = asker.api(), approver.api()
    before = len(mails_to(workspace.stack, workspace.admin.email))
    number = waiting(api)
    told = mail_to(workspace.stack, workspace.admin.email, before + 1)
    assert f"E{number}" in text_of(told) and "asks to take records out" in text_of(told)
    assert f"/exports/{number}" in text_of(told) and "Customer" not in text_of(told)
    officer.ok("POST", f"/exports/{number}/approve", json={})
    assert "has been approved" in text_of(mail_to(workspace.stack, workspace.admin.email, before + 2))
    assert "has been approved" in text_of(mail_to(workspace.stack, asker.email))
    job = api.ok("GET", f"/exports/{number}")["job"]
    fetch(api, job)
    assert "first time" in text_of(mail_to(workspace.stack, workspace.admin.email, before + 3))
    fetch(api, job)
    # The mail of the next thing comes, and none of the second time.
    waiting(api)
    assert "asks to take" in text_of(mail_to(workspace.stack, workspace.admin.email, before + 4))


def test_whoever_raises_the_threshold_is_not_alone_with_it(workspace, approver):
    """Else one person raises it, takes everything out and lowers it again."""
    deputy = workspace.add_user("administrator")
    one, other = deputy.api(), workspace.admin
    before = len(mails_to(workspace.stack, other.email))
    one.ok("POST", "/exports/threshold", json={"threshold": 4})
    one.ok("POST", "/exports/threshold", json={"threshold": 4})
    try:
        one.ok("POST", "/exports/threshold", json={"threshold": 12345})
        told = text_of(mail_to(workspace.stack, other.email, before + 1))
        assert "raised" in told and "Before: 4" in told and "Now: 12,345" in told and "/exports" in told
        assert "raised" in text_of(mail_to(workspace.stack, deputy.email))
    finally:
        one.ok("POST", "/exports/threshold", json={"threshold": 5})
    waiting(workspace.add_user("administrator").api())
    # The mail of the next thing comes, and none of its being lowered.
    assert "asks to take" in text_of(mail_to(workspace.stack, other.email, before + 2))


def test_nobody_approves_own(workspace, approver, rows):
    deputy = workspace.add_user("administrator").api()
    number = waiting(deputy)
    assert deputy.ok("GET", f"/exports/{number}")["allowed"] == ["cancel"]
    answer = deputy.post(f"/exports/{number}/approve", json={"note": NOTE})
    assert answer.status_code == 403 and "themselves" in answer.json()["detail"]
    assert deputy.post(f"/exports/{number}/reject", json={"note": NOTE}).status_code == 403
    assert deputy.ok("GET", f"/exports/{number}")["state"] == "waiting"
    rows.execute("select count(*) from audit_event where outcome = 'denied' and action = 'export' and reason = 'approve_exports'")
    assert rows.fetchone()[0] >= 1


def test_who_may_not_approve_does_not(asker, workspace, seller):
    api = asker.api()
    number = waiting(api)
    other = workspace.add_user(seller).api()
    for one in (api, other):
        assert one.post(f"/exports/{number}/approve", json={"note": NOTE}).status_code == 403
        assert one.post(f"/exports/{number}/reject", json={"note": NOTE}).status_code == 403
    assert other.get(f"/exports/{number}").status_code == 404
    assert other.post(f"/exports/{number}/cancel", json={}).status_code == 404
    assert api.ok("GET", f"/exports/{number}")["state"] == "waiting"


@pytest.mark.parametrize("number", ["999999", "0", "x"])
def test_crafted_numbers(approver, number):
    officer = approver.api()
    for action in ("approve", "reject", "cancel"):
        assert officer.post(f"/exports/{number}/{action}", json={} if action == "cancel" else {"note": NOTE}).status_code == 404
    assert officer.get(f"/exports/{number}").status_code == 404


def test_decided_once(asker, approver):
    number, officer = waiting(asker.api()), approver.api()
    officer.ok("POST", f"/exports/{number}/approve", json={})
    for action in ("approve", "reject"):
        answer = officer.post(f"/exports/{number}/{action}", json={"note": NOTE})
        assert answer.status_code == 409
    assert asker.api().post(f"/exports/{number}/cancel", json={}).status_code == 409


def test_two_approvers_at_once_make_one_job(workspace, asker, approver, rows):
    number = waiting(asker.api())
    programs = [approver.api(), workspace.admin.api(), approver.api(), workspace.admin.api()]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda a: a.post(f"/exports/{number}/approve", json={}).status_code, programs))
    assert sorted(answers) == [200, 409, 409, 409]
    rows.execute("select count(*) from job where kind = 'list_export' and (args->>'export')::bigint = %s", [number])
    assert rows.fetchone() == (1,)


def test_rejected_with_a_reason(workspace, asker, approver, rows):
    api, officer = asker.api(), approver.api()
    number = waiting(api)
    assert list(officer.post(f"/exports/{number}/reject", json={}).json()["errors"]) == ["note"]
    officer.ok("POST", f"/exports/{number}/reject", json={"note": "Too many for this"})
    seen = api.ok("GET", f"/exports/{number}")
    assert (seen["state"], seen["note"], seen["job"]) == ("rejected", "Too many for this", None)
    assert "rejected" in text_of(mail_to(workspace.stack, asker.email))
    rows.execute("select count(*) from export_record where export_id = %s", [number])
    assert rows.fetchone() == (0,)
    rows.execute("select note from export where export_id = %s", [number])
    assert b"Too many" not in bytes(rows.fetchone()[0])


def test_cancelled_by_its_asker(asker, approver):
    api = asker.api()
    number = waiting(api)
    assert api.ok("POST", f"/exports/{number}/cancel", json={})["state"] == "cancelled"
    assert approver.api().post(f"/exports/{number}/approve", json={}).status_code == 409


def test_many_small_ones_are_a_large_one(asker):
    api = asker.api()
    for n in range(5):
        assert ask(api, q=f"Customer {n}")["state"] == "running"
    answer = ask(api, q="Customer 7")
    assert answer["state"] == "waiting"
    assert api.ok("GET", f"/exports/{answer['export']}")["day"] == 5


def test_what_was_approved_is_not_counted_again(asker, approver):
    api = asker.api()
    number = waiting(api)
    approver.api().ok("POST", f"/exports/{number}/approve", json={})
    assert ask(api, q="Customer 1")["state"] == "running"


def test_two_halves_at_once_are_one_whole(asker, rows):
    rows.execute("update contact set tags = array['half'] where name_en in ('Customer 1', 'Customer 2', 'Customer 3')")
    programs = [asker.api() for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda a: ask(a, filter={"tags": "half"}), programs))
    assert sorted(a["state"] for a in answers) == ["running", "waiting", "waiting", "waiting"]


def test_yesterday_does_not_count(asker, rows):
    api = asker.api()
    ids = [ask(api, q=f"Customer {n}")["export"] for n in range(5)]
    rows.execute("update export set created_at = created_at - interval '25 hours' where export_id = any (%s)", [ids])
    assert ask(api, q="Customer 7")["state"] == "running"


def test_a_persons_file_counts_as_one(workspace, rows, approver):
    profile = make_profile(rows.connection, everything("all"), special=("run_requests",))
    api = workspace.add_user(profile).api()
    rows.execute("select contact_id from contact where name_en like 'Customer _' order by 1")
    people = [r[0] for r in rows.fetchall()]
    for person in people[:5]:
        assert api.ok("POST", f"/contacts/{person}/export", json={})["state"] == "running"
    answer = api.ok("POST", f"/contacts/{people[5]}/export", json={"password": "a long enough password"})
    assert answer["state"] == "waiting"
    rows.execute("select secret from export where export_id = %s", [answer["export"]])
    assert b"long enough" not in bytes(rows.fetchone()[0])
    approver.api().ok("POST", f"/exports/{answer['export']}/approve", json={})
    job = api.ok("GET", f"/exports/{answer['export']}")["job"]
    path = done(api, job)["download"]
    assert api.get(path).content[:2] == b"PK"
    rows.execute("select secret from export where export_id = %s", [answer["export"]])
    assert rows.fetchone() == (None,)
    # Asked twice it is one request.
    again = api.ok("POST", f"/contacts/{people[6]}/export", json={})
    assert again["state"] == "waiting"
    assert api.ok("POST", f"/contacts/{people[6]}/export", json={})["export"] == again["export"]


def test_what_came_after_the_asking_is_not_in_it(workspace, asker, approver, rows):
    api = asker.api()
    number = waiting(api)
    late = workspace.admin.api().ok("POST", "/contacts", json={"name_en": "Customer Late"})
    approver.api().ok("POST", f"/exports/{number}/approve", json={})
    found = table(fetch(api, api.ok("GET", f"/exports/{number}")["job"]))
    assert len(found) == 10 and str(late["id"]) not in [r["id"] for r in found]
    workspace.admin.api().ok("DELETE", f"/contacts/{late['id']}", headers={"If-Match": str(late["version"])})


def test_the_threshold_changed_meanwhile(workspace, asker, approver):
    api = asker.api()
    number = waiting(api)
    admin = workspace.admin.api()
    admin.ok("POST", "/exports/threshold", json={"threshold": 500})
    try:
        assert api.ok("GET", f"/exports/{number}")["state"] == "waiting"
        assert ask(api)["state"] == "running"
    finally:
        admin.ok("POST", "/exports/threshold", json={"threshold": 5})
    assert approver.api().ok("GET", f"/exports/{number}")["threshold"] == 5


def test_only_who_manages_the_workspace_sets_it(asker, approver, rows):
    assert asker.api().post("/exports/threshold", json={"threshold": 9}).status_code == 403
    assert approver.api().post("/exports/threshold", json={"threshold": 9}).status_code == 403
    for bad in (-1, "x", None, 10**9):
        assert asker.api().post("/exports/threshold", json={"threshold": bad}).status_code in (403, 422)
    rows.execute("select export_threshold from workspace")
    assert rows.fetchone() == (5,)
    rows.execute("select count from audit_event where action = 'permission' and reason = 'export_threshold' "
                 "order by event_id desc limit 2")
    assert rows.fetchall() == [(5,), (500,)]


@pytest.mark.parametrize("loss", ["right", "active"])
def test_who_lost_the_right_gets_nothing(workspace, approver, rows, loss):
    profile = make_profile(rows.connection, everything("all"))
    person = workspace.add_user(profile)
    number = waiting(person.api())
    if loss == "right":
        set_rights(rows.connection, profile, {"contact.export": None})
    else:
        rows.execute("update app_user set active = false where email = %s", [person.email])
    answer = approver.api().post(f"/exports/{number}/approve", json={})
    assert answer.status_code == 409 and "may not have" in answer.json()["detail"]
    approver.api().ok("POST", f"/exports/{number}/reject", json={"note": "Not here any more"})


def test_what_is_hidden_meanwhile_is_not_in_it(workspace, approver, rows):
    profile = make_profile(rows.connection, everything("all"))
    person = workspace.add_user(profile)
    api = person.api()
    number = waiting(api, fields=["name_en", "email", "job_title"])
    rows.execute("insert into profile_field select profile_id, 'contact', 'job_title', 'hidden' from profile where name = %s",
                 [profile])
    approver.api().ok("POST", f"/exports/{number}/approve", json={})
    found = table(fetch(api, api.ok("GET", f"/exports/{number}")["job"]))
    assert len(found) == 10 and set(found[0]) == {"id", "name_en", "email", "created_at", "updated_at", "export"}


def test_what_went_out_of_sight_is_not_in_it(workspace, approver, rows):
    profile = make_profile(rows.connection, everything("all"))
    api = workspace.add_user(profile).api()
    number = waiting(api)
    set_rights(rows.connection, profile, {"contact.view": "own"})
    rows.execute("update contact set owner_id = (select user_id from app_user where profile_id = "
                 "(select profile_id from profile where name = %s)) where name_en = 'Customer 3'", [profile])
    approver.api().ok("POST", f"/exports/{number}/approve", json={})
    seen = api.ok("GET", f"/exports/{number}")
    made = done(api, seen["job"])["download"]
    seen = api.ok("GET", f"/exports/{number}")
    assert (seen["asked"], seen["approved"], seen["exported"]) == (10, 10, 1)
    assert made == seen["download"]
    assert [row["name_en"] for row in table(fetch(api, seen["job"]))] == ["Customer 3"]


def test_approvers_see_no_field_that_is_hidden_from_them(workspace, asker, rows):
    profile = make_profile(rows.connection, everything("all"), {"contact.email": "hidden"}, special=("approve_exports",))
    officer = workspace.add_user(profile)
    number = waiting(asker.api(), fields=["name_en", "email"], q="Customer")
    assert officer.api().ok("GET", f"/exports/{number}")["fields"] == ["name_en"]
    page = officer.browser().page(f"/exports/{number}")
    assert "Email" not in page and "<li>Customer</li>" in page


def test_it_lapses(workspace, asker, rows):
    api = asker.api()
    number = waiting(api)
    rows.execute("update export set created_at = now() - interval '7 days' where export_id = %s", [number])
    rows.execute("update chore set due_at = now() where name = 'export_lapse'")
    workspace.stack.praya("worker", workspace.slug, "--once")
    seen = api.ok("GET", f"/exports/{number}")
    assert (seen["state"], seen["allowed"]) == ("lapsed", [])
    assert "lapsed" in text_of(mail_to(workspace.stack, asker.email))


def test_on_the_pages(workspace, asker, approver):
    browser, officer = asker.browser(), approver.browser()
    form = browser.form("/contacts/export", "/contacts/export")
    at = browser.submit(form, reason="report").headers["Location"]
    assert re.fullmatch(r"/exports/\d+", at)
    page = browser.page(at)
    assert "Waits for approval" in page and "second person" in page and f'action="{at}/approve"' not in page
    assert "Exports that wait for approval" in officer.page("/")
    assert "Exports that wait" not in browser.page("/")
    assert f'href="{at}"' in officer.page("/exports")
    assert f'formaction="{at}/reject"' in officer.page(at)
    refused = officer.write(f"{at}/reject", note="")
    assert refused.status_code == 422 and f'formaction="{at}/reject"' in refused.text
    assert officer.submit(officer.form(at, f"{at}/approve"), note="").status_code == 303
    done(asker.api(), asker.api().ok("GET", at)["job"])
    assert re.search(r'href="/downloads/\d+"', browser.page(at))
    assert "/downloads/" not in officer.page(at)
    officer.write("/language", lang="zh-Hant", back=at)
    assert "批准人" in officer.page(at)


@pytest.fixture(scope="module")
def lonely(stack):
    """A workspace in which one person alone may approve."""
    made = stack.new_workspace()
    api = made.admin.api()
    for n in range(3):
        api.ok("POST", "/contacts", json={"name_en": f"Only {n}"})
    set_threshold(made, 1)
    return made


def test_where_nobody_else_could_one_approves_alone(lonely):
    browser = lonely.admin.browser()
    api = lonely.admin.api()
    number = waiting(api)
    # Not by a token, not without a reason.
    assert api.post(f"/exports/{number}/approve", json={"note": NOTE}).status_code == 403
    at = f"/exports/{number}"
    assert "Nobody else may approve" in browser.page(at)
    assert browser.submit(browser.form(at, f"{at}/approve"), note="short").status_code == 422
    assert browser.submit(browser.form(at, f"{at}/approve"), note=NOTE).status_code == 303
    seen = api.ok("GET", at)
    assert seen["alone"] is True and seen["note"] == NOTE
    assert len(table(fetch(api, seen["job"]))) == 3
    told = [text_of(m) for m in mails_to(lonely.stack, lonely.admin.email)]
    assert any("approved an export of their own" in t for t in told)


def test_alone_needs_a_fresh_proof(lonely):
    browser = lonely.admin.browser()
    number = waiting(lonely.admin.api())
    token = {"X-CSRF-Token": browser.csrf()}
    browser.password = None
    database = lonely.database()
    database.cursor().execute("update session set verified_at = now() - interval '6 minutes'")
    database.close()
    answer = browser.post(f"/api/v1/exports/{number}/approve", json={"note": NOTE}, headers=token)
    assert answer.status_code == 403 and answer.json()["type"] == "urn:praya:problem:verify"


def test_once_there_is_a_second_one_it_is_no_longer_alone(lonely):
    number = waiting(lonely.admin.api())
    lonely.add_user("privacy_officer")
    browser = lonely.admin.browser()
    assert browser.write(f"/exports/{number}/approve", note=NOTE).status_code == 403
