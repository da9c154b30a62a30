# SPDX-License-Identifier: ISC
"""What is tried and refused is in the log, in the same words whether or not there is something."""
import json
import sys
import threading
from pathlib import Path

import pytest

from profiles import everything, make_profile

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

MISSING = 987654321


@pytest.fixture(scope="module")
def admin(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    return workspace.database().cursor()


@pytest.fixture(scope="module")
def clerk(workspace, rows):
    levels = {"contact.salary": "hidden", "contact.email": "masked"}
    return workspace.add_user(make_profile(rows.connection, everything("own"), levels)).api()


@pytest.fixture(scope="module")
def others(admin):
    """Of somebody else, each with its path."""
    person = admin.ok("POST", "/contacts", json={"name_en": "Not Yours", "email": "not@yours.example"})["id"]
    note = admin.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "x"})["id"]
    return {"contact": f"/contacts/{person}", "activity": f"/activities/{note}"}


@pytest.fixture(scope="module")
def mine(clerk):
    return clerk.ok("POST", "/contacts", json={"name_en": "Mine"})


def events(rows, act):
    """The answer, and what the log has of it, without who and when."""
    rows.execute("select coalesce(max(event_id), 0) from audit_event")
    (before,) = rows.fetchone()
    answer = act()
    rows.execute("select action, outcome, entity, reason, record_ids, subject_ids, field_set_id, count from audit_event "
                 "where event_id > %s order by event_id", [before])
    return answer.status_code, rows.fetchall()


def denied(action, entity, reason):
    return [(action, "denied", entity, reason, None, None, None, None)]


@pytest.mark.parametrize("kind", ["contact", "activity"])
@pytest.mark.parametrize("method, more, action", [
    ("get", {}, "view"), ("patch", {"headers": {"If-Match": "1"}, "json": {}}, "update"), ("delete", {"headers": {"If-Match": "1"}}, "archive")])
def test_a_record_one_does_not_see_is_noted_like_one_that_never_was(clerk, others, rows, kind, method, more, action):
    try_at = lambda path: events(rows, lambda: getattr(clerk, method)(path, **more))
    path = others[kind]
    seen = try_at(path)
    assert seen == try_at(f"{path.rpartition('/')[0]}/{MISSING}")
    assert seen == (404, denied(action, kind, "not_there"))


def test_a_page_too(workspace, rows, others):
    browser = workspace.add_user(make_profile(rows.connection, everything("own"))).browser()
    assert events(rows, lambda: browser.get(others["contact"])) == (404, denied("view", "contact", "not_there"))


def test_numbers_that_are_made_up(admin, rows):
    """Grants, tokens, jobs, files, profiles."""
    for method, path in (("post", f"/support-grants/{MISSING}/give"), ("delete", f"/tokens/{MISSING}"), ("get", f"/jobs/{MISSING}"),
                         ("get", f"/downloads/{MISSING}"), ("get", f"/profiles/{MISSING}")):
        status, found = events(rows, lambda: getattr(admin, method)(path, **({"json": {}} if method == "post" else {})))
        assert (status, [(e[1], e[3]) for e in found]) == (404, [("denied", "not_there")]), path


def named(clerk, mine, field):
    """A field's name wherever one can be said."""
    version = {"If-Match": str(mine["version"])}
    table = {"file": ("a.csv", f"name_en,{field}\nX,1\n")}
    return {
        "filter": lambda: clerk.get("/contacts", params={f"filter[{field}]": "1"}),
        "sort": lambda: clerk.get("/contacts", params={"sort": field}),
        "change": lambda: clerk.patch(f"/contacts/{mine['id']}", headers=version, json={field: "1.00"}),
        "create": lambda: clerk.post("/contacts", json={"name_en": "X", field: "1.00"}),
        "import": lambda: clerk.post("/imports", files=table, data={"map": json.dumps({"name_en": "name_en", field: field})}),
        "reveal": lambda: clerk.post(f"/contacts/{mine['id']}/reveal", json={"fields": [field], "reason": "legal"}),
    }


@pytest.mark.parametrize("way", ["filter", "sort", "change", "create", "import", "reveal"])
def test_a_field_one_may_not_know_is_noted_like_one_that_never_was(clerk, mine, rows, way):
    hidden, nothing = (events(rows, named(clerk, mine, field)[way]) for field in ("salary", "nosuch"))
    assert hidden == nothing and hidden[0] in (400, 422)
    assert [(e[1], e[3], e[4]) for e in hidden[1]] == [("denied", "unknown_field", None)]


def test_a_filter_by_a_mask(clerk, rows):
    status, found = events(rows, lambda: clerk.get("/contacts", params={"filter[email]": "a@b.example"}))
    assert (status, found) == (400, denied("list", "contact", "unknown_field"))


def test_whoever_comes_second_to_a_profile(workspace, admin, rows):
    profile = admin.ok("POST", "/profiles", json={"name": "Edited twice"})
    change = lambda scope: admin.patch(f"/profiles/{profile['id']}", headers={"If-Match": str(profile["version"])},
                                       json={"rights": {"contact.view": scope}})
    assert change("own").status_code == 200
    status, found = events(rows, lambda: change("all"))
    assert (status, [(e[0], e[1], e[2], e[3]) for e in found]) == (412, [("permission", "failed", "", "stale")])
    browser, path = workspace.admin.browser(), f"/settings/profiles/{profile['id']}"
    form = browser.form(path, path)
    assert change("own").status_code == 412
    form.fields = [(name, str(profile["version"]) if name == "_version" else value) for name, value in form.fields]
    status, found = events(rows, lambda: browser.submit(form))
    assert (status, found[-1][:4]) == (412, ("permission", "failed", "", "stale"))


def test_a_typing_error_is_no_attempt(clerk, mine, rows):
    version = {"If-Match": str(mine["version"])}
    act = lambda: clerk.patch(f"/contacts/{mine['id']}", headers=version, json={"phone": "not a number"})
    assert events(rows, act) == (422, [])
    assert events(rows, lambda: clerk.get("/nothing/here")) == (404, [])


def test_the_log_says_it_in_words(workspace, clerk, admin, others):
    clerk.get(others["contact"])
    number = clerk.ok("GET", "/me")["id"]
    items = admin.ok("GET", "/audit", params={"actor": number, "outcome": "denied"})["items"]
    assert {"not_there"} <= {e["reason"] for e in items}
    page = workspace.admin.browser().page(f"/audit?actor={number}&outcome=denied")
    assert "was not there for them" in page
    # And to the one who tried, no more than that.
    assert all(e["record_ids"] in (None, []) for e in clerk.ok("GET", "/audit", params={"outcome": "denied"})["items"])


def test_rights_that_move_while_it_is_refused(workspace, rows, mine, clerk):
    """What is refused is noted in a transaction of its own: what was known of rights may be old by then."""
    path, answers = f"/contacts/{mine['id']}", []
    holder = workspace.database()
    holder.autocommit = False
    holder.cursor().execute("update contact set version = version + 1 where contact_id = %s", [mine["id"]])
    change = threading.Thread(target=lambda: answers.append(clerk.patch(
        path, json={"job_title": "Clerk"}, headers={"If-Match": f'"{clerk.get(path).json()["version"]}"'})))
    change.start()
    waiting = ("select count(*) from pg_locks l join pg_stat_activity a using (pid) "
               "where not granted and datname = current_database()")
    assert wait_until(lambda: rows.execute(waiting) or rows.fetchone()[0] > 0, 30)
    rows.execute("update epoch set access = access + 1")
    holder.commit()
    holder.close()
    change.join()
    assert answers[0].status_code == 412
    rows.execute("select reason from audit_event where outcome = 'failed' order by event_id desc limit 1")
    assert rows.fetchone() == ("stale",)
