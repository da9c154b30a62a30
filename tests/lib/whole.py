# SPDX-License-Identifier: ISC
"""Exports of a whole workspace as tests read them."""
import csv
import hashlib
import io
import json
import zipfile

from jobs import done


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
            assert set(listed) | {"manifest.json"} == set(box.namelist())
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
