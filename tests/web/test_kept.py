# SPDX-License-Identifier: ISC
"""Fields of a contact that a law wants kept until a date."""
import pytest

LAW = "Cap. 615 Sch. 2 s.20"


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def contact(api):
    body = {"name_en": "NG Wai", "email": "wai@example.com", "phone": "9123 4567"}
    return api.ok("POST", "/contacts", json=body)["id"]


def keep(api, contact, **fields):
    body = {"field": "phone", "until": "2040-06-30", "law": LAW, **fields}
    return api.post(f"/contacts/{contact}/kept", json=body)


def kept(api, contact):
    return api.ok("GET", f"/contacts/{contact}/kept")["items"]


def test_set_change_and_remove(api, contact):
    assert keep(api, contact).status_code == 201
    assert kept(api, contact) == [{"field": "phone", "until": "2040-06-30", "law": LAW}]
    assert keep(api, contact, until="2041-06-30").status_code == 201
    assert kept(api, contact) == [{"field": "phone", "until": "2041-06-30", "law": LAW}]
    path = f"/contacts/{contact}/kept/phone"
    assert api.delete(path).status_code == 428
    assert api.delete(path, headers={"If-Match": "999"}).status_code == 412
    version = api.ok("GET", f"/contacts/{contact}")["version"]
    assert api.delete(path, headers={"If-Match": str(version)}).status_code == 204
    assert kept(api, contact) == []
    assert api.delete(path, headers={"If-Match": str(version)}).status_code == 404


@pytest.mark.parametrize(
    "fields, wrong",
    [
        ({"field": "nonsense"}, "field"),
        ({"field": "lifecycle"}, "field"),
        ({"field": "number"}, "field"),
        ({"field": None}, "field"),
        ({"until": None}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "soon"}, "until"),
        ({"law": None}, "law"),
        ({"law": "   "}, "law"),
        ({"law": "x" * 201}, "law"),
        ({"law": "card 4111 1111 1111 1111"}, "law"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_refused(api, contact, fields, wrong):
    answer = keep(api, contact, **fields)
    assert answer.status_code == 422 and wrong in answer.json()["errors"], answer.text
    assert kept(api, contact) == []


def test_reading_it_is_in_the_log(api, contact):
    """Once for each time it is read, with what was kept; of what is refused nothing is read."""
    assert keep(api, contact).status_code == 201
    seen = lambda: [e for e in api.ok("GET", f"/contacts/{contact}/audit")["items"]
                    if e["action"] == "view" and e.get("fields") == ["phone"]]
    before = len(seen())
    kept(api, contact)
    assert len(seen()) == before + 1
    assert api.get("/contacts/999999/kept").status_code == 404 and len(seen()) == before + 1


def test_nobody_by_that_number(stack, api, contact):
    assert keep(api, 999999).status_code == 404
    assert api.get("/contacts/999999/kept").status_code == 404
    other = stack.new_workspace().admin.api()
    assert other.get(f"/contacts/{contact}/kept").status_code == 404


def test_the_pages(browser, api, contact):
    path = f"/contacts/{contact}/kept"
    answer = browser.submit(browser.form(path + "/new", path), field="email", until="2019-01-01", law="Typed law")
    assert answer.status_code == 422 and "Typed law" in answer.text
    answer = browser.submit(browser.form(path + "/new", path), field="email", until="2040-01-31", law=LAW)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/contacts/{contact}"
    page = browser.page(f"/contacts/{contact}")
    assert LAW in page and "31 Jan 2040" in page and f'href="{path}/email"' in page
    answer = browser.submit(browser.form(path + "/email", path), until="2042-02-28")
    assert answer.status_code == 303 and kept(api, contact)[0]["until"] == "2042-02-28"
    answer = browser.submit(browser.form(path + "/email", path + "/email/remove"))
    assert answer.status_code == 303 and kept(api, contact) == []
    assert browser.get(path + "/email").status_code == 404


def test_what_a_profile_may_not_change_it_may_not_keep(workspace, api, contact):
    staff = workspace.add_user("staff").api()
    assert keep(staff, contact).status_code == 201
    for field in ("salary", "tax_id"):
        answer = keep(staff, contact, field=field)
        assert answer.status_code == 422 and "field" in answer.json()["errors"]
    assert keep(api, contact, field="salary").status_code == 201
    assert [item["field"] for item in kept(staff, contact)] == ["phone"]
    assert [item["field"] for item in kept(api, contact)] == ["phone", "salary"]


def test_every_change_is_in_the_log(workspace, api, contact):
    keep(api, contact)
    keep(api, contact, until="2045-01-01")
    cursor = workspace.database().cursor()
    cursor.execute(
        "select s.fields, e.changes is not null from audit_event e join field_set s using (field_set_id) "
        "where e.action = 'retention' and e.subject_ids = array[%s::integer]",
        (contact,),
    )
    assert cursor.fetchall() == [(["phone"], True), (["phone"], True)]


def test_erasing_names_it_on_the_receipt(api, contact):
    keep(api, contact)
    receipt = api.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})
    assert LAW in str(receipt) and "2040-06-30" in str(receipt)
    assert keep(api, contact, field="email").status_code == 409
