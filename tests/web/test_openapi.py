# SPDX-License-Identifier: ISC
"""openapi.json is the route table, no more and no less, and what it says of answers
is what is answered."""
import json
import re

import pytest

import routes

METHODS = ("get", "post", "patch", "delete")


@pytest.fixture(scope="module")
def document(workspace):
    answer = workspace.stack.visitor(workspace.slug).get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(answer.content, object_pairs_hook=no_doubles)


def no_doubles(pairs):
    assert len(dict(pairs)) == len(pairs), f"a name twice: {pairs}"
    return dict(pairs)


@pytest.fixture(scope="module")
def rows(stack):
    """The rows of the API by method and path, as the document writes paths."""
    return {(row.method.lower(), numbered(row.path)): row for row in routes.table(stack) if not row.page}


def numbered(path):
    """The second pattern of a path has another name than the first."""
    count = iter(range(1, 9))
    return re.sub(r"\{(\w+)\}", lambda m: "{%s%s}" % (m[1], (lambda n: "" if n == 1 else n)(next(count))), path)


@pytest.fixture(scope="module")
def operations(document):
    return {(m, path): operation for path, item in document["paths"].items() for m, operation in item.items()}


def parameters(operation, where):
    return {p["name"]: p for p in operation.get("parameters", []) if p["in"] == where}


def body_of(document, operation):
    """Names -> schemas a body may have, those it must have, and its content type."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}, set(), None
    (kind, media), = content.items()
    names, required = {}, set()
    schema = media["schema"]
    for part in schema.get("allOf", [schema]):
        part = resolve(document, part)
        names.update(part.get("properties", {}))
        required |= set(part.get("required", []))
    return names, required, kind


def resolve(document, schema):
    while "$ref" in schema:
        at = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            at = at[step]
        schema = at
    return schema


def test_every_route_and_no_other(rows, operations):
    assert set(operations) == set(rows)
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)
    for key, row in rows.items():
        assert operations[key]["operationId"] == row.name


def test_it_has_the_form_of_openapi(document, operations):
    assert document["openapi"] == "3.1.0" and document["info"]["title"] and document["info"]["version"]
    assert document["servers"] == [{"url": "/api/v1"}]
    for (method, path), operation in operations.items():
        assert method in METHODS and path.startswith("/")
        assert set(re.findall(r"\{(\w+)\}", path)) == set(parameters(operation, "path"))
        assert all(p["required"] is True for p in parameters(operation, "path").values())
        assert operation["responses"] and operation["tags"]
        assert method != "get" or "requestBody" not in operation


def test_every_reference_leads_somewhere(document):
    found = re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))
    assert len(found) > 50
    for reference in set(found):
        assert resolve(document, {"$ref": reference}), reference


def test_parameters_of_addresses(rows, operations):
    for key, row in rows.items():
        said = parameters(operations[key], "query")
        has_body = key[0] in ("post", "patch")
        meant = {p["name"]: p for p in row.declared("query") if not (p["body"] and has_body)}
        assert set(said) == set(meant), row
        assert has_body or all(p["query"] for p in row.params), f"{row} has no body"
        for name, param in meant.items():
            assert said[name]["required"] is param["required"], f"{row} {name}"
            check_schema(said[name]["schema"], param)


def test_parameters_of_bodies(document, rows, operations):
    for key, row in rows.items():
        said, required, kind = body_of(document, operations[key])
        meant = {p["name"]: p for p in row.declared("body")} if key[0] in ("post", "patch") else {}
        if row.fields:
            assert set(meant) <= set(said), row
        else:
            assert set(said) == set(meant), row
        assert required == {name for name, p in meant.items() if p["required"]}, row
        for name, param in meant.items():
            check_schema(said[name], param)
        if meant or row.fields:
            assert kind == ("multipart/form-data" if row.takes_file else "application/json"), row
        else:
            assert kind is None, row


def check_schema(schema, param):
    types = {"text": "string", "long": "string", "integer": "integer", "boolean": "boolean", "date": "string"}
    types |= {"texts": "array", "integers": "array", "filters": "object", "file": "string"}
    if param["type"] == "json":
        return
    assert schema["type"] == types[param["type"]], param
    if param["type"] in ("text", "long"):
        assert schema["maxLength"] == param["max"]
    elif param["type"] == "integer":
        assert schema["minimum"] == param["min"] and schema.get("maximum", 2**63 - 1) == param["max"]
    elif param["type"] in ("texts", "integers"):
        assert schema["maxItems"] == param["max"]
    elif param["type"] == "date":
        assert schema["format"] == "date"


def test_headers_and_refusals(rows, operations):
    for key, row in rows.items():
        operation, headers = operations[key], parameters(operations[key], "header")
        answers = set(operation["responses"])
        assert ("Idempotency-Key" in headers) is (row.method == "POST"), row
        assert (headers.get("If-Match", {}).get("required") is True) is (row.kind == "change"), row
        assert ("428" in answers) is (row.kind == "change"), row
        assert ("401" in answers) is (row.right != "public"), row
        assert ("403" in answers) is (row.right not in ("public", "entry") or (row.right == "entry" and row.writes)), row
        assert ("410" in answers) is (row.right == "public" and "{token}" in row.path), row
        assert ("404" in answers) is ("{" in row.path), row
        assert ("422" in answers) is row.writes, row
        schemes = [set(one) for one in operation["security"]]
        if row.right == "public":
            assert schemes == []
        else:
            assert schemes == [{"bearer"}, {"cookie", "csrf"} if row.writes else {"cookie"}], row


def test_it_says_which_right_is_needed(rows, operations):
    for key, row in rows.items():
        assert operations[key]["x-right"] == (f"{row.entity}.{row.right}" if row.entity else row.right)


# A validator of the part of JSON Schema that the document uses.
KINDS = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "integer": int, "number": (int, float),
}
KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "allOf", "$ref", "format", "pattern"),
    *("maxLength", "minLength", "minimum", "maximum", "maxItems", "maxProperties", "readOnly", "description", "contentMediaType"),
}
FORMATS = {
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "email": r"[^@\s]+@[^@\s]+",
    "uri": r"https?://\S+",
}


def is_kind(value, kind):
    return isinstance(value, KINDS[kind]) and (kind not in ("integer", "number") or not isinstance(value, bool))


def check(document, schema, value, where="answer"):
    schema = resolve(document, schema)
    assert set(schema) <= KNOWN, f"{where}: {set(schema) - KNOWN}"
    kinds = schema.get("type")
    if kinds is not None:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        assert any(is_kind(value, kind) for kind in kinds), f"{where}: {value!r} is none of {kinds}"
    for part in schema.get("allOf", []):
        check(document, part, value, where)
    if "anyOf" in schema:
        fits = [part for part in schema["anyOf"] if fit(document, part, value)]
        assert fits, f"{where}: {value!r} fits nothing"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value!r}"
    if isinstance(value, str):
        check_text(schema, value, where)
    if isinstance(value, list):
        for n, item in enumerate(value):
            check(document, schema.get("items", {}), item, f"{where}[{n}]")
    if isinstance(value, dict):
        check_object(document, schema, value, where)


def fit(document, schema, value):
    try:
        check(document, schema, value)
        return True
    except AssertionError:
        return False


def check_text(schema, value, where):
    assert len(value) <= schema.get("maxLength", len(value)), where
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{where}: {value!r}"
    if schema.get("format") in FORMATS:
        assert re.fullmatch(FORMATS[schema["format"]], value), f"{where}: {value!r}"


def check_object(document, schema, value, where):
    properties = schema.get("properties", {})
    assert set(schema.get("required", [])) <= set(value), f"{where} lacks {set(schema['required']) - set(value)}"
    more = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in properties:
            check(document, properties[name], item, f"{where}.{name}")
        else:
            assert more is not False, f"{where}: {name}"
            check(document, {} if more is True else more, item, f"{where}.{name}")


def answer_schema(operation, status):
    answers = operation["responses"]
    said = answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers["default"]
    return said.get("content", {}).get("application/json", {}).get("schema")


@pytest.fixture(scope="module")
def api(workspace):
    """With one of everything in the workspace."""
    api = workspace.admin.api()
    api.ok("PATCH", "/fields/contact.hkid", json={"enabled": True, "justification": "law"})
    company = api.ok("POST", "/companies", json={"name_en": "Lam & Co", "website": "lam.example"})["id"]
    person = {
        **{"name_en": "LAM On", "name_zh": "林安", "title": "ms", "company_id": company, "email": "on@lam.example"},
        **{"phone": "9123 4567", "hkid": "A123456(3)", "salary": "12345.60", "tags": ["a", "b"], "vip": True},
        **{"date_of_birth": "1990-01-02", "linkedin_url": "linkedin.com/in/on", "lifecycle": "customer"},
    }
    number = api.ok("POST", "/contacts", json=person)["id"]
    api.ok("POST", "/contacts", json={"name_zh": "只有"})
    for kind, values in {
        "activities": {"kind": "task", "body": "x", "due_on": "2030-01-02"},
        "messages": {"channel": "email", "direction": "in", "subject": "x", "body": "x"},
        "invoices": {"number": "1", "issued_on": "2026-01-02", "status": "issued", "lines": [{"description": "x", "quantity": "2", "unit_amount": "1.50"}]},
    }.items():
        api.ok("POST", f"/contacts/{number}/{kind}", json=values)
    api.ok("POST", f"/contacts/{number}/attachments", files={"file": ("a.txt", b"x", "text/plain")})
    api.ok("POST", f"/contacts/{number}/kept", json=routes.GOOD["kept.set"])
    return api


def test_answers_are_as_described(document, rows, operations, api):
    """Every list and every record that is there, read and held against its schema."""
    asked = 0
    for (method, path), row in rows.items():
        if method != "get" or row.kind == "stream":
            continue
        for number in (1, 2) if "{id}" in path else (1,):
            answer = api.get(row.path.replace("{id}", str(number)).replace("{token}", "contact.hkid"))
            if answer.status_code != 200:
                lacks = any(p["required"] for p in row.declared("query"))
                # Of a link nobody is told whether there ever was such a one.
                wanted = 400 if lacks else 410 if row.right == "public" else 404
                assert answer.status_code == wanted and (lacks or "{" in path), f"{row} {answer.status_code}"
                check(document, document["components"]["schemas"]["Problem"], answer.json(), str(row))
                continue
            check(document, answer_schema(operations[method, path], 200), answer.json(), str(row))
            asked += 1
    assert asked >= 25


def test_records_come_back_as_described_from_writes(document, operations, api):
    for path, body in (("/contacts", {"name_en": "NG Wai"}), ("/companies", {"name_en": "Ng & Co"})):
        made = api.post(path, json=body)
        assert made.status_code == 201
        check(document, answer_schema(operations["post", path], 201), made.json(), path)
        one, number = f"{path}/{{id}}", made.json()["id"]
        changed = api.patch(f"{path}/{number}", json={"name_zh": "吳"}, headers={"If-Match": str(made.json()["version"])})
        check(document, answer_schema(operations["patch", one], 200), changed.json(), one)
        refused = api.post(path, json={"name_en": 5})
        check(document, document["components"]["schemas"]["Problem"], refused.json(), path)


def test_fields_of_records_are_those_of_the_catalogue(document, api):
    catalogue = api.ok("GET", "/fields")["items"]
    for entity in ("contact", "company", "activity", "message", "attachment", "invoice"):
        mine = {f["name"] for f in catalogue if f["entity"] == entity and f["builtin"]}
        read = set(document["components"]["schemas"][entity.capitalize()]["properties"])
        written = set(document["components"]["schemas"][f"{entity.capitalize()}Fields"]["properties"])
        assert mine <= read and written <= mine


def test_the_validator_can_say_no(document):
    contact = {"$ref": "#/components/schemas/Contact"}
    good = {"id": 1, "version": 1, "name_en": "X", "masked": [], "title": "ms"}
    check(document, contact, good)
    for name, value in (("id", "1"), ("version", None), ("title", "sir"), ("masked", "x"), ("email", "x"), ("vip", "yes"), ("company_id", True)):
        assert not fit(document, contact, {**good, name: value}), name
    assert not fit(document, contact, {"id": 1})
