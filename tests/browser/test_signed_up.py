# SPDX-License-Identifier: ISC
"""Somebody asks for a workspace in the browser, and sits in it."""
import re
import secrets

import pytest

from chrome import Window
from mails import mail_to, text_of

PASSWORD = "correct-horse-battery-9"


@pytest.fixture
def window(stack, tmp_path):
    window = Window(stack.origin("app"), tmp_path)
    yield window
    window.close()


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_from_the_form_to_the_first_page(stack, window, lang):
    slug = "b" + "".join(secrets.choice("bcdfghjkmnpqr") for _ in range(12))
    email = f"{slug}@traders.example"
    window.open("/")
    window.language(lang)
    window.open("/")
    window.type("slug", "harbour")
    window.until(lambda: len(window.find("[data-checked='slug']").text) > 5, "taken, told while it is typed")
    told = window.find("[data-checked='slug']").text
    for name, text in (("name", "觀塘貿易 Traders"), ("slug", slug), ("email", email)):
        window.type(name, text)
    window.until(lambda: window.find("[data-checked='slug']").text not in ("", told), "free, told while it is typed")
    window.press("main form[action='/sign-up'] button[type='submit']")
    assert window.path == "/sign-up"
    link = re.search(re.escape(window.origin) + r"(/sign-up/\S+)", text_of(mail_to(stack, email))).group(1)
    window.open(link)
    window.type("password", PASSWORD)
    window.type("again", PASSWORD)
    window.press("main form button[type='submit']")
    origin = stack.origin(slug)
    window.until(lambda: window.driver.current_url.startswith(origin + "/welcome/"), "made, and handed over")
    window.press("main form button[type='submit']")
    assert window.driver.current_url == origin + "/setup"
    assert window.driver.execute_script("return document.documentElement.lang").startswith(lang[:2])
    assert len(window.all("main ol.choices > li")) == 6
    assert window.find("h1").text == ("Get started" if lang == "en" else "開始使用")
    window.press(".side a[href='/']")
    assert window.find("main a[href='/setup']").is_displayed()
    assert window.find(".side a[aria-current='page']").text == window.find(".side a[href='/']").text != ""
    assert window.find(".place-name").text == "觀塘貿易 Traders"
