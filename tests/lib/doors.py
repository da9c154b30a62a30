# SPDX-License-Identifier: ISC
"""Hosts where a workspace is asked for, as whoever asks meets them."""
import secrets
import sys

from harness import API, TOP, Browser, some_address
from mails import link_in, mail_to

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

DOOR = "app"
DOORS = {"hk": DOOR, "sg": "app-sg"}
PATIENCE = 30
PASSWORD = "correct-horse-battery-9"


class Door(Browser):
    """A browser at the host where workspaces of a region are asked for."""

    def __init__(self, stack, region="hk"):
        super().__init__(stack, DOORS[region], some_address())
        self.region = region

    def ask(self, slug=None, email=None, **values):
        slug, email = slug or new_slug(), email or new_email()
        form = self.form("/", "/sign-up")
        typed = {"name": "Kwun Tong Traders", "slug": slug, "region": self.region, "email": email, **values}
        return slug, email, self.submit(form, **typed)

    def api(self, path, **body):
        return self.post(API + path, json=body)

    def link(self, email, number=1):
        return link_in(mail_to(self.stack, email, number), self.origin)

    def made(self, path):
        """Where one is led to once the worker is through."""
        answers = []

        def over():
            answers.append(self.get(path))
            return answers[-1].status_code != 200

        assert wait_until(over, PATIENCE)
        assert {a.headers["Refresh"] for a in answers[:-1]} <= {"1"}
        return answers[-1]


def new_slug():
    return "s" + secrets.token_hex(6).translate(str.maketrans("013457", "xyzuvw"))


def new_email():
    return f"Owner-{secrets.token_hex(4)}@traders.example"


def confirm(door, email, number=1):
    path = door.link(email, number)
    answer = door.submit(door.form(path, path), password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    return path
