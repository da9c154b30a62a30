# SPDX-License-Identifier: ISC
"""Everything held on a person as one ZIP: what is in it, and how it is locked."""
import csv
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

import winzip
from jobs import done, export_person
from person import FILE, make_person

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def person(api, rows):
    return make_person(api, rows)


def needle(value):
    """What of a value has to be found in data.json."""
    if isinstance(value, dict):
        return [value["amount"]]
    if isinstance(value, list):
        return value
    return [] if isinstance(value, bool) else [str(value)]


@pytest.fixture(scope="module")
def export(api, person):
    content, path = export_person(api, person["id"])
    return {"zip": zipfile.ZipFile(io.BytesIO(content)), "path": path, "bytes": content}


@pytest.fixture(scope="module")
def data(export):
    return json.loads(export["zip"].read("data.json"))


def test_every_entry_is_as_the_manifest_says(export):
    archive = export["zip"]
    assert archive.testzip() is None
    listed = json.loads(archive.read("manifest.json"))["files"]
    assert sorted(f["name"] for f in listed) + ["manifest.json"] == sorted(
        archive.namelist(), key=lambda name: (name == "manifest.json", name)
    )
    for entry in listed:
        content = archive.read(entry["name"])
        assert len(content) == entry["size"], entry["name"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["name"]


def test_every_value_of_the_record_is_in_it(person, data, export):
    page = export["zip"].read("index.html").decode()
    for name, value in person["values"].items():
        if name == "owner_id":
            continue
        for text in needle(value):
            assert text in json.dumps(data["contact"], ensure_ascii=False), name
    for name in ("name_en", "bio", "tax_id", "address", "linkedin_url"):
        assert person["values"][name] in page, name


def test_sealed_fields_are_open_and_switched_off_ones_too(person, data):
    assert data["contact"]["tax_id"] == person["values"]["tax_id"]
    assert data["contact"]["salary"] == person["values"]["salary"]
    assert data["contact"]["date_of_birth"] == person["values"]["date_of_birth"]
    assert data["contact"]["hkid"] == "A123456(3)"
    assert "masked" not in data["contact"]


def test_fields_of_the_workspaces_own_are_in_it(person, data):
    own = {k: v for k, v in data["contact"].items() if k.startswith("own_")}
    assert own == {k: v for k, v in person["values"].items() if k.startswith("own_")}
    assert len(own) == 10 and None not in own.values()
    assert data["legend"]["fields"]["contact.own_text_sealed"]["encrypted"] is True
    assert data["legend"]["choices"]["contact.own_choice"]["gold"]["zh-Hant"] == "金"


def test_what_a_field_names_is_in_it(person, data, export):
    assert data["contact"]["company"] == person["company"]
    assert data["contact"]["company_id"] == person["values"]["company_id"]
    assert data["contact"]["owner_id"] == "Staff A (Administrator)"
    page = export["zip"].read("index.html").decode()
    assert person["company"] in page and "Staff A (Administrator)" in page


def test_what_hangs_on_the_person_is_in_it(person, data, export):
    text = json.dumps(data, ensure_ascii=False)
    page = export["zip"].read("index.html").decode()
    for place, value in person["around"].items():
        assert value in text, place
        assert value in page, place
    assert len(data["messages"]) == 5
    assert {m["channel"] for m in data["messages"]} == {"email", "whatsapp", "sms", "phone", "letter"}
    assert sorted(a["archived"] for a in data["activities"]) == [False] * 4 + [True]
    assert data["invoices"][0]["lines"][0]["amount"] == "900.00"
    assert data["invoices"][0]["bill_to"]["name"] == person["around"]["payer"]
    assert data["consents"] == []


def test_files_are_as_they_were(data, export):
    entry = data["attachments"][0]
    assert entry["entry"].startswith("attachments/")
    assert export["zip"].read(entry["entry"]) == FILE
    assert entry["sha256"] == hashlib.sha256(FILE).hexdigest()


def test_the_history_has_old_and_new_values(person, data, export):
    changes = [c for e in data["history"] for c in e.get("changes", [])]
    seen = {(c["field"], c["old"], c["new"]) for c in changes}
    new, old = person["values"], person["old"]
    assert ("job_title", new["job_title"], old["job_title"]) in seen
    assert ("job_title", old["job_title"], new["job_title"]) in seen
    assert ("tax_id", new["tax_id"], old["tax_id"]) in seen
    actions = {e["action"] for e in data["history"]}
    assert {"create", "update", "view", "export"} <= actions
    assert old["job_title"] in export["zip"].read("index.html").decode()
    times = [e["at"] for e in data["history"]]
    assert times == sorted(times)


def test_staff_have_letters_and_no_names(workspace, data, export):
    whole = b"".join(export["zip"].read(name) for name in export["zip"].namelist())
    assert workspace.admin.email.encode() not in whole
    whos = {e["who"] for e in data["history"]}
    assert whos == {"Staff A (Administrator)"}
    assert [s["en"] for s in data["legend"]["staff"]] == ["Staff A (Administrator)"]


def test_it_is_marked_as_an_internal_copy(data, export):
    page = export["zip"].read("index.html").decode()
    for text in (page, export["zip"].read("README.txt").decode(), json.dumps(data, ensure_ascii=False)):
        assert "Internal copy, not reviewed" in text
        assert "start an access request" in text
        assert "內部複本，未經審閱" in text


def test_every_code_has_its_meaning(data, export):
    legend = json.loads(export["zip"].read("legend.json"))
    assert legend == data["legend"]
    for event in data["history"]:
        assert event["action"] in legend["actions"], event
        assert event["outcome"] in legend["outcomes"]
    for message in data["messages"]:
        assert message["channel"] in legend["choices"]["message.channel"]
    for name in data["contact"]:
        if name not in ("id", "version", "created_at", "updated_at", "archived", "erased",
                        "company", "team", "kept_by_law"):
            assert f"contact.{name}" in legend["fields"], name


def test_tables_open_in_a_spreadsheet(person, export):
    def table(name):
        return list(csv.DictReader(io.StringIO(export["zip"].read(name).decode("utf-8-sig"))))

    record = table("contact.csv")
    assert len(record) == 1
    assert record[0]["tax_id"] == person["values"]["tax_id"]
    assert len(table("messages.csv")) == 5
    assert table("invoice_lines.csv")[0]["description"] == person["around"]["line"]
    assert len(table("history.csv")) > 10


def test_the_page_runs_nothing_and_loads_nothing(api):
    evil = "</div><script>alert(1)</script>"
    number = api.ok("POST", "/contacts", json={"name_en": evil, "bio": evil})["id"]
    api.ok("POST", f"/contacts/{number}/activities", json={"kind": "note", "body": evil})
    content, _ = export_person(api, number)
    page = zipfile.ZipFile(io.BytesIO(content)).read("index.html").decode()
    assert "<script" not in page.lower()
    assert "&lt;script&gt;" in page
    assert set(re.findall(r'(?:href|src)="([^"#]*)', page)) - {""} == {"style.css"}


def test_formulas_stay_text(api):
    number = api.ok("POST", "/contacts", json={"name_en": "=1+1", "bio": "+cmd|' /C calc'!A0"})["id"]
    content, _ = export_person(api, number)
    record = zipfile.ZipFile(io.BytesIO(content)).read("contact.csv").decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(record)))
    assert row["name_en"] == "'=1+1"
    assert row["bio"].startswith("'+cmd")


def test_it_speaks_the_persons_language(api):
    number = api.ok("POST", "/contacts", json={"name_zh": "陳大文", "language": "zh-Hant"})["id"]
    content, _ = export_person(api, number)
    page = zipfile.ZipFile(io.BytesIO(content)).read("index.html").decode()
    assert '<html lang="zh-Hant' in page
    assert "歷史紀錄" in page
    assert "職員 A（管理員）" in page


def test_the_download_is_a_neutral_file(api, person, export):
    answer = api.get(export["path"])
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    disposition = answer.headers["Content-Disposition"]
    assert disposition == f'attachment; filename="contact-{person["id"]}.zip"'
    assert answer.content == export["bytes"]
    head = api.head(export["path"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_nothing_lies_about_in_clear(stack, workspace, person, export):
    folder = stack.var / "files"
    objects = [p for p in folder.rglob("*") if p.is_file()]
    assert objects
    secret = [person["values"]["tax_id"].encode(), FILE[20:60], b"manifest.json"]
    for file in objects:
        content = file.read_bytes()
        # Four bytes occur in large ciphertexts by chance: only an archive starts so.
        assert not content.startswith(b"PK"), file
        for text in secret:
            assert text not in content, file
    scratch = re.search(r"Scratch\s*=\s*(\S+)", (stack.var / "praya.conf").read_text())
    assert scratch
    assert [p for p in Path(scratch[1]).rglob("*") if p.is_file()] == []


def test_asking_and_fetching_are_in_the_log(api, person, export):
    events = api.ok("GET", f"/contacts/{person['id']}/audit?limit=200")["items"]
    asked = [e for e in events if e["action"] == "export" and e["entity"] == "export"]
    read = [e for e in events if e["action"] == "export" and e["entity"] == "contact"]
    fetched = [e for e in events if e["action"] == "download"]
    assert asked and asked[0]["actor"] == 1
    assert read and read[0]["actor_kind"] == "worker" and read[0]["actor"] == 1
    assert "tax_id" in read[0]["fields"] and "tax_id~" not in read[0]["fields"]
    assert {e["entity"] for e in events if e["action"] == "export"} >= {
        "contact", "message", "activity", "invoice", "attachment", "audit"}
    assert fetched and fetched[0]["actor_kind"] == "user"


def test_a_bill_to_block_is_exported_not_viewed(api, person, export):
    events = api.ok("GET", f"/contacts/{person['id']}/audit?limit=200")["items"]
    blocks = [e for e in events if e["entity"] == "invoice" and e["fields"] == ["bill_to"]]
    by_worker = [e["action"] for e in blocks if e["actor_kind"] == "worker"]
    assert by_worker and set(by_worker) == {"export"}


# With a password


@pytest.fixture(scope="module")
def locked(api, person):
    content, _ = export_person(api, person["id"], password=PASSWORD)
    return zipfile.ZipFile(io.BytesIO(content))


def test_a_password_encrypts_every_entry(locked, export):
    assert len(locked.namelist()) == len(export["zip"].namelist())
    for info in locked.infolist():
        assert info.flag_bits & 1, info.filename
    assert json.loads(winzip.read(locked, "data.json", PASSWORD))["format"] == "praya-person-export"
    manifest = json.loads(winzip.read(locked, "manifest.json", PASSWORD))
    for entry in manifest["files"]:
        content = winzip.read(locked, entry["name"], PASSWORD)
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["name"]


def test_no_other_password_opens_it(locked):
    with pytest.raises(winzip.WrongPassword):
        winzip.read(locked, "data.json", PASSWORD + "x")


def test_names_of_entries_say_nothing_then(locked, person):
    files = [n for n in locked.namelist() if n.startswith("attachments/")]
    assert len(files) == 1
    assert re.fullmatch(r"attachments/\d+\.pdf", files[0])


def test_the_password_is_kept_nowhere(rows, locked):
    rows.execute("select count(*) from job_secret")
    assert rows.fetchone() == (0,)
    rows.execute("select args::text, result::text from job")
    assert PASSWORD not in str(rows.fetchall())


def test_a_waiting_password_is_sealed(api, rows, person):
    job = api.ok("POST", f"/contacts/{person['id']}/export", json={"password": PASSWORD})["job"]
    rows.execute("select sealed from job_secret where job_id = %s", [job])
    for (sealed,) in rows.fetchall():
        assert PASSWORD.encode() not in bytes(sealed)
    done(api, job)


@pytest.mark.parametrize("password", ["short", "九個字的密碼不夠長"])
def test_a_short_password_is_refused(workspace, api, person, password):
    answer = api.post(f"/contacts/{person['id']}/export", json={"password": password})
    assert answer.status_code == 422
    assert "password" in answer.json()["errors"]
    browser = workspace.admin.browser()
    page = browser.submit(browser.form(f"/contacts/{person['id']}/export", f"/contacts/{person['id']}/export"),
                          password=password)
    assert page.status_code == 422
    assert password not in page.text


# From the command line


def test_the_command_writes_the_same_file(stack, workspace, person, data, tmp_path):
    out = tmp_path / "person.zip"
    stack.praya("export", "contact", workspace.slug, person["id"], "--out", out)
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        mine = json.loads(archive.read("data.json"))
        assert archive.testzip() is None
    for part in ("contact", "messages", "activities", "invoices", "attachments"):
        assert mine[part] == data[part], part
    assert mine["legend"]["fields"] == data["legend"]["fields"]
    assert len(mine["history"]) > len(data["history"])


def test_the_command_takes_a_password(stack, workspace, person, tmp_path):
    out = tmp_path / "locked.zip"
    argv = ["export", "contact", workspace.slug, person["id"], "--out", out, "--password-stdin"]
    stack.praya(*argv, stdin=PASSWORD + "\n")
    with zipfile.ZipFile(out) as archive:
        assert b"praya-person-export" in winzip.read(archive, "data.json", PASSWORD)


def test_the_command_refuses(stack, workspace, person, tmp_path):
    there = tmp_path / "there.zip"
    there.write_bytes(b"mine")
    slug, number = workspace.slug, person["id"]
    for argv in (
        [slug, number, "--out", there],
        [slug, 999999, "--out", tmp_path / "x.zip"],
        [slug, "x", "--out", tmp_path / "x.zip"],
        ["nosuchslug", number, "--out", tmp_path / "x.zip"],
        [slug, number, "--out", tmp_path / "no/folder/x.zip"],
    ):
        failed = stack.praya("export", "contact", *argv, check=False)
        assert failed.returncode == 1, argv
        assert failed.stderr.startswith("praya export contact: ") and failed.stderr.count("\n") == 1
    assert there.read_bytes() == b"mine"
    assert [p.name for p in tmp_path.iterdir()] == ["there.zip"]
    assert stack.praya("export", "contact", slug, check=False).returncode == 2
