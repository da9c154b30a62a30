# SPDX-License-Identifier: ISC
"""Import of contacts and companies from CSV: what files may look like, what
becomes of bad rows, what a row that is known already does, and who may."""
import csv
import html
import io
import json

import pytest

from jobs import done, finished
from profiles import everything, make_profile

HEADER = ["name_en", "name_zh", "email", "phone"]


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def text_of(table, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return out.getvalue()


def send(api, content, status=202, name="people.csv", **form):
    files = {"file": (name, content, "text/csv")}
    return api.ok("POST", "/imports", status=status, files=files, data=form)


def import_file(api, content, **form):
    """What the import says of itself once it is over."""
    started = send(api, content, **form)
    done(api, started["job"])
    return api.ok("GET", f"/imports/{started['id']}")


def counts(result):
    return tuple(result[k] for k in ("created", "updated", "skipped", "failed"))


def find(api, **filters):
    params = {f"filter[{name}]": value for name, value in filters.items()}
    return api.ok("GET", "/contacts", params=params)["items"]


def refusal(api, content, **form):
    return send(api, content, status=422, **form)


def failed_rows(api, result):
    answer = api.get(f"/imports/{result['id']}/failed.csv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8-bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16-le": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16-be": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "big5": lambda text: text.encode("big5"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_a_file_of_any_spreadsheet_comes_in_whole(api, encoding, delimiter):
    mark = f"{encoding}-{ord(delimiter)}@encodings.example"
    table = [HEADER, ["CHAN Tai Man", "陳大文", mark, "9123 4567"]]
    result = import_file(api, ENCODINGS[encoding](text_of(table, delimiter)))
    assert counts(result) == (1, 0, 0, 0)
    (contact,) = find(api, email=mark)
    assert contact["name_zh"] == "陳大文"
    assert contact["phone"] == "+85291234567"


def test_a_quoted_cell_may_hold_lines_quotes_and_delimiters(api):
    address = 'Flat A, 3/F\r\n"Harbour" Building; Central'
    table = [["name_en", "email", "address"], ["LEE Siu Ming", "quoted@lines.example", address]]
    assert counts(import_file(api, text_of(table).encode())) == (1, 0, 0, 0)
    (contact,) = find(api, email="quoted@lines.example")
    assert contact["address"].replace("\r\n", "\n") == address.replace("\r\n", "\n")


def test_headers_in_the_words_of_either_language_are_known(api):
    table = [["English name", "中文姓名", "電郵"], ["WONG Mei Ling", "黃美玲", "words@headers.example"]]
    assert counts(import_file(api, text_of(table).encode())) == (1, 0, 0, 0)
    (contact,) = find(api, email="words@headers.example")
    assert (contact["name_en"], contact["name_zh"]) == ("WONG Mei Ling", "黃美玲")


def test_one_bad_row_never_stops_the_others(api, workspace):
    table = [
        HEADER,
        ["HO Ka Yan", "", "good1@rows.example", "2345 6789"],
        ["", "", "nameless@rows.example", ""],
        ["IP Wing Sze", "", "not an address", ""],
        ["KWOK Chi Ho", "", "phone@rows.example", "12"],
        ["LAM Yuk", "", "cells@rows.example", "", "one too many"],
        ["MAK Hoi", "", "good2@rows.example", ""],
    ]
    result = import_file(api, text_of(table).encode())
    assert (result["state"], result["done"], result["total"]) == ("done", 6, 6)
    assert counts(result) == (2, 0, 0, 4)
    assert find(api, email="good1@rows.example") and find(api, email="good2@rows.example")
    assert not find(api, email="phone@rows.example")
    failed = failed_rows(api, result)
    assert failed[0][:4] == HEADER
    assert [row[:4] for row in failed[1:]] == [row[:4] for row in table[2:6]]
    # Row numbers as a spreadsheet counts them, and what is wrong, in words.
    assert [row[4] for row in failed[1:]] == ["3", "4", "5", "6"]
    assert all(row[5] for row in failed[1:])
    assert failed[2][5].startswith("email: ") and failed[3][5].startswith("phone: ")


def test_bytes_that_are_no_text_cost_their_row_only(api):
    # Behind the first pieces, by which a file is told from a picture or a program.
    start = b"\xef\xbb\xbfname_en,email\r\n" + b"FILLER Row,\r\n" * 40000
    bad = b"B\x00D,b@bytes.example\r\nB\xff\xfeD,d@bytes.example\r\n"
    result = import_file(api, start + bad + b"CHOW,c@bytes.example\r\n")
    assert counts(result) == (40001, 0, 0, 2)
    assert find(api, email="c@bytes.example") and not find(api, email="b@bytes.example")


def test_a_row_longer_than_the_limit_costs_its_row_only(api):
    table = [["name_en", "email", "bio"], ["A", "a@long.example", "x" * 70000], ["B", "b@long.example", "short"]]
    result = import_file(api, text_of(table).encode())
    assert counts(result) == (1, 0, 0, 1)
    assert find(api, email="b@long.example")


def test_formulas_of_the_failed_rows_are_safe_and_come_back_as_they_were(api):
    evil = ['=cmd|"/C calc"!A0', "", "=1+1", "@SUM(A1)"]
    result = import_file(api, text_of([HEADER, evil]).encode())
    assert counts(result) == (0, 0, 0, 1)
    answer = api.get(f"/imports/{result['id']}/failed.csv")
    written = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1]
    assert not [cell for cell in written if cell[:1] in "=+-@\t\r" and cell]
    # Mended, and sent again as it was written: the apostrophes are gone.
    mended = [HEADER, [written[0], "", "formula@safe.example", "9123 4567"]]
    assert counts(import_file(api, text_of(mended).encode())) == (1, 0, 0, 0)
    (contact,) = find(api, email="formula@safe.example")
    assert contact["name_en"] == evil[0]


def test_a_spreadsheet_is_told_how_to_save_as_csv(api, workspace):
    problem = refusal(api, b"PK\x03\x04" + b"\x00" * 200, name="people.xlsx")
    assert "CSV" in problem["errors"]["file"]
    browser = workspace.admin.browser()
    answer = browser.submit(browser.form("/import", "/import"),
                            files={"file": ("people.xlsx", b"PK\x03\x04" + b"\x00" * 200)})
    assert answer.status_code == 422
    assert problem["errors"]["file"] in html.unescape(answer.text)


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\xff\xfe", b"\xef\xbb\xbf"],
                         ids=["empty", "lines", "utf16", "bom"])
def test_a_file_without_anything_is_refused_at_the_file(api, content):
    assert "file" in refusal(api, content)["errors"]


def test_nothing_is_taken_in_when_no_column_is_known(api):
    problem = refusal(api, b"colour,shape\r\nred,round\r\n")
    assert problem["status"] == 422 and problem["detail"]


def test_two_columns_of_one_name_are_taken_once(api):
    """The first of them; a spreadsheet can well hold both the name and the label of a field."""
    table = [["name_en", "email", "Email", "email", "電郵"], ["Twice", "first@columns.example", "second@columns.example", "", ""]]
    assert counts(import_file(api, text_of(table).encode())) == (1, 0, 0, 0)
    assert len(find(api, email="first@columns.example")) == 1


def test_of_two_columns_of_one_name_either_can_be_chosen(workspace, api):
    browser = workspace.admin.browser()
    table = [["name_en", "Contact", "Contact"], ["By Position", "one@position.example", "+85293334455"]]
    answer = browser.submit(browser.form("/import", "/import"),
                            files={"file": ("people.csv", text_of(table).encode(), "text/csv")})
    path = answer.headers["Location"]
    started = browser.submit(browser.form(path, path), columns=["name_en", "email", "phone"], step="start")
    assert started.status_code == 303
    done(api, api.ok("GET", f"/imports/{path.rsplit('/', 1)[1]}")["job"])
    (made,) = find(api, email="one@position.example")
    assert made["phone"] == "+85293334455"


def test_a_map_says_what_becomes_what(api):
    table = [["Kunde", "Wo", "Egal"], ["TANG Sau Han", "map@columns.example", "x"]]
    chosen = json.dumps({"Kunde": "name_en", "Wo": "email"})
    assert counts(import_file(api, text_of(table).encode(), map=chosen)) == (1, 0, 0, 0)
    assert find(api, email="map@columns.example")[0]["name_en"] == "TANG Sau Han"


@pytest.mark.parametrize("chosen, field", [
    ('{"A": "no_such_field"}', "A"),
    ('{"A": "created_at"}', "A"),
    ('{"A": "name_en", "B": "name_en"}', "B"),
    ('{"Z": "name_en"}', "Z"),
    ('{"columns": {"A": "name_en"}, "match": "salary"}', "match"),
    ('{"columns": {"A": "name_en"}, "mode": "replace"}', "mode"),
    ('{"columns": ["name_en", "email", "phone"]}', "columns"),
    ('{"columns": ["name_en", "name_en"]}', "B"),
    ('{"columns": [["name_en"]]}', "A"),
    ("[1]", "map"),
    ("{", "map"),
])
def test_a_map_that_cannot_be_is_refused_at_its_column(api, chosen, field):
    problem = refusal(api, b"A,B\r\n1,2\r\n", map=chosen)
    assert field in problem["errors"], problem


def test_an_unknown_mode_and_kind_are_refused(api):
    assert "mode" in refusal(api, b"name_en\r\nA\r\n", mode="replace")["errors"]
    assert "entity" in refusal(api, b"name_en\r\nA\r\n", entity="invoice")["errors"]
    assert "entity" in refusal(api, b"name_en\r\nA\r\n", entity="nonsense")["errors"]


MATCH = json.dumps({"columns": {"name_en": "name_en", "email": "email", "phone": "phone"}, "match": "email"})


def known(api, email):
    return api.ok("POST", "/contacts", json={"name_en": "Known", "email": email, "phone": "2111 1111"})["id"]


def test_update_changes_who_is_there_and_logs_it(api):
    contact = known(api, "known@update.example")
    table = [["name_en", "email", "phone"], ["Renamed", "known@update.example", ""], ["New", "new@update.example", ""]]
    result = import_file(api, text_of(table).encode(), map=MATCH, mode="update")
    assert counts(result) == (1, 1, 0, 0)
    after = api.ok("GET", f"/contacts/{contact}")
    # An empty cell says nothing: it empties no field.
    assert (after["name_en"], after["phone"]) == ("Renamed", "+85221111111")
    events = api.ok("GET", f"/contacts/{contact}/audit")["items"]
    assert [e for e in events if e["action"] == "update"]


def test_update_reaches_no_further_than_the_right_to_edit(api, workspace):
    """Neither other people's records nor those that were only shared to be read."""
    database = workspace.database()
    rights = everything("all", rights=("view", "create", "import"), entities=("contact", "company"))
    clerk = workspace.add_user(make_profile(database, {**rights, "contact.edit": "own"}))
    database.close()
    program = clerk.api()
    number = program.ok("GET", "/me")["id"]
    others, shared = known(api, "others@reach.example"), known(api, "shared@reach.example")
    own = api.ok("POST", "/contacts", json={"name_en": "Known", "email": "own@reach.example", "owner_id": number})["id"]
    api.ok("POST", f"/contacts/{shared}/shares", status=201, json={"user_id": number, "level": "read"})
    table = [["name_en", "email", "phone"]] + [["Renamed", f"{who}@reach.example", ""] for who in ("others", "shared", "own")]
    result = import_file(program, text_of(table).encode(), map=MATCH, mode="update")
    assert counts(result) == (0, 1, 0, 2)
    names = [api.ok("GET", f"/contacts/{c}")["name_en"] for c in (others, shared, own)]
    assert names == ["Known", "Known", "Renamed"]
    failed = failed_rows(program, result)[1:]
    assert len(failed) == 2 and all(row[-1].startswith("email: ") for row in failed)


def test_what_one_owns_or_reaches_is_not_lost_by_being_shared_to_read(api, workspace):
    database = workspace.database()
    rights = everything("all", rights=("view", "create", "import"), entities=("contact",))
    own = workspace.add_user(make_profile(database, {**rights, "contact.edit": "own"}))
    wide = workspace.add_user(make_profile(database, {**rights, "contact.edit": "all"}))
    database.close()
    for user, mine in ((own, True), (wide, False)):
        program = user.api()
        number, email = program.ok("GET", "/me")["id"], f"mine{program.ok('GET', '/me')['id']}@shared.example"
        body = {"name_en": "Known", "email": email, **({"owner_id": number} if mine else {})}
        person = api.ok("POST", "/contacts", json=body)["id"]
        api.ok("POST", f"/contacts/{person}/shares", status=201, json={"user_id": number, "level": "read"})
        result = import_file(program, text_of([["name_en", "email", "phone"], ["Renamed", email, ""]]).encode(),
                             map=MATCH, mode="update")
        assert counts(result) == (0, 1, 0, 0), (mine, result)
        assert api.ok("GET", f"/contacts/{person}")["name_en"] == "Renamed"


UPDATES = [
    {"mode": "update"},
    {"map": json.dumps({"mode": "update"})},
    {"map": json.dumps({"mode": "update", "match": ""})},
    {"map": json.dumps({"mode": "update", "match": None})},
    {"map": json.dumps({"columns": {"name_en": "name_en"}, "mode": "update"})},
    {"map": json.dumps({"name_en": "name_en"}), "mode": "update"},
    {"map": json.dumps({"mode": "skip", "match": None}), "mode": "update"},
]


@pytest.mark.parametrize("form", UPDATES)
def test_update_needs_a_column_that_tells_who_is_who(api, rows, form):
    rows.execute("select count(*) from import where state <> 'uploaded'")
    before = rows.fetchone()
    table = [["name_en", "email"], ["Once More", "again@update.example"]]
    refused = refusal(api, text_of(table).encode(), **form)
    assert list(refused["errors"]) == ["match"], refused
    assert not find(api, email="again@update.example")
    rows.execute("select count(*) from import where state <> 'uploaded'")
    assert rows.fetchone() == before


def test_the_page_asks_for_that_column_too(workspace, api):
    browser = workspace.admin.browser()
    table = [["name_en", "email"], ["Page Update", "page@update.example"]]
    answer = browser.submit(browser.form("/import", "/import"),
                            files={"file": ("people.csv", text_of(table).encode(), "text/csv")})
    path = answer.headers["Location"]
    form = browser.form(path, path)
    refused = browser.submit(form, columns=["name_en", "email"], mode="update", match="", step="start")
    assert refused.status_code == 422
    assert "choose the column that tells" in html.unescape(refused.text)
    assert '<option value="update" selected>' in refused.text, "what was chosen stays"
    assert api.ok("GET", f"/imports/{path.rsplit('/', 1)[1]}")["state"] == "uploaded"
    started = browser.submit(form, columns=["name_en", "email"], mode="update", match="email", step="start")
    assert started.status_code == 303


def test_skip_leaves_who_is_there_alone(api):
    contact = known(api, "known@skip.example")
    before = api.ok("GET", f"/contacts/{contact}")
    table = [["name_en", "email", "phone"], ["Renamed", "known@skip.example", ""]]
    assert counts(import_file(api, text_of(table).encode(), map=MATCH, mode="skip")) == (0, 0, 1, 0)
    assert api.ok("GET", f"/contacts/{contact}")["version"] == before["version"]


def test_the_same_person_twice_in_one_file_is_taken_once(api):
    table = [["name_en", "email", "phone"], ["One", "twice@file.example", ""], ["Two", "twice@file.example", ""]]
    result = import_file(api, text_of(table).encode(), map=MATCH, mode="update")
    assert result["created"] == 1 and result["created"] + result["updated"] + result["failed"] == 2
    assert len(find(api, email="twice@file.example")) == 1


def test_companies_come_by_name_once_and_owners_by_address(api, workspace, rows):
    table = [["name_en", "email", "company_id", "owner_id"],
             ["A", "a@company.example", "Wing Fat Limited", workspace.admin.email],
             ["B", "b@company.example", "Wing Fat Limited", workspace.admin.email.upper()],
             ["C", "c@company.example", "", "nobody@elsewhere.example"]]
    result = import_file(api, text_of(table).encode())
    assert counts(result) == (2, 0, 0, 1)
    (a,), (b,) = find(api, email="a@company.example"), find(api, email="b@company.example")
    assert a["company_id"] == b["company_id"] and a["owner_id"] and a["owner_id"] == b["owner_id"]
    assert failed_rows(api, result)[1][5].startswith("owner_id: ")
    rows.execute("select count(*) from audit_event where action = 'import' and entity = 'company' "
                 "and record_ids = array[%s::bigint]", [a["company_id"]])
    assert rows.fetchone() == (1,)


@pytest.mark.parametrize("scopes, mate", [({"view": "own"}, False), ({"view": "team"}, True), ({"import": "own"}, False)])
def test_nobody_gives_away_what_is_beyond_the_own_scope(api, workspace, rows, scopes, mate):
    """As on the page of one record: own records are one's own, the team's are of the team."""
    rights = everything("all", rights=("view", "create", "edit", "import"), entities=("contact",))
    name = make_profile(rows.connection, {**rights, **{f"contact.{right}": scope for right, scope in scopes.items()}})
    team = api.ok("POST", "/teams", status=201, json={"name": name})["id"]
    clerk, friend = workspace.add_user(name), workspace.add_user(name)
    rows.execute("update app_user set team_id = %s where email = any (%s)", [team, [clerk.email, friend.email]])
    tag = name + ".example"
    table = [["name_en", "email", "owner_id"], ["A", f"a@{tag}", clerk.email], ["B", f"b@{tag}", friend.email],
             ["C", f"c@{tag}", workspace.admin.email], ["D", f"d@{tag}", ""]]
    result = import_file(clerk.api(), text_of(table).encode())
    assert counts(result) == (3 if mate else 2, 0, 0, 1 if mate else 2)
    assert all(row[-1].startswith("owner_id: ") for row in failed_rows(clerk.api(), result)[1:])
    rows.execute("select c.email, u.email, c.team_id from contact c join app_user u on u.user_id = c.owner_id "
                 "where c.email like %s order by 1", [f"%@{tag}"])
    friends = [(f"b@{tag}", friend.email, team)] if mate else []
    assert rows.fetchall() == [(f"a@{tag}", clerk.email, team), *friends, (f"d@{tag}", clerk.email, team)]
    # Nor what is there already.
    given = text_of([["name_en", "email", "owner_id"], ["A", f"a@{tag}", workspace.admin.email]]).encode()
    by_email = json.dumps({"columns": {"name_en": "name_en", "email": "email", "owner_id": "owner_id"}, "match": "email"})
    assert counts(import_file(clerk.api(), given, map=by_email, mode="update")) == (0, 0, 0, 1)


@pytest.fixture(scope="module")
def seller(api, workspace, rows):
    """Sees and edits every contact, but for other people's VIP records; and a colleague."""
    rights = everything("all", rights=("view", "create", "edit", "import"), entities=("contact",))
    name = make_profile(rows.connection, rights)
    return workspace.add_user(name), workspace.add_user(name)


PLACES = json.dumps({"columns": {c: c for c in ("name_en", "email", "vip", "owner_id")}, "match": "email"})


def placed(user, *table, **form):
    """Counts, and the fields that refused."""
    program = user.api()
    result = import_file(program, text_of([["name_en", "email", "vip", "owner_id"], *table]).encode(), map=PLACES, **form)
    return counts(result), [row[-1].split(":")[0] for row in failed_rows(program, result)[1:]] if result["failed"] else []


def test_no_new_vip_goes_where_its_sender_does_not_see_it(seller, rows):
    """As on the page of one record: a VIP record is its owner's, and it has one."""
    user, mate = seller
    table = [["A", "a@vip.example", "yes", mate.email], ["B", "b@vip.example", "yes", ""], ["C", "c@vip.example", "yes", user.email],
             ["D", "d@vip.example", "", mate.email]]
    assert placed(user, *table) == ((3, 0, 0, 1), ["vip"])
    rows.execute("select c.email, u.email from contact c left join app_user u on u.user_id = c.owner_id "
                 "where c.email like '%@vip.example' order by 1")
    assert rows.fetchall() == [("b@vip.example", user.email), ("c@vip.example", user.email), ("d@vip.example", mate.email)]


def test_no_update_takes_a_record_out_of_its_senders_sight(api, seller, workspace, rows):
    user, mate = seller
    me, other = (u.api().ok("GET", "/me")["id"] for u in seller)
    made = {"own": {"owner_id": me, "vip": True}, "mates": {"owner_id": other}, "plain": {"owner_id": me},
            "shared": {"owner_id": other, "vip": True}}
    number = {name: api.ok("POST", "/contacts", json={"name_en": "Known", "email": f"{name}@sight.example", **place})["id"]
              for name, place in made.items()}
    api.ok("POST", f"/contacts/{number['shared']}/shares", status=201, json={"user_id": me, "level": "edit"})
    refused = [["X", "own@sight.example", "", mate.email], ["X", "mates@sight.example", "yes", ""],
               ["X", "shared@sight.example", "", workspace.admin.email], ["X", "plain@sight.example", "yes", mate.email]]
    assert placed(user, *refused, mode="update") == ((0, 0, 0, 4), ["owner_id", "vip", "owner_id", "vip"])
    rows.execute("select count(*) from contact where email like '%@sight.example' and name_en = 'Known'")
    assert rows.fetchone() == (4,)
    taken = [["Y", "own@sight.example", "yes", user.email], ["Y", "shared@sight.example", "yes", mate.email],
             ["Y", "mates@sight.example", "", user.email], ["Y", "plain@sight.example", "yes", ""]]
    assert placed(user, *taken, mode="update") == ((0, 4, 0, 0), [])
    # Who sees VIP records like any other gives them to anybody.
    assert placed(workspace.admin, *refused, mode="update") == ((0, 4, 0, 0), [])


def test_teams_come_by_name_or_number_and_an_unknown_one_costs_its_row(api, rows):
    team = api.ok("POST", "/teams", status=201, json={"name": "Kowloon East"})["id"]
    table = [["name_en", "email", "team_id"], ["A", "a@team.example", "Kowloon East"], ["B", "b@team.example", str(team)],
             ["C", "c@team.example", "99999999"], ["D", "d@team.example", "No Such"], ["E", "e@team.example", ""]]
    result = import_file(api, text_of(table).encode())
    assert counts(result) == (3, 0, 0, 2)
    assert all(row[-1].startswith("team_id: ") for row in failed_rows(api, result)[1:])
    rows.execute("select email, team_id from contact where email like '%@team.example' order by 1")
    assert rows.fetchall() == [("a@team.example", team), ("b@team.example", team), ("e@team.example", None)]


def test_no_company_is_made_by_whoever_may_not_add_one(api, workspace, rows):
    rights = {**everything("all", rights=("view", "create", "import"), entities=("contact",)), "company.view": "all"}
    clerk = workspace.add_user(make_profile(rows.connection, rights)).api()
    there = api.ok("POST", "/companies", json={"name_en": "Is There Limited"})["id"]
    table = [["name_en", "email", "company_id"], ["A", "a@may.example", "Is There Limited"],
             ["B", "b@may.example", "Smuggled Limited"]]
    result = import_file(clerk, text_of(table).encode())
    assert counts(result) == (1, 0, 0, 1)
    assert find(api, email="a@may.example")[0]["company_id"] == there and not find(api, email="b@may.example")
    assert failed_rows(clerk, result)[1][-1].startswith("company_id: ")
    assert api.ok("GET", "/companies", params={"q": "Smuggled"})["items"] == []


@pytest.mark.parametrize("level", ["hidden", "masked"])
def test_no_company_is_found_by_a_name_that_is_not_shown(api, workspace, rows, level):
    """A column of guesses would tell which of them it is."""
    api.ok("POST", "/companies", json={"name_en": f"Shown {level}", "name_zh": f"{level}不示"})
    kept = api.ok("POST", "/companies", json={"name_en": f"Kept {level}", "name_zh": f"{level}可示"})["id"]
    table = [["name_en", "email", "company_id"], ["A", f"a@{level}.example", f"{level}不示"],
             ["B", f"b@{level}.example", f"Kept {level}"], ["C", f"c@{level}.example", f"Shown {level}"]]
    zh = workspace.add_user(make_profile(rows.connection, everything("all"), {"company.name_zh": level})).api()
    result = import_file(zh, text_of(table).encode())
    assert counts(result) == (3, 0, 0, 0)
    made = api.ok("GET", "/companies", params={"q": f"{level}不示", "sort": "name_en"})["items"]
    assert sorted(c["name_en"] for c in made) == sorted([f"Shown {level}", f"{level}不示"]), "made anew, like any unknown name"
    assert find(api, email=f"b@{level}.example")[0]["company_id"] == kept
    en = workspace.add_user(make_profile(rows.connection, everything("all"), {"company.name_en": level})).api()
    table = [["name_en", "email", "company_id"], ["D", f"d@{level}.example", f"{level}可示"],
             ["E", f"e@{level}.example", f"Kept {level}"], ["F", f"f@{level}.example", f"No Such {level}"]]
    result = import_file(en, text_of(table).encode())
    assert counts(result) == (1, 0, 0, 2), "there or not: refused alike"
    assert find(api, email=f"d@{level}.example")[0]["company_id"] == kept
    assert len({row[-1] for row in failed_rows(en, result)[1:]}) == 1


def test_companies_are_imported_too(api):
    table = [["name_en", "name_zh", "br_number"], ["Kam Kee Cafe", "金記冰室", "12345678"]]
    assert counts(import_file(api, text_of(table).encode(), entity="company")) == (1, 0, 0, 0)
    items = api.ok("GET", "/companies", params={"q": "金記"})["items"]
    assert [c["name_en"] for c in items] == ["Kam Kee Cafe"]


def test_undo_archives_what_came_and_was_not_touched(api):
    table = [["name_en", "email"], ["One", "one@undo.example"], ["Two", "two@undo.example"]]
    result = import_file(api, text_of(table).encode())
    (touched,) = find(api, email="two@undo.example")
    api.ok("PATCH", f"/contacts/{touched['id']}", json={"job_title": "Buyer"},
           headers={"If-Match": str(touched["version"])})
    undone = api.ok("POST", f"/imports/{result['id']}/undo")
    assert undone["archived"] == 1
    assert not find(api, email="one@undo.example") and find(api, email="two@undo.example")
    assert api.post(f"/imports/{result['id']}/undo").status_code == 409
    assert api.ok("GET", f"/imports/{result['id']}")["state"] == "undone"


def test_companies_that_are_taken_back_are_in_the_log(api, rows):
    table = [["name_en", "email", "company_id"], ["One", "one@back.example", "Taken Back Limited"]]
    result = import_file(api, text_of(table).encode())
    company = find(api, email="one@back.example")[0]["company_id"]
    assert api.ok("POST", f"/imports/{result['id']}/undo")["archived"] == 2
    rows.execute("select record_ids, subject_ids from audit_event where action = 'archive' and reason = 'import_undone' "
                 "and entity = 'company'")
    assert rows.fetchall() == [([company], None)]


def test_an_import_is_its_starters_own(api, workspace):
    result = import_file(api, b"name_en,email\r\nA,x\r\n")
    other = workspace.add_user("administrator").api()
    for path in ("", "/failed.csv"):
        assert other.get(f"/imports/{result['id']}{path}").status_code == 404
    assert other.post(f"/imports/{result['id']}/undo").status_code == 404


def test_every_imported_person_has_the_event_with_the_fields(api, workspace):
    result = import_file(api, b"name_en,email\r\nLogged,logged@event.example\r\n")
    (contact,) = find(api, email="logged@event.example")
    events = api.ok("GET", f"/contacts/{contact['id']}/audit")["items"]
    (event,) = [e for e in events if e["action"] == "import"]
    assert sorted(event["fields"]) == ["email", "name_en"]
    assert counts(result) == (1, 0, 0, 0)


def test_no_value_of_a_file_lies_in_clear_beside_the_contacts(workspace, api, rows):
    canary = "ZQcanaryRowOfAFile"
    result = import_file(api, f"name_en,email\r\n{canary},not an address\r\n".encode())
    assert counts(result) == (0, 0, 0, 1)
    for table in ("import", "import_failed", "job", "audit_event"):
        rows.execute(f"select count(*) from {table} t where t::text like %s", [f"%{canary}%"])
        assert rows.fetchone()[0] == 0, table
    store = workspace.stack.var / "files"
    assert not [p for p in store.rglob("*") if p.is_file() and canary.encode() in p.read_bytes()]


def test_the_page_shows_columns_samples_and_a_preview_then_runs(workspace, api):
    browser = workspace.admin.browser()
    table = [["Name", "電郵"], ["YIP Hei", "page@steps.example"], ["", "nobody@steps.example"]]
    answer = browser.submit(browser.form("/import", "/import"),
                            files={"file": ("people.csv", text_of(table).encode("big5"))})
    assert answer.status_code == 303
    path = answer.headers["Location"]
    page = browser.page(path)
    assert "YIP Hei" in page and "page@steps.example" in page
    form = browser.form(path, path)
    # A field chosen twice is refused where it stands, and the choice stays.
    twice = browser.submit(form, columns=["name_en", "name_en"], step="start")
    assert twice.status_code == 422
    started = browser.submit(form, columns=["name_en", "email"], step="start")
    assert started.status_code == 303
    number = path.rsplit("/", 1)[1]
    finished(api, api.ok("GET", f"/imports/{number}")["job"])
    assert counts(api.ok("GET", f"/imports/{number}")) == (1, 0, 0, 1)
    page = browser.page(path)
    assert f"/imports/{number}/failed.csv" in page
    # The columns of an import that has started cannot be chosen again.
    again = browser.submit(form, columns=["name_en", "email"], step="start", _form="another")
    assert again.status_code == 409


def test_the_command_line_imports_and_tries_without_storing(workspace, api, tmp_path):
    file, chosen = tmp_path / "people.csv", tmp_path / "map.json"
    file.write_text(text_of([["N", "E"], ["SZETO Wai", "cli@command.example"], ["", ""]]))
    chosen.write_text(json.dumps({"N": "name_en", "E": "email"}))
    argv = ["import", workspace.slug, file, "--entity", "contact", "--map", chosen]
    workspace.stack.praya(*argv, "--dry-run")
    assert not find(api, email="cli@command.example")
    workspace.stack.praya(*argv)
    assert len(find(api, email="cli@command.example")) == 1
    broken = workspace.stack.praya("import", workspace.slug, tmp_path / "none.csv", check=False)
    assert broken.returncode == 1 and len(broken.stderr.strip().splitlines()) == 1
    chosen.write_text(json.dumps({"columns": {"N": "name_en", "E": "email"}, "mode": "update"}))
    for dry in ([], ["--dry-run"]):
        refused = workspace.stack.praya(*argv, *dry, check=False)
        assert refused.returncode == 1 and "match: To change who is there already" in refused.stderr
    assert len(find(api, email="cli@command.example")) == 1


def stored(rows, number):
    """Refused rows, samples and key of an import."""
    rows.execute("select (select count(*) from import_failed f where f.import_id = i.import_id), header is not null, "
                 "key_id is not null, destroyed_at is not null from import i where import_id = %s", [number])
    return rows.fetchone()


def expire(workspace, rows):
    rows.execute("insert into chore (name, due_at) values ('import_expire', now()) "
                 "on conflict (name) do update set due_at = now()")
    workspace.stack.praya("worker", workspace.slug, "--once")


def test_samples_and_refused_rows_end_after_thirty_days(workspace, api, rows):
    browser = workspace.admin.browser()
    table = [HEADER, ["SIU Good", "", "good@expire.example", ""], ["", "", "bad@expire.example", ""]]
    results = [import_file(api, text_of(table).encode()) for _ in range(2)]
    old, young = (result["id"] for result in results)
    for number, days in ((old, "30 days"), (young, "29 days 23 hours")):
        rows.execute("update import set finished_at = now() - %s::interval, created_at = now() - interval '31 days' "
                     "where import_id = %s", [days, number])
    rows.execute("select key_id from import where import_id = %s", [old])
    key = rows.fetchone()
    assert "are kept until" in browser.page(f"/import/{old}")
    expire(workspace, rows)
    assert stored(rows, young) == (1, True, True, False)
    assert stored(rows, old) == (0, False, False, True)
    rows.execute("select count(*) from data_key where key_id = %s", key)
    assert rows.fetchone() == (0,)
    for client in (api, browser):
        assert client.get(f"/imports/{old}/failed.csv").status_code == 410
    page = browser.page(f"/import/{old}")
    assert "were destroyed on" in page and "failed.csv" not in page
    after = api.ok("GET", f"/imports/{old}")
    assert counts(after) == counts(results[0]) and after["expires_at"] is None
    assert api.ok("GET", f"/imports/{young}")["expires_at"] and failed_rows(api, results[1])
    assert find(api, email="good@expire.example"), "what came in stays"


def test_a_file_that_never_got_its_columns_ends_too(workspace, api, rows):
    browser = workspace.admin.browser()
    content = text_of([HEADER, ["WAI Ting", "", "wait@expire.example", ""]]).encode()
    answer = browser.submit(browser.form("/import", "/import"), files={"file": ("a.csv", content, "text/csv")})
    number = int(answer.headers["Location"].rsplit("/", 1)[1])
    rows.execute("select object from import where import_id = %s", [number])
    name = rows.fetchone()[0]
    assert len(list((workspace.stack.var / "files").rglob(name))) == 1
    rows.execute("update import set created_at = now() - interval '30 days' where import_id = %s", [number])
    expire(workspace, rows)
    assert stored(rows, number) == (0, False, False, True)
    assert not list((workspace.stack.var / "files").rglob(name))
    page = browser.page(f"/import/{number}")
    assert "waited too long" in page and "wait@expire.example" not in page


def test_what_is_at_work_does_not_end(workspace, api, rows):
    """However old: only its job's failure gives it up."""
    result = import_file(api, text_of([HEADER, ["", "", "work@expire.example", ""]]).encode())
    rows.execute("update import set state = 'running', finished_at = null, created_at = now() - interval '90 days' "
                 "where import_id = %s returning job_id", [result["id"]])
    job = rows.fetchone()
    expire(workspace, rows)
    assert stored(rows, result["id"]) == (1, True, True, False)
    rows.execute("update job set state = 'failed' where job_id = %s", job)
    expire(workspace, rows)
    assert stored(rows, result["id"]) == (0, False, False, True)
