# SPDX-License-Identifier: ISC
"""What a law keeps of an erased person is erased after its own last day: the
clock of PostgreSQL, and so the product's, is moved behind one day after another."""
import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from harness import Stack
from person import canary

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump"


@pytest.fixture(scope="module")
def own():
    """An instance of its own: its clock is moved."""
    instance = Stack.start("--no-data")
    yield instance
    instance.tear_down()


@pytest.fixture(scope="module")
def workspace(own):
    return own.new_workspace()


def bill(api, person, number, issued_on):
    marks = [canary("words"), canary("payer"), canary("road")]
    body = {
        "number": number,
        "issued_on": issued_on,
        "status": "paid",
        "lines": [{"description": marks[0], "quantity": "2", "unit_amount": "450.00"}],
        "bill_to": {"name": marks[1], "address": marks[2]},
    }
    return api.ok("POST", f"/contacts/{person}/invoices", json=body)["id"], marks


@pytest.fixture(scope="module")
def kept(own, workspace):
    """Who was erased, with texts that end on a day each."""
    api = workspace.admin.api()
    ends = {}
    phone = canary("address")
    person = api.ok("POST", "/contacts", json={"name_en": canary("name"), "address": phone})["id"]
    law = {"field": "address", "until": "2030-06-30", "law": "Cap. 615"}
    api.ok("POST", f"/contacts/{person}/kept", json=law)
    ends["2030-06-30"] = [phone]
    text, name, content = canary("text"), canary("file"), canary("content")
    body = {"channel": "letter", "direction": "in", "body": text}
    term = {"kept_until": "2031-01-31", "kept_law": "Cap. 615"}
    api.ok("POST", f"/contacts/{person}/messages", json={**body, **term})
    file = {"file": (name + ".txt", content.encode(), "text/plain")}
    api.ok("POST", f"/contacts/{person}/attachments", files=file, data=term)
    ends["2031-01-31"] = [text, name, content]
    first, ends["2033-01-04"] = bill(api, person, "INV-1", "2026-01-05")
    second, ends["2033-11-07"] = bill(api, person, "INV-2", "2026-11-08")
    order = {"reason": "subject_request", "confirm": str(person)}
    api.ok("POST", f"/contacts/{person}/erase", json=order)
    return {"person": person, "invoices": (first, second), "ends": ends}


class Later:
    """The workspace after another day."""

    def __init__(self, own, workspace, person, day):
        self.own, self.person, self.day = own, person, day
        if day:
            away = datetime.date.fromisoformat(day) - datetime.date.today()
            own.command("time", f"+{away.days + 2}d")
            own.praya("worker", workspace.slug, "--once")
        self.workspace = workspace
        self.api = workspace.admin.api()

    def work(self):
        self.own.praya("worker", self.workspace.slug, "--once")
        self.receipt = self.api.ok("GET", f"/contacts/{self.person}/erase")
        cursor = self.workspace.database().cursor()
        cursor.execute(
            "select count(*) from erasure where scrubbed_at is null or completed_at is null "
            "and next_until < (now() at time zone 'Asia/Hong_Kong')::date"
        )
        return cursor.fetchone() == (0,)

    def left(self):
        return {k["what"]: (k["left"], k["next"]) for k in self.receipt["kept"] if k["until"]}


def dump(own, workspace):
    uri = own.status["pg_uri"]
    name = own.praya_json("tenant", "show", workspace.slug)["database"]
    done = subprocess.run([PG_DUMP, uri.replace("/postgres?", f"/{name}?", 1)], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def files_of(own):
    return sum(1 for f in (own.var / "files").glob("praya_t_*/**/*") if f.is_file())


def bytes_of(own):
    found = []
    for file in (own.var / "pg").rglob("*"):
        try:
            if file.is_file() and "pg_wal" not in str(file):
                found.append(file.read_bytes())
        except FileNotFoundError:
            pass  # the server writes some anew all the time
    return b"".join(found).decode("latin-1")


def marks_until(kept, day):
    return [mark for end, marks in kept["ends"].items() if end <= day for mark in marks]


STEPS = [
    (None, {"field:address": (1, "2030-06-30"), "message": (1, "2031-01-31"), "attachment": (1, "2031-01-31"),
            "bill_to": (2, "2033-01-04"), "invoice_lines": (2, "2033-01-04")}),
    ("2030-06-30", {"field:address": (0, None), "message": (1, "2031-01-31"), "attachment": (1, "2031-01-31"),
                    "bill_to": (2, "2033-01-04"), "invoice_lines": (2, "2033-01-04")}),
    ("2031-01-31", {"field:address": (0, None), "message": (0, None), "attachment": (0, None),
                    "bill_to": (2, "2033-01-04"), "invoice_lines": (2, "2033-01-04")}),
    ("2033-01-04", {"field:address": (0, None), "message": (0, None), "attachment": (0, None),
                    "bill_to": (1, "2033-11-07"), "invoice_lines": (1, "2033-11-07")}),
    ("2033-11-07", {"field:address": (0, None), "message": (0, None), "attachment": (0, None),
                    "bill_to": (0, None), "invoice_lines": (0, None)}),
]


@pytest.mark.parametrize("day, left", STEPS, ids=[str(day) for day, _ in STEPS])
def test_each_term_ends_for_itself(own, workspace, kept, day, left):
    later = Later(own, workspace, kept["person"], day)
    assert wait_until(later.work, 120), later.receipt
    assert later.left() == left
    for entry in later.receipt["kept"]:
        if entry["until"]:
            assert (entry["erased_at"] is not None) == (entry["left"] == 0), entry
    complete = day == "2033-11-07"
    assert later.receipt["state"] == ("complete" if complete else "erased")
    assert (later.receipt["completed_at"] is not None) == complete
    assert files_of(own) == (0 if day and day >= "2031-01-31" else 1)
    texts = dump(own, workspace)
    on_disk = bytes_of(own)
    for end, marks in kept["ends"].items():
        gone = day is not None and end <= day
        for mark in marks:
            assert not (gone and mark in texts), (end, mark)
            assert not (gone and mark in on_disk), (end, mark)


def test_invoices_still_add_up(workspace, kept):
    api = workspace.admin.api()
    for number in kept["invoices"]:
        invoice = api.ok("GET", f"/invoices/{number}")
        assert invoice["amount"] == {"amount": "900.00", "currency": "HKD"}
        assert invoice["bill_to"] is None
        (line,) = invoice["lines"]
        assert (line["description"], line["quantity"]) == (None, "2")
        assert line["amount"] == {"amount": "900.00", "currency": "HKD"}


def test_the_keys_are_gone_and_the_log_says_so(workspace, kept):
    cursor = workspace.database().cursor()
    cursor.execute("select count(*) from data_key where purpose in ('kept', 'bill_to', 'person')")
    assert cursor.fetchone() == (0,)
    cursor.execute(
        "select count(*) from audit_event where action = 'erase' and reason = 'kept_ended' "
        "and subject_ids = array[%s::integer]",
        [kept["person"]],
    )
    assert cursor.fetchone() == (4,)


def test_pages_show_what_ended(workspace, kept):
    browser = workspace.admin.browser()
    receipt = browser.page(f"/contacts/{kept['person']}/erase")
    assert receipt.count("erased on") == 5
    for number in kept["invoices"]:
        assert "900.00" in browser.page(f"/invoices/{number}")
