# SPDX-License-Identifier: ISC
"""An authenticator and the browser around it, in a few lines on the openssl command:
makes what a real one makes, or what a test wants wrong with it."""
import base64
import hashlib
import json
import secrets
import struct
import subprocess
import tempfile
from pathlib import Path

from harness import API

THERE, VERIFIED, HAS_KEY = 1, 4, 64


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def head(major, number):
    """The head of a CBOR item."""
    if number < 24:
        return bytes([major << 5 | number])
    if number < 256:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + struct.pack(">H", number)


def cbor(value):
    """Whole numbers, bytes, texts and maps."""
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def openssl(*argv, stdin=b""):
    return subprocess.run(["openssl", *argv], input=stdin, capture_output=True, check=True).stdout


KINDS = {
    "ES256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "EdDSA": ("-algorithm", "ED25519"),
    "RS256": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}


class Passkey:
    """One credential. What it says of a place or a moment can be said otherwise."""

    def __init__(self, origin, kind="ES256"):
        self.kind = kind
        self.origin = origin
        self.rp_id = origin.removeprefix("https://").split(":")[0]
        self.id = secrets.token_bytes(24)
        self.count = 0
        self.handle = None
        self.pem = openssl("genpkey", *KINDS[kind])

    def key(self):
        if self.kind == "EdDSA":
            return {1: 1, 3: -8, -1: 6, -2: openssl("pkey", "-pubout", "-outform", "DER", stdin=self.pem)[-32:]}
        if self.kind == "RS256":
            modulus = openssl("rsa", "-modulus", "-noout", stdin=self.pem).decode().strip().split("=")[1]
            return {1: 3, 3: -257, -1: bytes.fromhex(modulus), -2: b"\x01\x00\x01"}
        point = openssl("pkey", "-pubout", "-outform", "DER", stdin=self.pem)[-64:]
        return {1: 2, 3: -7, -1: 1, -2: point[:32], -3: point[32:]}

    def data(self, flags, rp_id=None, count=None, more=b""):
        place = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return place + bytes([flags]) + struct.pack(">I", self.count if count is None else count) + more

    def client(self, kind, challenge, origin=None, **more):
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False, **more}
        return json.dumps(said).encode()

    def create(self, asked, flags=THERE | VERIFIED, rp_id=None, key=None, kind="webauthn.create", **client):
        """The answer to a challenge for a new passkey."""
        self.handle = asked["user"]["handle"]
        more = bytes(16) + struct.pack(">H", len(self.id)) + self.id + (key or cbor(self.key()))
        data = self.data(flags | HAS_KEY, rp_id, more=more)
        return {"client_data": b64(self.client(kind, asked["challenge"], **client)),
                "attestation": b64(cbor({"fmt": "none", "attStmt": {}, "authData": data}))}

    def sign(self, text):
        with tempfile.TemporaryDirectory() as folder:
            key = Path(folder) / "key.pem"
            key.write_bytes(self.pem)
            if self.kind == "EdDSA":
                (Path(folder) / "text").write_bytes(text)
                return openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", f"{folder}/text")
            return openssl("dgst", "-sha256", "-sign", str(key), stdin=text)

    def get(self, asked, flags=THERE | VERIFIED, rp_id=None, count=None, kind="webauthn.get", more=b"", **client):
        """The answer to a challenge for one that is there. It counts."""
        self.count += 1
        data = self.data(flags, rp_id, count, more)
        said = self.client(kind, asked["challenge"], **client)
        answer = {"credential": b64(self.id), "client_data": b64(said), "authenticator_data": b64(data),
                  "signature": b64(self.sign(data + hashlib.sha256(said).digest()))}
        return {**answer, "user_handle": self.handle} if self.handle else answer


def ask(browser, purpose):
    """A challenge for whoever is signed in."""
    answer = browser.post(f"{API}/me/passkeys/challenge", json={"for": purpose})
    assert answer.status_code == 201, answer.text
    return answer.json()


def enrol(browser, name="Phone", kind="ES256"):
    """Adds a passkey as a program does: it, and what came back."""
    browser.headers["X-CSRF-Token"] = browser.csrf("/settings/account/passkeys")
    passkey = Passkey(browser.origin, kind)
    done = browser.post(f"{API}/me/passkeys", json={"name": name, **passkey.create(ask(browser, "new"))})
    assert done.status_code == 201, done.text
    return passkey, done.json()
