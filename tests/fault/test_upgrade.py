# SPDX-License-Identifier: ISC
"""What a release before this one left (tests/upgrade) is brought up to date as docs/operation.md says, and used."""
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from harness import TOP, Person, Stack
from whole import ask_whole, fetch_whole

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack import pool  # noqa: E402
from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import wait_until  # noqa: E402

PSQL = "/usr/lib/postgresql/15/bin/psql"
SCHEMA = "CREATE SCHEMA praya_sys;\n"
LEFT = TOP / "tests/upgrade/released.tar.xz"


def unpack(folder):
    with tarfile.open(LEFT) as box:
        box.extractall(folder)
    return json.loads((folder / "facts.json").read_text())


def forget(own):
    """The region as it was made for this instance: databases, roles, key and files."""
    rows = own.database().cursor()
    rows.execute("alter database praya_template is_template false")
    rows.execute("select datname from pg_database where datname like 'praya%'")
    for name, in rows.fetchall():
        rows.execute(f"drop database {name} with (force)")
    rows.execute("select rolname from pg_roles where rolname like 'praya%'")
    for name, in rows.fetchall():
        rows.execute(f"drop role {name}")
    rows.connection.close()


def put_back(own, folder, facts):
    uri = own.status["pg_uri"]
    for name in ("roles", "praya_directory", "praya_cell", *facts["databases"]):
        # Indexes are made as their tables' owner, who gets its rights at a dump's end only.
        text = (folder / f"{name}.sql").read_text().replace(SCHEMA, f"{SCHEMA}grant usage on schema praya_sys to praya_owner;\n")
        done = subprocess.run([PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", uri], input=text,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr[-500:]}"
    (own.var / "secrets/master.key").write_bytes((folder / "master.key").read_bytes())
    files = Path(own.status["regions"]["hk"]["files"])
    subprocess.run(["cp", "-rT", folder / "files", files], check=True)
    subprocess.run(["chown", "-R", "--reference", files, files], check=True)


def bring_up_to_date(own, folder):
    own.facts = unpack(folder)
    pools = pool.Pools(Instance(own.environ), "")
    pools.down()
    forget(own)
    put_back(own, folder, own.facts)
    own.before = own.praya_json("tenant", "show", "harbour")["schema"]
    assert own.praya("init").stdout == "region hk is set up\n"
    own.praya("tenant", "migrate")
    pools.up()
    assert wait_until(lambda: own.visitor("harbour").get("/readyz").status_code == 200, 30)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """An instance whose first region is the older one's, brought up to date and started."""
    own = Stack.start("--no-data")
    try:
        bring_up_to_date(own, tmp_path_factory.mktemp("released"))
        yield own
    finally:
        own.tear_down()


@pytest.fixture(scope="module")
def admin(old):
    return Person(old, "harbour", *old.facts["admin"])


@pytest.fixture(scope="module")
def api(admin):
    return admin.api()


def test_it_is_of_an_older_release(old):
    assert old.before == old.facts["schema"] < old.praya_json("tenant", "show", "harbour")["schema"]
    assert old.praya_json("tenant", "show", "harbour")["state"] == "active"
    assert {w["schema"] for w in (old.praya_json("tenant", "show", slug) for slug in old.slugs())} != {old.before}
    # And no further step is left to do.
    assert old.praya("tenant", "migrate").returncode == 0


def test_doctor_finds_nothing_of_the_former_release_in_it(old):
    """Policies, triggers and functions are those of one that was made today."""
    found = json.loads(old.praya("doctor", "--json", check=False).stdout)
    mine = [f for f in found if f["about"] == "workspace harbour"]
    assert any("as this release made them" in f["what"] for f in mine)
    assert [f["what"] for f in mine if f["level"] == "fault"] == []


def test_people_sign_in_and_see_what_they_had(old, admin, api):
    page = admin.browser().page("/contacts")
    values = old.facts["person"]["values"]
    assert values["name_en"] in page and "Erased Before" not in page
    shown = api.ok("GET", f"/contacts/{old.facts['person']['id']}")
    for name in ("name_en", "email", "bio", "own_text", "tags"):
        assert shown[name] == values[name], name
    opened = api.ok("POST", f"/contacts/{shown['id']}/reveal", json={"fields": ["tax_id", "salary", "own_text_sealed"], "reason": "contract"})["values"]
    assert opened == {name: values[name] for name in ("tax_id", "salary", "own_text_sealed")}
    found = api.ok("POST", "/contacts/search", json={"filter": {"email": values["email"]}})["items"]
    assert [c["id"] for c in found] == [shown["id"]]
    (file,) = api.ok("GET", f"/contacts/{shown['id']}/attachments")["items"]
    assert api.get(f"/attachments/{file['id']}/content").content == b"%PDF-1.4 of a former release"


def test_people_work_on(old, admin, api):
    number = old.facts["person"]["id"]
    version = str(api.ok("GET", f"/contacts/{number}")["version"])
    assert api.ok("PATCH", f"/contacts/{number}", json={"job_title": "Harbour Pilot"}, headers={"If-Match": version})["job_title"] == "Harbour Pilot"
    made = api.ok("POST", "/contacts", json={"name_en": "Newly Come", "tax_id": "87654321"})["id"]
    api.ok("POST", f"/contacts/{made}/activities", json={"kind": "note", "body": "After the upgrade"})
    api.ok("POST", f"/contacts/{made}/erase", json={"reason": "subject_request", "confirm": str(made)})
    assert api.ok("GET", f"/privacy/requests/{old.facts['request']}")["allowed"]
    for path in ("/", "/privacy", "/audit", "/settings/trust", "/setup", f"/contacts/{number}"):
        admin.browser().page(path)


def test_the_log_is_one(old):
    said = old.praya("audit", "verify", "harbour").stdout
    assert "events compared in" in said and "events that restores lost: 0" in said
    assert old.praya("key", "check").returncode == 0
    old.praya("ledger", "verify", "harbour")


def test_it_is_taken_out_whole(old, api):
    whole = fetch_whole(api, ask_whole(api)["job"])
    whole.check()
    assert old.facts["person"]["values"]["name_en"] in whole.read("data/contact.jsonl").decode()
    assert whole.manifests[0]["rows"]["erasure_remain"] >= 0 and not any("Erased Before" in str(r) for r in whole.rows("contact"))


def test_a_new_workspace_beside_it(old):
    made = old.new_workspace()
    assert made.admin.api().ok("GET", "/contacts")["items"] == []
