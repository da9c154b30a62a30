# SPDX-License-Identifier: ISC
"""Lists in the order of a custom field: whole, cut into pages, on page and in JSON;
and by no field that may not be read."""
import pytest

import routes
from jobs import done
from profiles import everything, make_profile

VALUES = {
    "text": ["alpha", "Beta", "gamma", "中"],
    "number": ["-2", "0.5", "3", "10"],
    "date": ["1999-12-31", "2024-02-29", "2026-01-01", "2030-06-30"],
    "choice": ["bronze", "gold", "iron", "silver"],
    "boolean": [False, False, True, True],
    "email": ["a@x.example", "b@x.example", "c@x.example", "d@x.example"],
    "phone": ["+85221110000", "+85222220000", "+85223330000", "+85224440000"],
    "url": ["https://a.example", "https://b.example", "https://c.example", "https://d.example"],
}


def add(api, name, kind, **more):
    field = {"entity": "contact", "name": name, "type": kind, "label_en": name, "label_zh": name, "pii": "other",
             "purpose": "x", "sealed": False, **more}
    if kind == "choice":
        field["choices"] = [{"value": v, "label_en": v, "label_zh": v} for v in VALUES["choice"]]
    done(api, api.ok("POST", "/fields", status=202, json=field)["job"])


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def people(api):
    """Ids: four with a value of each kind, in ascending order, and two without."""
    for kind in VALUES:
        add(api, f"by_{kind}", kind)
    add(api, "by_long", "long_text")
    add(api, "by_sealed", "text", sealed=True)
    made = {}
    for n in (2, 0, 3, 1):
        body = {"name_en": f"ordered {n}", **{f"by_{kind}": values[n] for kind, values in VALUES.items()}}
        made[n] = api.ok("POST", "/contacts", json=body)["id"]
    for n in (4, 5):
        made[n] = api.ok("POST", "/contacts", json={"name_en": f"ordered {n}"})["id"]
    return [made[n] for n in range(6)]


def walk(api, sort, limit):
    seen, after = [], None
    while True:
        params = {"sort": sort, "limit": limit, **({"after": after} if after else {})}
        page = api.ok("GET", "/contacts", params=params)
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            return seen


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind != "boolean"])
@pytest.mark.parametrize("limit", [1, 4, 200])
def test_in_order_and_whole_whatever_the_page(api, people, kind, limit):
    up = walk(api, f"by_{kind}", limit)
    assert up[:4] == people[:4] and set(up[4:]) == set(people[4:]), "who has none comes last"
    assert walk(api, f"-by_{kind}", limit) == up[::-1]


def test_no_comes_before_yes(api, people):
    up = walk(api, "by_boolean", 2)
    assert set(up[-2:]) == set(people[2:4]) and sorted(up) == sorted(people)
    assert walk(api, "-by_boolean", 3) == up[::-1]


def test_the_page_follows_and_offers_it(workspace, api, people):
    browser = workspace.admin.browser()
    page = browser.page("/contacts?sort=-by_number")
    places = [page.index(f'href="/contacts/{number}"') for number in people[:4]]
    assert places == sorted(places, reverse=True)
    assert routes.page(browser.get("/contacts?sort=by_long"), 400) is None


@pytest.mark.parametrize("sort", ["by_sealed", "-by_sealed", "by_long", "by_nothing", "cf_1", "by_text desc", "BY_TEXT"])
def test_no_such_order(api, people, sort):
    answer = api.get("/contacts", params={"sort": sort})
    assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["sort"]
    answer = api.post("/contacts/search", json={"sort": sort})
    assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == ["sort"]


@pytest.mark.parametrize("level, status", [("hidden", 400), ("masked", 400), ("read", 200), ("edit", 200)])
def test_only_by_what_may_be_read(workspace, people, level, status):
    database = workspace.database()
    profile = make_profile(database, everything("all"), {"contact.by_number": level})
    api = workspace.add_user(profile).api()
    for sort in ("by_number", "-by_number"):
        answer = api.get("/contacts", params={"sort": sort})
        assert answer.status_code == status, answer.text
        if status == 400:
            unknown = api.get("/contacts", params={"sort": "by_nothing"})
            assert answer.json()["errors"] == unknown.json()["errors"], "as if it did not exist"
    database.close()


def test_a_cursor_of_one_kind_of_record_is_none_of_another(api, people):
    """Neither where the field of that name is of another kind, nor where it is the same."""
    done(api, api.ok("POST", "/fields", status=202, json={
        "entity": "company", "name": "by_number", "label_en": "Other", "label_zh": "別", "type": "text", "purpose": "x"})["job"])
    for n in range(2):
        api.ok("POST", "/companies", json={"name_en": f"ordered {n}", "by_number": f"text {n}"})
    for sort in ("by_number", "-updated_at"):
        after = api.ok("GET", "/companies", params={"sort": sort, "limit": 1})["next"]
        answer = api.get("/contacts", params={"sort": sort, "after": after})
        assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["after"]


def test_a_cursor_of_one_order_is_none_of_another(api, people):
    after = api.ok("GET", "/contacts", params={"sort": "by_number", "limit": 1})["next"]
    for sort in ("by_text", "-by_number", "name_en"):
        assert api.get("/contacts", params={"sort": sort, "after": after}).status_code == 400


def test_a_field_that_goes_takes_its_order_along_and_one_that_is_opened_gets_one(api, people):
    add(api, "by_gone", "number")
    assert api.get("/contacts", params={"sort": "by_gone"}).status_code == 200
    done(api, api.ok("DELETE", "/fields/contact.by_gone", status=202, params={"confirm": "contact.by_gone"})["job"])
    assert api.get("/contacts", params={"sort": "by_gone"}).status_code == 400
    field = next(f for f in api.ok("GET", "/fields")["items"] if f["name"] == "by_sealed")
    change = api.ok("PATCH", "/fields/contact.by_sealed", status=202, json={"sealed": False},
                    headers={"If-Match": str(field["version"])})
    done(api, change["job"])
    assert sorted(walk(api, "by_sealed", 2)) == sorted(people)


def test_every_order_has_its_index(workspace, people):
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from field f where not builtin and not sealed and type <> 'long_text' and not exists "
                       "(select from pg_index i where i.indexrelid = to_regclass(f.entity || '_sort_' || f.column_name) and i.indisvalid)")
        assert cursor.fetchone() == (0,)
