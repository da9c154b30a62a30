# SPDX-License-Identifier: ISC
"""A workspace that the operator shuts: nobody comes in, nothing is lost, and it opens as it was."""
import json
import sys

import pytest

from harness import API, TOP

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

PATIENCE = 30


@pytest.fixture(scope="module")
def own(stack):
    return stack.new_workspace()


def state(stack, slug):
    listed = (line.split() for line in stack.praya("tenant", "list").stdout.splitlines())
    return {name: state for name, state, *_ in listed}.get(slug)


def fails(stack, *argv):
    answer = stack.praya("tenant", *argv, check=False)
    return answer.returncode == 1 and len(answer.stderr.strip().splitlines()) == 1


def answers(client, path, status):
    return wait_until(lambda: client.get(path).status_code == status, PATIENCE)


def test_shut_and_opened_again(stack, own, workspace):
    api, visitor = own.admin.api(), stack.visitor(own.slug)
    person = api.ok("POST", "/contacts", json={"name_en": "Somebody Here"})["id"]
    assert fails(stack, "resume", own.slug)
    stack.praya("tenant", "suspend", own.slug)
    assert state(stack, own.slug) == "suspended" and fails(stack, "suspend", own.slug)
    for path in ("/privacy-request", "/login", f"{API}/me"):
        assert answers(visitor, path, 503), path
    assert answers(api, f"/contacts/{person}", 503)
    page = visitor.get("/login").text
    assert "<h1>Suspended</h1>" in page and "Nothing in it is lost" in page and "few seconds" not in page
    assert api.post("/contacts", json={"name_en": "Nobody"}).status_code == 503
    assert workspace.admin.api().ok("GET", "/me")
    stack.praya("tenant", "resume", own.slug)
    assert answers(api, f"/contacts/{person}", 200) and answers(visitor, "/login", 200)
    assert state(stack, own.slug) == "active"
    events = json.dumps(api.ok("GET", "/audit?action=setting"))
    assert "suspended" in events and "resumed" in events


def test_what_closes_goes_on_closing(stack):
    own = stack.new_workspace()
    ends = stack.praya("tenant", "close", own.slug).stdout.strip()
    stack.praya("tenant", "suspend", own.slug)
    stack.praya("tenant", "resume", own.slug)
    api = own.admin.api()
    assert {"state": "closing", "closes_at": ends}.items() <= api.ok("GET", "/workspace").items()
    stack.praya("tenant", "suspend", own.slug)


def test_what_a_restore_replaced_stays_shut(stack):
    own = stack.new_workspace()
    stack.praya("tenant", "suspend", own.slug)
    connection = stack.database_named("praya_directory")
    connection.cursor().execute("update tenant set slug = %s where slug = %s", ("before-1-" + own.slug[:9], own.slug))
    connection.close()
    assert fails(stack, "resume", "before-1-" + own.slug[:9]) and state(stack, "before-1-" + own.slug[:9]) == "suspended"


@pytest.mark.parametrize("verb", ["suspend", "resume"])
def test_of_nobody(stack, verb):
    assert fails(stack, verb, "nobody-here") and fails(stack, verb, "no/name")
    assert stack.praya("tenant", verb, check=False).returncode == 2
