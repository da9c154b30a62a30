# SPDX-License-Identifier: ISC
"""Passkeys as people use them, with Chromium's own authenticator in each language: made, signed
in with, asked for before an export, used after the password, and removed."""
import secrets

import pytest
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from chrome import CONFIRM, Window

PAGE = "/settings/account/passkeys"
WORDS = {"en": {"tag": "en", "add": "Add a passkey", "none": "no passkey yet", "failed": "cancelled", "sign_in": "Sign in with a passkey"},
         "zh-Hant": {"tag": "zh-Hant", "add": "加入通行密鑰", "none": "尚未加入通行密鑰", "failed": "已取消", "sign_in": "使用通行密鑰登入"}}
CREATE = "main form[data-passkey='create'] button[type='submit']"
SIGN_IN = "main form[action='/login/passkey'] button[type='submit']"
PROVE = "main form[data-purpose='identity'] button[type='submit']"


def authenticator(window):
    """A phone with a fingerprint."""
    options = VirtualAuthenticatorOptions()
    options.protocol, options.transport = "ctap2", "internal"
    options.has_resident_key = options.has_user_verification = options.is_user_verified = True
    window.driver.add_virtual_authenticator(options)


@pytest.fixture(params=["en", "zh-Hant"])
def desk(request, stack, tmp_path):
    workspace = stack.new_workspace()
    window = Window(workspace.stack.origin(workspace.slug), tmp_path)
    authenticator(window)
    window.sign_in(workspace.admin.email, workspace.admin.password)
    window.language(request.param)
    yield window, workspace, WORDS[request.param]
    window.close()


def fill(window, name):
    window.open(PAGE)
    field = window.find("main form[data-passkey='create'] [name='name']")
    field.clear()
    field.send_keys(name)


def add(window, name):
    fill(window, name)
    window.press(CREATE)


def sign_out(window):
    window.press("header form[action='/logout'] button")


def age(workspace):
    """The last proof of who is there was a while ago."""
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("update session set verified_at = now() - interval '6 minutes'")


def test_made_used_and_removed(desk):
    window, workspace, words = desk
    window.open(PAGE)
    assert words["none"] in window.text and words["add"] in window.text
    add(window, "Phone 電話")
    assert "Phone 電話" in window.text and len(window.all("ul.codes li")) == 10

    # Without a name or a password.
    sign_out(window)
    window.open("/login")
    window.language(words["tag"])
    assert words["sign_in"] in window.text
    window.press(SIGN_IN)
    assert window.path == "/"
    window.open("/settings/account")
    assert workspace.admin.email in window.text

    # Before an export, instead of the password.
    person = workspace.admin.api().ok("POST", "/contacts", json={"name_en": "LAM On"})["id"]
    window.open(f"/contacts/{person}/export")
    age(workspace)
    window.password = None
    submit = window.find("main form[method='post'] .form-actions button[type='submit']")
    before = window.find("html").id
    submit.click()
    window.until(lambda: window.find("html").id != before and window.ready() and window.all(CONFIRM), "it asks")
    window.press(PROVE)
    assert "/jobs/" in window.path

    # After the password, as the second step.
    sign_out(window)
    window.sign_in(workspace.admin.email, workspace.admin.password)
    assert window.all("main input[name='code']")
    window.press(SIGN_IN)
    assert window.path == "/"

    window.open(PAGE)
    window.press("main form[action$='/remove'] button[type='submit']")
    assert words["none"] in window.text


def test_refused_by_the_device_or_the_user(desk):
    """What the page then says; nothing has happened, and the password still works."""
    window, workspace, words = desk
    add(window, "Phone")
    # The same device again.
    fill(window, "Again")
    window.find(CREATE).click()
    window.until(lambda: window.find("[data-error='known']").is_displayed(), "it says so")
    assert len(window.all("main form[action$='/remove']")) == 1
    # A finger that is not the right one.
    sign_out(window)
    window.driver.set_user_verified(False)
    window.open("/login")
    window.language(words["tag"])
    window.find(SIGN_IN).click()
    window.until(lambda: window.find("[data-error='failed']").is_displayed(), "it says so")
    assert words["failed"] in window.text
    window.sign_in(workspace.admin.email, "wrong-" + secrets.token_hex(6))
    assert window.path == "/login" and window.all("main form[action='/login']")
