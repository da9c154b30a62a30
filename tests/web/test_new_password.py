# SPDX-License-Identifier: ISC
"""What a new password, and a new address, ends and tells."""
import secrets

import pytest

from mails import link_in, mail_to, mails_to, text_of

NEW = "seven-lanterns-over-water"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def person(workspace):
    """Signed in at a browser, and with a program."""
    user = workspace.add_user("staff", email=f"p-{secrets.token_hex(4)}@{workspace.slug}.example")
    return user, user.browser(), user.api()


def alive(browser, program):
    return browser.get("/api/v1/me").status_code == 200, program.get("/me").status_code == 200


def number(program):
    return program.ok("GET", "/me")["id"]


def change(browser, user, **more):
    form = browser.form("/settings/account", "/settings/account/password")
    return browser.submit(form, current=user.password, password=NEW, again=NEW, **more)


def test_by_a_link_everything_that_was_there_before_ends(workspace, person):
    user, browser, program = person
    assert alive(browser, program) == (True, True)
    workspace.stack.praya("user", "reset", workspace.slug, user.email, "--mail")
    path = link_in(mail_to(workspace.stack, user.email), workspace.stack.origin(workspace.slug))
    visitor = workspace.stack.visitor(workspace.slug)
    assert visitor.submit(visitor.form(path, path), password=NEW, again=NEW).status_code == 303
    assert alive(browser, program) == (False, False)


def test_a_link_that_is_refused_ends_nothing(workspace, person):
    user, browser, program = person
    workspace.stack.praya("user", "reset", workspace.slug, user.email, "--mail")
    path = link_in(mail_to(workspace.stack, user.email), workspace.stack.origin(workspace.slug))
    visitor = workspace.stack.visitor(workspace.slug)
    assert visitor.submit(visitor.form(path, path), password="short", again="short").status_code == 422
    assert visitor.submit(visitor.form(path, path), password=NEW, again=NEW + "x").status_code == 422
    assert alive(browser, program) == (True, True)


def test_by_an_administrator_likewise(boss, person):
    user, browser, program = person
    who = boss.ok("GET", f"/users/{number(program)}")
    answer = boss.patch(f"/users/{who['id']}", json={"password": NEW}, headers={"If-Match": str(who["version"])})
    assert answer.status_code == 200
    assert alive(browser, program) == (False, False)


def test_by_the_command_likewise(workspace, person):
    user, browser, program = person
    workspace.stack.praya("user", "reset", workspace.slug, user.email, "--password-stdin", stdin=NEW + "\n")
    assert alive(browser, program) == (False, False)


def test_ones_own_change_leaves_tokens_alone_unless_asked(person):
    user, browser, program = person
    other = user.browser()
    assert "end_tokens" in browser.page("/settings/account")
    assert change(browser, user).status_code == 303
    assert alive(browser, program) == (True, True) and other.get("/api/v1/me").status_code == 401


def test_ones_own_change_ends_tokens_when_asked_and_the_log_says_so(boss, person):
    user, browser, program = person
    who = number(program)
    assert change(browser, user, end_tokens="true").status_code == 303
    assert alive(browser, program) == (True, False)
    events = boss.ok("GET", "/audit", params={"actor": who, "action": "permission"})["items"]
    assert {"tokens_ended", "password_set"} <= {e["reason"] for e in events}


@pytest.mark.parametrize("wrong", [{"current": "not-the-password"}, {"again": "x"}, {"password": "short", "again": "short"}])
def test_a_change_that_is_refused_ends_no_token(person, wrong):
    user, browser, program = person
    form = browser.form("/settings/account", "/settings/account/password")
    typed = {"current": user.password, "password": NEW, "again": NEW, "end_tokens": "true", **wrong}
    assert browser.submit(form, **typed).status_code == 422
    assert alive(browser, program) == (True, True)


def test_a_new_address_is_told_to_the_one_before(workspace, boss, person):
    user, _, program = person
    who = boss.ok("GET", f"/users/{number(program)}")
    new = f"n-{secrets.token_hex(4)}@{workspace.slug}.example"
    assert boss.patch(f"/users/{who['id']}", json={"email": new}, headers={"If-Match": str(who["version"])}).status_code == 200
    assert "address of your sign-in" in text_of(mail_to(workspace.stack, user.email))
    assert mails_to(workspace.stack, new) == []


def test_no_mail_when_the_address_stays(workspace, boss, person):
    user, _, program = person
    who = boss.ok("GET", f"/users/{number(program)}")
    for body in ({"email": user.email, "name": "Same Address"}, {"email": "no address"}):
        boss.patch(f"/users/{who['id']}", json=body, headers={"If-Match": str(who["version"])})
    workspace.stack.praya("user", "reset", workspace.slug, user.email, "--mail")
    assert "address of your sign-in" not in text_of(mail_to(workspace.stack, user.email))


# ---- made of the business


def of_business(workspace):
    """Its address, and its name ("Test SLUG"), as people write them for a password."""
    return [workspace.slug, f"{workspace.slug.upper()}!26", f"Test {workspace.slug}", f"test-{workspace.slug}-2026"]


def test_it_is_not_the_business(workspace, boss, person):
    user, browser, program = person
    who = boss.ok("GET", f"/users/{number(program)}")
    workspace.stack.praya("user", "reset", workspace.slug, user.email, "--mail")
    link = link_in(mail_to(workspace.stack, user.email), workspace.stack.origin(workspace.slug))
    visitor = workspace.stack.visitor(workspace.slug)
    for password in of_business(workspace):
        form = browser.form("/settings/account", "/settings/account/password")
        answer = browser.submit(form, current=user.password, password=password, again=password)
        assert answer.status_code == 422 and "name of your business" in answer.text
        assert visitor.submit(visitor.form(link, link), password=password, again=password).status_code == 422
        by_boss = boss.patch(f"/users/{who['id']}", json={"password": password}, headers={"If-Match": str(who["version"])})
        assert by_boss.status_code == 422 and by_boss.json()["errors"].keys() == {"password"}
        done = workspace.stack.praya("user", "reset", workspace.slug, user.email, "--password-stdin", stdin=password + "\n", check=False)
        assert done.returncode == 1 and password not in done.stderr
    assert alive(browser, program) == (True, True)


def test_nor_is_the_first_one_of_a_command(stack):
    done = stack.praya("tenant", "create", "kowloon-tea-house", "--name", "Tea", "--region", "hk", "--admin-email", "a@tea.example",
                       "--admin-password-stdin", stdin="Kowloon Tea House 1\n", check=False)
    assert done.returncode == 1 and "kowloon-tea-house" not in stack.slugs()
