# SPDX-License-Identifier: ISC
"""What an import says before and after: which column it takes for what, what the first
rows will be refused for, and why rows were."""
import html
import json
import re

import pytest

from jobs import done
from profiles import everything, make_profile
from test_import import counts, failed_rows, find, import_file, send, text_of


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


def upload(browser, table, encoding="utf-8", delimiter=","):
    """The path of the page that asks which column is what."""
    answer = browser.submit(browser.form("/import", "/import"),
                            files={"file": ("people.csv", text_of(table, delimiter).encode(encoding), "text/csv")})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def chosen(page):
    """What each column becomes, as the page suggests it."""
    lists = re.findall(r'<select class="input" id="c-\d+" name="columns">.*?</select>', page, re.S)
    return [(re.findall(r'<option value="([^"]*)" selected>', x) or ["-"])[0] for x in lists]


def words(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("header, fields", [
    (["姓名", "英文名", "電郵地址", "手機", "公司名稱", "生日", "來源", "跟進人"],
     ["name_zh", "name_en", "email", "phone", "company_id", "date_of_birth", "source", "owner_id"]),
    (["Full Name", "E-mail address", "Tel. No.", "Mobile", "Company Name", "D.O.B."],
     ["name_en", "email", "phone", "phone2", "company_id", "date_of_birth"]),
    # What a column is called does not take the field from one that says it.
    (["Name", "English name", "Mobile", "Phone"], ["-", "name_en", "phone2", "phone"]),
    (["Name", "name", "NAME", "", "...", "Colour"], ["name_en", "-", "-", "-", "-", "-"]),
], ids=["zh", "en", "said", "unknown"])
def test_columns_are_known_by_what_spreadsheets_call_them(browser, header, fields):
    path = upload(browser, [header, ["x"] * len(header)])
    assert chosen(browser.page(path)) == fields


def test_programs_have_the_same_words(api):
    table = [["姓名", "Mail"], ["馮寶寶", "po@words.example"]]
    assert counts(import_file(api, text_of(table).encode())) == (1, 0, 0, 0)
    assert find(api, email="po@words.example")[0]["name_zh"] == "馮寶寶"


def test_a_field_that_is_not_for_the_sender_is_no_word_either(workspace, rows):
    name = make_profile(rows.connection, everything("all"), {"contact.date_of_birth": "hidden"})
    mine = workspace.add_user(name).browser()
    page = mine.page(upload(mine, [["Name", "Birthday"], ["A", "1980-01-01"]]))
    assert chosen(page) == ["name_en", "-"] and "date_of_birth" not in page


def test_the_first_rows_say_what_the_run_would_say(browser, workspace):
    table = [["name_en", "owner_id", "date_of_birth"], ["A", "nobody@elsewhere.example", ""], ["B", workspace.admin.email, ""],
             ["C", "", "1980-02-30"]]
    page = words(browser.page(upload(browser, table)))
    assert "Owner: No user has this email address" in page
    assert "Date of birth: Please enter a date" in page and "date_of_birth:" not in page
    # As it was typed, not the number of the user.
    assert workspace.admin.email in page


def test_who_is_there_already_is_told_by_the_email_unless_one_says_otherwise(browser, api):
    known = [["name_en", "email"], ["Known", "once@match.example"]]
    for _ in range(2):
        path = upload(browser, known)
        assert browser.submit(browser.form(path, path), step="start").status_code == 303
        state = api.ok("GET", f"/imports/{path.rsplit('/', 1)[1]}")
        done(api, state["job"])
    assert len(find(api, email="once@match.example")) == 1
    path = upload(browser, known)
    started = browser.submit(browser.form(path, path), step="start", match="")
    assert started.status_code == 303
    done(api, api.ok("GET", f"/imports/{path.rsplit('/', 1)[1]}")["job"])
    assert len(find(api, email="once@match.example")) == 2


TABLE = [["name_en", "email", "owner_id", "company_id"],
         ["A", "a@why.example", "nobody@elsewhere.example", "Refused Limited"],
         ["B", "b@why.example", "nobody@elsewhere.example", "Refused Limited"], ["C", "not an address", "", ""]]


def test_the_end_says_why_rows_were_refused_and_how_many(api, browser):
    result = import_file(api, text_of(TABLE).encode())
    assert [(x["reason"].split(":")[0], x["rows"]) for x in result["reasons"]] == [("Owner", 2), ("Email", 1)]
    page = words(browser.page(f"/import/{result['id']}"))
    assert "Finished. No row was imported" in page
    assert "Owner: No user has this email address 2" in page
    # The values of the rows are in the file alone.
    assert "nobody@elsewhere.example" not in page and "not an address" not in page
    file = browser.get(f"/imports/{result['id']}/failed.csv").content.decode()
    assert "Owner: No user" in file and "owner_id: " not in file
    assert failed_rows(api, result)[1][-1].startswith("owner_id: ")


def test_no_company_is_made_for_a_row_that_is_refused(api, workspace):
    import_file(api, text_of(TABLE).encode())
    cursor = workspace.database().cursor()
    cursor.execute("select count(*) from company where name_en = 'Refused Limited'")
    assert cursor.fetchone() == (0,)


def test_nothing_refused_has_no_reasons(api):
    result = import_file(api, text_of([["name_en"], ["Fine"]]).encode())
    assert result["reasons"] == [] and json.dumps(result)


def test_the_last_column_of_the_mended_file_is_no_column(api, browser):
    """The file of refused rows comes back as it is, but for what was mended."""
    result = import_file(api, text_of(TABLE).encode())
    table = failed_rows(api, result)
    assert chosen(browser.page(upload(browser, table)))[-2:] == ["-", "-"]
    assert send(api, text_of(table).encode())["id"]
