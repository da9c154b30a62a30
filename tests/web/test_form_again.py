# SPDX-License-Identifier: ISC
"""A value that no handler ever sees (too long, of a wrong kind) brings the form back
like any other mistake: 422, with an error at its field and all that was typed."""
import html
import re

import pytest

LONG = "x" * 300000


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def places(api, workspace):
    contact = api.ok("POST", "/contacts", json={"name_en": "LAM On", "address": "1 Road"})["id"]
    erased = api.ok("POST", "/contacts", json={"name_en": "NG Wai"})["id"]
    api.ok("POST", f"/contacts/{erased}/erase", json={"reason": "other", "confirm": str(erased)})
    company = api.ok("POST", "/companies", json={"name_en": "Harbour Ltd"})["id"]
    team = api.ok("POST", "/teams", json={"name": "Sales"})["id"]
    workspace.add_user("staff")
    return {"contact": contact, "erased": erased, "company": company, "team": team}


PAGES = [
    "/contacts/new", "/contacts/{contact}/edit", "/contacts/{contact}/messages/new",
    "/contacts/{contact}/activities/new", "/contacts/{contact}/invoices/new", "/contacts/{contact}/kept/new",
    "/contacts/{contact}/erase", "/companies/new", "/companies/{company}/edit",
    "/settings/account", "/settings/tokens", "/settings/users/new", "/settings/teams", "/settings/teams/{team}",
    "/settings/fields/new", "/settings/fields/contact.bio", "/settings/profiles/new",
]
CONTROL = re.compile(r'<(input|textarea|select)\b[^>]*\bname="([^"]+)"[^>]*>')


def controls(page, action):
    """Name -> kind of what can be typed or chosen in the page's form to `action`."""
    (form,) = re.findall(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.S)
    found = {}
    for match in CONTROL.finditer(form):
        kind = re.search(r'\btype="(\w+)"', match[0]) if match[1] == "input" else None
        found[html.unescape(match[2])] = kind[1] if kind else match[1]
    return found


def actions(page):
    return [html.unescape(a) for a in re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page)]


def value_in(page, action, name):
    (form,) = re.findall(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.S)
    for control in re.findall(r"<(?:input|textarea)\b[^>]*>(?:[^<]*</textarea>)?", form):
        if f'name="{html.escape(name)}"' in control:
            text = re.search(r'\bvalue="([^"]*)"', control) or re.search(r">\s*([^<]*)</textarea>", control)
            return html.unescape(text[1]) if text else ""
    return None


def is_wrong(page, name):
    return re.search(rf'<(?:input|textarea|select)\b[^>]*\bname="{re.escape(html.escape(name))}"[^>]*aria-invalid="true"', page)


def typable(page, action):
    return [name for name, kind in controls(page, action).items() if kind in ("text", "email", "tel", "search", "url", "textarea")]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_too_long_comes_back_at_its_field(browser, places, page):
    path = page.format(**places)
    text, tried = browser.page(path), 0
    for action in sorted(a for a in actions(text) if actions(text).count(a) == 1):
        names = typable(text, action)
        if not names or action.endswith("/search"):
            continue
        form = browser.form(path, action)
        for name in names:
            others = {n: f"typed {n}" for n in names if n != name and controls(text, action)[n] in ("text", "textarea") and "[" not in n}
            answer = browser.submit(form, **{**others, name: LONG})
            assert answer.status_code == 422, f"{action} {name}: {answer.status_code}"
            back = answer.text
            assert "trouble-status" not in back, f"{action} {name}: an error page"
            assert value_in(back, action, name) == LONG, f"{action} {name}: what was typed is gone"
            assert is_wrong(back, name) or "[" in name, f"{action} {name}: no error at the field"
            for n, value in others.items():
                assert value_in(back, action, n) == value, f"{action} {name}: {n} is gone"
            tried += 1
    assert tried > 0


def test_words_to_look_for_come_back_above_the_list(browser, places):
    for what in ("contacts", "companies"):
        answer = browser.write(f"/{what}/search", q=LONG)
        assert answer.status_code == 422 and 'id="form-error"' in answer.text and is_wrong(answer.text, "q"), what
        assert f'value="{LONG}"' in answer.text and "trouble-status" not in answer.text, what


def test_a_choice_that_is_none_comes_back_too(browser, places):
    path = f"/contacts/{places['erased']}/erase/kept"
    answer = browser.submit(browser.form(path, path), reason=LONG)
    assert answer.status_code == 422 and is_wrong(answer.text, "reason")


def test_a_list_is_not_taken_for_a_text(browser):
    """What a handler expects to be a list it never gets as a text."""
    for path, name in (("/settings/tokens", "more"), ("/activities", "readers"), ("/import/1", "columns")):
        answer = browser.write(path, **{name: LONG})
        assert answer.status_code in (404, 422) and "is restarting" not in answer.text, path
        assert browser.get("/contacts").status_code == 200


def test_what_has_no_field_on_the_page_is_still_told(browser):
    answer = browser.write("/contacts/search", sort=LONG)
    assert answer.status_code == 422 and "<strong>sort</strong>" in answer.text


def test_nothing_of_it_is_stored(browser, api):
    before = len(api.ok("GET", "/contacts", params={"limit": 200})["items"])
    form = browser.form("/contacts/new", "/contacts")
    assert browser.submit(form, name_en="Kept Short", address=LONG).status_code == 422
    assert len(api.ok("GET", "/contacts", params={"limit": 200})["items"]) == before
    again = browser.submit(form, name_en="Kept Short", address="1 Road")
    assert again.status_code == 303, "the same form can be sent once it is mended"


def test_a_sign_in_form_comes_back_without_the_password(stack, workspace):
    visitor = stack.visitor(workspace.slug)
    form = visitor.form("/login", "/login")
    for typed in ({"email": "a@example.com", "password": "p" * 300}, {"email": "e" * 300, "password": "secret word"},
                  {"email": "", "password": "secret word"}):
        answer = visitor.submit(form, **typed)
        assert answer.status_code == 422 and 'action="/login"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert typed["password"] not in answer.text
        assert not typed["email"] or typed["email"] in answer.text
    answer = visitor.submit(visitor.form("/password/forgot", "/password/forgot"), email=LONG)
    assert answer.status_code in (422, 503)


def test_passwords_are_never_shown_again(browser):
    form = browser.form("/settings/account", "/settings/account/password")
    answer = browser.submit(form, current="c" * 300, password="new secret word", again="new secret word")
    assert answer.status_code == 422 and 'action="/settings/account/password"' in answer.text
    assert "new secret word" not in answer.text and "c" * 300 not in answer.text
    assert is_wrong(answer.text, "current")


def test_what_no_form_of_ours_sends_gets_no_form(browser, api):
    token = browser.csrf()
    for extra in ({"name_en": LONG, "nonsense": "1"}, {"nonsense": LONG}):
        answer = browser.post("/contacts", data={"_csrf": token, **extra}, headers={"Origin": browser.origin})
        assert answer.status_code == 422 and "trouble-status" in answer.text
    answer = browser.post("/settings/teams", data={"name": LONG}, headers={"Origin": browser.origin})
    assert answer.status_code == 403 and LONG not in answer.text, "who may not post is not told what is wrong"
    answer = api.post("/teams", json={"name": LONG})
    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"


def test_a_change_is_still_based_on_what_its_form_was_made_from(browser, api, places):
    path = f"/settings/teams/{places['team']}"
    form = browser.form(path, path)
    version = dict(form.fields)["_version"]
    team = next(t for t in api.ok("GET", "/teams")["items"] if t["id"] == places["team"])
    api.ok("PATCH", f"/teams/{places['team']}", json={"name": "Meanwhile"}, headers={"If-Match": str(team["version"])})
    answer = browser.submit(form, name=LONG)
    assert answer.status_code == 422
    assert f'name="_version" value="{version}"' in answer.text
    assert browser.submit(form, name="Mine").status_code in (409, 412)


def test_who_may_not_see_the_page_gets_no_form(workspace, places):
    staff = workspace.add_user("staff").browser()
    answer = staff.post("/settings/teams", data={"_csrf": staff.csrf(), "name": LONG}, headers={"Origin": staff.origin})
    assert answer.status_code == 403 and LONG not in answer.text
