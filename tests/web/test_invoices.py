# SPDX-License-Identifier: ISC
"""Invoices: lines that add up, a bill-to block that outlives its person."""
import pytest

from profiles import everything, make_profile


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "WONG Siu Ming"})["id"]


BASE = {"number": "INV-1", "issued_on": "2026-11-01", "status": "issued"}


def bill(api, contact, **fields):
    return api.ok("POST", f"/contacts/{contact}/invoices", status=201, json={**BASE, **fields})


def line(description, quantity, unit):
    return {"description": description, "quantity": quantity, "unit_amount": unit}


def refused(answer, *fields):
    assert answer.status_code == 422, answer.text
    for field in fields:
        assert field in answer.json()["errors"], answer.text


def version(record):
    return {"If-Match": str(record["version"])}


def change(api, invoice, **fields):
    return api.ok("PATCH", f"/invoices/{invoice['id']}", headers=version(invoice), json=fields)


def events(database, invoice, action="update"):
    cursor = database.cursor()
    cursor.execute(
        "select s.fields, e.changes from audit_event e left join field_set s using (field_set_id) "
        "where e.entity = 'invoice' and e.action = %s and %s = any (e.record_ids) order by e.event_id",
        (action, invoice["id"]),
    )
    return cursor.fetchall()


@pytest.mark.parametrize(
    "lines, currency, total",
    [
        ([line("Tuning", "1", "450.00")], "HKD", "450.00"),
        ([line("Tuning", 2, 450), line("Delivery", "1.5", "80.10")], "HKD", "1020.15"),
        ([line("Third", "0.333", "0.10")], "HKD", "0.03"),
        ([line("Half up", "0.5", "0.01")], "HKD", "0.01"),
        ([line("Half away from zero", "0.5", "-0.01")], "HKD", "-0.01"),
        ([line("Below half", "0.499", "0.01")], "HKD", "0.00"),
        ([line("Work", "3", "100"), line("Discount", "1", "-50")], "HKD", "250.00"),
        ([line("Yen", "2", "1500")], "JPY", "3000"),
        ([line("One, when nothing is said", None, "8.00")], "HKD", "8.00"),
        ([line("Large", "1000000000", "9999.99")], "HKD", "9999990000000.00"),
        ([line(str(n), "1", "0.01") for n in range(200)], "HKD", "2.00"),
    ],
)
def test_the_amount_is_the_sum_of_the_lines(api, contact, lines, currency, total):
    made = bill(api, contact, currency=currency, lines=lines)
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["amount"] == {"amount": total, "currency": currency}
    assert [x["description"] for x in read["lines"]] == [x["description"] for x in lines]


def test_a_line_reads_back_exactly(api, contact):
    made = bill(api, contact, lines=[line("工程 & <b>", "1.250", {"amount": "80.00", "currency": "HKD"})])
    money = {"currency": "HKD"}
    assert made["lines"] == [
        {
            "description": "工程 & <b>",
            "quantity": "1.25",
            "unit_amount": {"amount": "80.00", **money},
            "amount": {"amount": "100.00", **money},
        }
    ]
    same = change(api, made, lines=made["lines"])
    assert same["version"] == made["version"]


@pytest.mark.parametrize(
    "lines, field",
    [
        ("x", "lines"),
        ([1], "lines"),
        ([line("x", "1", "1")] * 201, "lines"),
        ([line("", "1", "1")], "lines.0.description"),
        ([line(None, "1", "1")], "lines.0.description"),
        ([line(5, "1", "1")], "lines.0.description"),
        ([line("d" * 501, "1", "1")], "lines.0.description"),
        ([line("4111 1111 1111 1111", "1", "1")], "lines.0.description"),
        ([line("ok", "1", "1"), line("x", "0", "1")], "lines.1.quantity"),
        ([line("x", "-1", "1")], "lines.0.quantity"),
        ([line("x", "1.0001", "1")], "lines.0.quantity"),
        ([line("x", "1e3", "1")], "lines.0.quantity"),
        ([line("x", "1000000001", "1")], "lines.0.quantity"),
        ([line("x", [], "1")], "lines.0.quantity"),
        ([line("x", "1", "1.005")], "lines.0.unit_amount"),
        ([line("x", "1", "much")], "lines.0.unit_amount"),
        ([line("x", "1", None)], "lines.0.unit_amount"),
        ([line("x", "1", {"amount": "1.00", "currency": "USD"})], "lines.0.unit_amount"),
        ([line("x", "1000000000", "9999999999.99")], "lines.0.unit_amount"),
        ([line("x", "1000000000", "9999.99")] * 2, "lines"),
        ([{**line("x", "1", "1"), "colour": "red"}], "lines.0.unknown"),
        ([{**line("x", "2", "1"), "amount": "3.00"}], "lines.0.amount"),
    ],
)
def test_lines_that_are_refused(api, contact, lines, field):
    refused(api.post(f"/contacts/{contact}/invoices", json={**BASE, "lines": lines}), field)
    assert api.ok("GET", f"/contacts/{contact}/invoices")["items"] == []


def test_without_lines_the_amount_is_given(api, contact):
    assert bill(api, contact, amount="1234.50")["amount"]["amount"] == "1234.50"
    assert bill(api, contact)["amount"]["amount"] == "0.00"
    made = bill(api, contact, amount={"amount": "99.90", "currency": "HKD"})
    assert change(api, made, amount="100")["amount"]["amount"] == "100.00"


def test_with_lines_nobody_types_the_amount(api, contact):
    path = f"/contacts/{contact}/invoices"
    lines = [line("x", "1", "100")]
    refused(api.post(path, json={**BASE, "lines": lines, "amount": "99.00"}), "amount")
    made = bill(api, contact, lines=lines, amount="100.00")
    refused(api.patch(f"/invoices/{made['id']}", headers=version(made), json={"amount": "1.00"}), "amount")
    changed = change(api, made, lines=[line("x", "2", "100")])
    assert changed["amount"]["amount"] == "200.00"
    freed = change(api, changed, lines=[], amount="7.00")
    assert freed["lines"] == [] and freed["amount"]["amount"] == "7.00"


def test_amounts_are_read_in_the_currency_of_their_invoice(api, contact):
    made = bill(api, contact, currency="JPY", amount="1000")
    assert made["amount"] == {"amount": "1000", "currency": "JPY"}
    assert change(api, made, amount="2000")["amount"] == {"amount": "2000", "currency": "JPY"}
    read = api.ok("GET", f"/invoices/{made['id']}")
    refused(api.patch(f"/invoices/{made['id']}", headers=version(read), json={"amount": "10.50"}), "amount")


def test_a_currency_does_not_change_alone(api, contact):
    made = bill(api, contact, amount="12.34")
    path = f"/invoices/{made['id']}"
    refused(api.patch(path, headers=version(made), json={"currency": "JPY"}), "currency")
    refused(api.patch(path, headers=version(made), json={"currency": "XXX"}), "currency")
    refused(api.patch(path, headers=version(made), json={"currency": None}), "currency")
    changed = change(api, made, currency="JPY", amount="1234")
    assert changed["amount"] == {"amount": "1234", "currency": "JPY"}


def test_kept_for_seven_years_at_least(api, contact, database):
    assert bill(api, contact)["keep_until"] == "2033-10-31"
    assert bill(api, contact, issued_on="2024-02-29")["keep_until"] == "2031-02-27"
    assert bill(api, contact, keep_until="2040-01-01")["keep_until"] == "2040-01-01"
    path = f"/contacts/{contact}/invoices"
    answer = api.post(path, json={**BASE, "keep_until": "2033-10-30"})
    refused(answer, "keep_until")
    assert "2033-10-31" in answer.json()["errors"]["keep_until"]
    refused(api.post(path, json={**BASE, "issued_on": "9999-12-31"}), "issued_on")
    refused(api.post(path, json={**BASE, "issued_on": "0001-01-01"}), "issued_on")
    made = bill(api, contact)
    refused(api.patch(f"/invoices/{made['id']}", headers=version(made), json={"keep_until": "2030-01-01"}), "keep_until")
    later = change(api, made, issued_on="2027-03-01")
    assert later["keep_until"] == "2034-02-28"
    shorter = change(api, later, keep_until=None)
    assert shorter["keep_until"] == "2034-02-28"
    cursor = database.cursor()
    cursor.execute("select law, source from law_term where code = 'business_records'")
    assert cursor.fetchone() == ("Cap. 112 s.51C", "https://www.elegislation.gov.hk/hk/cap112!en/s51C")


def test_bill_to_is_sealed_under_a_key_of_its_own(api, contact, database):
    block = {"name": "Canary Holdings Ltd", "address": "1 Canary Road\nKwun Tong"}
    made = bill(api, contact, bill_to=block)
    assert made["bill_to"] == block
    cursor = database.cursor()
    cursor.execute(
        "select i.bill_to, k.purpose, k.contact_id, k.keep_until::text, k.key_id <> c.key_id "
        "from invoice i join data_key k on k.key_id = i.bill_to_key_id join contact c on c.contact_id = i.contact_id "
        "where i.invoice_id = %s",
        (made["id"],),
    )
    sealed, purpose, whose, until, own = cursor.fetchone()
    assert b"Canary" not in bytes(sealed)
    assert (purpose, whose, until, own) == ("bill_to", None, "2033-10-31", True)
    change(api, made, issued_on="2028-01-01")
    cursor.execute("select count(*) from data_key where purpose = 'bill_to' and keep_until = '2034-12-31'")
    assert cursor.fetchone() == (1,)


def test_bill_to_changes_and_goes_with_its_key(api, contact, database):
    made = bill(api, contact, bill_to={"name": "A"})
    assert made["bill_to"] == {"name": "A", "address": None}
    changed = change(api, made, bill_to={"name": "B", "address": "C"})
    assert changed["bill_to"] == {"name": "B", "address": "C"} and changed["version"] > made["version"]
    assert change(api, changed, bill_to={"name": "B", "address": "C"})["version"] == changed["version"]
    kept = change(api, changed, status="paid")
    assert kept["bill_to"] == {"name": "B", "address": "C"}
    assert change(api, kept, bill_to=None)["bill_to"] is None
    cursor = database.cursor()
    cursor.execute("select bill_to, bill_to_key_id from invoice where invoice_id = %s", (made["id"],))
    assert cursor.fetchone() == (None, None)
    cursor.execute("select count(*) from data_key k where purpose = 'bill_to' and not exists "
                   "(select from invoice i where i.bill_to_key_id = k.key_id)")
    assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "block",
    ["x", [1], {"name": 5}, {"name": "x" * 201}, {"address": "x" * 501}, {"phone": "1"}, {"name": "4111111111111111"}],
)
def test_bill_to_that_is_refused(api, contact, block):
    refused(api.post(f"/contacts/{contact}/invoices", json={**BASE, "bill_to": block}), "bill_to")


@pytest.mark.parametrize("field", ["number", "issued_on", "status"])
def test_what_every_invoice_has(api, contact, field):
    body = {key: value for key, value in BASE.items() if key != field}
    refused(api.post(f"/contacts/{contact}/invoices", json=body), field)
    refused(api.post(f"/contacts/{contact}/invoices", json={**BASE, field: None}), field)


def test_changed_amounts_are_in_the_log_sealed(api, contact, database):
    made = bill(api, contact, lines=[line("canary work", "1", "100")], bill_to={"name": "Canary"})
    changed = change(api, made, lines=[line("canary work", "2", "100")], bill_to={"name": "Canary 2"})
    change(api, changed, lines=[line("other words", "2", "100")])
    logged = events(database, made)
    assert [fields for fields, _ in logged] == [["amount"], ["lines"], ["bill_to"], ["lines"]]
    assert all(len(bytes(changes)) > 40 and b"anary" not in bytes(changes) for _, changes in logged)


def test_the_history_of_the_person_shows_what_changed(api, browser, contact):
    made = bill(api, contact, lines=[line("tuning", "1", "100")], bill_to={"name": "Old Ltd"})
    change(api, made, lines=[line("tuning", "1.5", "100")], bill_to={"name": "New Ltd", "address": "1 Road"})
    items = api.ok("GET", f"/contacts/{contact}/audit")["items"]
    changes = {c["field"]: (c["before"], c["after"]) for item in items for c in item.get("changes", [])}
    assert changes["lines"] == ("tuning, 1 x 100.00", "tuning, 1.5 x 100.00")
    assert changes["bill_to"] == ("Old Ltd", "New Ltd, 1 Road")
    assert changes["amount"] == ("HK$100.00", "HK$150.00")
    assert ["bill_to"] in [item["fields"] for item in items if item["action"] == "view"]
    page = browser.page(f"/contacts/{contact}/audit")
    assert "tuning, 1.5 x 100.00" in page and "Old Ltd" in page


def test_old_amounts_keep_their_currency(api, contact):
    made = bill(api, contact, currency="JPY", amount="7000")
    changed = change(api, made, amount="8000")
    change(api, changed, currency="HKD", amount="1.50")
    items = api.ok("GET", f"/contacts/{contact}/audit")["items"]
    amounts = [c for item in items for c in item.get("changes", []) if c["field"] == "amount"]
    assert [c["before"][-5:] for c in amounts] == ["8,000", "7,000"]
    assert [c["after"] for c in amounts][0] == "HK$1.50" and amounts[1]["after"].endswith("8,000")


def test_only_a_change_of_lines_is_a_new_version_too(api, contact):
    made = bill(api, contact, lines=[line("one", "1", "100")])
    changed = change(api, made, lines=[line("two", "1", "100")])
    assert changed["version"] > made["version"]
    answer = api.patch(f"/invoices/{made['id']}", headers=version(made), json={"status": "void"})
    assert answer.status_code == 412


def test_reading_the_block_is_logged(api, contact, database):
    made = bill(api, contact, bill_to={"name": "A"})
    before = len(events(database, made, "view"))
    api.ok("GET", f"/invoices/{made['id']}")
    fields = [fields for fields, _ in events(database, made, "view")[before:]]
    assert ["bill_to"] in fields and len(fields) == 2


def test_who_may_not_see_invoices_sees_no_block(workspace, api, contact, database):
    made = bill(api, contact, bill_to={"name": "Canary"})
    staff = workspace.add_user("staff").api()
    assert staff.ok("GET", f"/invoices/{made['id']}")["bill_to"]["name"] == "Canary"
    cursor = database.cursor()
    cursor.execute(
        "delete from profile_right where entity = 'invoice' and profile_id = "
        "(select profile_id from profile where name = 'staff') returning profile_id, entity, \"right\", scope"
    )
    taken = cursor.fetchall()
    try:
        assert staff.get(f"/invoices/{made['id']}").status_code == 403
        assert staff.get(f"/contacts/{contact}/invoices").status_code == 403
        assert "INV-1" not in staff.get(f"/contacts/{contact}").text
    finally:
        for row in taken:
            cursor.execute("insert into profile_right values (%s, %s, %s, %s)", row)


def test_the_page_adds_and_edits_lines_without_script(browser, api, contact):
    path = f"/contacts/{contact}/invoices"
    form = browser.form(path + "/new", path)
    values = {
        "number": "P-1",
        "issued_on": "2026-11-02",
        "status": "draft",
        "line[0.description]": "Tuning",
        "line[0.quantity]": "1.5",
        "line[0.unit_amount]": "100",
        "line[2.description]": "Delivery",
        "line[2.quantity]": "1",
        "line[2.unit_amount]": "20",
        "bill_to[name]": "Siu Ming & Co",
    }
    answer = browser.submit(form, **values)
    assert answer.status_code == 303, answer.text
    made = api.ok("GET", path)["items"][0]
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["amount"]["amount"] == "170.00" and len(read["lines"]) == 2
    page = browser.page(f"/invoices/{made['id']}")
    assert "Delivery" in page and "HK$170.00" in page and "Siu Ming &amp; Co" in page
    edit = f"/invoices/{made['id']}/edit"
    form = browser.form(edit, edit)
    assert ("line[1.description]", "Delivery") in form.fields
    answer = browser.submit(form, **{"line[1.description]": "", "line[1.quantity]": "", "line[1.unit_amount]": ""})
    assert answer.status_code == 303, answer.text
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["amount"]["amount"] == "150.00" and read["bill_to"]["name"] == "Siu Ming & Co"
    answer = browser.submit(browser.form(edit, edit), **{"bill_to[name]": ""})
    assert api.ok("GET", f"/invoices/{made['id']}")["bill_to"] is None


def test_the_form_shows_the_currency_it_means(browser, api, contact):
    path = f"/contacts/{contact}/invoices"
    assert ("currency", "HKD") in browser.form(path + "/new", path).fields
    made = bill(api, contact, currency="JPY", amount="7000")
    edit = f"/invoices/{made['id']}/edit"
    assert "<span>JPY</span>" in browser.page(edit) and "<span>HKD</span>" not in browser.page(edit)
    answer = browser.submit(browser.form(edit, edit), status="paid")
    assert answer.status_code == 303
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["amount"] == {"amount": "7000", "currency": "JPY"} and read["status"] == "paid"


def test_a_wrong_line_is_marked_and_nothing_typed_is_lost(browser, api, contact):
    path = f"/contacts/{contact}/invoices"
    form = browser.form(path + "/new", path)
    values = {
        "number": "P-2",
        "issued_on": "2026-11-02",
        "status": "draft",
        "line[0.description]": "Typed already",
        "line[0.quantity]": "many",
        "line[0.unit_amount]": "100",
        "bill_to[name]": "Kept in the form",
    }
    answer = browser.submit(form, **values)
    assert answer.status_code == 422
    for text in ("Typed already", "many", "Kept in the form", "three decimals", "WONG Siu Ming"):
        assert text in answer.text, text
    assert api.ok("GET", path)["items"] == []


def test_too_many_lines_for_the_form_stay_untouched(browser, api, contact):
    made = bill(api, contact, lines=[line(f"n{n}", "1", "1") for n in range(30)])
    edit = f"/invoices/{made['id']}/edit"
    answer = browser.submit(browser.form(edit, edit), number="CHANGED")
    assert answer.status_code == 303, answer.text
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["number"] == "CHANGED" and len(read["lines"]) == 30 and read["amount"]["amount"] == "30.00"


def test_it_survives_the_erasure_of_its_person(api, contact):
    block = {"name": "Kept by law", "address": "2 Road"}
    made = bill(api, contact, lines=[line("work", "1", "100")], bill_to=block)
    receipt = api.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})
    read = api.ok("GET", f"/invoices/{made['id']}")
    assert read["amount"] == made["amount"] and read["number"] == "INV-1" and read["bill_to"] is None
    assert "51C" in str(receipt) and "2033-10-31" in str(receipt)
    answer = api.patch(f"/invoices/{made['id']}", headers=version(read), json={"status": "paid"})
    assert answer.status_code == 409


def test_a_history_shows_the_day_of_an_invoice_without_a_time(api, browser, contact):
    bill(api, contact, number="INV-DAY", issued_on="2025-04-04")
    page = browser.page(f"/contacts/{contact}")
    assert "4 Apr 2025" in page
    assert "4 Apr 2025 00:00" not in page


@pytest.mark.parametrize("level", ["hidden", "masked", "read"])
def test_lines_are_as_open_as_the_amount_they_add_up_to(workspace, database, api, contact, level):
    """Neither shown where the amount is not, nor a way to change it."""
    clerk = workspace.add_user(make_profile(database, everything("all"), {"invoice.amount": level}, special=("view_audit",)))
    program, browser = clerk.api(), clerk.browser()
    invoice = bill(api, contact, lines=[line("Tuning", 2, "450.25")], bill_to={"name": "W Limited"})
    invoice = change(api, invoice, lines=[line("Tuning", 2, "460.25")])
    path, words = f"/invoices/{invoice['id']}", ("450.25", "900.50", "460.25", "920.50")
    seen = program.ok("GET", path)
    assert ("lines" in seen) is (level == "read") and seen["bill_to"]["name"] == "W Limited"
    for text in (program.get(path).text, browser.page(path), browser.page(f"/contacts/{contact}"),
                 browser.page(f"/contacts/{contact}/audit"), program.get(f"/contacts/{contact}/audit").text,
                 program.get("/audit", params={"contact": contact}).text, program.get("/audit", params={"field": "lines"}).text):
        assert level == "read" or not [w for w in words if w in text]
    form = browser.page(path + "/edit")
    assert "line[0." not in form and "lines_shown" not in form and (level == "read" or not [w for w in words if w in form])
    sent = program.patch(path, headers=version(invoice), json={"lines": [line("Tuning", 1, "1.00")]})
    refused(sent, "lines")
    if level == "hidden":
        unknown = program.patch(path, headers=version(invoice), json={"no_such_field": 1})
        assert sent.json()["errors"]["lines"] == unknown.json()["errors"]["no_such_field"]
    assert api.ok("GET", path)["amount"]["amount"] == "920.50"
    browser.submit(browser.form(path + "/edit", path + "/edit"), number="INV-2", lines_shown="1", **{"line[0.description]": "X", "line[0.unit_amount]": "1"})
    assert api.ok("GET", path)["amount"]["amount"] == "920.50"


@pytest.mark.parametrize("last, following", [
    ("INV-2026-0041", "INV-2026-0042"), ("R7/099", "R7/100"), ("999", "1000"), ("A9", "A10"), ("FINAL", ""), ("INV-1 (copy)", "")])
def test_a_new_one_is_a_draft_of_today_numbered_on(browser, api, database, contact, last, following):
    bill(api, contact, number=last)
    cursor = database.cursor()
    cursor.execute("select hk_today()::text")
    values = dict(browser.form(f"/contacts/{contact}/invoices/new", f"/contacts/{contact}/invoices").fields)
    assert (values["number"], values["issued_on"], values["status"]) == (following, cursor.fetchone()[0], "draft")


def test_a_suggestion_is_none_once_something_was_typed(browser, api, contact):
    bill(api, contact, number="INV-7")
    form = browser.form(f"/contacts/{contact}/invoices/new", f"/contacts/{contact}/invoices")
    again = browser.submit(form, number="", issued_on="2026-02-30", status="")
    assert again.status_code == 422 and "INV-8" not in again.text and "2026-02-30" in again.text


def test_nobody_learns_a_number_that_is_not_theirs_to_see(workspace, database, api, contact):
    bill(api, contact, number="SECRET-41")
    narrow = everything("own", entities=("contact", "invoice"))
    for clerk in (make_profile(database, narrow), make_profile(database, everything("all"), {"invoice.number": "hidden"})):
        clerk = workspace.add_user(clerk)
        mine = clerk.api().ok("POST", "/contacts", status=201, json={"name_en": "Of the clerk"})["id"]
        page = clerk.browser().page(f"/contacts/{mine}/invoices/new")
        assert "SECRET" not in page and 'name="issued_on"' in page
