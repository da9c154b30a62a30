# SPDX-License-Identifier: ISC
"""A workspace goes to another region while people work in it: no write that was answered
is lost, the log goes on, nothing stays behind; killed anywhere, it is in one region or the other, and
workers clear what nobody calls for again."""
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg2
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from harness import Stack  # noqa: E402
from praya_stack.process import wait_until  # noqa: E402

OTHER = {"hk": "sg", "sg": "hk"}


@pytest.fixture(scope="module")
def stack():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


def region_of(stack, slug):
    """By the directory: of one that was cut off at its last moment nothing else can be asked."""
    return state_of(stack, slug)[0]


def parts_left(stack, region, number):
    """What a region has of a workspace."""
    name = f"praya_t_{number}"
    with stack.database_named("postgres", region).cursor() as cursor:
        cursor.execute("select (select count(*) from pg_database where datname = %s), "
                       "(select count(*) from pg_roles where rolname = %s)", (name, name))
        database, role = cursor.fetchone()
    with stack.database_named("praya_cell", region).cursor() as cursor:
        cursor.execute("select (select count(*) from tenant where tenant_id = %s), "
                       "(select count(*) from tenant_key where tenant_id = %s)", (number, number))
        row, key = cursor.fetchone()
    files = (Path(stack.status["regions"][region]["files"]) / name).exists()
    return database, role, row, key, files


WHOLE = (1, 1, 1, 1, True)
NOTHING = (0, 0, 0, 0, False)


def fill(place):
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={"name_en": "Chan Tai Man", "date_of_birth": "1990-01-02"})["id"]
    kept = api.ok("POST", f"/contacts/{number}/attachments", files={"file": ("a.txt", b"content" * 9999)}, status=201)
    erased = api.ok("POST", "/contacts", json={"name_en": "Gone Person"})["id"]
    api.ok("POST", f"/contacts/{erased}/erase", json={"reason": "subject_request", "confirm": str(erased)})
    return api, number, kept["id"]


class Load:
    """Programs that write and read until told to stop; what was answered has to be there."""

    def __init__(self, api, people=3):
        self.api, self.kept, self.wrong, self.refused = api, [], [], 0
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(people)]

    def run(self, who):
        api = self.api
        at = 0
        while not self.stop.is_set():
            at += 1
            name = f"Person {who} {at}"
            try:
                made = api.post("/contacts", json={"name_en": name})
                seen = api.get("/contacts?limit=1").status_code
            except OSError as error:
                self.wrong.append(repr(error))
                continue
            if made.status_code == 201:
                self.kept.append((made.json()["id"], name))
            elif made.status_code == 503:
                self.refused += 1
            else:
                self.wrong.append(made.status_code)
            if seen not in (200, 503):
                self.wrong.append(seen)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def test_nothing_answered_is_lost(stack):
    place = stack.new_workspace()
    api, number, file = fill(place)
    shown = stack.praya_json("tenant", "show", place.slug)
    with place.database().cursor() as cursor:
        # A table that is being written anew, as pg_repack has it.
        cursor.execute("create trigger repack_trigger after insert or delete or update on company for each row "
                       "execute function repack.repack_trigger('company_id')")
        cursor.execute("create table repack.log_1 (id bigserial primary key)")
    with Load(api) as load:
        assert wait_until(lambda: len(load.kept) > 10, 60)
        said = stack.praya_json("tenant", "move", place.slug, "--region", "sg")
        at = len(load.kept)
        assert wait_until(lambda: len(load.kept) > at + 5, 60)
    assert load.wrong == [] and load.refused > 0
    assert said["tables"] > 50 and said["rows"] > 10 and said["files"] >= 1
    assert said["closed_ms"] <= said["window_ms"]
    there = stack.praya_json("tenant", "show", place.slug)
    assert (there["region"], there["state"]) == ("sg", "active")
    assert (there["id"], there["uuid"], there["database"]) == (shown["id"], shown["uuid"], shown["database"])
    for one, name in load.kept:
        assert api.ok("GET", f"/contacts/{one}")["name_en"] == name
    assert api.get(f"/attachments/{file}/content").content == b"content" * 9999
    revealed = api.ok("POST", f"/contacts/{number}/reveal", json={"fields": ["date_of_birth"], "reason": "correction"})
    assert revealed["values"] == {"date_of_birth": "1990-01-02"}
    assert parts_left(stack, "sg", shown["id"]) == WHOLE and parts_left(stack, "hk", shown["id"]) == NOTHING
    assert api.ok("POST", "/companies", json={"name_en": "Harbour Trading"})
    # Signed files of the log and of the ledger went along.
    folders = {r: Path(stack.status["regions"][r]["files"]) / "heads" for r in ("hk", "sg")}
    assert not list(folders["hk"].glob(shown["uuid"] + ".*")) and list(folders["sg"].glob(shown["uuid"] + ".head"))
    assert [f for f in folders["sg"].glob("*.erased") if f.stat().st_size]
    # The log goes on as one chain, and says that it moved.
    done = stack.praya("audit", "verify", place.slug, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with place.database().cursor() as cursor:
        cursor.execute("select count(distinct generation) from audit_event")
        assert cursor.fetchone() == (2,)
    with stack.database_named("praya_cell", "sg").cursor() as cursor:
        cursor.execute("select count(*) from erasure_ledger where tenant_id = %s", (shown["id"],))
        assert cursor.fetchone() == (1,)
    # Whoever was signed in still is; and back again, with all the keys it had.
    assert stack.praya_json("key", "rotate", place.slug)["version"] == 2
    stack.praya("tenant", "move", place.slug, "--region", "hk")
    assert region_of(stack, place.slug) == "hk" and parts_left(stack, "sg", shown["id"]) == NOTHING
    revealed = api.ok("POST", f"/contacts/{number}/reveal", json={"fields": ["date_of_birth"], "reason": "correction"})
    assert revealed["values"] == {"date_of_birth": "1990-01-02"}
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"
    assert stack.praya("audit", "verify", place.slug, check=False).returncode == 0
    assert stack.praya_json("key", "rotate", place.slug)["version"] == 3


def test_meanwhile_it_can_be_read(stack):
    place = stack.new_workspace()
    api, number, _ = fill(place)
    browser = place.admin.browser()
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("update tenant set state = 'moving' where slug = %s", (place.slug,))
    assert wait_until(lambda: api.post("/contacts", json={"name_en": "x"}).status_code == 503, 20)
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"
    assert "Chan Tai Man" in browser.page(f"/contacts/{number}")
    answer = api.post("/contacts", json={"name_en": "x"})
    assert "moved to another region" in answer.json()["detail"] and answer.headers["Retry-After"]
    for tag, words in (("en", "being moved to another region"), ("zh-HK", "正移往另一地區")):
        page = stack.visitor(place.slug).post("/login", data={}, headers={"Accept-Language": tag})
        assert page.status_code == 503 and words in page.text
    # Said to stay, it opens again.
    stack.praya("tenant", "move", place.slug, "--region", "hk")
    assert wait_until(lambda: api.post("/contacts", json={"name_en": "y"}).status_code == 201, 20)


@pytest.mark.parametrize("seed", range(2))
def test_killed_anywhere(stack, seed):
    place = stack.new_workspace()
    api, number, file = fill(place)
    shown = stack.praya_json("tenant", "show", place.slug)
    argv = [stack.status["cli"], "--config", stack.status["config"], "tenant", "move", place.slug, "--region", "sg"]
    rng = random.Random(seed)
    for _ in range(2):
        victim = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            victim.wait(timeout=rng.uniform(0.2, 14))
        except subprocess.TimeoutExpired:
            victim.kill()
            victim.wait()
        at = region_of(stack, place.slug)
        # One of them has all of it.
        assert parts_left(stack, at, shown["id"]) == WHOLE
    stack.praya("tenant", "move", place.slug, "--region", "sg")
    assert region_of(stack, place.slug) == "sg"
    assert parts_left(stack, "sg", shown["id"]) == WHOLE and parts_left(stack, "hk", shown["id"]) == NOTHING
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"
    assert api.get(f"/attachments/{file}/content").content == b"content" * 9999
    assert api.post("/contacts", json={"name_en": "After"}).status_code == 201


@pytest.mark.parametrize("region", ["eu", "mars", "", "../sg"])
def test_places_that_are_not_there(stack, region):
    place = stack.new_workspace()
    done = stack.praya("tenant", "move", place.slug, "--region", region, check=False)
    assert done.returncode == 1 and "no configuration of region" in done.stderr
    assert stack.praya_json("tenant", "show", place.slug)["state"] == "active"


def test_two_regions_of_one_file_store(stack, tmp_path):
    """By another name: it would take away what it has just brought."""
    place = stack.new_workspace()
    fill(place)
    number = stack.praya_json("tenant", "show", place.slug)["id"]
    store, own, other = tmp_path / "store", tmp_path / "hk.conf", tmp_path / "sg.conf"
    store.symlink_to(stack.status["regions"]["hk"]["files"])
    config = Path(stack.status["config"])
    for path, source, changed in ((own, config, f"Regions.sg = {other}"),
                                  (other, config.with_name("praya-sg.conf"), f"Files.Store = {store}")):
        key = changed.split(" = ")[0]
        lines = [changed if line.startswith(key + " = ") else line for line in source.read_text().splitlines()]
        assert changed in lines
        path.write_text("\n".join(lines) + "\n")
        path.chmod(source.stat().st_mode & 0o777)
    for region in ("sg", "hk"):
        done = subprocess.run([stack.status["cli"], "--config", str(own), "tenant", "move", place.slug, "--region", region],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 1 and "have the same file store" in done.stderr
    assert region_of(stack, place.slug) == "hk" and parts_left(stack, "hk", number) == WHOLE
    assert parts_left(stack, "sg", number) == NOTHING


def test_what_may_not_move(stack):
    place = stack.new_workspace()
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("update tenant set state = 'suspended' where slug = %s", (place.slug,))
    done = stack.praya("tenant", "move", place.slug, "--region", "sg", check=False)
    assert done.returncode == 1 and "is not active" in done.stderr
    assert region_of(stack, place.slug) == "hk"
    nobody = stack.praya("tenant", "move", "nobody-here", "--region", "sg", check=False)
    assert nobody.returncode == 1 and "there is no workspace nobody-here" in nobody.stderr


def test_a_difference_stops_it(stack):
    """What is not the same at the end is not called moved: a value that each cluster works out for itself."""
    place = stack.new_workspace()
    number = stack.praya_json("tenant", "show", place.slug)["id"]
    with place.database().cursor() as cursor:
        cursor.execute("create function odd_one(int) returns text language sql immutable as "
                       "$$ select pg_postmaster_start_time()::text $$")
        cursor.execute("create table odd (x int, y text generated always as (odd_one(x)) stored)")
        cursor.execute("insert into odd values (1)")
    done = stack.praya("tenant", "move", place.slug, "--region", "sg", check=False)
    assert done.returncode == 1 and "odd is not the same" in done.stderr
    assert stack.praya_json("tenant", "show", place.slug)["state"] == "active"
    assert region_of(stack, place.slug) == "hk" and parts_left(stack, "hk", number)[0] == 1
    assert parts_left(stack, "sg", number) == NOTHING
    assert place.admin.api().post("/contacts", json={"name_en": "Lee"}).status_code == 201


def begun(stack, place):
    """A move that has made its copy's database, and goes on."""
    name = f"praya_t_{stack.praya_json('tenant', 'show', place.slug)['id']}"
    argv = [stack.status["cli"], "--config", stack.status["config"], "tenant", "move", place.slug, "--region", "sg"]
    moving = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with stack.database_named("postgres", "sg").cursor() as cursor:
        def there():
            cursor.execute("select exists (select from pg_database where datname = %s)", (name,))
            return cursor.fetchone()[0]

        assert wait_until(there, 30)
    return moving


@pytest.mark.parametrize("verb", ["close", "suspend"])
def test_given_up_it_leaves_no_copy(stack, verb):
    """Its owner closes it, or the operator shuts it, while it is copied."""
    place = stack.new_workspace()
    fill(place)
    number = stack.praya_json("tenant", "show", place.slug)["id"]
    moving = begun(stack, place)
    stack.praya("tenant", verb, place.slug)
    said = moving.communicate(timeout=120)[1]
    assert moving.returncode == 1 and "neither active nor moving" in said
    assert parts_left(stack, "sg", number) == NOTHING
    assert parts_left(stack, "hk", number) == WHOLE


def test_half_a_copy_is_found_and_cleared(stack):
    place = stack.new_workspace()
    fill(place)
    number = stack.praya_json("tenant", "show", place.slug)["id"]
    moving = begun(stack, place)
    moving.kill()
    moving.communicate()
    assert parts_left(stack, "sg", number)[0] == 1
    argv = [stack.status["cli"], "--config", stack.status["regions"]["sg"]["config"], "doctor"]
    told = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    assert any(line.startswith("fault") and f"praya_t_{number}" in line and "tenant move" in line for line in told.splitlines())
    assert "is destroyed" in stack.praya("tenant", "move", place.slug, "--region", "hk").stdout
    assert parts_left(stack, "sg", number) == NOTHING and parts_left(stack, "hk", number) == WHOLE


# ---- nobody calls again


def processes():
    """(pid, its parent, its words), of all."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            yield process.name, parent, (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue


def supervises(pid, config):
    """Has it that configuration? A worker's own environment is nobody's to read, its supervisor's is."""
    try:
        return f"PRAYA_CONF={config}".encode() in Path("/proc", pid, "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def worker_again(stack, region):
    """The region's worker ends and is started anew, as by a supervisor."""
    config = stack.status["regions"][region]["config"]
    workers = [(pid, parent) for pid, parent, words in processes()
               if words[0].endswith(b"praya-worker") and supervises(parent, config)]
    assert workers
    for pid, _ in workers:
        os.kill(int(pid), signal.SIGTERM)


def killed_when(stack, place, ready):
    """A move, killed with SIGKILL as soon as `ready` says so."""
    argv = [stack.status["cli"], "--config", stack.status["config"], "tenant", "move", place.slug, "--region", "sg"]
    moving = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(ready, 60)
    moving.kill()
    assert moving.wait() == -signal.SIGKILL, "it had ended before"


def state_of(stack, slug):
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("select region, state from tenant where slug = %s", (slug,))
        return cursor.fetchone()


def test_what_a_killed_move_copied_is_cleared(stack):
    # A folder alone is not: where two regions share a store it is the other's, and alive. It comes first.
    other = stack.praya_json("tenant", "show", stack.new_workspace().slug)["id"]
    alone = Path(stack.status["regions"]["sg"]["files"]) / f"praya_t_{other}" / "object"
    alone.parent.mkdir()
    alone.write_text("alive")
    place = stack.new_workspace()
    api, number, file = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    killed_when(stack, place, lambda: parts_left(stack, "sg", tenant)[0] == 1)
    assert parts_left(stack, "sg", tenant) != NOTHING
    worker_again(stack, "hk")
    worker_again(stack, "sg")
    assert wait_until(lambda: parts_left(stack, "sg", tenant) == NOTHING, 30)
    assert alone.read_text() == "alive"
    alone.unlink()
    alone.parent.rmdir()
    assert state_of(stack, place.slug) == ("hk", "active") and parts_left(stack, "hk", tenant) == WHOLE
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"
    assert api.get(f"/attachments/{file}/content").content == b"content" * 9999
    assert place.slug in log_of(stack, "is destroyed")


def test_a_killed_move_that_had_closed_it_is_taken_back(stack):
    place = stack.new_workspace()
    api, number, _ = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    killed_when(stack, place, lambda: state_of(stack, place.slug)[1] == "moving")
    assert api.post("/contacts", json={"name_en": "x"}).status_code in (201, 503)
    worker_again(stack, "hk")
    assert wait_until(lambda: state_of(stack, place.slug) == ("hk", "active"), 30)
    assert wait_until(lambda: api.post("/contacts", json={"name_en": "y"}).status_code == 201, 20)
    worker_again(stack, "sg")
    assert wait_until(lambda: parts_left(stack, "sg", tenant) == NOTHING, 30)
    assert parts_left(stack, "hk", tenant) == WHOLE
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"
    assert "open again" in log_of(stack, place.slug)


def test_what_is_left_where_it_was_is_cleared(stack):
    """Killed after the directory has changed."""
    place = stack.new_workspace()
    api, number, _ = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    # Its clearing finds the lock of the old cluster taken: what is there stays, however it ends.
    with stack.database_named("postgres", "hk").cursor() as cursor:
        cursor.execute("select pg_advisory_lock(482955327842)")
        argv = [stack.status["cli"], "--config", stack.status["config"], "tenant", "move", place.slug, "--region", "sg"]
        moving = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert wait_until(lambda: state_of(stack, place.slug)[0] == "sg", 60)
        moving.kill()
        assert moving.wait() in (-signal.SIGKILL, 1)
        assert parts_left(stack, "hk", tenant) == WHOLE
        cursor.execute("select pg_advisory_unlock(482955327842)")
    worker_again(stack, "hk")
    worker_again(stack, "sg")
    assert wait_until(lambda: parts_left(stack, "hk", tenant) == NOTHING, 30)
    assert state_of(stack, place.slug) == ("sg", "active") and parts_left(stack, "sg", tenant) == WHOLE
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"


def test_a_move_that_goes_on_is_left_alone(stack):
    """Workers of both regions come up in its middle, again and again."""
    place = stack.new_workspace()
    api, number, _ = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    moving = begun(stack, place)
    while moving.poll() is None:
        worker_again(stack, "hk")
        worker_again(stack, "sg")
        wait_until(lambda: moving.poll() is not None, 2)
    said = moving.communicate()
    assert moving.returncode == 0, said
    assert state_of(stack, place.slug) == ("sg", "active") and parts_left(stack, "sg", tenant) == WHOLE
    assert parts_left(stack, "hk", tenant) == NOTHING
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"


def test_a_directory_of_before_the_move_destroys_nothing(stack):
    """Restored as it was, it says of a living workspace that it is elsewhere."""
    place = stack.new_workspace()
    api, number, _ = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    stack.praya("tenant", "move", place.slug, "--region", "sg")
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("update tenant set region = 'hk' where slug = %s", (place.slug,))
        before = len(lines_of(stack))
        worker_again(stack, "sg")
        other = stack.new_workspace()
        cursor.execute("select tenant_id from tenant where slug = %s", (other.slug,))
        half = f"praya_t_{cursor.fetchone()[0]}"
    # What it does clear says that it has been through: another one's half copy, next in order.
    with stack.database_named("postgres", "sg").cursor() as cursor:
        cursor.execute(f"create database {half}")
        worker_again(stack, "sg")

        def gone():
            cursor.execute("select not exists (select from pg_database where datname = %s)", (half,))
            return cursor.fetchone()[0]

        assert wait_until(gone, 30)
    assert parts_left(stack, "sg", tenant) == WHOLE
    assert not any(place.slug in line and "destroyed" in line for line in lines_of(stack)[before:])
    # Nor does the operator who follows what doctor says of half copies.
    done = stack.praya("tenant", "move", place.slug, "--region", "hk", check=False)
    assert done.returncode == 1, done.stdout
    assert parts_left(stack, "sg", tenant) == WHOLE
    with stack.database_named("praya_directory").cursor() as cursor:
        cursor.execute("update tenant set region = 'sg' where slug = %s", (place.slug,))
    assert wait_until(lambda: api.get(f"/contacts/{number}").status_code == 200, 20)


def test_a_running_move_is_not_taken_back(stack):
    place = stack.new_workspace()
    api, number, _ = fill(place)
    tenant = stack.praya_json("tenant", "show", place.slug)["id"]
    moving = begun(stack, place)
    assert wait_until(lambda: state_of(stack, place.slug)[1] == "moving", 60)
    done = stack.praya("tenant", "move", place.slug, "--region", "hk", check=False)
    assert done.returncode == 1 and "is running" in done.stderr
    said = moving.communicate(timeout=120)
    assert moving.returncode == 0, said
    assert state_of(stack, place.slug) == ("sg", "active")
    assert parts_left(stack, "sg", tenant) == WHOLE and parts_left(stack, "hk", tenant) == NOTHING
    assert api.ok("GET", f"/contacts/{number}")["name_en"] == "Chan Tai Man"


def test_one_that_cannot_be_mended_holds_up_no_other(stack):
    broken, other = stack.new_workspace(), stack.new_workspace()
    name = f"praya_t_{stack.praya_json('tenant', 'show', broken.slug)['id']}"
    with stack.database_named("postgres").cursor() as cursor:
        cursor.execute(f"alter database {name} connection limit 0")
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))

        def renamed(old, new):
            try:
                cursor.execute(f"alter database {old} rename to {new}")
            except psycopg2.errors.ObjectInUse:
                return False
            return True

        assert wait_until(lambda: renamed(name, "put_aside"), 20)
        with stack.database_named("praya_directory").cursor() as directory:
            directory.execute("update tenant set state = 'moving' where slug in (%s, %s)", (broken.slug, other.slug))
        worker_again(stack, "hk")
        assert wait_until(lambda: state_of(stack, other.slug) == ("hk", "active"), 30)
        assert state_of(stack, broken.slug) == ("hk", "moving") and broken.slug in log_of(stack, "taking back")
        assert wait_until(lambda: renamed("put_aside", name), 20)
    worker_again(stack, "hk")
    assert wait_until(lambda: state_of(stack, broken.slug) == ("hk", "active"), 30)
    assert broken.admin.api().post("/contacts", json={"name_en": "Lee"}).status_code == 201


def lines_of(stack):
    return [line for file in (stack.var / "log").glob("worker*.log") for line in file.read_text().splitlines()]


def log_of(stack, words):
    return " | ".join(line for line in lines_of(stack) if words in line)
