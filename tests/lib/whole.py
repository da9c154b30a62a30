# SPDX-License-Identifier: ISC
"""Exports of a whole workspace as tests read them."""
import csv
import hashlib
import io
import json
import subprocess
import zipfile

from jobs import done


class Signer:
    """Somebody with a key, who signs manifests as a region does."""

    def __init__(self, folder):
        self.key = folder / "key.pem"
        self.run("genpkey", "-algorithm", "ed25519", "-out", self.key)
        self.public = self.run("pkey", "-in", self.key, "-pubout", "-outform", "DER")[-32:].hex()
        self.folder = folder

    @staticmethod
    def run(*args):
        return subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True).stdout

    def sign(self, manifest):
        statement = statement_of(manifest)
        (self.folder / "statement").write_text(statement)
        signature = self.run("pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", self.folder / "statement")
        return json.dumps({"statement": statement, "public_key": self.public, "signature": signature.hex()})


def statement_of(manifest):
    return json.dumps({"what": "manifest of an export", "sha256": hashlib.sha256(manifest).hexdigest()},
                      separators=(",", ":"))


class Whole:
    """The volumes of an export together."""

    def __init__(self, volumes):
        self.boxes = [zipfile.ZipFile(io.BytesIO(v)) for v in volumes]
        self.manifests = [json.loads(b.read("manifest.json")) for b in self.boxes]

    def read(self, name):
        for box in self.boxes:
            if name in box.namelist():
                return box.read(name)
        raise KeyError(name)

    def names(self):
        return [n for b in self.boxes for n in b.namelist()]

    def rows(self, table):
        return [json.loads(line) for line in self.read(f"data/{table}.jsonl").decode().splitlines()]

    def csv(self, table):
        return list(csv.DictReader(io.StringIO(self.read(f"data/{table}.csv").decode(), newline="")))

    def check(self):
        """Every entry is what its manifest says, and there is no other."""
        for box, manifest in zip(self.boxes, self.manifests):
            assert box.testzip() is None
            listed = {f["name"]: f for f in manifest["files"]}
            assert set(listed) | {"manifest.json", "manifest.sig"} == set(box.namelist())
            assert len(box.namelist()) == len(set(box.namelist()))
            for name, entry in listed.items():
                content = box.read(name)
                assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["size"], entry["sha256"]), name


def ask_whole(api, **body):
    return api.ok("POST", "/workspace/exports", status=202, json={"reason": "transfer", **body})


def fetch_whole(api, job):
    found = []
    for path in done(api, job)["downloads"]:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.content)
    return Whole(found)
