# SPDX-License-Identifier: ISC
"""What a test of the running product needs: the stack's addresses, people who
sign in as a browser does, programs with a bearer token, the operators' command
line, and the databases from behind."""
import contextlib
import dataclasses
import html.parser
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg2
import requests

from wire import Wire

TOP = Path(__file__).resolve().parents[2]
STACK = TOP / "scripts/stack"
API = "/api/v1"
TIMEOUT = 30

_getaddrinfo = socket.getaddrinfo


def resolve_here(host, *rest, **named):
    """*.localhost is this machine, whatever the resolver knows of it."""
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *rest, **named)


socket.getaddrinfo = resolve_here


class Stack:
    """An instance of scripts/stack. `status` is what `status --json` says."""

    known = []  # all that this process uses

    def __init__(self, status, environ=None):
        self.status = status
        self.environ = {**os.environ, "PRAYA_VAR": status["var"], **(environ or {})}
        self.known.append(self)

    @classmethod
    def start(cls, *options, var=None, **environ):
        """A new instance in a folder of its own, on a free port."""
        if var is None:
            var = tempfile.mkdtemp(prefix="praya-test-")
            os.chmod(var, 0o711)
        environ = {"PRAYA_VAR": str(var), "PRAYA_PORT": str(free_port()), **environ}
        env = {**os.environ, **environ}
        done = subprocess.run([STACK, "up", *options], env=env, text=True, capture_output=True)
        if done.returncode != 0:
            subprocess.run([STACK, "down"], env=env, check=False)
            raise AssertionError("the stack does not start\n" + done.stdout + done.stderr)
        text = subprocess.run([STACK, "status", "--json"], env=env, text=True, stdout=subprocess.PIPE)
        return cls(json.loads(text.stdout), environ)

    @property
    def var(self):
        return Path(self.status["var"])

    def command(self, *argv, check=True):
        """scripts/stack, on this instance."""
        return subprocess.run(
            [STACK, *argv], env=self.environ, text=True, capture_output=True, check=check
        )

    def praya(self, *argv, stdin="", check=True, binary=False):
        """The operators' command line: a CompletedProcess."""
        argv = [self.status["cli"], "--config", self.status["config"], *map(str, argv)]
        done = subprocess.run(argv, input=stdin, text=not binary, capture_output=True, check=False)
        if check:
            assert done.returncode == 0, f"praya {argv[3:]}: {done.stderr}"
        return done

    def praya_json(self, *argv):
        return json.loads(self.praya(*argv, "--json").stdout)

    def slugs(self):
        """Of all workspaces. (--json looks into the database of each.)"""
        return [line.split()[0] for line in self.praya("tenant", "list").stdout.splitlines()]

    def origin(self, slug):
        known = next(iter(self.status["origins"].items()))
        return self.status["origins"].get(slug) or known[1].replace(known[0], slug, 1)

    def database(self, slug=None):
        """A superuser's connection, to a workspace's database or to postgres."""
        if slug is None:
            return self.database_named("postgres")
        with contextlib.closing(self.database_named("praya_directory")) as directory:
            cursor = directory.cursor()
            cursor.execute("select tenant_id, region from tenant where slug = %s", (slug,))
            number, region = cursor.fetchone()
        return self.database_named(f"praya_t_{number}", region)

    def database_named(self, name, region="hk"):
        uri = self.status["regions"][region]["pg_uri"].replace("/postgres?", f"/{name}?", 1)
        connection = psycopg2.connect(uri)
        connection.autocommit = True
        return connection

    def person(self, slug, profile):
        for entry in self.status["sign_ins"]:
            if entry["slug"] == slug and entry["profile"] == profile:
                return Person(self, slug, entry["email"], entry["password"])
        raise KeyError(f"{profile} of {slug}")

    def visitor(self, slug, address=None):
        """Nobody in particular, with a browser."""
        return Browser(self, slug, address)

    def new_workspace(self, region="hk"):
        """A fresh workspace with an administrator and nothing else in it."""
        slug = "t" + secrets.token_hex(6)
        admin = Person(self, slug, f"admin@{slug}.example", secrets.token_urlsafe(15))
        argv = ["tenant", "create", slug, "--name", f"Test {slug}", "--region", region]
        argv += ["--admin-email", admin.email, "--admin-password-stdin"]
        self.praya(*argv, stdin=admin.password + "\n")
        return Workspace(self, slug, admin)

    def tear_down(self):
        """Stops it and removes all of it."""
        self.known.remove(self)
        self.command("wipe")
        shutil.rmtree(self.var)


@dataclasses.dataclass
class Workspace:
    stack: Stack
    slug: str
    admin: "Person"

    def add_user(self, profile, email=None, password=None):
        email = email or f"{profile}-{secrets.token_hex(3)}@{self.slug}.example"
        password = password or secrets.token_urlsafe(15)
        argv = ["user", "add", self.slug, email, "--profile", profile, "--password-stdin"]
        self.stack.praya(*argv, stdin=password + "\n")
        return Person(self.stack, self.slug, email, password)

    def database(self):
        return self.stack.database(self.slug)


@dataclasses.dataclass
class Person:
    """Somebody who can sign in."""

    stack: Stack
    slug: str
    email: str
    password: str

    def browser(self, address=None):
        """Signed in, through the sign-in page."""
        browser = Browser(self.stack, self.slug, address)
        answer = browser.sign_in(self.email, self.password)
        assert answer.status_code == 303, f"sign-in of {self.email}: {answer.status_code}"
        return browser

    def api(self, name="test"):
        """A program with this person's rights."""
        done = self.stack.praya("token", "create", self.slug, self.email, "--name", name)
        return Api(self.stack, self.slug, done.stdout.strip())


def some_address():
    """An address of this machine that no other test speaks from: what is counted by
    address is counted for it alone."""
    return "127." + ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))


class Client(requests.Session):
    """Speaks to one workspace over TLS. Paths instead of addresses; redirects
    are answers, not followed."""

    def __init__(self, stack, slug, address=None):
        super().__init__()
        # address: one of this machine's own, to connect from.
        self.mount("https://", Wire((address, 0) if address else None))
        self.stack = stack
        self.slug = slug
        self.origin = stack.origin(slug)
        self.trust_env = False
        self.verify = stack.status["ca_cert"]

    def moved(self, address=None):
        """The same client, with all it has, at another address."""
        copy = Client(self.stack, self.slug, address or some_address())
        copy.headers.update(self.headers)
        copy.cookies.update(self.cookies)
        return copy

    def request(self, method, url, **options):
        options.setdefault("allow_redirects", False)
        options.setdefault("timeout", TIMEOUT)
        if url.startswith("/"):
            url = self.origin + url
        answer = super().request(method, url, **options)
        # All text of the product is: to guess it takes longer than to ask for it.
        answer.encoding = answer.encoding or "utf-8"
        return answer

    def get(self, url, **options):
        # requests itself would say that a GET follows redirects.
        options.setdefault("allow_redirects", False)
        return super().get(url, **options)


VERIFY = "urn:praya:problem:verify"


class Browser(Client):
    """Asked for the password once more before something grave it gives it, as whoever sits
    there would; without `password` it shows the question."""

    password = None

    def sign_in(self, email, password):
        form = self.form("/login", "/login")
        answer = self.submit(form, email=email, password=password)
        self.password = password
        return answer

    def request(self, method, url, **options):
        answer = super().request(method, url, **options)
        if self.password is None or answer.status_code != 403:
            return answer
        if answer.headers["Content-Type"].startswith("application/problem+json"):
            if answer.json()["type"] != VERIFY:
                return answer
            token = {"X-CSRF-Token": options["headers"]["X-CSRF-Token"]}
            proof = {"password": self.password}
            proved = super().request("POST", f"{API}/session/verify", json=proof, headers=token)
            return super().request(method, url, **options) if proved.status_code == 200 else answer
        question = verify_form(answer)
        if question is None:
            return answer
        fields = {**dict(question.fields), "_password": self.password}
        return super().request("POST", question.action, data=fields, headers={"Origin": self.origin})

    def sign_out(self):
        form = self.form("/", "/logout")
        return self.submit(form)

    def page(self, path):
        """A page that has to be there: its text."""
        answer = self.get(path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code}"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        return answer.text

    def form(self, path, action=None):
        """The form of a page that posts to `action` (the only one, if not said)."""
        forms = parse_forms(self.page(path), path)
        if action is not None:
            forms = [f for f in forms if f.action == action]
        assert len(forms) == 1, f"{path} has {len(forms)} forms to {action}"
        return forms[0]

    def submit(self, form, files=None, **values):
        """Sends a form as it stands, with these values put in."""
        fields = [(name, value) for name, value in form.fields if name not in values]
        for name, value in values.items():
            several = value if isinstance(value, (list, tuple)) else [value]
            fields += [(name, one) for one in several if one is not None]
        if form.method == "get":
            return self.get(form.action, params=fields)
        headers = {"Origin": self.origin}
        return self.post(form.action, data=fields, files=files, headers=headers)

    def write(self, path, **values):
        """Posts these fields with the token that the form would carry."""
        return self.post(path, data={"_csrf": self.csrf(), **values}, headers={"Origin": self.origin})

    def csrf(self, path="/"):
        """The token that every form of this person carries."""
        for form in parse_forms(self.page(path), path):
            for name, value in form.fields:
                if name == "_csrf":
                    return value
        raise AssertionError(f"no form of {path} has a token")


class Api(Client):
    """JSON below /api/v1 with a bearer token (None: without)."""

    def __init__(self, stack, slug, token, address=None):
        super().__init__(stack, slug, address)
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, url, **options):
        if url.startswith("/") and not url.startswith("/downloads/"):
            url = API + url
        return super().request(method, url, **options)

    def ok(self, method, path, status=None, **options):
        """The body of an answer that has to be a good one."""
        answer = self.request(method, path, **options)
        wanted = (status,) if status else (200, 201, 202, 204)
        assert answer.status_code in wanted, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@dataclasses.dataclass
class Form:
    action: str
    method: str
    fields: list


class _Forms(html.parser.HTMLParser):
    """Forms with the values a browser would send if nothing was typed."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.forms = []
        self.form = None
        self.select = None
        self.textarea = None

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            action = at.get("action") or self.path
            self.form = Form(action, (at.get("method") or "get").lower(), [])
            self.forms.append(self.form)
        elif self.form is None or "disabled" in at:
            return
        elif tag == "input" and at.get("name"):
            self._input(at)
        elif tag == "select":
            self.select = [at.get("name"), None, None]
        elif tag == "option" and self.select:
            value = at.get("value", "")
            if self.select[1] is None:
                self.select[1] = value
            if "selected" in at:
                self.select[2] = value
        elif tag == "textarea":
            self.textarea = [at.get("name"), ""]

    def _input(self, at):
        kind = (at.get("type") or "text").lower()
        if kind in ("submit", "button", "image", "reset", "file"):
            return
        if kind in ("checkbox", "radio"):
            if "checked" in at:
                self.form.fields.append((at["name"], at.get("value", "on")))
            return
        self.form.fields.append((at["name"], at.get("value") or ""))

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            name, first, chosen = self.select
            if self.form and name:
                self.form.fields.append((name, chosen if chosen is not None else first or ""))
            self.select = None
        elif tag == "textarea" and self.textarea:
            if self.form and self.textarea[0]:
                self.form.fields.append((self.textarea[0], self.textarea[1].removeprefix("\n")))
            self.textarea = None


def parse_forms(text, path="/"):
    parser = _Forms(path)
    parser.feed(text)
    return parser.forms


def verify_form(answer):
    """The form that asks who is there once more; None when the page does not ask."""
    forms = parse_forms(answer.text, answer.request.path_url)
    asking = [f for f in forms if any(name == "_carry" for name, _ in f.fields)]
    return asking[0] if asking else None


def free_port():
    """None of those the kernel gives to whoever connects: it has to be free again later."""
    for _ in range(100):
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise AssertionError("no port is free")
