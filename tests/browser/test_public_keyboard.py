# SPDX-License-Identifier: ISC
"""Whoever asks the business about their data needs no mouse, no script and no account: the public
form by keyboard alone, with what is wrong mended where it stands, to the page that says how it stands."""
import pytest
from selenium.webdriver.common.keys import Keys

from chrome import Window

WORDS = {
    "en": ("The end is before the beginning", "Your request", "The erasure of data on me", "Not confirmed yet"),
    "zh-Hant": ("結束日期早於開始日期", "你的要求", "刪除我的資料", "尚未確認"),
}
TYPED = {"name": "陳大文 <Tai & Man>", "email": "taiman@people.example", "scope": "Orders of 2025", "address": "1 Peel Street"}


@pytest.fixture(params=["en", "zh-Hant"])
def visitor(request, stack):
    """On a telephone, scripts off, in one language."""
    window = Window(stack.origin(stack.new_workspace().slug), width=360, scripts=False)
    window.open("/privacy-request")
    if request.param == "zh-Hant":
        go_to(window, "lang")
        window.leads_on(Keys.ENTER)
    yield window, WORDS[request.param]
    window.close()


def here(window):
    at = window.driver.switch_to.active_element
    return at.get_attribute("name") or at.tag_name


def go_to(window, name):
    """By Tab, as far as it takes."""
    for _ in range(60):
        window.keys(Keys.TAB)
        if here(window) == name:
            return
    raise AssertionError(f"Tab never comes to {name}")


def fill(window):
    go_to(window, "kind")
    window.keys(Keys.DOWN, Keys.DOWN, Keys.DOWN)
    for name in ("name", "email", "scope"):
        go_to(window, name)
        window.keys(TYPED[name])
    go_to(window, "summary")
    window.keys(Keys.ENTER)
    go_to(window, "address")
    window.keys(TYPED["address"])
    for name, day in (("period_from", "01022026"), ("period_to", "01022025")):
        go_to(window, name)
        window.keys(day)


def value(window, name):
    return window.find(f"main [name='{name}']").get_attribute("value")


def test_from_the_first_key_to_its_status(visitor):
    window, (error, title, kind, unconfirmed) = visitor
    fill(window)
    go_to(window, "button")
    window.leads_on(Keys.ENTER)
    assert error in window.text and window.path == "/privacy-request"
    assert value(window, "kind") == "erasure"
    assert {name: value(window, name) for name in TYPED} == TYPED, "what was typed stays"
    (wrong,) = window.all("main [aria-invalid='true']")
    assert wrong.get_attribute("name") == "period_to" and wrong.is_displayed(), "and the fold is open"
    assert error in window.find("#period_to-note").text
    go_to(window, "period_to")
    window.keys("01032026")
    go_to(window, "button")
    window.leads_on(Keys.ENTER)
    assert title in window.text and kind in window.text and unconfirmed in window.text
    assert window.path.startswith("/privacy-request/") and "taiman" not in window.path
