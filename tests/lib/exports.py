# SPDX-License-Identifier: ISC
"""Exports of lists as tests ask for them."""
import csv
import io
import json
import zipfile

from jobs import done


def ask(api, entity="contacts", status=202, **body):
    """The answer to a request for an export."""
    return api.ok("POST", f"/{entity}/export", status=status, json=body)


def fetch(api, job):
    """The ZIP of a job that has to go well, by name."""
    answer = api.get(done(api, job)["download"])
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        assert box.testzip() is None
        return {name: box.read(name) for name in box.namelist()}


def table(files):
    """The records of the CSV in it, as {column: text}; what a spreadsheet is kept from stays."""
    (name,) = (n for n in files if n.endswith(".csv"))
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def lines(files):
    (name,) = (n for n in files if n.endswith(".jsonl"))
    return [json.loads(line) for line in files[name].decode().splitlines()]


def export(api, entity="contacts", **body):
    """The records that come out."""
    files = fetch(api, ask(api, entity, **body)["job"])
    return lines(files) if body.get("format") == "jsonl" else table(files)


def set_threshold(workspace, n):
    connection = workspace.database()
    connection.cursor().execute("update workspace set export_threshold = %s", [n])
    connection.close()
