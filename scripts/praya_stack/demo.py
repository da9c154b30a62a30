# SPDX-License-Identifier: ISC
"""The demo's workspaces, people and data. What was done is noted in
VAR/demo.json, step by step, so a start that was cut off goes on from there."""
import json
import os
import subprocess

from .instance import SOURCE, StackError
from .region import REGIONS

WORKSPACES = (
    ("harbour", "Harbour Trading Company", "hk"),
    ("lantau", "Lantau Outdoor Limited", "sg"),
)
# Known to everybody, for a demo on one's own machine only.
PEOPLE = (
    ("harbour", "admin@harbour.example", "junk-sails-at-dusk-17", "administrator"),
    ("harbour", "staff@harbour.example", "tram-bell-morning-52", "staff"),
    ("lantau", "admin@lantau.example", "cable-car-over-mist-08", "administrator"),
    ("lantau", "staff@lantau.example", "peak-trail-sunrise-31", "staff"),
)


def sign_ins():
    names = ("slug", "email", "password", "profile")
    return [dict(zip(names, person)) for person in PEOPLE]


class Demo:
    def __init__(self, instance):
        self.instance = instance
        self.file = instance.var / "demo.json"
        self.done = json.loads(self.file.read_text()) if self.file.exists() else []

    def praya(self, *verb, secret=None, region=REGIONS[0]):
        argv = [str(self.instance.cli), "--config", str(region.config(self.instance)), *verb]
        done = subprocess.run(argv, input=secret or "", text=True, capture_output=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise StackError(f"praya {verb[0]} {verb[1] if len(verb) > 1 else ''}: {said}")
        return done.stdout

    def step(self, name, work):
        if name in self.done:
            return
        work()
        self.done.append(name)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.done) + "\n")
        new.replace(self.file)

    def init(self):
        for region in REGIONS:
            self.step(f"init {region.name}", lambda: self.praya("init", region=region))

    def workspaces(self):
        for slug, name, region in WORKSPACES:
            admin = next(p for p in PEOPLE if p[0] == slug and p[3] == "administrator")
            self.step(f"workspace {slug}", lambda: self.create(slug, name, region, admin))
        for slug, email, password, profile in PEOPLE:
            if profile != "administrator":
                self.step(f"user {email}", lambda: self.add(slug, email, password, profile))

    def create(self, slug, name, region, admin):
        argv = ["tenant", "create", slug, "--name", name, "--region", region]
        argv += ["--admin-email", admin[1], "--admin-password-stdin"]
        self.praya(*argv, secret=admin[2] + "\n")

    def add(self, slug, email, password, profile):
        argv = ["user", "add", slug, email, "--profile", profile, "--password-stdin"]
        self.praya(*argv, secret=password + "\n")

    def data(self, status):
        """The generator gets the status as a file's name."""
        generator = SOURCE / "scripts/demo_data"
        if generator.exists():
            self.step("data", lambda: self.generate(generator, status))

    def generate(self, generator, status):
        file = self.instance.pids / "status.json"
        file.write_text(json.dumps(status))
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([str(generator), str(file)], stdin=subprocess.DEVNULL, env=env, check=False)
        if done.returncode != 0:
            raise StackError("the demo's data could not be made; ./demo up tries again")
