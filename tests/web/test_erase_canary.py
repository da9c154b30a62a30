# SPDX-License-Identifier: ISC
"""Nothing of an erased person is found again: in no page, no JSON, no dump, no
file of the store, and after the scrub in no byte of the data directory."""
import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest

from harness import Stack


def canary(kind):
    return f"Zq{kind}{secrets.token_hex(5)}"


@pytest.fixture(scope="module")
def own():
    """An instance of its own: its data directory is searched byte by byte."""
    instance = Stack.start("--no-data")
    yield instance
    instance.tear_down()


@pytest.fixture(scope="module")
def erased(own):
    """A workspace, the canaries of a person in it, and that person's number, erased."""
    workspace = own.new_workspace()
    api, browser = workspace.admin.api(), workspace.admin.browser()
    marks = {name: canary(name) for name in (
        "name_en", "name_zh", "surname_en", "given_en", "english_name", "preferred_name",
        "job_title", "address", "tax_id", "bio", "source")}
    marks["email"] = canary("email") + "@example.com"
    marks["linkedin_url"] = "https://example.com/" + canary("linkedin")
    first = {**marks, "tags": [canary("tag")], "phone": "+85262349871", "date_of_birth": "1961-07-09"}
    person = api.ok("POST", "/contacts", json=first)
    number = person["id"]
    bystander = api.ok("POST", "/contacts", json={"name_en": "CHAN Bystander"})["id"]

    later = {"bio": canary("later"), "tax_id": canary("latertax")}
    api.ok("PATCH", f"/contacts/{number}", json=later, headers={"If-Match": str(person["version"])})
    around = [canary(x) for x in ("subject", "body", "note", "file", "bytes")]
    api.ok("POST", f"/contacts/{number}/messages", json={
        "channel": "email", "direction": "in", "subject": around[0], "body": around[1]})
    api.ok("POST", f"/contacts/{number}/activities", json={"kind": "note", "body": around[2]})
    api.ok("POST", f"/contacts/{number}/attachments",
           files={"file": (around[3] + ".txt", around[4].encode(), "text/plain")})
    api.ok("POST", f"/contacts/{number}/invoices", json={
        "number": "INV-1", "issued_on": "2026-01-05", "status": "paid", "amount": "120.50"})
    api.ok("POST", "/contacts/search", json={"q": marks["name_en"]})
    search = browser.post("/contacts/search", data={"_csrf": browser.csrf(), "q": marks["email"]})
    assert search.status_code == 303
    api.ok("POST", f"/contacts/{number}/reveal", json={"fields": ["tax_id"], "reason": "legal"})

    texts = [*marks.values(), *first["tags"], *later.values(), *around, "62349871", "1961-07-09"]
    receipt = api.ok("POST", f"/contacts/{number}/erase",
                     json={"reason": "subject_request", "confirm": str(number)})
    return workspace, api, browser, number, bystander, texts, receipt


def holds(text, marks):
    return [mark for mark in marks if mark in text]


def test_receipt_names_what_went(erased):
    _, api, _, number, _, _, receipt = erased
    assert {"name_en", "tax_id", "bio", "tags"} <= set(receipt["cleared"]["fields"])
    assert (receipt["cleared"]["messages"], receipt["cleared"]["activities"]) == (1, 1)
    assert receipt["stages"][0]["stage"] == "key_destroyed" and receipt["stages"][0]["at"]
    assert api.post(f"/contacts/{number}/erase",
                    json={"reason": "other", "confirm": str(number)}).status_code == 409


def test_invoice_stays_as_it_was(erased):
    _, api, _, number, _, _, _ = erased
    items = api.ok("GET", f"/contacts/{number}/invoices")["items"]
    assert [i["amount"] for i in items] == [{"amount": "120.50", "currency": "HKD"}]


def test_no_page_and_no_json_holds_anything(erased):
    workspace, api, browser, number, bystander, marks, _ = erased
    rows = workspace.stack.praya_json("routes")
    looked = 0
    for row in rows:
        path, method = row["path"], row["method"]
        if method != "GET" or "{token}" in path or "download" in path or "content" in path:
            continue
        for one in (number, bystander) if "{id}" in path else (None,):
            address = path.replace("{id}", str(one))
            for client in (api, browser):
                answer = client.get(address)
                assert answer.status_code < 500, f"{address}: {answer.status_code}"
                assert not holds(answer.text, marks), f"{address} still shows something"
                looked += answer.status_code == 200
    assert looked > 20


def test_no_dump_and_no_file_holds_anything(erased):
    workspace, _, _, _, _, marks, _ = erased
    stack = workspace.stack
    name = stack.praya_json("tenant", "show", workspace.slug)["database"]
    for database in (name, "praya_cell", "praya_directory"):
        uri = stack.status["pg_uri"].replace("/postgres?", f"/{database}?", 1)
        dump = subprocess.run(["/usr/lib/postgresql/15/bin/pg_dump", uri], stdout=subprocess.PIPE, check=True)
        assert not holds(dump.stdout.decode(), marks), database
    for file in (stack.var / "files").rglob("*"):
        if file.is_file():
            assert not holds(file.read_bytes().decode("latin-1"), marks), file


def test_no_byte_of_the_data_directory_holds_anything(erased):
    workspace, api, _, number, _, marks, _ = erased
    stages = {"": None}
    # The instance's own worker may hold the job that --once would have taken.
    for _ in range(100):
        workspace.stack.praya("worker", "--once")
        stages = {s["stage"]: s["at"] for s in api.ok("GET", f"/contacts/{number}/erase")["stages"]}
        if all(stages.values()):
            break
    assert all(stages.values()), stages
    found = []
    for folder, _, files in os.walk(workspace.stack.var / "pg"):
        if "pg_wal" in folder:
            continue
        for file in files:
            text = Path(folder, file).read_bytes().decode("latin-1")
            found += [(file, mark) for mark in holds(text, marks)]
    assert not found
    logs = "".join(f.read_text(errors="replace") for f in (workspace.stack.var / "log").glob("*.log"))
    assert not holds(logs, marks)


def test_refused_while_a_hold_stands(erased):
    _, api, _, _, bystander, _, _ = erased
    version = api.ok("GET", f"/contacts/{bystander}")["version"]
    api.ok("PATCH", f"/contacts/{bystander}", json={"hold": True}, headers={"If-Match": str(version)})
    order = {"reason": "other", "confirm": str(bystander)}
    assert api.post(f"/contacts/{bystander}/erase", json=order).status_code == 409
    order["confirm"] = str(bystander + 1)
    assert api.post(f"/contacts/{bystander}/erase", json=order).status_code == 422
    assert json.loads(api.get(f"/contacts/{bystander}").text)["name_en"] == "CHAN Bystander"
