# SPDX-License-Identifier: ISC
"""People of the operator: their accounts, their codes, and how they come into a workspace."""
import base64
import dataclasses
import hashlib
import hmac
import secrets
import struct
from urllib.parse import urlparse

from harness import API, Browser

OPS = "ops"
NEVER = "000000"


def code_at(key, step):
    secret = base64.b32decode(key.replace(" ", "").upper())
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


@dataclasses.dataclass
class Operator:
    stack: object
    email: str
    password: str
    key: str

    def code(self, ahead=0):
        """Of this moment by the database's clock; the next one after a use."""
        with self.stack.database() as connection, connection.cursor() as cursor:
            cursor.execute("select extract(epoch from now())::bigint / 30")
            return code_at(self.key, cursor.fetchone()[0] + ahead)

    def forget_code(self):
        """So that the next sign-in need not wait for the next code."""
        with self.stack.database_named("praya_cell") as connection, connection.cursor() as cursor:
            cursor.execute("update operator set totp_step = 0")

    def desk(self, address=None):
        """Signed in at the operators' host."""
        self.forget_code()
        desk = Desk(self.stack, address)
        answer = desk.session(self.email, self.password, self.code())
        assert answer.status_code == 201, answer.text
        desk.token = {"X-CSRF-Token": answer.json()["csrf_token"]}
        return desk


class Desk(Browser):
    """A browser at the operators' host."""

    def __init__(self, stack, address=None):
        super().__init__(stack, OPS, address)
        self.token = {}

    def session(self, email, password, code):
        return self.post(f"{API}/session", json={"email": email, "password": password, "totp": code})

    def cases(self):
        return self.get(f"{API}/cases").json()["items"]

    def ask(self, slug, reason="Ticket 4711", scope="read_masked", hours=2):
        body = {"workspace": slug, "reason": reason, "scope": scope, "hours": hours}
        return self.post(f"{API}/cases", json=body, headers=self.token)

    def case_of(self, slug):
        return next(case for case in self.cases() if case["workspace"] == slug)

    def ticket(self, slug):
        """The address that leads into the newest case of that workspace."""
        answer = self.post(f"{API}/cases/{self.case_of(slug)['id']}/enter", headers=self.token)
        assert answer.status_code == 200, answer.text
        return answer.json()["url"]

    def enter(self, slug):
        """A browser in the workspace, inside the grant."""
        inside = Browser(self.stack, slug)
        answer = inside.post(API + urlparse(self.ticket(slug)).path, json={})
        assert answer.status_code == 201, answer.text
        inside.token = {"X-CSRF-Token": answer.json()["csrf_token"]}
        return inside


def new_operator(stack, email=None):
    made = stack.praya_json("operator", "add", email or f"op-{secrets.token_hex(4)}@operator.example")
    return Operator(stack, made["email"], made["password"], made["totp_key"])
