# SPDX-License-Identifier: ISC
"""Ordering an erasure, and what the receipt says."""
import re

import pytest


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "NG Wai", "email": "wai@example.com"})["id"]


def order(contact, **changes):
    body = {"reason": "subject_request", "confirm": str(contact), **changes}
    return {name: value for name, value in body.items() if value is not None}


def erase(api, contact, **changes):
    return api.post(f"/contacts/{contact}/erase", json=order(contact, **changes))


def unchanged(api, contact):
    return api.ok("GET", f"/contacts/{contact}")["name_en"] == "NG Wai"


WRONG = [
    ({"reason": "because"}, "reason"),
    ({"reason": "resumed"}, "reason"),
    ({"reason": ""}, "reason"),
    ({"reason": None}, "reason"),
    ({"confirm": "0"}, "confirm"),
    ({"confirm": "NG Wai"}, "confirm"),
    ({"confirm": ""}, "confirm"),
    ({"confirm": None}, "confirm"),
]


@pytest.mark.parametrize("changes, field", WRONG)
def test_a_wrong_order_is_refused_at_its_field(api, browser, contact, changes, field):
    answer = erase(api, contact, **changes)
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["errors"]) == [field]
    path = f"/contacts/{contact}/erase"
    typed = {"reason": "inaccurate", "confirm": str(contact), **changes}
    page = browser.submit(browser.form(path, path), **typed)
    assert page.status_code == 422
    wrong = re.findall(r'<(?:input|select)[^>]* name="(\w+)"[^>]* aria-invalid="true"', page.text)
    assert wrong == [field]
    if field == "confirm":
        assert 'value="inaccurate" selected' in page.text
    assert unchanged(api, contact)


def test_refused_while_a_hold_stands(api, contact):
    version = api.ok("GET", f"/contacts/{contact}")["version"]
    api.ok("PATCH", f"/contacts/{contact}", json={"hold": True}, headers={"If-Match": str(version)})
    assert erase(api, contact).status_code == 409
    assert unchanged(api, contact)


def test_refused_when_the_record_has_moved(api, contact):
    path = f"/contacts/{contact}/erase"
    assert api.post(path, json=order(contact), headers={"If-Match": "99"}).status_code == 412
    assert unchanged(api, contact)


def test_refused_a_second_time(api, contact):
    assert erase(api, contact).status_code in (200, 201)
    assert erase(api, contact).status_code == 409
