# SPDX-License-Identifier: ISC
"""What rights cost: the share of a page's instructions that is spent on who asks
and what they may see, and all profiles by every field on one page."""
import re
import subprocess
import time

import fcgi

from .load import median
from .stand import say
from .table import Row, at_most

PROFILES, FIELDS = 200, 150
# From outside in; what one of them calls counts with it, so none calls another.
WORK = {
    "find_principal": "who asks, by the cookie's digest",
    "layout_of": "fields that are shown, and how",
    "catalogue_visible": "questions whether a field may be seen",
    "principal_may": "questions whether something may be done",
    "scope_reach": "how far the rights must go for this record",
}
REQUESTS = 100


def ask(place, host, cookie, path, status=200):
    """Past nginx: the processor's work is praya-web's alone."""
    answer = fcgi.get(place, host, cookie, path)
    assert b"Status: %d" % status in answer[:64], answer[:200]


class Counted(fcgi.Alone):
    """praya-web under callgrind, on a socket of its own."""

    def __init__(self, stand):
        self.out = stand.instance.run_dir / "callgrind.out"
        super().__init__(stand.instance.run_dir / "callgrind.sock", stand.instance.config, "/usr/bin/valgrind", "--tool=callgrind",
                         f"--callgrind-out-file={self.out}", "--toggle-collect=gate_serve", stand.build / "praya-web")

    def control(self, *what):
        subprocess.run(["callgrind_control", *what, str(self.process.pid)], check=True, capture_output=True)

    def shares(self, *asked):
        """{function: share of the instructions of requests that find everything cached}"""
        for _ in range(5):
            ask(self.place, *asked)
        self.control("-z")
        for _ in range(REQUESTS):
            ask(self.place, *asked)
        for old in self.out.parent.glob("callgrind.out*"):
            old.unlink()
        self.control("-d")
        # Written in its own time; its last line is the sum.
        while not (dumps := [d for d in self.out.parent.glob("callgrind.out*") if b"\ntotals: " in d.read_bytes()]):
            time.sleep(0.1)
        (dump,) = dumps
        text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", dump],
                              check=True, text=True, capture_output=True).stdout
        found = {}
        for percent, function in re.findall(r"^ *[\d,]+ \( *([\d.]+)%\)  \S+\.c:(\w+)", text, re.M):
            found.setdefault(function, float(percent) / 100)
        assert "gate_serve" in found, text[:500]
        return found


def person(space, profile):
    """Somebody with that profile, and a contact of theirs among others."""
    made = space.stack.praya("user", "add", space.slug, f"{profile}@{space.slug}.example", "--profile", profile,
                             "--password-stdin", stdin="bench-" + space.slug + "\n")
    assert made.returncode == 0
    who = type(space.person)(space.stack, space.slug, f"{profile}@{space.slug}.example", "bench-" + space.slug)
    api, number = who.api(), None
    for i in range(30):
        number = api.ok("POST", "/contacts", json={"name_en": f"CHAN {i}", "phone": "9123 4567"})["id"]
    return who.browser().cookies.get("__Host-praya"), number


def work(stand):
    for profile in ("staff", "sales"):
        space = stand.fresh("rights")
        cookie, number = person(space, profile)
        host = space.origin.removeprefix("https://")
        with Counted(stand) as counted:
            for path in ("/contacts", f"/contacts/{number}"):
                found = counted.shares(host, cookie, path)
                share = sum(found.get(name, 0) for name in WORK)
                what = "list of contacts" if path == "/contacts" else "a contact"
                yield at_most(f"rights in {what}, profile {profile}: share of the instructions", share * 100, 3, "{:.2f} %")
                say("  " + ", ".join(f"{name} {found.get(name, 0) * 100:.2f} %" for name in WORK))
    for name, what in WORK.items():
        yield Row(f"&ensp;counted: {name}", what)


def fill(space):
    """Profiles that say something of every field; fields that only the catalogue knows."""
    with space.stack.database(space.slug) as database, database.cursor() as rows:
        rows.execute(
            "insert into field (entity, name, column_name, type, label_en, label_zh, category, field_id) "
            "overriding system value select 'company', 'own_' || i, 'cf_' || 9000 + i, 'text', 'Own field ' || i, '自訂欄位' || i, 'none', "
            "9000 + i "
            "from generate_series(1, %s - (select count(*) from field where enabled)) i", (FIELDS,))
        rows.execute(
            "insert into profile (name) select 'Job ' || i from generate_series(1, %s - (select count(*) from profile)) i",
            (PROFILES,))
        rows.execute(
            "insert into profile_right select p.profile_id, e, r, 'all' from profile p, unnest(%s) e, unnest(%s) r "
            "where not p.builtin", (["contact", "company", "activity", "message", "attachment", "invoice"], ["view", "edit"]))
        rows.execute(
            "insert into profile_field select p.profile_id, f.entity, f.name, (array['hidden', 'masked', 'read', 'edit'])"
            "[1 + (f.field_id + p.profile_id) %% 4] from profile p, field f where not p.builtin", ())
        rows.execute("analyze profile, profile_field, profile_right, field")


def matrix(stand):
    """Server time as praya-web logs it: from the request's first byte to the answer's."""
    space = stand.fresh("matrix")
    fill(space)
    log, browser, path = stand.instance.home / "log/web.log", space.person.browser(), "/settings/profiles/fields"
    cells = browser.get(path).text.count('<td class="lv-')
    assert cells >= PROFILES * FIELDS, cells
    times = []
    for _ in range(max(10, stand.size.turns)):
        at = log.stat().st_size
        assert browser.get(path).status_code == 200
        with log.open() as lines:
            lines.seek(at)
            while not (found := re.search(r"route=settings.profile_fields status=200 us=(\d+)", lines.read())):
                time.sleep(0.01)
        times.append(int(found[1]) / 1000)
    yield at_most(f"{PROFILES} profiles by {FIELDS} fields on one page: median server time", median(times), 100, "{:.0f} ms")
    yield Row("&ensp;of them, the slowest", f"{max(times):.0f} ms, {cells:,} cells")


def run(stand):
    yield from matrix(stand)
    yield from work(stand)
