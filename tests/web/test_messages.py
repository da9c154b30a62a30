# SPDX-License-Identifier: ISC
"""Messages of every channel, logged by hand."""
import json

import pytest

CARD = "5555 5555 5555 4444"


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "LEE Mei", "email": "mei@example.com"})["id"]


def log(api, contact, **fields):
    body = {"channel": "whatsapp", "direction": "in", **fields}
    return api.ok("POST", f"/contacts/{contact}/messages", status=201, json=body)


def version(record):
    return {"If-Match": str(record["version"])}


@pytest.mark.parametrize("channel", ["email", "whatsapp", "sms", "phone", "letter"])
@pytest.mark.parametrize("direction", ["in", "out"])
def test_every_channel_both_ways(api, contact, channel, direction):
    made = log(api, contact, channel=channel, direction=direction, body="多謝！👍", happened_at="2026-11-01T09:30:00+08:00")
    read = api.ok("GET", f"/messages/{made['id']}")
    assert (read["channel"], read["direction"], read["body"]) == (channel, direction, "多謝！👍")
    assert read["happened_at"] == "2026-11-01T01:30:00Z"


@pytest.mark.parametrize(
    "body, field",
    [
        ({"channel": "fax", "direction": "in", "body": "x"}, "channel"),
        ({"channel": "sms", "direction": "up", "body": "x"}, "direction"),
        ({"channel": "sms", "body": "x"}, "direction"),
        ({"direction": "in", "body": "x"}, "channel"),
        ({"channel": "sms", "direction": "in"}, "body"),
        ({"channel": "sms", "direction": "in", "subject": "s" * 999}, "subject"),
        ({"channel": "sms", "direction": "in", "body": "b" * 200001}, "body"),
        ({"channel": "sms", "direction": "in", "body": "x", "source": "mail"}, "source"),
        ({"channel": "sms", "direction": "in", "body": "x", "mail_key": "x"}, "mail_key"),
    ],
)
def test_refused_and_nothing_kept(api, contact, body, field):
    answer = api.post(f"/contacts/{contact}/messages", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"], answer.text
    assert api.ok("GET", f"/contacts/{contact}/messages")["items"] == []


def test_longest_text_is_kept_whole(api, contact):
    text = "字" * 200000
    body = json.dumps({"channel": "letter", "direction": "in", "body": text}, ensure_ascii=False)
    headers = {"Content-Type": "application/json"}
    made = api.ok("POST", f"/contacts/{contact}/messages", data=body.encode(), headers=headers)
    assert made["body"] == text


def test_lists_are_filtered_by_what_somebody_can_type(browser, api, contact):
    wanted = log(api, contact, subject="Typhoon signal eight", body="b", recipients="r@example.com")
    found = api.ok("GET", "/messages?filter[subject]=Typhoon signal eight")["items"]
    assert [item["id"] for item in found] == [wanted["id"]]
    for path in ("/messages?filter[body]=b", "/messages?filter[recipients]=r@example.com", "/attachments?filter[size]=1",
                 "/activities?filter[body]=b"):
        problem = api.get(path)
        assert problem.status_code == 400, path
        assert list(problem.json()["errors"]) == [path.partition("?")[2].partition("=")[0]]
    page = browser.page("/messages?filters=1")
    assert 'name="filter[subject]"' in page
    assert 'name="filter[body]"' not in page and 'name="filter[recipients]"' not in page


def test_a_logged_message_moves_the_last_activity(api, contact):
    assert api.ok("GET", f"/contacts/{contact}")["last_activity_at"] is None
    log(api, contact, body="x")
    assert api.ok("GET", f"/contacts/{contact}")["last_activity_at"] is not None


def test_card_numbers_in_text_warn(api, contact):
    made = log(api, contact, subject=CARD, body=f"又或者 {CARD}。")
    assert sorted(made["warnings"]) == ["body", "subject"]
    changed = api.ok("PATCH", f"/messages/{made['id']}", headers=version(made), json={"body": CARD})
    assert list(changed["warnings"]) == ["body"]
    assert "warnings" not in api.ok("GET", f"/messages/{made['id']}")


def test_the_page_logs_one_and_the_timeline_shows_it(browser, api, contact):
    form = browser.form(f"/contacts/{contact}/messages/new", f"/contacts/{contact}/messages")
    answer = browser.submit(form, channel="letter", direction="out", subject="報價單", body="<i>see inside</i>")
    assert answer.status_code == 303
    page = browser.page(f"/contacts/{contact}")
    assert "報價單" in page and "&lt;i&gt;see inside&lt;/i&gt;" in page
    message = api.ok("GET", f"/contacts/{contact}/messages")["items"][0]
    assert f'href="/messages/{message["id"]}"' in page
    read = browser.page(f"/messages/{message['id']}")
    assert "LEE Mei" in read and f'href="/contacts/{contact}"' in read


def test_an_unsent_time_is_now(browser, api, contact):
    form = browser.form(f"/contacts/{contact}/messages/new", f"/contacts/{contact}/messages")
    browser.submit(form, channel="sms", direction="in", body="x", happened_at="")
    message = api.ok("GET", f"/contacts/{contact}/messages")["items"][0]
    assert message["happened_at"] == message["created_at"]


def test_idempotency_key_logs_once(api, contact):
    body = {"channel": "sms", "direction": "in", "body": "once"}
    headers = {"Idempotency-Key": f"log-{contact}"}
    first = api.ok("POST", f"/contacts/{contact}/messages", headers=headers, json=body)
    again = api.ok("POST", f"/contacts/{contact}/messages", headers=headers, json=body)
    assert again == first
    body["body"] = "twice"
    assert api.post(f"/contacts/{contact}/messages", headers=headers, json=body).status_code == 422
    assert len(api.ok("GET", f"/contacts/{contact}/messages")["items"]) == 1


def test_a_program_of_another_workspace_finds_nothing(stack, api, contact):
    made = log(api, contact, body="ours")
    other = stack.new_workspace().admin.api()
    assert other.get(f"/messages/{made['id']}").status_code == 404
    token = {"Authorization": api.headers["Authorization"]}
    assert other.get("/messages", headers=token).status_code == 401


def test_without_csrf_token_nothing_is_logged(browser, api, contact):
    fields = {"channel": "sms", "direction": "in", "body": "forged"}
    answer = browser.post(f"/contacts/{contact}/messages", data=fields)
    assert answer.status_code == 403
    assert api.ok("GET", f"/contacts/{contact}/messages")["items"] == []


def test_reading_is_logged_with_the_person(workspace, api, contact):
    made = log(api, contact, body="x")
    api.ok("GET", f"/messages/{made['id']}")
    api.ok("GET", f"/contacts/{contact}/messages")
    cursor = workspace.database().cursor()
    cursor.execute(
        "select action, record_ids, subject_ids from audit_event where entity = 'message' "
        "and route in ('message.read', 'message.of_contact') and %s = any (subject_ids) order by event_id",
        (contact,),
    )
    assert cursor.fetchall() == [("view", [made["id"]], [contact]), ("list", [made["id"]], [contact])]


def test_of_an_erased_person_nothing_new_is_kept(api, contact):
    made = log(api, contact, body="canary-erased")
    api.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})
    answer = api.post(f"/contacts/{contact}/messages", json={"channel": "sms", "direction": "in", "body": "x"})
    assert answer.status_code == 409
    read = api.ok("GET", f"/messages/{made['id']}")
    assert read["body"] is None
    answer = api.patch(f"/messages/{made['id']}", headers=version(read), json={"body": "again"})
    assert answer.status_code == 409
