# SPDX-License-Identifier: ISC
"""Files of a contact: taken in as a stream, sealed, handed over as a stream."""
import hashlib
import os
import urllib.parse
from pathlib import Path

import pytest
import requests

from profiles import everything, make_profile

MAX = 50 * 1024 * 1024


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
    return api.ok("POST", "/contacts", json={"name_en": "HO Ka Yan"})["id"]


def upload(api, contact, name="a.txt", content=b"content", kind="text/plain", **fields):
    path = f"/contacts/{contact}/attachments"
    return api.ok("POST", path, status=201, files={"file": (name, content, kind)}, data=fields)


def content(client, attachment, **options):
    return client.get(f"/attachments/{attachment['id']}/content", **options)


def version(record):
    return {"If-Match": str(record["version"])}


def store(stack, database):
    """The objects that rows name, by their rows."""
    cursor = database.cursor()
    cursor.execute("select attachment_id, object from attachment where object is not null")
    paths = {path.name: path for path in stack.var.rglob("*") if len(path.name) == 32}
    return {row: paths.get(name) for row, name in cursor.fetchall()}


def objects(stack):
    return sum(len(path.name) == 32 and path.is_file() for path in stack.var.rglob("*"))


@pytest.mark.parametrize("size", [1, 65535, 65536, 65537, 1000003])
def test_bytes_come_back_as_they_went_in(api, contact, size):
    data = os.urandom(size)
    made = upload(api, contact, content=data)
    assert made["size"] == size and made["sha256"] == hashlib.sha256(data).hexdigest()
    assert content(api, made).content == data


def test_the_largest_file(api, contact):
    data = os.urandom(MAX)
    made = upload(api, contact, name="large.bin", content=data, kind="application/octet-stream")
    assert made["size"] == MAX
    digest = hashlib.sha256()
    with content(api, made, stream=True) as answer:
        assert answer.headers["Content-Length"] == str(MAX)
        for piece in answer.iter_content(1 << 20):
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(data).digest()


def test_one_byte_more_is_refused(stack, api, contact):
    before = objects(stack)
    path = f"/contacts/{contact}/attachments"
    answer = api.post(path, files={"file": ("large.bin", b"\0" * (MAX + 1))})
    assert answer.status_code == 413
    assert api.ok("GET", path)["items"] == [] and objects(stack) == before


def test_what_lies_on_disk_is_sealed(stack, api, database, contact):
    made = upload(api, contact, name="canary-name.txt", content=b"canary-content " * 100)
    path = store(stack, database)[made["id"]]
    lying = path.read_bytes()
    assert b"canary" not in lying and len(lying) > 1500
    assert path.stat().st_mode & 0o077 == 0
    assert "canary" not in str(path)


@pytest.mark.parametrize(
    "claimed, given",
    [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/javascript", "application/octet-stream"),
        ("text/plain; charset=utf-7", "text/plain"),
        ("nonsense", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_only_harmless_types_are_repeated(api, browser, contact, claimed, given):
    made = upload(api, contact, content=b"<script>alert(1)</script>", kind=claimed)
    for client in (api, browser):
        headers = content(client, made).headers
        assert headers["Content-Type"] == given
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith("attachment; filename=")
        assert headers["Content-Length"] == "25" and headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("報價單.pdf", "報價單.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\secret.doc", "secret.doc"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("a" * 250 + ".txt", None),
        ("semi;colon'quote.txt", "semi;colon'quote.txt"),
    ],
)
def test_names(api, contact, sent, kept):
    made = upload(api, contact, name=sent)
    name = made["file_name"]
    assert name == kept if kept else len(name.encode()) <= 200 and name.endswith(".txt")
    header = content(api, made).headers["Content-Disposition"]
    star = header.partition("filename*=UTF-8''")[2]
    plain = header.partition('filename="')[2].partition('"')[0]
    assert (urllib.parse.unquote(star) if star else plain) == name
    assert plain.isascii() and "/" not in plain and "\\" not in plain


def raw_upload(api, contact, disposition):
    body = b"--b\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\nx\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return api.post(f"/contacts/{contact}/attachments", data=body, headers=headers)


def test_a_name_that_is_no_text(api, contact):
    answer = raw_upload(api, contact, b'name="file"; filename="\xff\xfe.txt"')
    assert answer.status_code == 400, answer.text
    assert api.ok("GET", f"/contacts/{contact}/attachments")["items"] == []


def test_a_name_longer_than_any_file_has(api, contact):
    answer = raw_upload(api, contact, b'name="file"; filename="' + b"a" * 5000 + b'.txt"')
    assert answer.status_code == 400
    assert api.ok("GET", f"/contacts/{contact}/attachments")["items"] == []


def test_a_card_number_as_name(api, contact):
    answer = raw_upload(api, contact, b'name="file"; filename="4111111111111111.txt"')
    assert answer.status_code == 422 and "file" in answer.json()["errors"]


def test_no_file_an_empty_one_two(stack, api, contact):
    path = f"/contacts/{contact}/attachments"
    before = objects(stack)
    answers = [
        api.post(path, files={"other": ("a.txt", b"x")}),
        api.post(path, files={"file": ("a.txt", b"")}),
        api.post(path, files=[("file", ("a.txt", b"x")), ("file", ("b.txt", b"y"))]),
        api.post(path, files={"file": (None, "not a file")}),
        api.post(path, files={"file": ("a.txt", b"x")}, data={"size": "7"}),
        api.post(path, files={"file": ("a.txt", b"x")}, data={"object": "x"}),
        api.post(path, files={"file": ("a.txt", b"x")}, data={"kept_until": "2033-01-01"}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 7, [a.text for a in answers]
    assert api.post(path, json={"file": "x"}).status_code in (415, 422)
    assert api.ok("GET", path)["items"] == [] and objects(stack) == before


def test_sent_again_it_is_kept_once(stack, api, contact):
    before = objects(stack)
    path = f"/contacts/{contact}/attachments"
    headers = {"Idempotency-Key": f"file-{contact}"}
    first = api.ok("POST", path, files={"file": ("a.txt", b"x")}, headers=headers)
    again = api.ok("POST", path, files={"file": ("a.txt", b"x")}, headers=headers)
    assert again == first and objects(stack) == before + 1
    answer = api.post(path, files={"file": ("a.txt", b"other")}, headers=headers)
    assert answer.status_code == 422 and objects(stack) == before + 1


def test_with_the_contact_in_the_body(api, contact):
    made = api.ok("POST", "/attachments", status=201, files={"file": ("a.txt", b"x")}, data={"contact_id": contact})
    assert made["contact_id"] == contact
    answer = api.post("/attachments", files={"file": ("a.txt", b"x")}, data={"contact_id": "999999"})
    assert answer.status_code == 422 and "contact_id" in answer.json()["errors"]
    answer = api.post("/attachments", files={"file": ("a.txt", b"x")})
    assert answer.status_code == 422 and "contact_id" in answer.json()["errors"]
    large = api.ok("POST", "/attachments", files={"file": ("a.bin", b"x" * (3 << 20))}, data={"contact_id": contact})
    assert large["size"] == 3 << 20


def test_on_a_message_and_on_an_activity(api, browser, contact):
    message = api.ok("POST", f"/contacts/{contact}/messages", json={"channel": "letter", "direction": "in", "body": "x"})
    note = api.ok("POST", f"/contacts/{contact}/activities", json={"kind": "note", "body": "x"})
    first = upload(api, contact, name="letter.pdf", message_id=message["id"])
    second = upload(api, contact, name="notes.pdf", activity_id=note["id"])
    assert first["message_id"] == message["id"] and second["activity_id"] == note["id"]
    read = api.ok("GET", f"/messages/{message['id']}")["attachments"]
    assert read == [{"id": first["id"], "file_name": "letter.pdf", "size": 7}]
    assert [a["id"] for a in api.ok("GET", f"/activities/{note['id']}")["attachments"]] == [second["id"]]
    page = browser.page(f"/messages/{message['id']}")
    assert f'href="/attachments/{first["id"]}"' in page and "letter.pdf" in page
    assert "letter.pdf" not in browser.page(f"/contacts/{contact}")


def test_what_it_hangs_on_is_named_to_whoever_sees_that(workspace, database, api, contact):
    clerk = workspace.add_user(make_profile(database, {"contact.view": "all", "attachment.view": "all"})).api()
    reader = workspace.add_user(make_profile(database, everything("all", ["view"]))).api()
    message = api.ok("POST", f"/contacts/{contact}/messages", json={"channel": "letter", "direction": "in", "body": "x"})
    note = api.ok("POST", f"/contacts/{contact}/activities", json={"kind": "note", "body": "x"})
    for name, number in (("message_id", message["id"]), ("activity_id", note["id"])):
        path = f"/attachments/{upload(api, contact, **{name: number})['id']}"
        assert reader.ok("GET", path)[name] == number
        answer = clerk.get(path)
        assert answer.status_code == 404 or answer.json()[name] is None


def test_never_on_the_message_of_somebody_else(stack, api, contact):
    other = api.ok("POST", "/contacts", json={"name_en": "Other"})["id"]
    message = api.ok("POST", f"/contacts/{other}/messages", json={"channel": "sms", "direction": "in", "body": "x"})
    path = f"/contacts/{contact}/attachments"
    before = objects(stack)
    answer = api.post(path, files={"file": ("a.txt", b"x")}, data={"message_id": message["id"]})
    assert answer.status_code == 422 and "message_id" in answer.json()["errors"]
    answer = api.post(path, files={"file": ("a.txt", b"x")}, data={"activity_id": "99999"})
    assert answer.status_code == 422 and objects(stack) == before


def test_the_page_takes_a_file(browser, api, contact):
    path = f"/contacts/{contact}/attachments"
    form = browser.form(path + "/new", path)
    answer = browser.submit(form, files={"file": ("scan.pdf", b"%PDF-1.4", "application/pdf")})
    assert answer.status_code == 303 and answer.headers["Location"] == f"/contacts/{contact}"
    assert "scan.pdf" in browser.page(f"/contacts/{contact}")
    made = api.ok("GET", path)["items"][0]
    page = browser.page(f"/attachments/{made['id']}")
    assert f'href="/attachments/{made["id"]}/content"' in page
    assert content(browser, made).content == b"%PDF-1.4"


def test_a_form_without_a_file_comes_back(browser, contact):
    path = f"/contacts/{contact}/attachments"
    form = browser.form(path + "/new", path)
    answer = browser.submit(form, files={"file": ("", b"")}, kept_law="Cap. 615")
    assert answer.status_code == 422
    assert "Cap. 615" in answer.text and "HO Ka Yan" in answer.text


def test_renaming(api, contact):
    made = upload(api, contact)
    path = f"/attachments/{made['id']}"
    named = api.ok("PATCH", path, headers=version(made), json={"file_name": "../new name.txt"})
    assert named["file_name"] == "new name.txt"
    answer = api.patch(path, headers=version(named), json={"size": 1})
    assert answer.status_code == 422 and "size" in answer.json()["errors"]
    answer = api.patch(path, headers=version(named), json={"file_name": None})
    assert answer.status_code == 422


def test_the_download_is_logged_before_the_first_byte(api, database, contact):
    made = upload(api, contact)
    content(api, made)
    cursor = database.cursor()
    cursor.execute(
        "select action, entity, subject_ids, route from audit_event where %s = any (record_ids) "
        "and action = 'download'",
        (made["id"],),
    )
    assert cursor.fetchall() == [("download", "attachment", [contact], "attachment.content")]


def test_who_may_not_see_it_gets_nothing(stack, workspace, api, database, contact):
    made = upload(api, contact, content=b"canary-secret")
    assert stack.new_workspace().admin.api().get(f"/attachments/{made['id']}/content").status_code == 404
    visitor = stack.visitor(workspace.slug)
    answer = content(visitor, made, allow_redirects=False)
    assert answer.status_code == 303 and answer.headers["Location"] == "/login"
    staff = workspace.add_user("staff").api()
    assert content(staff, made).content == b"canary-secret"
    change = (
        "delete from profile_right where entity = 'attachment' and profile_id = "
        "(select profile_id from profile where name = 'staff') returning profile_id, entity, \"right\", scope"
    )
    cursor = database.cursor()
    cursor.execute(change)
    taken = cursor.fetchall()
    try:
        assert content(staff, made).status_code == 403
        message = api.ok("POST", f"/contacts/{contact}/messages", json={"channel": "sms", "direction": "in", "body": "x"})
        upload(api, contact, name="canary-name.txt", message_id=message["id"])
        assert "canary" not in staff.get(f"/messages/{message['id']}").text
    finally:
        for row in taken:
            cursor.execute("insert into profile_right values (%s, %s, %s, %s)", row)


def test_a_hidden_name_is_hidden_in_every_answer(workspace, api, database, contact):
    made = upload(api, contact, name="canary-name.txt")
    staff = workspace.add_user("staff").api()
    cursor = database.cursor()
    cursor.execute(
        "insert into profile_field select profile_id, 'attachment', 'file_name', 'hidden' "
        "from profile where name = 'staff'"
    )
    try:
        answer = content(staff, made)
        assert answer.status_code == 200 and "canary" not in str(answer.headers)
        assert f"file-{made['id']}" in answer.headers["Content-Disposition"]
        assert "canary" not in staff.get(f"/attachments/{made['id']}").text
    finally:
        cursor.execute("delete from profile_field where entity = 'attachment'")


def test_damaged_bytes_are_never_handed_over_as_whole(stack, api, database, contact):
    data = os.urandom(300000)
    made = upload(api, contact, content=data)
    path = store(stack, database)[made["id"]]
    lying = bytearray(path.read_bytes())
    lying[-5] ^= 1
    path.write_bytes(lying)
    got = b""
    try:
        with content(api, made, stream=True) as answer:
            # The front says 502 when nothing was sent yet, else the answer is cut.
            for piece in answer.iter_content(65536) if answer.status_code == 200 else ():
                got += piece
    except requests.exceptions.RequestException:
        pass
    assert len(got) < len(data) and data.startswith(got)


def test_a_lost_object_is_a_clean_error(stack, api, database, contact):
    made = upload(api, contact)
    Path(store(stack, database)[made["id"]]).unlink()
    answer = content(api, made)
    assert answer.status_code == 500 and "Content-Disposition" not in answer.headers


def test_of_an_erased_person_there_is_no_content(api, contact):
    made = upload(api, contact, name="canary-erased.txt")
    api.ok("POST", f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})
    assert content(api, made).status_code == 410
    assert "canary" not in api.get(f"/attachments/{made['id']}").text
    answer = api.post(f"/contacts/{contact}/attachments", files={"file": ("a.txt", b"x")})
    assert answer.status_code == 409
