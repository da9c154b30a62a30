# SPDX-License-Identifier: ISC
"""Mails that an instance has sent, as its mail catcher keeps them."""
import email
import email.policy
import re
import time
from pathlib import Path

PATIENCE = 60


def mails_to(stack, address):
    """All mails to an address, oldest first."""
    found = []
    for file in sorted(Path(stack.status["mail_dir"]).glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if address in message.get_all("X-Envelope-To", []):
            found.append(message)
    return found


def mail_to(stack, address, number=1):
    """The number-th mail to an address; it is waited for."""
    end = time.monotonic() + PATIENCE
    while True:
        found = mails_to(stack, address)
        if len(found) >= number:
            return found[number - 1]
        assert time.monotonic() < end, f"{len(found)} mails came"
        time.sleep(0.05)


def text_of(message, kind="plain"):
    return message.get_body((kind,)).get_content()


def link_in(message, origin):
    """The path of the only address of `origin` in a mail."""
    links = re.findall(re.escape(origin) + r"(/\S+)", text_of(message))
    assert len(links) == 1, f"{len(links)} links in the mail"
    assert f'href="{origin}{links[0]}"' in text_of(message, "html")
    return links[0]
