# SPDX-License-Identifier: ISC
"""The route table as `praya routes --json` tells it, and how its rows are asked:
every row on each of its surfaces, with bodies that are right but for what a test
makes wrong."""
import dataclasses
import html
import re

MISSING = "999999999"
# What the front counts by address.
COUNTED = ("session.sign_in", "session.create", "session.code", "session.passkey", "session.passkey_form",
           "intake.submit", "intake.confirm", "intake.upload", "handover.code", "handover.fetch")
FILE = ("file.csv", b"name_en\nLAM On\n", "text/csv")

# Bodies of rows whose handlers look closer at a value than its type says.
GOOD = {
    "contact.reveal": {"fields": ["tax_id"], "reason": "legal"},
    "contact.verify": {"field": "phone", "value": "+852 9123 4567"},
    "passkey.challenge": {"for": "new"},
    "passkey.rename_form": {"name": "x"},
    "erase.run": {"reason": "subject_request", "confirm": MISSING},
    "erase.remain": {"entity": "contact", "record_id": 7, "decision": "cleared"},
    "tray.let_in": {"how": "phone"},
    "kept.set": {"field": "phone", "until": "2045-06-30", "law": "Cap. 112 s.51C"},
    "activity.add": {"kind": "note", "body": "x"},
    "message.add": {"channel": "sms", "direction": "in", "body": "x"},
    "field.delete": {"confirm": "contact.nothing"},
    "holiday.create": {"day": "2031-01-02", "kind": "gale"},
    "settings.field_remove": {"confirm": "contact.nothing"},
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of the table on one of its surfaces."""

    name: str
    kind: str
    method: str
    path: str
    surface: str
    entity: str
    right: str
    verify: bool
    params: tuple
    fields: str

    @property
    def page(self):
        return self.surface == "page"

    @property
    def writes(self):
        return self.method != "GET"

    @property
    def pattern(self):
        return ("" if self.page else "/api/v1") + self.path

    def at(self, number=MISSING, token="contact.nothing"):
        """Its address, with this in the place of its patterns."""
        return self.pattern.replace("{id}", str(number)).replace("{token}", token)

    def declared(self, where):
        """Its parameters of the "query" or the "body"."""
        return [p for p in self.params if p[where]]

    @property
    def takes_file(self):
        return any(p["type"] == "file" for p in self.params)

    @property
    def fields_max(self):
        """So many fields its form may have: 200, that of a record 300 more, or as many as its parameters can take."""
        most = 500 if self.fields else 200
        return max(most, sum(p["max"] for p in self.declared("body") if p["type"] in ("filters", "texts", "integers")))

    def __str__(self):
        return f"{self.method} {self.pattern}"


def table(stack):
    """Of workspaces; the operators' own host has a table of its own (test_operators)."""
    rows = []
    for row in stack.praya_json("routes"):
        if row["surface"].startswith(("desk", "door")):
            continue
        for surface in {"both": ("page", "api")}.get(row["surface"], (row["surface"],)):
            values = {key: row[key] for key in ("name", "kind", "method", "path", "entity", "right", "verify", "fields")}
            rows.append(Row(surface=surface, params=tuple(row["params"]), **values))
    return rows


def least(param):
    """The smallest value that a parameter takes."""
    low = max(param["min"], 1)
    return {
        "text": "x" * low,
        "long": "x" * low,
        "integer": low,
        "boolean": True,
        "date": "2030-01-02",
        "texts": ["x"],
        "integers": [low],
        "json": "x",
        "file": FILE,
        "filters": {},
    }[param["type"]]


def body(row):
    """What a row cannot do without."""
    values = {p["name"]: least(p) for p in row.declared("body") if p["required"]}
    return {**values, **GOOD.get(row.name, {})}


def form_value(value):
    if isinstance(value, bool):
        return "1" if value else "0"
    return [str(v) for v in value] if isinstance(value, list) else str(value)


def send(client, row, where=None, values=None, csrf=None, headers=None, version=None, query=None):
    """Asks a row as its surface is asked: a page's form, or JSON (multipart where
    there is a file). csrf: the token of a browser; version: on which a change rests."""
    client = elsewhere(client) if row.name in COUNTED else client
    url = client.origin + (where or row.at())
    headers = dict(headers or {})
    if not row.writes:
        return client.request(row.method, url, headers=headers, params=query)
    values = dict(body(row) if values is None else values)
    files = {name: values.pop(name) for name in list(values) if isinstance(values[name], tuple)}
    if row.page:
        values = {name: form_value(value) for name, value in values.items()}
        if csrf is not None:
            values["_csrf"] = csrf
        if version is not None:
            values["_version"] = str(version)
    else:
        if csrf is not None:
            headers["X-CSRF-Token"] = csrf
        if version is not None:
            headers["If-Match"] = str(version)
    if row.page or files:
        return client.request(row.method, url, data=values, files=files or None, headers=headers, params=query)
    return client.request(row.method, url, json=values, headers=headers, params=query)


def elsewhere(client):
    """The same client at an address of its own: the front counts by address."""
    return client.moved()


class Asker:
    """One person, who asks pages as a browser and JSON as a program."""

    def __init__(self, person):
        self.browser = person.browser()
        self.csrf = self.browser.csrf()
        self.program = person.api()

    def __call__(self, row, **how):
        if row.page:
            return send(self.browser, row, csrf=self.csrf, **how)
        return send(self.program, row, **how)

    def raw(self, row, content, content_type, where=None, headers=None):
        """Sends these bytes as they stand."""
        client = self.browser if row.page else self.program
        client = elsewhere(client) if row.name in COUNTED else client
        headers = {"Content-Type": content_type, "If-Match": "1", **(headers or {})}
        if row.page:
            headers["X-CSRF-Token"] = self.csrf
        url = client.origin + (where or row.at())
        return client.request(row.method, url, data=content, headers=headers)


def problem(answer, status):
    """What is wrong with a problem document of that status; nothing: None."""
    if answer.status_code != status:
        return f"{answer.status_code}, wanted {status}: {answer.text[:200]}"
    if answer.headers.get("Content-Type") != "application/problem+json":
        return f"a {answer.headers.get('Content-Type')}"
    said = answer.json()
    if said.get("status") != status or not said.get("title") or not said.get("detail"):
        return f"says {said}"
    if not str(said.get("type")).startswith("urn:praya:problem:"):
        return f"type {said.get('type')}"
    half = [text for text in said.get("errors", {}).values() if text.rstrip().endswith((":", "at most", "：", "上限為"))]
    return f"says half of it: {half}" if half else reveals(answer)


def page(answer, status):
    """The same of a page."""
    if answer.status_code != status:
        return f"{answer.status_code}, wanted {status}: {main_text(answer)[:200]}"
    if answer.headers.get("Content-Type") != "text/html; charset=utf-8" or "<h1" not in answer.text:
        return f"no page: {answer.headers.get('Content-Type')}"
    return reveals(answer)


def wrong(row, answer, status):
    return page(answer, status) if row.page else problem(answer, status)


INSIDE = ("SQLSTATE", "ERROR:", ".c:", "insert into", "praya_t_", "pg_catalog", "violates")


def reveals(answer):
    found = [word for word in INSIDE if word in answer.text]
    return f"shows its inside: {found}" if found else None


def main_text(answer):
    text = answer.text
    start, end = text.find("<main"), text.find("</main")
    return " ".join(html.unescape(text[start:end] if start >= 0 else text).split())


def marked(answer, name):
    """Does the form show an error at this field?"""
    name = re.escape(name)
    note, control = rf'id="{name}-note">\s*<p class="error">', rf'name="{name}"[^>]*aria-invalid="true"'
    return bool(re.search(note, answer.text) or re.search(control, answer.text))


def names(row, answer, name):
    """Does the answer say which parameter is wrong?"""
    if row.page:
        return f"<strong>{html.escape(name)}</strong>" in answer.text or marked(answer, name)
    return name in answer.json().get("errors", {})


def one_of_each(program):
    """Path of the table -> where to read it, its number, its token."""
    contact = program.ok("POST", "/contacts", json={"name_en": "LAM On", "phone": "9123 4567"})["id"]
    program.ok("POST", f"/contacts/{contact}/kept", json=GOOD["kept.set"])
    company = program.ok("POST", "/companies", json={"name_en": "Lam & Co"})["id"]
    around = {
        "/activities": {"kind": "task", "body": "x"},
        "/messages": {"channel": "sms", "direction": "in", "body": "x"},
        "/invoices": {"number": "1", "issued_on": "2026-01-02", "status": "draft", "amount": "1.00"},
    }
    made = {"/contacts": contact, "/companies": company}
    for path, values in around.items():
        made[path] = program.ok("POST", f"/contacts/{contact}{path}", json=values)["id"]
    file = {"file": ("a.txt", b"x", "text/plain")}
    made["/attachments"] = program.ok("POST", f"/contacts/{contact}/attachments", files=file)["id"]
    records = {path: (f"{path}/{number}", number, "x") for path, number in made.items()}
    me = program.ok("GET", "/me")["id"]
    records["/users"] = records["/settings/users"] = (f"/users/{me}", me, "x")
    profile = program.ok("POST", "/profiles", json={"name": "Anything"})["id"]
    records["/profiles"] = records["/settings/profiles"] = (f"/profiles/{profile}", profile, "x")
    team = program.ok("POST", "/teams", json={"name": "Anything"})["id"]
    records["/teams"] = records["/settings/teams"] = (f"/teams/{team}", team, "x")
    case = program.ok("POST", "/privacy/requests", json={"kind": "access", "channel": "letter"})["id"]
    records["/privacy/requests"] = (f"/privacy/requests/{case}", case, "x")
    incident = program.ok("POST", "/privacy/incidents", json={"kind": "lost", "title": "x", "what": "x"})["id"]
    records["/privacy/incidents"] = (f"/privacy/incidents/{incident}", incident, "note")
    records["/fields"] = records["/settings/fields"] = ("/fields/contact.hkid", 1, "contact.hkid")
    return records


class Findings:
    """All that is wrong, not just the first of it."""

    def __init__(self):
        self.list = []
        self.asked = 0

    def note(self, what, finding):
        self.asked += 1
        if finding:
            self.list.append(f"{what}: {finding}")

    def done(self):
        assert self.asked > 0, "nothing was asked"
        assert not self.list, f"{len(self.list)} of {self.asked}:\n" + "\n".join(self.list)
