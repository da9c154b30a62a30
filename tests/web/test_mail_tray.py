# SPDX-License-Identifier: ISC
"""Mail of somebody who was erased waits apart, encrypted: it makes nobody anew until the person
came back by an act of their own, and goes when somebody says so or after its time."""
import itertools
import re

import pytest

from jobs import done
from test_mail_in import mail, pipe, sent

count = itertools.count(1)


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def gone(api):
    """The address of somebody who was erased."""
    address = f"Tray{next(count)}@Example.com"
    number = api.ok("POST", "/contacts", json={"name_en": "TRAY Person", "email": address})["id"]
    api.ok("POST", f"/contacts/{number}/erase", json={"reason": "subject_request", "confirm": str(number)})
    return address.lower()


@pytest.fixture
def waiting(api, workspace, gone):
    """A mail of theirs, in the tray."""
    assert pipe(workspace, mail(f"Back Again <{gone}>", subject="May I come back?", body="words of the tray"))["tray"]
    (item,) = [i for i in tray(api) if i["address"] == gone]
    return item


def tray(api):
    return api.ok("GET", "/privacy/tray")["items"]


def contacts_of(rows, address):
    rows.execute("select contact_id from contact where email_lower = %s", [address])
    return [r[0] for r in rows.fetchall()]


def test_it_waits_and_makes_nobody(api, waiting, gone, rows):
    assert (waiting["name"], waiting["subject"], waiting["direction"]) == ("Back Again", "May I come back?", "in")
    rows.execute("select hk_today()::text")
    assert waiting["erased_on"] == rows.fetchone()[0]
    assert contacts_of(rows, gone) == []
    rows.execute("select count(*) from message where body like %s", ["%words of the tray%"])
    assert rows.fetchone() == (0,)


def test_the_log_says_which_were_seen(api, waiting, rows):
    tray(api)
    rows.execute("select record_ids from audit_event where action = 'view' and entity = 'mail_tray' order by event_id desc limit 1")
    assert waiting["id"] in rows.fetchone()[0]


def test_nothing_of_it_lies_open(workspace, waiting, gone, rows):
    rows.execute("select t::text || encode(particulars, 'escape') from mail_tray t where tray_id = %s", [waiting["id"]])
    text = rows.fetchone()[0]
    assert gone not in text and "Back Again" not in text and "come back" not in text
    rows.execute("select object from mail_tray where tray_id = %s", [waiting["id"]])
    name = rows.fetchone()[0]
    (file,) = (workspace.stack.var / "files").rglob(name)
    assert b"words of the tray" not in file.read_bytes()


def test_the_same_message_waits_once(api, workspace, gone):
    text = mail(f"<{gone}>", number=f"same{next(count)}")
    assert pipe(workspace, text)["known"] == 0 and pipe(workspace, text)["known"] == 1
    assert len([i for i in tray(api) if i["address"] == gone]) == 1


def test_mail_that_is_sent_to_them_waits_too(api, workspace, gone):
    assert pipe(workspace, sent(workspace, to=gone))["tray"]
    (item,) = [i for i in tray(api) if i["address"] == gone]
    assert item["direction"] == "out"


def test_let_in_by_their_own_act(api, waiting, gone, rows):
    answer = api.ok("POST", f"/privacy/tray/{waiting['id']}/let-in", json={"how": "email"}, status=202)
    assert done(api, answer["job"])["stored"] == 1
    (number,) = contacts_of(rows, gone)
    (message,) = api.ok("GET", f"/contacts/{number}/messages")["items"]
    assert message["subject"] == "May I come back?"
    assert api.ok("GET", f"/contacts/{number}")["marketing_stopped_at"], "that stays"
    assert waiting["id"] not in [i["id"] for i in tray(api)]
    rows.execute("select state, how, particulars, object, object_key, key_id from mail_tray where tray_id = %s", [waiting["id"]])
    assert rows.fetchone() == ("let_in", "email", None, None, None, None)
    said = [e["reason"] for e in api.ok("GET", "/audit", params={"entity": "mail_tray", "action": "update"})["items"]]
    assert "let_in" in said
    # The next one finds its record.
    for again in ("let-in", "destroy"):
        assert api.post(f"/privacy/tray/{waiting['id']}/{again}", json={"how": "email"} if again == "let-in" else {}
                        ).status_code == 409


def test_destroyed(api, waiting, gone, rows):
    assert api.ok("POST", f"/privacy/tray/{waiting['id']}/destroy", json={})["state"] == "destroyed"
    rows.execute("select state, particulars, object, object_key, key_id, decided_by is not null from mail_tray where tray_id = %s",
                 [waiting["id"]])
    assert rows.fetchone() == ("destroyed", None, None, None, None, True)
    assert contacts_of(rows, gone) == [] and waiting["id"] not in [i["id"] for i in tray(api)]


def test_on_the_page(workspace, waiting, gone):
    window = workspace.admin.browser()
    page = window.page("/privacy/tray")
    assert gone in page and "Blocked: erased on" in page and "May I come back?" in page
    for how in ("because", ""):
        answer = window.write(f"/privacy/tray/{waiting['id']}/let-in", how=how)
        assert answer.status_code == 422 and len(re.findall(r'<select [^>]*name="how" aria-invalid="true"', answer.text)) == 1
        assert "<details open>" in answer.text, "what is wrong is in sight"
    answer = window.write(f"/privacy/tray/{waiting['id']}/destroy")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/privacy/tray")
    assert gone not in window.page("/privacy/tray")
    assert "/privacy/tray" in window.page("/privacy")


@pytest.mark.parametrize("body, field", [({}, "how"), ({"how": "because"}, "how"), ({"how": ""}, "how"),
                                         ({"how": "email", "phone": "1"}, "phone")])
def test_letting_in_needs_to_say_how(api, waiting, gone, rows, body, field):
    answer = api.post(f"/privacy/tray/{waiting['id']}/let-in", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"]
    assert contacts_of(rows, gone) == [] and waiting["id"] in [i["id"] for i in tray(api)]


def test_who_runs_no_requests_sees_nothing_of_it(workspace, waiting, rows):
    sales = workspace.add_user("sales")
    assert sales.api().get("/privacy/tray").status_code == 403
    assert sales.api().post(f"/privacy/tray/{waiting['id']}/destroy", json={}).status_code == 403
    assert sales.api().post("/privacy/tray/999999/let-in", json={"how": "email"}).status_code == 403
    rows.execute("set role praya_tenant")
    rows.execute("select count(*) from mail_tray")
    assert rows.fetchone() == (0,)


def test_there_is_none_of_that_number(api):
    for verb, body in (("let-in", {"how": "email"}), ("destroy", {})):
        assert api.post(f"/privacy/tray/999999/{verb}", json=body).status_code == 404


def test_a_machine_and_a_stranger_are_not_meant(api, workspace, gone, rows):
    assert pipe(workspace, mail(f"<{gone}>", head="Auto-Submitted: auto-replied\n"))["ignored"]
    assert [i for i in tray(api) if i["address"] == gone] == []
    assert not pipe(workspace, mail(f"Stranger <free{next(count)}@tray.example>"))["tray"]


def test_its_time_is_thirty_days(api, workspace, waiting, rows):
    rows.execute("update mail_tray set created_at = now() - interval '30 days 1 minute' where tray_id = %s", [waiting["id"]])
    rows.execute("insert into chore (name, due_at) values ('erase_due', now()) on conflict (name) do update set due_at = now()")
    workspace.stack.praya("worker", workspace.slug, "--once")
    rows.execute("select state, key_id, decided_by from mail_tray where tray_id = %s", [waiting["id"]])
    assert rows.fetchone() == ("destroyed", None, None)
