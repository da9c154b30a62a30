# SPDX-License-Identifier: ISC
"""A person with something unique in every place there is."""
import secrets

FILE = b"%PDF-1.4 " + secrets.token_bytes(200_000)


def canary(name):
    return f"Canary{name.replace('_', '')}{secrets.token_hex(4)}"


def value_for(field, n):
    """A value nobody else has, for a field of the catalogue."""
    kind = field["type"]
    if kind in ("text", "long_text"):
        return canary(field["name"])[: 30 if field["name"] in ("br_number", "title") else 60]
    if kind == "email":
        return f"{canary('mail').lower()}@example.com"
    if kind == "phone":
        return f"+852{90000000 + secrets.randbelow(9_000_000)}"
    if kind == "url":
        return f"https://example.com/{canary('url')}"
    if kind == "hkid":
        return "A123456(3)"
    if kind == "money":
        return {"amount": f"{40_000 + secrets.randbelow(9_000)}.25", "currency": "HKD"}
    if kind == "number":
        return 70_000_000 + secrets.randbelow(9_000_000)
    if kind == "tags":
        return [canary("tag"), canary("tag")]
    return {"date": f"19{60 + n % 30}-0{1 + n % 9}-1{n % 10}", "boolean": True}.get(kind)


def catalogue(rows):
    rows.execute(
        "select name, type, writable, choices from field where entity = 'contact' order by position"
    )
    return [{"name": n, "type": t, "writable": w, "choices": c} for n, t, w, c in rows.fetchall()]


CUSTOM = (
    ("text", "text"),
    ("long_text", "text"),
    ("number", "bigint"),
    ("date", "date"),
    ("choice", "text"),
    ("boolean", "boolean"),
    ("email", "text"),
    ("phone", "text"),
    ("url", "text"),
)


def add_custom_fields(rows):
    """One of every type, and one that is encrypted; as the job that adds them leaves them."""
    for kind, column in (*CUSTOM, ("text", "bytea")):
        sealed = column == "bytea"
        name = f"own_{kind}{'_sealed' if sealed else ''}"
        choices = '[{"value": "gold", "label_en": "Gold", "label_zh": "金"}]' if kind == "choice" else None
        rows.execute(
            "insert into field (entity, name, column_name, type, label_en, label_zh, category, "
            "sealed, choices, field_id) overriding system value select 'contact', %s, 'cf_' || n, %s, %s, %s, 'other', %s, %s, n "
            "from (select nextval('field_field_id_seq') as n) x returning column_name",
            [name, kind, name, name, sealed, choices],
        )
        made = rows.fetchone()[0]
        rows.execute(f"alter table contact add {made} {column}")
        if sealed:
            rows.execute(f"alter table contact add {made}_bi bytea")


def make_person(api, rows):
    rows.execute("update field set enabled = true where entity = 'contact' and name = 'hkid'")
    add_custom_fields(rows)
    company = canary("company")
    values = {}
    for n, field in enumerate(catalogue(rows)):
        value = value_for(field, n) if field["writable"] else None
        if field["choices"]:
            value = field["choices"][0]["value"]
        if value is not None and field["name"] not in ("hold", "disputed", "hold_ground", "hold_reviewer_id", "hold_review_on"):
            values[field["name"]] = value
    values["language"] = "en"
    values["owner_id"] = 1
    values["company_id"] = api.ok("POST", "/companies", json={"name_en": company})["id"]
    made = api.ok("POST", "/contacts", json=values)
    number = made["id"]
    old = {"job_title": canary("oldjob"), "tax_id": canary("oldtax")}
    new = {"job_title": values["job_title"], "tax_id": values["tax_id"]}
    for body in (old, new):
        headers = {"If-Match": str(made["version"])}
        made = api.ok("PATCH", f"/contacts/{number}", json=body, headers=headers)
    around = add_around(api, number)
    # Switched off again, the value stays.
    rows.execute("update field set enabled = false where entity = 'contact' and name = 'hkid'")
    return {"id": number, "values": values, "old": old, "around": around, "company": company}


def add_around(api, number):
    path = f"/contacts/{number}"
    found = {}
    for channel in ("email", "whatsapp", "sms", "phone", "letter"):
        found[channel] = canary(channel)
        body = {"channel": channel, "direction": "in", "subject": channel, "body": found[channel]}
        api.ok("POST", f"{path}/messages", json=body)
    for kind in ("note", "call", "meeting", "task"):
        found[kind] = canary(kind)
        api.ok("POST", f"{path}/activities", json={"kind": kind, "subject": kind, "body": found[kind]})
    found["line"], found["payer"], found["road"] = canary("line"), canary("payer"), canary("road")
    invoice = {
        "number": canary("invoice"),
        "issued_on": "2026-01-02",
        "status": "issued",
        "lines": [{"description": found["line"], "quantity": "2", "unit_amount": "450.00"}],
        "bill_to": {"name": found["payer"], "address": found["road"]},
    }
    found["invoice"] = invoice["number"]
    api.ok("POST", f"{path}/invoices", json=invoice)
    found["archived"] = canary("archived")
    kept = api.ok("POST", f"{path}/activities", json={"kind": "note", "body": found["archived"]})
    api.ok("DELETE", f"/activities/{kept['id']}", headers={"If-Match": str(kept["version"])})
    found["file"] = canary("file") + ".pdf"
    api.ok("POST", f"{path}/attachments", files={"file": (found["file"], FILE, "application/pdf")})
    return found
