# SPDX-License-Identifier: ISC
"""A workspace made again from its own export; and files that are none, or want to do harm."""
import hashlib
import json
import secrets
import zipfile
from pathlib import Path

import psycopg2
import pytest

from harness import Person
from person import FILE, make_person
from whole import Signer, Whole, statement_of

ANSWER = "handed over 資料".encode() * 3000
# What is of the database that it lies in, not of what is in it.
OWN = {"audit_event": {"xid", "generation"}}


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def person(workspace, api):
    connection = workspace.database()
    found = make_person(api, connection.cursor())
    connection.close()
    other = api.ok("POST", "/contacts", json={"name_en": "Erased Later", "tax_id": "12345678"})["id"]
    api.ok("POST", f"/contacts/{other}/erase", json={"reason": "subject_request", "confirm": str(other)})
    found["request"] = api.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [found["id"]], "channel": "letter", "received_at": "2026-01-05",
        "requestor": {"name": "Somebody Asking"}, "language": "en"})["id"]
    api.ok("POST", f"/privacy/requests/{found['request']}/files", status=201,
           files={"file": ("報告.txt", ANSWER, "text/plain")})
    return found


def export(stack, slug, folder, *options):
    out = folder / f"{secrets.token_hex(4)}.zip"
    return [Path(p) for p in stack.praya("export", "workspace", slug, "--out", out, *options).stdout.split()]


def take(stack, files, slug, *options, check=True):
    return stack.praya("tenant", "import-workspace", *files, "--slug", slug, *options, check=check)


@pytest.fixture(scope="module")
def files(workspace, person, tmp_path_factory):
    return export(workspace.stack, workspace.slug, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def again(workspace, files, tmp_path_factory):
    slug = "t" + secrets.token_hex(6)
    said = take(workspace.stack, files, slug).stdout
    assert "nobody has a password yet" in said
    return slug


def without(table, row):
    return {k: v for k, v in row.items() if k not in OWN.get(table, ())}


def test_the_export_of_the_import_is_the_same(workspace, files, again, tmp_path):
    before = Whole([f.read_bytes() for f in files])
    after = Whole([f.read_bytes() for f in export(workspace.stack, again, tmp_path)])
    after.check()
    assert set(before.manifests[0]["rows"]) == set(after.manifests[0]["rows"])
    for table in before.manifests[0]["rows"]:
        one, other = ([without(table, r) for r in w.rows(table)] for w in (before, after))
        if table == "audit_seal":
            continue  # the chain begins anew, under the new workspace's key
        if table == "audit_event":
            # And its own export is in its log.
            assert other[:len(one)] == one and {r["action"] for r in other[len(one):]} <= {"export"}
            continue
        assert one == other, table
    for folder in ("attachments/", "requests/"):
        kept = [n for n in before.names() if n.startswith(folder)]
        assert kept and all(before.read(n) == after.read(n) for n in kept)
        assert [n for n in after.names() if n.startswith(folder)] == kept


def test_it_works_as_the_first_one_did(workspace, person, again):
    stack = workspace.stack
    stack.praya("user", "reset", again, workspace.admin.email, "--password-stdin", stdin="another-good-password\n")
    api = Person(stack, again, workspace.admin.email, "another-good-password").api()
    record = api.ok("GET", f"/contacts/{person['id']}")
    assert record["name_en"] == person["values"]["name_en"]
    shown = api.ok("POST", f"/contacts/{person['id']}/reveal", json={"fields": ["tax_id", "salary"], "reason": "legal"})
    assert shown["values"]["tax_id"] == person["values"]["tax_id"]
    # Equality on what is encrypted, words, own fields, files, new records.
    found = api.ok("POST", "/contacts/search", json={"filter": {"tax_id": person["values"]["tax_id"]}})
    assert [r["id"] for r in found["items"]] == [person["id"]]
    attachment = api.ok("GET", f"/contacts/{person['id']}/attachments")["items"][0]
    assert api.get(f"/attachments/{attachment['id']}/content").content == FILE
    (case_file,) = api.ok("GET", f"/privacy/requests/{person['request']}")["files"]
    assert case_file["name"] == "報告.txt"
    assert api.get(f"/privacy/requests/{person['request']}/files/{case_file['id']}").content == ANSWER
    made = api.ok("POST", "/contacts", json={"name_en": "Made Since"})
    assert made["id"] > person["id"]


def indexes(stack, slug):
    with stack.database(slug) as database, database.cursor() as rows:
        # Without those of own fields, of which the import makes all that a field may have.
        rows.execute("select indexname, indexdef from pg_indexes where schemaname = 'public' "
                     "and tablename !~ '_[0-9]{6}$' and indexname !~ 'cf_[0-9]+' order by 1")
        return rows.fetchall()


def test_every_index_is_there_again(workspace, again):
    assert indexes(workspace.stack, again) == indexes(workspace.stack, workspace.slug) != []


def test_what_was_cut_off_begins_again(workspace, files):
    """Without its indexes, and with rows: as a killed import leaves it."""
    stack, slug = workspace.stack, "t" + secrets.token_hex(6)
    take(stack, files, slug)
    with stack.database_named("praya_directory").cursor() as rows:
        rows.execute("update tenant set state = 'creating' where slug = %s", [slug])
    number = workspace.stack.praya_json("tenant", "show", slug)["database"]
    with stack.database_named(number).cursor() as rows:
        rows.execute("select whole_indexes_off()")
    take(stack, files, slug)
    assert indexes(stack, slug) == indexes(stack, workspace.slug)


def reserved(stack, slug):
    return slug in stack.slugs()


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    """Whose key the operator names: the signature is good, so that the rest is looked at."""
    return Signer(tmp_path_factory.mktemp("signer"))


def damaged(files, tmp_path, change, sign=None):
    """The first file with something changed in it: (name, bytes) in, the same or None out."""
    out = tmp_path / "bad.zip"
    with zipfile.ZipFile(files[0]) as box, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in box.namelist():
            if sign is not None and name == "manifest.sig":
                continue
            for number, (entry, content) in enumerate(change(name, box.read(name))):
                bad.writestr(entry, content)
                if sign is not None and name == "manifest.json" and number == 0:
                    bad.writestr("manifest.sig", sign(content if isinstance(content, bytes) else content.encode()))
    return out


def manifest(content, **changes):
    return json.dumps({**json.loads(content), **changes})


def other_row(name, content):
    yield name, content.replace(b"Somebody Asking", b"Somebody Wanted") if "privacy_request" in name else content


def forged(name, content):
    """The digests fit, but rows are counted that are not there: found before anybody can get in."""
    if name != "manifest.json":
        yield name, content
        return
    listed = json.loads(content)
    listed["files"][0]["sha256"] = "0" * 64
    yield name, json.dumps(listed)


def not_listed(name, content):
    yield name, content
    if name == "manifest.json":
        yield "attachments/1/9-more.txt", b"more"


def listed_twice(name, content):
    if name == "manifest.json":
        listed = json.loads(content)
        listed["files"][0] = listed["files"][1]
        content = json.dumps(listed)
    yield name, content


def missing(name, content):
    if name != "schema.json":
        yield name, content


def newer(name, content):
    yield name, manifest(content, format_version=99) if name == "manifest.json" else content


def another(name, content):
    yield name, manifest(content, format="something-else") if name == "manifest.json" else content


def second_of_two(name, content):
    yield name, manifest(content, volumes=2) if name == "manifest.json" else content


def climbing(name, content):
    yield name, content
    if name == "manifest.json":
        yield "../../etc/passwd", b"x"


def absolute(name, content):
    yield name, content
    if name == "manifest.json":
        yield "/tmp/x", b"x"


def bomb(name, content):
    yield name, content
    if name == "manifest.json":
        yield "attachments/1/1-bomb", b"\0" * 200_000_000


def link(name, content):
    yield name, content
    if name == "manifest.json":
        info = zipfile.ZipInfo("attachments/1/2-link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        yield info, "/etc/passwd"


@pytest.mark.parametrize("change", [other_row, forged, not_listed, listed_twice, missing, newer, another,
                                    second_of_two, climbing, absolute, bomb, link])
def test_what_is_no_export_is_refused_before_anything_is_made(workspace, files, tmp_path, change, signer):
    slug = "t" + secrets.token_hex(6)
    bad = damaged(files, tmp_path, change, signer.sign)
    answer = take(workspace.stack, [bad], slug, "--key", signer.public, check=False)
    assert "sign" not in answer.stderr
    assert answer.returncode == 1 and "nothing was made: " in answer.stderr, answer.stderr
    assert not reserved(workspace.stack, slug)


@pytest.mark.parametrize("what, words", [("nothing", "there is no such file"), ("folder", "nothing was made: "),
                                         ("empty", "no whole ZIP file"), ("text", "no whole ZIP file")])
def test_what_is_no_zip_is_said(workspace, tmp_path, what, words):
    file = tmp_path / what
    if what == "folder":
        file.mkdir()
    elif what != "nothing":
        file.write_text("" if what == "empty" else "PK\x03\x04 not really\n" * 99)
    slug = "t" + secrets.token_hex(6)
    answer = take(workspace.stack, [file], slug, check=False)
    assert answer.returncode == 1 and words in answer.stderr and not reserved(workspace.stack, slug)


def more_rows(name, content):
    if name == "manifest.json":
        listed = json.loads(content)
        listed["rows"]["contact"] += 1
        content = json.dumps(listed).encode()
    yield name, content


def signed(change):
    """Of the signature, what it says as JSON."""
    def changed(name, content):
        yield name, json.dumps(change(json.loads(content))) if name == "manifest.sig" else content
    return changed


def unsigned(name, content):
    if name != "manifest.sig":
        yield name, content


@pytest.mark.parametrize("change,why", [
    (more_rows, "not the one that was signed"), (unsigned, "is not signed"),
    (signed(lambda s: {**s, "signature": "00" * 64}), "no region that is known here"),
    (signed(lambda s: {**s, "signature": s["signature"][2:]}), "no region that is known here"),
    (signed(lambda s: {**s, "statement": s["statement"].replace("export", "else")}), "no region that is known here"),
    (signed(lambda s: {**s, "public_key": ""}), "no region that is known here"),
    (signed(lambda s: {}), "no region that is known here"), (signed(lambda s: [s]), "no region that is known here"),
    (signed(lambda s: {**s, "more": "x" * 70000}), "too large")])
def test_a_manifest_that_no_region_signed_is_refused(workspace, files, tmp_path, change, why):
    slug = "t" + secrets.token_hex(6)
    answer = take(workspace.stack, [damaged(files, tmp_path, change)], slug, check=False)
    assert answer.returncode == 1 and "nothing was made: " in answer.stderr and why in answer.stderr, answer.stderr
    assert not reserved(workspace.stack, slug)


def test_another_s_signature_counts_where_its_key_is_named(workspace, files, tmp_path, signer):
    """Of another installation: whole, and signed by a key that nobody knows here."""
    def same(name, content):
        yield name, content

    theirs, slug = damaged(files, tmp_path, same, signer.sign), "t" + secrets.token_hex(6)
    for options in ([], ["--key", workspace.stack.praya("key", "public").stdout.strip()], ["--key", "00" * 32],
                    ["--key", "zz"], ["--key", signer.public[2:]]):
        answer = take(workspace.stack, [theirs], slug, *options, check=False)
        assert answer.returncode == 1 and not reserved(workspace.stack, slug), options
    assert take(workspace.stack, [theirs], slug, "--key", signer.public).returncode == 0


def test_a_region_knows_the_other_s_signature(workspace, files):
    slug = "t" + secrets.token_hex(6)
    workspace.stack.praya("tenant", "import-workspace", *files, "--slug", slug, "--region", "sg")
    assert workspace.stack.praya_json("tenant", "show", slug)["region"] == "sg"


def test_the_region_s_key_signs(workspace, files):
    with zipfile.ZipFile(files[0]) as box:
        signature, manifest_bytes = json.loads(box.read("manifest.sig")), box.read("manifest.json")
    assert signature["statement"] == statement_of(manifest_bytes)
    shown = workspace.stack.praya_json("key", "public")
    assert signature["public_key"] == shown["public_key"] and shown["region"] == "hk"


@pytest.mark.parametrize("cut", [0, 1, 100, 0.5, 0.99])
def test_what_is_cut_off_is_refused(workspace, files, tmp_path, cut):
    whole = files[0].read_bytes()
    bad = tmp_path / "cut.zip"
    bad.write_bytes(whole[: int(len(whole) * cut) if isinstance(cut, float) else cut])
    slug = "t" + secrets.token_hex(6)
    assert take(workspace.stack, [bad], slug, check=False).returncode == 1
    assert not reserved(workspace.stack, slug)


def test_the_same_file_twice_is_refused(workspace, files):
    slug = "t" + secrets.token_hex(6)
    assert take(workspace.stack, [files[0], files[0]], slug, check=False).returncode == 1
    assert not reserved(workspace.stack, slug)


def test_a_name_that_is_taken_stays_what_it_is(workspace, files, person):
    answer = take(workspace.stack, files, workspace.slug, check=False)
    assert answer.returncode == 1
    assert workspace.admin.api().ok("GET", f"/contacts/{person['id']}")["id"] == person["id"]


# What follows fits its manifest in every digest and count, as who wants to be believed would make it.
HOSTILE = "x text; reset role; create role whole_taken superuser; --"


def believed(files, tmp_path, change, signer):
    with zipfile.ZipFile(files[0]) as box:
        contents = {name: box.read(name) for name in box.namelist()}
    del contents["manifest.sig"]
    listed = json.loads(contents.pop("manifest.json"))
    change(contents, listed)
    listed["files"] = [{"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                       for name, content in contents.items()]
    out = tmp_path / "believed.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        text = json.dumps(listed).encode()
        for name, content in (*contents.items(), ("manifest.json", text), ("manifest.sig", signer.sign(text))):
            bad.writestr(name, content)
    return out


def field(**values):
    def change(contents, _listed):
        first, rest = contents["data/field.jsonl"].split(b"\n", 1)
        contents["data/field.jsonl"] = json.dumps({**json.loads(first), **values}).encode() + b"\n" + rest
    return change


def table(name):
    """One more, of which a row is brought along."""
    def change(contents, listed):
        schema = json.loads(contents["schema.json"])
        schema["tables"].append({"name": name, "columns": []})
        contents["schema.json"] = json.dumps(schema).encode()
        contents[f"data/{name}.jsonl"] = b'{"oid": 90000, "rolname": "whole_taken", "rolsuper": true}\n'
        listed["rows"][name] = 1
    return change


def taken(stack):
    with stack.database() as database, database.cursor() as rows:
        rows.execute("select exists (select from pg_roles where rolname = 'whole_taken')")
        return rows.fetchone()[0]


@pytest.mark.parametrize("change", [
    field(builtin=False, column_name=HOSTILE), field(column_name=HOSTILE), field(name=HOSTILE), field(entity=HOSTILE),
    field(column_name="x y"), field(column_name=""), field(column_name=7), table("pg_authid; drop table contact"),
    table("pg_catalog.pg_authid"), table('"pg_authid"'), table("")])
def test_what_is_more_than_a_name_is_refused_before_anything_is_made(workspace, files, tmp_path, change, signer):
    slug = "t" + secrets.token_hex(6)
    bad = believed(files, tmp_path, change, signer)
    answer = take(workspace.stack, [bad], slug, "--key", signer.public, check=False)
    assert "proper name" in answer.stderr
    assert answer.returncode == 1 and "nothing was made: " in answer.stderr, answer.stderr
    assert not reserved(workspace.stack, slug) and not taken(workspace.stack)


def later_release(_contents, listed):
    listed["schema"] += 1


def test_what_a_later_release_exported_is_refused_before_anything_is_made(workspace, files, tmp_path, signer):
    slug = "t" + secrets.token_hex(6)
    bad = believed(files, tmp_path, later_release, signer)
    answer = take(workspace.stack, [bad], slug, "--key", signer.public, check=False)
    assert answer.returncode == 1 and "nothing was made: " in answer.stderr and "up to date first" in answer.stderr
    assert not reserved(workspace.stack, slug)


def contact_rows(change):
    def changed(contents, _listed):
        lines = contents["data/contact.jsonl"].splitlines()
        contents["data/contact.jsonl"] = b"".join(change(json.loads(line)) + b"\n" for line in lines)
    return changed


def unknown_column(contents, _listed):
    schema = json.loads(contents["schema.json"])
    next(t for t in schema["tables"] if t["name"] == "contact")["columns"].append({"name": "brand_new", "type": "text"})
    contents["schema.json"] = json.dumps(schema).encode()


@pytest.mark.parametrize("change", [
    unknown_column, contact_rows(lambda row: json.dumps({**row, "created_at": "no time"}).encode()),
    contact_rows(lambda row: json.dumps({**row, "contact_id": 1}).encode()), contact_rows(lambda row: b'{"contact_id": 1,'),
])
def test_what_can_never_come_in_leaves_nothing(workspace, files, tmp_path, change, signer):
    """Signed, and still not to be read: found half way, and all of it goes again."""
    stack, slug = workspace.stack, "t" + secrets.token_hex(6)

    def there_is():
        with stack.database() as database, database.cursor() as rows:
            rows.execute("select (select count(*) from pg_database), (select count(*) from pg_roles)")
            return rows.fetchone(), sorted(p.name for p in Path(stack.status["regions"]["hk"]["files"]).iterdir())

    before = there_is()
    bad = believed(files, tmp_path, change, signer)
    answer = take(stack, [bad], slug, "--key", signer.public, check=False)
    assert answer.returncode == 1 and "nothing is left of it: " in answer.stderr, answer.stderr
    assert not reserved(stack, slug) and there_is() == before
    take(stack, files, slug)


@pytest.mark.parametrize("name", ["pg_authid", "session", "no_such_table"])
def test_a_table_that_no_export_holds_is_not_written(workspace, files, tmp_path, name, signer):
    bad = believed(files, tmp_path, table(name), signer)
    answer = take(workspace.stack, [bad], "t" + secrets.token_hex(6), "--key", signer.public, check=False)
    assert answer.returncode == 1 and "nothing was made: " not in answer.stderr, answer.stderr
    assert not taken(workspace.stack)


@pytest.mark.parametrize("column,value", [("column_name", HOSTILE), ("column_name", "password_hash"), ("name", HOSTILE),
                                          ("name", ""), ("entity", HOSTILE)])
def test_the_database_knows_what_a_name_is(workspace, column, value):
    with workspace.database() as database, database.cursor() as rows:
        with pytest.raises(psycopg2.errors.CheckViolation):
            rows.execute("insert into field (field_id, entity, name, column_name, type, label_en, label_zh, category) "
                         "overriding system value select 900, 'contact', 'shoe', 'cf_900', 'text', 'x', 'x', 'none'; "
                         f"update field set {column} = %s where field_id = 900", (value,))
