# SPDX-License-Identifier: ISC
"""Two regions, each with a cluster, a file store, a master key, pools and a worker of its
own. What belongs to a workspace is in its own region only: looked for in what pg_dump says
of every database of the other, in every file of its cluster, and in its file store."""
import os
import secrets
import subprocess
from pathlib import Path

import pytest

import fcgi
from doors import Door, confirm
from harness import Stack

BIN = Path("/usr/lib/postgresql/15/bin")
REGIONS = ("hk", "sg")


@pytest.fixture(scope="module")
def stack():
    """An instance of our own: all of it is dumped and read, so it holds little."""
    own = Stack.start("--no-data")
    yield own
    own.tear_down()


@pytest.fixture(scope="module", params=REGIONS)
def place(request, stack):
    place = stack.new_workspace(request.param)
    place.region = request.param
    place.other = next(r for r in REGIONS if r != request.param)
    return place


def databases(stack, region):
    with stack.database_named("postgres", region).cursor() as cursor:
        cursor.execute("checkpoint")
        cursor.execute("select datname from pg_database where datallowconn and datname <> 'template1'")
        return [name for name, in cursor.fetchall()]


def dumps(stack, region):
    """All that pg_dump says of a region, as one text."""
    text = b""
    for name in databases(stack, region):
        uri = stack.status["regions"][region]["pg_uri"].replace("/postgres?", f"/{name}?", 1)
        done = subprocess.run([BIN / "pg_dump", uri], capture_output=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr.decode()[-300:]}"
        text += done.stdout
    return text


def cluster_has(stack, region, words):
    """Those of the words that stand in any file of the region's cluster, indexes and log too."""
    with stack.database_named("postgres", region).cursor() as cursor:
        cursor.execute("show data_directory")
        folder = cursor.fetchone()[0]
    found = set()
    for file in Path(folder).rglob("*"):
        try:
            content = file.read_bytes() if file.is_file() else b""
        except FileNotFoundError:
            continue
        found |= {word for word in words if word.encode() in content}
    return found


def test_nothing_crosses(stack, place):
    canary = secrets.token_hex(8)
    words = [f"Wong {canary}", f"{canary}@canary.example", f"note-{canary}"]
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={
        "name_en": words[0], "email": words[1], "bio": words[2],
        "date_of_birth": "1990-01-02"})["id"]
    api.ok("POST", f"/contacts/{number}/attachments", files={"file": (f"{canary}.txt", canary.encode() * 90000)}, status=201)
    job = api.ok("POST", f"/contacts/{number}/export", status=202)["job"]
    place.admin.browser().page(f"/contacts/{number}")
    stack.praya("worker", "--once") if place.region == "hk" else None
    assert api.ok("GET", f"/jobs/{job}")["kind"]

    here, there = dumps(stack, place.region), dumps(stack, place.other)
    for word in words:
        assert word.encode() in here and word.encode() not in there
    assert place.admin.email.encode() not in there
    assert cluster_has(stack, place.region, words) == set(words)
    if os.geteuid() == 0 or os.access(stack.var, os.W_OK):
        assert cluster_has(stack, place.other, [canary, place.admin.email]) == set()
    database = stack.praya_json("tenant", "show", place.slug)["database"]
    stores = {r: Path(stack.status["regions"][r]["files"]) / database for r in REGIONS}
    assert any(f.is_file() for f in stores[place.region].rglob("*"))
    assert not stores[place.other].exists()


def test_what_a_sign_up_tells_stays_there(stack):
    """From the form to the first page, of a workspace in the second region."""
    door = Door(stack, "sg")
    slug, email, _ = door.ask(name="Tai O Canaries")
    door.made(confirm(door, email))
    words = ["Tai O Canaries", email, email.lower()]
    assert all(word.encode() in dumps(stack, "sg") for word in words[:2])
    there = dumps(stack, "hk")
    assert slug.encode() in there and not [word for word in words if word.encode() in there]
    if os.geteuid() == 0 or os.access(stack.var, os.W_OK):
        assert cluster_has(stack, "hk", words) == set()


def test_the_directory_alone_knows_both(stack, place):
    """Its slug, its region and its state, and nothing else; keys are in the region's cell."""
    number = stack.praya_json("tenant", "show", place.slug)["id"]
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("select to_jsonb(t) from tenant t where slug = %s", (place.slug,))
        row = cursor.fetchone()[0]
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        tables = {name for name, in cursor.fetchall()}
    assert row["region"] == place.region and f"Test {place.slug}" not in str(row)
    assert not tables & {"tenant_key", "erasure_ledger", "operator"}
    for region, rows in ((place.region, 1), (place.other, 0)):
        with stack.database_named("praya_cell", region).cursor() as cursor:
            cursor.execute("select count(*) from tenant join tenant_key using (tenant_id) where tenant_id = %s", (number,))
            assert cursor.fetchone() == (rows,)
    assert "praya_directory" not in databases(stack, "sg")


def test_a_pool_of_another_region_says_nothing(stack, place):
    host = place.admin.browser().origin.removeprefix("https://").split(":")[0]
    for path in ("/login", "/contacts/1", "/api/v1/contacts"):
        answer = fcgi.get(stack.status["regions"][place.other]["web"], host, "x" * 43, path)
        assert b"Status: 421 Misdirected Request" in answer and b"Misdirected Request\n" in answer
        for word in (place.slug, place.region, "praya_t_", "X-Accel", "Set-Cookie", "<"):
            assert word.encode() not in answer.split(b"X-Request-Id")[0].split(b"Status: 421")[1]
        own = fcgi.get(stack.status["regions"][place.region]["web"], host, "x" * 43, path)
        assert b"421" not in own.split(b"\r\n")[0]
    nobody = fcgi.get(stack.status["regions"][place.other]["web"], "nobody-here.praya.localhost", "x", "/login")
    assert b"Status: 404" in nobody


def test_the_front_finds_the_pool(stack, place):
    """One address for all; what a program sends is handed on whole, once."""
    browser = stack.visitor(place.slug)
    shown = browser.get("/login")
    assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
    assert "X-Accel-Redirect" not in shown.headers and shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert stack.visitor("nobody-here").get("/login").status_code == 404
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={"name_en": "Lee"})["id"]
    content = os.urandom(3_000_000)
    kept = api.ok("POST", f"/contacts/{number}/attachments", files={"file": ("x.bin", content)}, status=201)
    assert api.get(f"/attachments/{kept['id']}/content").content == content
    too_large = api.post(f"/contacts/{number}/attachments", files={"file": ("x.bin", bytes(54_000_000))})
    assert too_large.status_code == 413
    # Headers of a client's name nothing of the front's.
    for name in ("PRAYA_NEXT", "Praya-Next", "X-Accel-Redirect"):
        forged = stack.visitor("nobody-here").get("/login", headers={name: "@praya_sg"})
        assert forged.status_code == 404


def test_sessions_are_of_one_region(stack):
    places = {region: stack.new_workspace(region) for region in REGIONS}
    cookies = places["hk"].admin.browser().cookies
    stranger = stack.visitor(places["sg"].slug)
    for cookie in cookies:
        stranger.cookies.set(cookie.name, cookie.value)
    assert stranger.get("/contacts").status_code == 303
    token = places["hk"].admin.api().headers["Authorization"]
    assert stranger.get("/api/v1/contacts", headers={"Authorization": token}).status_code == 401


def test_commands_find_the_region(stack, place):
    assert stack.praya_json("tenant", "show", place.slug)["region"] == place.region
    everywhere = {t["slug"]: t["region"] for t in stack.praya_json("tenant", "list")}
    assert everywhere[place.slug] == place.region and everywhere["harbour"] == "hk"
    assert everywhere["lantau"] == "sg"
    from_there = stack.status["regions"]["sg"]["config"]
    for config in (stack.status["config"], from_there):
        done = subprocess.run([stack.status["cli"], "--config", config, "user", "list", place.slug, "--json"],
                              capture_output=True, text=True, check=True)
        assert place.admin.email in done.stdout
    # What is read of standard input gets there.
    added = place.add_user("staff")
    assert added.browser().get("/contacts").status_code == 200


@pytest.mark.parametrize("region, why", [("eu", "region: "), ("mars", "region: "), ("../sg", "region: "), ("", "region: ")])
def test_regions_that_are_not_there(stack, region, why):
    slug = "t" + secrets.token_hex(6)
    done = stack.praya("tenant", "create", slug, "--name", "N", "--region", region,
                       "--admin-email", "a@b.example", check=False)
    assert done.returncode == 1 and why in done.stderr
    assert slug not in stack.praya("tenant", "list").stdout


def test_a_configuration_of_the_wrong_region_is_refused(stack, tmp_path):
    config = tmp_path / "praya.conf"
    text = Path(stack.status["config"]).read_text()
    config.write_text(text.replace(stack.status["regions"]["sg"]["config"], str(config)))
    done = subprocess.run([stack.status["cli"], "--config", config, "tenant", "show", "lantau"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "is the configuration of region hk, not of sg" in done.stderr
    config.write_text(text.replace(stack.status["regions"]["sg"]["config"], "/nonexistent/praya.conf"))
    done = subprocess.run([stack.status["cli"], "--config", config, "tenant", "show", "lantau"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "/nonexistent/praya.conf" in done.stderr
    # Without one, another region's workspace is as none at all.
    lines = [line for line in text.splitlines() if not line.startswith("Regions.")]
    config.write_text("\n".join(lines) + "\n")
    done = subprocess.run([stack.status["cli"], "--config", config, "tenant", "show", "lantau"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "there is no workspace lantau in region hk" in done.stderr


def test_the_page_says_where(stack, place):
    api = place.admin.api()
    shown = api.ok("GET", "/settings/workspace")
    with place.database().cursor() as cursor:
        cursor.execute("select current_database(), current_setting('server_version')")
        name, version = cursor.fetchone()
    assert shown["region"] == place.region
    assert (shown["database"]["name"], shown["database"]["version"]) == (name, version)
    assert shown["database"]["bytes"] > 1_000_000 and shown["database"]["server"]
    assert shown["files"]["folder"] == name and str(stack.var) not in str(shown)
    assert shown["backups"] == {"made": False, "every_hours": 24, "keep_days": 35, "last_at": None}
    page = place.admin.browser().page("/settings/workspace")
    assert name in page and {"hk": "Hong Kong", "sg": "Singapore"}[place.region] in page
    assert "/settings/workspace" in place.admin.browser().page("/settings")
    staff = place.add_user("staff")
    assert staff.browser().get("/settings/workspace").status_code == 403
    assert staff.api().get("/settings/workspace").status_code == 403
    assert stack.visitor(place.slug).get("/api/v1/settings/workspace").status_code == 401
