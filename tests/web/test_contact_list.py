# SPDX-License-Identifier: ISC
"""Finding people: words in both scripts, numbers in any form, filters, order, and
pages that neither leave anybody out nor show anybody twice."""
import re
import threading
import urllib.parse

import pytest

import routes
from harness import parse_forms

PEOPLE = {
    "siuming": {"name_en": "CHAN Siu Ming, Peter", "name_zh": "陳小明", "phone": "9123 4567", "email": "peter.chan@harbour-trade.example", "lifecycle": "lead", "district": "central_western", "tags": ["vip", "golf"]},
    "tailun": {"name_en": "CHEUNG Tai Lun", "name_zh": "張大倫", "phone": "+852 6222 3333", "email": "tl.cheung@example.org", "lifecycle": "customer", "last_verified_on": "2026-01-15"},
    "siuling": {"name_en": "WONG Siu Ling", "name_zh": "黃小玲", "phone2": "2345 6789", "email2": "ling@example.net", "lifecycle": "customer", "last_verified_on": "2026-02-20", "vip": True},
    "kwok": {"name_en": "KWOK Ka Yan", "name_zh": "郭家欣", "whatsapp": "+44 20 7946 0958", "lifecycle": "former"},
    "obrien": {"name_en": "O'Brien, Éamonn", "email": "eamonn_o'brien@example.com", "tax_id": "99-1234567", "date_of_birth": "1980-05-06"},
    "percent": {"name_en": "Hundred % Tea_House", "preferred_name": "Back\\slash"},
}


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def people(api):
    """Name here -> number there."""
    districts = {f["name"]: f for f in api.ok("GET", "/fields")["items"] if f["entity"] == "contact"}["district"]
    PEOPLE["siuming"]["district"] = districts["choices"][0]["value"]
    return {key: api.ok("POST", "/contacts", json=values)["id"] for key, values in PEOPLE.items()}


def search(api, people, q, **more):
    """Who is found, by their names here; the address says the same as the body."""
    by_body = api.ok("POST", "/contacts/search", json={"q": q, **more})["items"]
    by_address = api.ok("GET", "/contacts", params={"q": q})["items"]
    assert more or [p["id"] for p in by_body] == [p["id"] for p in by_address]
    names = {number: key for key, number in people.items()}
    return {names.get(p["id"], p["id"]) for p in by_body}


@pytest.mark.parametrize("q, found", [
    # English: any part, any case, any order, letters of Latin-1 with or without their marks.
    ("siu", {"siuming", "siuling"}),
    ("SIU MING", {"siuming"}),
    ("ming siu", {"siuming"}),
    ("chan", {"siuming"}),
    ("heun", {"tailun"}),
    ("peter, chan", {"siuming"}),
    ("o'brien", {"obrien"}),
    ("éamonn", {"obrien"}),
    ("eamonn", {"obrien"}),
    ("nobody at all", set()),
    # Chinese: two characters, one character, inside a name, Simplified for Traditional.
    ("小明", {"siuming"}),
    ("陳小", {"siuming"}),
    ("小", {"siuming", "siuling"}),
    ("陈小明", {"siuming"}),
    ("张大伦", {"tailun"}),
    ("黄小玲", {"siuling"}),
    ("明小", set()),
    ("陳 小明", {"siuming"}),
    ("陳小明 peter", {"siuming"}),
    # Numbers in any form, whole and part.
    ("91234567", {"siuming"}),
    ("9123 4567", {"siuming"}),
    ("(852) 9123-4567", {"siuming"}),
    ("+852 9123 4567", {"siuming"}),
    ("852 91234567", {"siuming"}),
    ("９１２３", {"siuming"}),
    ("0085291234567", {"siuming"}),
    ("2345 6789", {"siuling"}),
    ("020 7946 0958", set()),
    ("20 7946 0958", {"kwok"}),
    ("+44 20 7946", {"kwok"}),
    # Addresses.
    ("peter.chan@harbour-trade.example", {"siuming"}),
    ("PETER.CHAN@", {"siuming"}),
    ("harbour-trade", {"siuming"}),
    ("ling@example.net", {"siuling"}),
    ("@example.org", {"tailun"}),
    # What means something elsewhere means itself.
    ("100 %", set()),
    ("% tea", {"percent"}),
    ("tea_house", {"percent"}),
    ("teaxhouse", set()),
    ("back\\slash", {"percent"}),
    ("' or 1=1 --", set()),
])
def test_words_find(api, people, q, found):
    assert search(api, people, q) == found


def test_all_words_have_to_fit(api, people):
    assert search(api, people, "siu 張") == set()
    assert search(api, people, "siu example.net") == {"siuling"}


def test_nobody_is_found_by_what_is_encrypted(api, people):
    for q in ("99-1234567", "1980-05-06", "991234567"):
        assert search(api, people, q) == set()


def test_a_change_is_found_at_once_and_the_old_is_not(api):
    made = api.ok("POST", "/contacts", json={"name_en": "Zebedee Quux", "name_zh": "測試甲"})
    headers = {"If-Match": str(made["version"])}
    api.ok("PATCH", f"/contacts/{made['id']}", json={"name_en": "Xanthippe", "name_zh": "測試乙"}, headers=headers)
    for q, found in (("Zebedee", []), ("測試甲", []), ("xanthip", [made["id"]]), ("试乙", [made["id"]])):
        assert [p["id"] for p in api.ok("POST", "/contacts/search", json={"q": q})["items"]] == found


def filtered(api, people, **filters):
    items = api.ok("POST", "/contacts/search", json={"filter": filters})["items"]
    params = {f"filter[{name}]": value for name, value in filters.items()}
    assert [p["id"] for p in items] == [p["id"] for p in api.ok("GET", "/contacts", params=params)["items"]]
    names = {number: key for key, number in people.items()}
    return {names[p["id"]] for p in items if p["id"] in names}


@pytest.mark.parametrize("filters, found", [
    ({"lifecycle": "customer"}, {"tailun", "siuling"}),
    ({"lifecycle": "customer", "vip": "true"}, {"siuling"}),
    ({"vip": "true"}, {"siuling"}),
    ({"vip": "0", "lifecycle": "former"}, {"kwok"}),
    ({"email": "PETER.chan@harbour-trade.example"}, set()),
    ({"email": "peter.chan@HARBOUR-trade.example"}, {"siuming"}),
    ({"phone": "9123-4567"}, {"siuming"}),
    ({"phone2": "+852 23456789"}, {"siuling"}),
    ({"last_verified_on": "2026-01-15"}, {"tailun"}),
    ({"last_verified_on": "15/1/2026"}, {"tailun"}),
    ({"last_verified_on": "2026-01-01..2026-01-31"}, {"tailun"}),
    ({"last_verified_on": "2026-02-01.."}, {"siuling"}),
    ({"last_verified_on": "..2026-02-01"}, {"tailun"}),
    ({"last_verified_on": "2026-01-01..2026-12-31"}, {"tailun", "siuling"}),
    ({"tags": "golf"}, {"siuming"}),
    ({"tags": "golf,vip"}, {"siuming"}),
    ({"tags": "golf,tennis"}, set()),
    ({"name_en": "KWOK Ka Yan"}, {"kwok"}),
    # Encrypted ones: the whole value, in the form in which it is kept.
    ({"tax_id": "99-1234567"}, {"obrien"}),
    ({"tax_id": "99-123456"}, set()),
    ({"date_of_birth": "6/5/1980"}, {"obrien"}),
    ({"date_of_birth": "1980-05-07"}, set()),
])
def test_filters_find(api, people, filters, found):
    assert filtered(api, people, **filters) == found


@pytest.mark.parametrize("filters", [
    {"nothing": "x"},
    {"salary..": "x"},
    {"id": "1"},
    {"contact_id": "1"},
    {"lifecycle": "none such"},
    {"last_verified_on": "soon"},
    {"last_verified_on": "2026-01-01..soon"},
    {"date_of_birth": "1980-01-01..1990-01-01"},
    {"vip": "perhaps"},
    {"phone": "1"},
    {"company_id": "x"},
    {"lifecycle": ["customer"]},
    {"lifecycle": {"a": "customer"}},
    {"hkid": "A123456(3)"},
])
def test_filters_that_are_none(api, filters):
    """In a body 422, in an address 400, on a page an error page; named in each."""
    (name, value), = filters.items()
    answer = api.post("/contacts/search", json={"filter": filters})
    assert routes.problem(answer, 422) is None and f"filter[{name}]" in answer.json()["errors"]
    if isinstance(value, str):
        answer = api.get("/contacts", params={f"filter[{name}]": value})
        assert routes.problem(answer, 400) is None and f"filter[{name}]" in answer.json()["errors"]


def test_a_filter_on_the_page_that_is_none_comes_back_at_its_field(browser, people):
    answer = browser.write("/contacts/search", **{"filter[last_verified_on]": "soon", "filter[email]": "x@", "q": "siu"})
    assert routes.page(answer, 422) is None
    for name, value in (("last_verified_on", "soon"), ("email", "x@")):
        assert f'name="filter[{name}]"' in answer.text and f'value="{value}"' in answer.text
    assert 'value="siu"' in answer.text and routes.marked(answer, "filter[last_verified_on]")
    form = next(f for f in parse_forms(answer.text) if ("filter[email]", "x@") in f.fields)
    assert browser.submit(form, **{"filter[last_verified_on]": "2026-02-20", "filter[email]": ""}).status_code == 303


def test_who_sees_a_mask_cannot_ask_by_it(workspace, people):
    """A filter would tell what the mask hides, by yes and no."""
    staff = workspace.add_user("staff").api()
    for name in ("tax_id", "salary", "hkid"):
        answer = staff.post("/contacts/search", json={"filter": {name: "99-1234567"}})
        assert answer.status_code == 422 and f"filter[{name}]" in answer.json()["errors"]
    assert staff.ok("POST", "/contacts/search", json={"filter": {"lifecycle": "former"}})["items"]


def order(api, sort, **more):
    return [p["id"] for p in api.ok("POST", "/contacts/search", json={"q": "sortable", "sort": sort, **more})["items"]]


def test_order(api):
    """By the letters as people sort them, whoever has none last."""
    names = ["sortable ábel", "sortable Abe", "sortable zoë", "Sortable bea", "sortable Bea"]
    made = {name: api.ok("POST", "/contacts", json={"name_en": name})["id"] for name in names}
    by_name = order(api, "name_en")
    assert by_name[0] == made["sortable Abe"] and by_name[1] == made["sortable ábel"] and by_name[-1] == made["sortable zoë"]
    assert order(api, "-name_en") == by_name[::-1]
    assert order(api, "created_at") == [made[name] for name in names]
    assert order(api, "-created_at") == [made[name] for name in names][::-1]
    assert order(api, "-updated_at")[0] == made["sortable Bea"]
    record = api.ok("GET", f"/contacts/{made['sortable ábel']}")
    api.ok("PATCH", f"/contacts/{record['id']}", json={"source": "x"}, headers={"If-Match": str(record["version"])})
    assert order(api, "-updated_at")[0] == made["sortable ábel"]
    assert order(api, None)[0] == made["sortable ábel"], "what changed last comes first"


@pytest.mark.parametrize("sort", ["nothing", "--name_en", "name_en,-id", "tax_id", "-salary", "hkid", "name_en desc", "id;drop"])
def test_no_such_order(api, browser, sort):
    answer = api.get("/contacts", params={"sort": sort})
    assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["sort"]
    answer = api.post("/contacts/search", json={"sort": sort})
    assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == ["sort"]
    assert routes.page(browser.get("/contacts", params={"sort": sort}), 400) is None


@pytest.fixture(scope="module")
def crowd(api):
    """Sixty people, many of one name, all of one word."""
    return [api.ok("POST", "/contacts", json={"name_en": f"Crowd {n % 4}", "name_zh": f"群眾{n % 3}"})["id"] for n in range(60)]


def walk(api, between=lambda: None, **query):
    """Page after page to the end."""
    seen, after = [], None
    while True:
        page = api.ok("POST", "/contacts/search", json={**query, **({"after": after} if after else {})})
        seen += [p["id"] for p in page["items"]]
        after = page["next"]
        if after is None:
            return seen
        assert page["items"]
        between()


@pytest.mark.parametrize("sort", ["name_en", "-name_en", "name_zh", "-name_zh", "created_at", "-created_at", "updated_at", "-updated_at", "last_activity_at", "-last_activity_at"])
@pytest.mark.parametrize("limit", [1, 7, 60, 200])
def test_pages_are_complete(api, crowd, sort, limit):
    if limit == 1 and sort not in ("name_en", "-updated_at"):
        return
    seen = walk(api, q="crowd", sort=sort, limit=limit)
    assert len(seen) == len(set(seen)) and set(seen) >= set(crowd)


def test_pages_stay_complete_while_people_are_added_and_changed(api, crowd):
    def add():
        api.ok("POST", "/contacts", json={"name_en": "Crowd 0", "name_zh": "群眾0"})

    for sort in ("name_en", "-name_en", "created_at", "-created_at"):
        seen = walk(api, add, q="crowd", sort=sort, limit=9)
        assert len(seen) == len(set(seen)) and set(seen) >= set(crowd), sort


def test_pages_stay_complete_under_writers(workspace, api, crowd):
    stop = threading.Event()

    def write():
        mine = workspace.admin.api()
        while not stop.is_set():
            mine.ok("POST", "/contacts", json={"name_en": "Crowd 1"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            seen = walk(api, q="crowd", sort="name_en", limit=5)
            assert len(seen) == len(set(seen)) and set(seen) >= set(crowd)
    finally:
        stop.set()
        writer.join()


def test_the_page_pages_by_links(browser, api, crowd):
    path, seen = "/contacts", []
    for _ in range(100):
        text = browser.page(path)
        seen += re.findall(r'href="/contacts/(\d+)"', text)
        link = re.search(r'href="(/contacts\?[^"]*after=[^"]+)"', text)
        if link is None:
            break
        path = link[1].replace("&amp;", "&")
        assert "Crowd" not in urllib.parse.unquote(path), "nothing of a person in an address"
    assert {str(number) for number in crowd} <= set(seen)


def test_what_was_looked_for_is_in_no_address(browser, people):
    answer = browser.write("/contacts/search", q="小明")
    where = answer.headers["Location"]
    assert answer.status_code == 303 and re.fullmatch(r"/contacts\?query=[\w-]+", where)
    text = browser.page(where)
    assert f'href="/contacts/{people["siuming"]}"' in text and f'href="/contacts/{people["kwok"]}"' not in text
    assert 'value="小明"' in text
    assert "小明" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', text))


def test_a_filter_is_taken_away_by_its_button(browser, people):
    where = browser.write("/contacts/search", **{"filter[lifecycle]": "customer", "filter[vip]": "true"}).headers["Location"]
    text = browser.page(where)
    assert f'/contacts/{people["siuling"]}"' in text and f'/contacts/{people["tailun"]}"' not in text
    form = next(f for f in parse_forms(text) if ("filter[vip]", "true") in f.fields)
    assert 'name="drop" value="vip"' in text
    answer = browser.submit(form, drop="vip")
    text = browser.page(answer.headers["Location"])
    assert f'/contacts/{people["siuling"]}"' in text and f'/contacts/{people["tailun"]}"' in text


def test_nothing_asked_is_the_whole_list(browser, api):
    assert browser.write("/contacts/search", q="").headers["Location"] == "/contacts"
    assert browser.write("/contacts/search", **{"q": "  ", "filter[vip]": ""}).status_code == 303
    whole = [p["id"] for p in api.ok("GET", "/contacts")["items"]]
    assert [p["id"] for p in api.ok("POST", "/contacts/search", json={})["items"]] == whole
    assert [p["id"] for p in api.ok("POST", "/contacts/search", json={"q": None, "filter": {}})["items"]] == whole


def test_a_cursor_belongs_to_its_order(api, crowd):
    after = api.ok("GET", "/contacts?sort=name_en&limit=2")["next"]
    answer = api.get(f"/contacts?sort=-name_en&limit=2&after={after}")
    assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["after"]
    for bad in ("x", "A" * 40, after[:-1], after + "A", after.swapcase()):
        answer = api.get("/contacts", params={"sort": "name_en", "after": bad})
        assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["after"]


def test_archived_people_are_a_list_of_their_own(api, browser):
    made = api.ok("POST", "/contacts", json={"name_en": "Archivable One"})
    api.ok("DELETE", f"/contacts/{made['id']}", headers={"If-Match": str(made["version"])})
    assert api.ok("POST", "/contacts/search", json={"q": "archivable"})["items"] == []
    found = api.ok("POST", "/contacts/search", json={"q": "archivable", "archived": True})["items"]
    assert [p["id"] for p in found] == [made["id"]] and found[0]["archived"] is True
    assert "Archivable One" in browser.page("/contacts?archived=1")
    assert "Archivable One" not in browser.page("/contacts")
    forms = [f for f in parse_forms(browser.page("/contacts?archived=1")) if ("archived", "1") in f.fields]
    where = browser.submit(forms[0], q="archivable").headers["Location"]
    assert f'/contacts/{made["id"]}"' in browser.page(where), "who looks in the archive finds there"


def test_whom_a_list_showed_is_in_the_log(workspace, api, people):
    api.ok("POST", "/contacts/search", json={"q": "小明"})
    api.ok("GET", "/contacts?limit=3")
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select action, audit_records(entity, record_ids, subject_ids), subject_ids, count from audit_event where entity = 'contact' and action in ('search', 'list') order by event_id desc limit 2")
        listed, searched = cursor.fetchall()
        assert (searched[0], searched[1], searched[2], searched[3]) == ("search", [people["siuming"]], [people["siuming"]], 1)
        assert (listed[0], len(listed[1]), listed[3]) == ("list", 3, 3), "not the one that only says there is more"
        cursor.execute("select count(*) from audit_event r where r::text like '%小明%'")
        assert cursor.fetchone() == (0,), "the words are not kept"


def test_an_empty_archive_says_what_it_is_for(stack):
    browser = stack.new_workspace().admin.browser()
    assert "Nothing is archived" in browser.page("/contacts?archived=1") and "added or imported" not in browser.page("/contacts?archived=1")
    assert "added or imported" in browser.page("/contacts") and "Nothing is archived" not in browser.page("/contacts")
