# SPDX-License-Identifier: ISC
"""Every row of the route table, asked by whoever should be refused: nobody,
somebody of another workspace, staff without the right, a page without its
token, the wrong method, undeclared parameters, bodies that cannot be read."""
import json

import pytest

MISSING = "999999999"
# Rights of the administrator that staff lacks.
SPECIAL = {"manage_users", "manage_fields", "manage_workspace", "view_audit", "erase", "person_export"}


@pytest.fixture(scope="module")
def rows(stack):
    return stack.praya_json("routes")


@pytest.fixture(scope="module")
def other(stack):
    """An administrator of another workspace."""
    return stack.new_workspace().admin


def surfaces(row):
    return {"both": ("page", "api"), "page": ("page",), "api": ("api",)}[row["surface"]]


def address(row, surface):
    path = row["path"].replace("{id}", MISSING).replace("{token}", "contact.nothing")
    return ("/api/v1" if surface == "api" else "") + path


def asked(rows, want=lambda row: True):
    return [(row, s, address(row, s)) for row in rows for s in surfaces(row) if want(row)]


def ask(client, row, where, surface, **options):
    if row["method"] != "GET" and surface == "api" and "data" not in options and "files" not in options:
        options.setdefault("json", {})
    return client.request(row["method"], client.origin + where, **options)




def test_nobody_is_let_in(stack, rows):
    visitor = stack.visitor("harbour")
    for row, surface, where in asked(rows, lambda r: r["right"] != "public"):
        answer = ask(visitor, row, where, surface)
        if surface == "page" and row["method"] == "GET":
            assert (answer.status_code, answer.headers.get("Location")) == (303, "/login"), where
        else:
            assert answer.status_code == 401, f"{row['method']} {where}: {answer.status_code}"


def test_another_workspace_is_nobody(stack, rows, other):
    token = other.api().headers["Authorization"]
    cookie = other.browser().cookies.get("__Host-praya")
    visitor = stack.visitor("harbour")
    for row, surface, where in asked(rows, lambda r: r["right"] != "public"):
        for headers in ({"Authorization": token}, {"Cookie": f"__Host-praya={cookie}"}):
            answer = ask(visitor, row, where, surface, headers=headers)
            assert answer.status_code in (303, 401), f"{row['method']} {where}: {answer.status_code}"


def test_staff_lacks_the_special_rights(rows, staff, staff_api):
    for row, surface, where in asked(rows, lambda r: r["right"] in SPECIAL):
        client = staff_api if surface == "api" else staff
        answer = ask(client, row, where, surface)
        assert answer.status_code == 403, f"{row['method']} {where}: {answer.status_code}"


def test_a_page_without_its_token_changes_nothing(rows, admin):
    for row, _, where in asked(rows, lambda r: r["method"] == "POST" and "page" in surfaces(r)):
        if where.startswith("/api/"):
            continue
        answer = admin.post(where, data={"_csrf": "forged"})
        assert answer.status_code == 403, f"POST {where}: {answer.status_code}"
        foreign = admin.post(where, data={"_csrf": admin.csrf()}, headers={"Origin": "https://elsewhere.example"})
        assert foreign.status_code == 403, f"POST {where} from elsewhere: {foreign.status_code}"


def test_the_wrong_method_says_which_is_right(rows, admin, api):
    known = {}
    for row, surface, where in asked(rows):
        known.setdefault((surface, where), set()).add(row["method"])
    for (surface, where), methods in known.items():
        client = api if surface == "api" else admin
        for method in {"GET", "POST", "PATCH", "DELETE"} - methods:
            answer = client.request(method, client.origin + where)
            # A literal of one row may be the argument of another.
            if answer.status_code == 405:
                assert answer.headers["Allow"], where
            else:
                assert answer.status_code in (303, 400, 403, 404, 415, 422, 428), f"{method} {where}: {answer.status_code}"


def test_undeclared_parameters_are_refused(rows, admin, api):
    for row, surface, where in asked(rows, lambda r: r["method"] == "GET"):
        client = api if surface == "api" else admin
        answer = client.get(client.origin + where, params={"no_such_parameter": "1"})
        assert answer.status_code == 400, f"GET {where}: {answer.status_code}"
    for row, surface, where in asked(rows, lambda r: r["method"] != "GET" and r["right"] != "public"):
        if surface == "api":
            answer = ask(api, row, where, surface, json={"no_such_parameter": 1})
            assert answer.status_code in (404, 415, 422), f"{row['method']} {where}: {answer.status_code}"
            if answer.status_code == 422:
                assert "no_such_parameter" in answer.json()["errors"], where


BROKEN = (b"{", b"[]", b"\"text\"", b"{\"a\":1}{", b"\xff\xfe", b"{\"a\":\"\\u0000\"}", b"{" * 5000)


def test_bodies_that_cannot_be_read(rows, api):
    for row, surface, where in asked(rows, lambda r: r["method"] != "GET" and "api" in surfaces(r)):
        if surface != "api":
            continue
        for body in BROKEN:
            answer = api.request(row["method"], api.origin + where, data=body,
                                 headers={"Content-Type": "application/json", "If-Match": "1"})
            assert 400 <= answer.status_code < 500, f"{row['method']} {where} {body[:20]}: {answer.status_code}"
            assert answer.headers["Content-Type"].startswith("application/problem+json"), where
            assert json.loads(answer.text)["status"] == answer.status_code
        answer = api.request(row["method"], api.origin + where, data=b"<x/>", headers={"Content-Type": "text/xml"})
        assert 400 <= answer.status_code < 500, f"{row['method']} {where}: {answer.status_code}"


def test_what_is_not_there_is_404(rows, admin, api):
    for row, surface, where in asked(rows, lambda r: r["method"] == "GET" and "{id}" in r["path"]):
        client = api if surface == "api" else admin
        answer = client.get(client.origin + where)
        assert answer.status_code == 404, f"GET {where}: {answer.status_code}"


def test_public_rows_are_few_and_known(rows):
    public = {f"{r['method']} {r['path']}" for r in rows if r["right"] == "public"}
    assert public <= {"GET /login", "POST /login", "POST /session", "POST /language", "GET /openapi.json"}


def test_a_change_of_fields_holds_from_the_next_request_on(stack):
    """Whichever process answers: none goes by the catalogue it remembers."""
    api = stack.new_workspace().admin.api()
    for on in (True, False, True, False):
        api.ok("PATCH", "/fields/contact.hkid", json={"enabled": on, "justification": "Required by law"})
        for _ in range(6):
            listed = api.get("/contacts?filter[hkid]=A123456(3)").status_code
            added = api.post("/contacts", json={"name_en": "LAM On", "hkid": "A123456(3)"}).status_code
            assert (listed, added) == ((200, 201) if on else (400, 422))
