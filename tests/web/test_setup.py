# SPDX-License-Identifier: ISC
"""The first six steps of a workspace: done by what is there, by nothing else."""
import re

import pytest

from harness import API

STEPS = ["handler", "statement", "hkid", "mail", "users", "import"]


@pytest.fixture(scope="module")
def own(stack):
    return stack.new_workspace()


@pytest.fixture(scope="module")
def api(own):
    return own.admin.api()


def done(api):
    found = api.ok("GET", "/setup")
    assert [s["step"] for s in found["steps"]] == STEPS and found["total"] == 6
    names = {s["step"] for s in found["steps"] if s["done"]}
    assert found["done"] == len(names)
    return names


def head(api, **values):
    return api.ok("PATCH", "/letter-heads/en", json=values)


@pytest.mark.parametrize("lang,title,open_step", [("en", "Get started", "We ask for no HKID numbers"), ("zh-Hant", "開始使用", "我們不收集香港身份證號碼")])
def test_the_page_of_a_new_workspace(own, lang, title, open_step):
    browser = own.admin.browser()
    browser.submit(browser.form("/setup", "/language"), lang=lang)
    page = browser.page("/setup")
    assert title in page and open_step in page
    head = "/settings/letters/heads/" + lang
    for url in (head + "#f-handler", head + "#f-statement", "/settings/fields/contact.hkid", "/settings/workspace",
                "/settings/users/new", "/import"):
        assert f'href="{url}"' in page
        path, _, field = url.partition("#")
        assert not field or f'id="{field}"' in browser.page(path)
    assert 'href="/setup"' in browser.page("/")


def test_half_a_step_is_none(api):
    assert done(api) == {"mail"}
    head(api, handler="Office Manager")
    assert "handler" not in done(api)
    head(api, handler=" ", address="1 Queen's Road")
    assert "handler" not in done(api)
    head(api, statement=" \n ")
    assert "statement" not in done(api)


def test_step_by_step(own, api):
    head(api, handler="Office Manager", address="1 Queen's Road")
    assert done(api) == {"mail", "handler"}
    assert head(api, statement="We ask for <b>names</b>.\n\nTo write to you.")["handler"] == "Office Manager"
    assert done(api) == {"mail", "handler", "statement"}
    form = own.stack.visitor(own.slug).get("/privacy-request").text
    assert "We ask for &lt;b&gt;names&lt;/b&gt;." in form and "To write to you." in form
    assert api.ok("GET", "/setup")["hkid"] is None
    assert api.ok("POST", "/setup/no-hkid", json={})["hkid"] == "no"
    assert "hkid" in done(api)
    own.add_user("staff")
    assert "users" in done(api)
    assert 'href="/setup"' in own.admin.browser().page("/")
    api.ok("POST", "/contacts", json={"name_en": "First Person"})
    assert done(api) == set(STEPS)
    assert 'href="/setup"' not in own.admin.browser().page("/")


def test_the_page_behind_each_step_ticks_it_off(stack):
    fresh = stack.new_workspace()
    api, browser = fresh.admin.api(), fresh.admin.browser()
    behind = dict(zip(STEPS, re.findall(r'<a class="card choice" href="([^"#]*)', browser.page("/setup")), strict=True))
    head, users = behind["handler"], "/settings/users"

    def first(step, name):
        return re.search(rf'<select[^>]*name="{name}".*?<option value="([^"]+)"', browser.page(behind[step]), re.S)[1]

    for step, action, typed in (
        ("handler", head, {"handler": "Office Manager", "address": "1 Queen's Road"}),
        ("statement", head, {"statement": "We ask for names."}),
        ("hkid", behind["hkid"], {"enabled": "true", "justification": first("hkid", "justification")}),
        ("users", users, {"name": "Ho Ka", "email": "ho@traders.example", "profile": first("users", "profile")}),
    ):
        assert step not in done(api)
        assert browser.submit(browser.form(behind[step], action), **typed).status_code == 303, step
        assert step in done(api)
    assert browser.submit(browser.form(behind["import"], "/import"), files={"file": ("p.csv", b"name\nHo Ka\n", "text/csv")}).status_code == 303


def test_the_field_says_that_numbers_are_asked_for(api):
    version = str(api.ok("GET", "/fields/contact.hkid")["version"])
    api.ok("PATCH", "/fields/contact.hkid", json={"enabled": True, "justification": "Licensing: required by law"}, headers={"If-Match": version})
    assert api.ok("GET", "/setup")["hkid"] == "yes"
    assert api.post("/setup/no-hkid", json={}).status_code == 409
    assert api.ok("GET", "/setup")["hkid"] == "yes"


@pytest.mark.parametrize("profile", ["staff", "auditor", "marketing"])
def test_for_whoever_is_in_charge(own, profile):
    user = own.add_user(profile)
    other = user.api()
    assert other.get("/setup").status_code == 403
    assert other.post("/setup/no-hkid", json={}).status_code == 403
    assert 'href="/setup"' not in user.browser().page("/")


@pytest.mark.parametrize("body", [{"statement": "x" * 4001}, {"statement": 1}, {"statement": "a\x00b"}, {"statements": "x"}])
def test_statements_that_are_refused(api, body):
    assert api.patch("/letter-heads/en", json=body).status_code in (400, 422)


def test_nobody_signed_in(own):
    assert own.stack.visitor(own.slug).get(API + "/setup").status_code == 401


def test_where_mail_goes_out(api):
    assert api.ok("GET", "/settings/workspace")["mail"]["relay"]
