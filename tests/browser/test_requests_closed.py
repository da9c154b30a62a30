# SPDX-License-Identifier: ISC
"""Privacy requests from the letter on the counter to the closed file, as an officer does it in each language:
an access request answered, a correction made, an erasure carried out, a request refused; each with its letter."""
import datetime

import pytest

from chrome import Window

WORDS = {
    "en": {"complied": "Complied", "closed": "Closed", "erased": "Erased", "refused": "Refused", "letter": "Yours faithfully,"},
    "zh-Hant": {"complied": "已依從", "closed": "已結束", "erased": "已刪除", "refused": "已拒絕", "letter": "謹啟"},
}
SUBMIT = "main form[action='%s'] button[type='submit']"


@pytest.fixture(scope="module", params=["en", "zh-Hant"])
def desk(request, stack, tmp_path_factory):
    """An administrator of a fresh workspace, who is the only one there, at a window in one language, all day long."""
    workspace = stack.new_workspace()
    window = Window(workspace.stack.origin(workspace.slug), tmp_path_factory.mktemp("desk"))
    window.sign_in(workspace.admin.email, workspace.admin.password)
    window.language(request.param)
    yield window, request.param, workspace.admin.api()
    window.close()


def recorded(window, kind, lang, contact=None):
    """Recorded from a letter: the path of the case."""
    window.open(f"/privacy/requests/new?contact={contact}" if contact else "/privacy/requests/new")
    window.choose("kind", kind)
    window.choose("channel", "letter")
    window.choose("language", lang)
    window.type("name", "陳大文")
    window.press(SUBMIT % "/privacy/requests")
    return window.path


def step(window, case, action, choices=None, **typed):
    """Takes a step: a button, or the page of what it asks."""
    window.open(case)
    direct = window.all(f"main form[action='{case}/{action}'] button")
    if direct:
        window.press(f"main form[action='{case}/{action}'] button")
        return
    window.press(f"main a[href='{case}/{action}']")
    for name, value in (choices or {}).items():
        window.choose(name, value)
    for name, text in typed.items():
        window.type(name, text)
    window.press(SUBMIT % f"{case}/{action}")


def told(window, case, action, kind, words, choices=None, **typed):
    """A step that the law wants notice of: what it will say, then its letter, then the step itself."""
    step(window, case, action, choices, **typed)
    letter(window, case, kind, words)
    window.press(f"main a[href='{case}/{action}']")
    window.press(SUBMIT % f"{case}/{action}")


def answer(window, case, folder):
    """The copy, put together on paper and scanned: a file of the case."""
    copy = folder / "copy.pdf"
    copy.write_bytes(b"%PDF-1.4 everything held")
    window.open(case)
    window.find(f"main form[action='{case}/files'] input[type='file']").send_keys(str(copy))
    window.press(SUBMIT % f"{case}/files")
    assert "copy.pdf" in window.text


def letter(window, case, kind, words, **typed):
    """Written, and posted today."""
    window.open(f"{case}/letters/new?kind={kind}")
    for name, text in typed.items():
        window.type(name, text)
    window.press(SUBMIT % f"{case}/letters")
    assert words["letter"] in window.text
    where, today = window.path, datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    window.driver.execute_script("document.querySelector(\"main input[name='on']\").value = arguments[0]", today.strftime("%Y-%m-%d"))
    window.press(SUBMIT % f"{where}/posted")
    assert not window.all("main form[action$='/posted']")


def test_an_access_request(desk, tmp_path):
    window, lang, _ = desk
    words, case = WORDS[lang], recorded(window, "access", lang)
    letter(window, case, "acknowledge", words)
    step(window, case, "verify", {"how": "id_seen"})
    step(window, case, "search")
    step(window, case, "review")
    step(window, case, "approve", reason="Nobody else is here")
    answer(window, case, tmp_path)
    told(window, case, "comply", "copy", words)
    assert words["complied"] in window.text


def test_a_correction(desk):
    window, lang, _ = desk
    words, case = WORDS[lang], recorded(window, "correction", lang)
    step(window, case, "verify", {"how": "known"})
    step(window, case, "correct")
    letter(window, case, "corrected", words)
    step(window, case, "notify_recipients")
    window.open(f"{case}/close")
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m-%d")
    window.driver.execute_script("document.querySelector(\"main input[name='copy_sent_on']\").value = arguments[0]", day)
    window.press(SUBMIT % f"{case}/close")
    assert words["closed"] in window.text


def test_an_erasure(desk):
    window, lang, api = desk
    person = api.ok("POST", "/contacts", json={"name_en": "Chan Tai Man"})["id"]
    words, case = WORDS[lang], recorded(window, "erasure", lang, person)
    step(window, case, "verify", {"how": "known"})
    step(window, case, "assess")
    window.open(f"/contacts/{person}/erase")
    window.choose("reason", "subject_request")
    window.type("confirm", str(person))
    window.press(SUBMIT % f"/contacts/{person}/erase")
    letter(window, case, "erasure", words, body="All of it is erased. 全部刪除。\n\n" + words["letter"])
    step(window, case, "erase")
    assert words["erased"] in window.text and "陳大文" not in window.text


def test_a_refusal(desk):
    window, lang, _ = desk
    words, case = WORDS[lang], recorded(window, "access", lang)
    told(window, case, "refuse", "refuse", words, {"ground": "20(3)(b)"}, reason="No branch and no year were named")
    assert words["refused"] in window.text
    window.open("/privacy/logbook")
    assert "陳大文" in window.text and "20(3)(b)" in window.text
