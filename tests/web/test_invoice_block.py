# SPDX-License-Identifier: ISC
"""Whom an invoice is billed to is a person's name and address once more: read by whoever reads these."""
import pytest

from profiles import everything, make_profile

BLOCK = {"name": "Billed Person 7731", "address": "Flat 7731, Nathan Road"}


@pytest.fixture(scope="module")
def database(workspace):
    connection = workspace.database()
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def invoice(workspace):
    api = workspace.admin.api()
    contact = api.ok("POST", "/contacts", status=201, json={"name_en": "LEE Ka"})["id"]
    return api.ok("POST", f"/contacts/{contact}/invoices", status=201,
                  json={"number": "B-1", "issued_on": "2026-11-01", "status": "issued", "bill_to": BLOCK})


LEVELS = [{f"contact.{field}": level} for field in ("name_en", "name_zh", "address") for level in ("hidden", "masked")]


@pytest.mark.parametrize("fields", LEVELS)
def test_not_of_whoever_may_not_read_them_on_the_person(workspace, database, invoice, fields):
    user = workspace.add_user(make_profile(database, everything("all"), fields))
    api, path = user.api(), f"/invoices/{invoice['id']}"
    seen = api.ok("GET", path)
    assert seen["bill_to"] is None
    browser = user.browser()
    for page in (path, f"{path}/edit"):
        text = browser.page(page)
        assert "7731" not in text and "bill_to[name]" not in text, page
    answer = api.patch(path, json={"bill_to": {"name": "Mallory"}}, headers={"If-Match": str(seen["version"])})
    assert answer.status_code == 422 and "bill_to" in answer.json()["errors"]
    # Saving the form without the block leaves it as it is.
    answer = browser.submit(browser.form(f"{path}/edit", f"{path}/edit"), number="B-1")
    assert answer.status_code in (303, 422)
    assert workspace.admin.api().ok("GET", path)["bill_to"] == BLOCK


def test_of_whoever_reads_them(workspace, database, invoice):
    user = workspace.add_user(make_profile(database, everything("all"), {"contact.address": "read", "contact.phone": "hidden"}))
    assert user.api().ok("GET", f"/invoices/{invoice['id']}")["bill_to"] == BLOCK
    assert "Flat 7731" in user.browser().page(f"/invoices/{invoice['id']}")


def test_a_field_that_is_not_in_use_holds_nobody_back(workspace, database, invoice):
    user = workspace.add_user(make_profile(database, everything("all"), {"contact.address": "hidden"}))
    cursor = database.cursor()
    cursor.execute("update field set enabled = false where entity = 'contact' and name = 'address'")
    try:
        assert user.api().ok("GET", f"/invoices/{invoice['id']}")["bill_to"] == BLOCK
    finally:
        cursor.execute("update field set enabled = true where entity = 'contact' and name = 'address'")


@pytest.mark.parametrize("fields", LEVELS)
def test_the_log_is_no_other_way_to_it(workspace, database, invoice, fields):
    """Neither its values before and after, nor that it is what was changed."""
    admin = workspace.admin.api()
    made = admin.ok("POST", f"/contacts/{invoice['contact_id']}/invoices", status=201, json={
        "number": "B-2", "issued_on": "2026-11-02", "status": "issued", "bill_to": {"name": "Former 7731"}})
    admin.ok("PATCH", f"/invoices/{made['id']}", json={"bill_to": BLOCK}, headers={"If-Match": str(made["version"])})
    line = {"entity": "invoice", "record": made["id"], "action": "update"}
    (seen,) = admin.ok("GET", "/audit", params=line)["items"]
    assert "7731" in str(seen["changes"]) and seen["fields"] == ["bill_to"]
    user = workspace.add_user(make_profile(database, everything("all"), fields, special=("view_audit",)))
    (event,) = user.api().ok("GET", "/audit", params=line)["items"]
    assert "changes" not in event and event["fields"] == []
    assert event["id"] not in {e["id"] for e in user.api().ok("GET", "/audit", params={"field": "bill_to"})["items"]}
    browser = user.browser()
    for page in (f"/audit/{seen['id']}", f"/contacts/{invoice['contact_id']}/audit", "/audit?entity=invoice"):
        assert "7731" not in browser.page(page), page
