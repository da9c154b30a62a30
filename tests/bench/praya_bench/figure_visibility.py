# SPDX-License-Identifier: ISC
"""What it costs not to see everything: the list of a team, of somebody who owns ten, and
whether the time of a 404 tells that there is something."""
import time

import harness

from . import people
from .figure_list import PATH
from .figure_rights import ask
from .load import median, wrk
from .stand import say
from .table import Row, at_most

# Of a hundred contacts ten are the team's; ten in all are one person's own.
TEAM_EVERY, OWN = 10, 10
ENTITIES = ("contact", "company", "activity", "message", "attachment", "invoice")


def prepare(space):
    """People whose profiles differ in their scope alone, unless they are there."""
    if not space.has("bench.scopes"):
        say("Making a team ...")
        space.sql("insert into team (name) values ('Bench'); create table bench.scopes ();")
        for scope in ("all", "team", "own"):
            add(space, scope)
        space.sql(
            "set session_replication_role = replica; set synchronous_commit = off;"
            f"update contact set team_id = (select team_id from team where name = 'Bench') where contact_id % {TEAM_EVERY} = 3;"
            f"update contact set owner_id = (select user_id from app_user where email like 'own@%') where contact_id <= {OWN};")
        space.sql("vacuum analyze contact; checkpoint;")
    return {scope: harness.Person(space.stack, space.slug, email(space, scope), space.password) for scope in ("all", "team", "own")}


def email(space, scope):
    return f"{scope}@{space.slug}.example"


def add(space, scope):
    rights = ", ".join(f"('{entity}', 'view'), ('{entity}', 'edit')" for entity in ENTITIES)
    space.sql(
        f"insert into profile (name, new_fields, new_sealed) values ('Bench {scope}', 'edit', 'hidden');"
        f"insert into profile_right select profile_id, e, r, '{scope}' from profile, (values {rights}) x (e, r) where name = 'Bench {scope}';")
    space.stack.praya("user", "add", space.slug, email(space, scope), "--profile", f"Bench {scope}", "--password-stdin",
                      stdin=space.password + "\n")
    space.sql(f"update app_user set team_id = (select team_id from team where name = 'Bench') where email = '{email(space, scope)}'")


def header(person):
    return "Cookie: " + "; ".join(f"{c.name}={c.value}" for c in person.browser().cookies)


def lists(stand, space, who):
    cookies = {scope: header(person) for scope, person in who.items()}
    for cookie in cookies.values():
        wrk(space.origin, PATH, cookie, 1, stand.size.seconds)
    rounds = []
    for number in range(stand.size.rounds):
        one = {scope: wrk(space.origin, PATH, cookie, 1, stand.size.seconds).p50 for scope, cookie in cookies.items()}
        say(f"  round {number + 1}: " + ", ".join(f"{scope} {ms:.2f} ms" for scope, ms in one.items()))
        rounds.append(one)
    count = f"{stand.size.large:,}"
    yield at_most(f"the list page under a team's visibility against everybody's, {count} contacts: median latency",
                  median([one["team"] / one["all"] for one in rounds]), 1.5)
    yield at_most(f"the list page of who owns {OWN} of {count} against everybody's: median latency",
                  median([one["own"] / one["all"] for one in rounds]), 2)
    yield Row("&ensp;all, team, own", ", ".join(f"{median([one[s] for one in rounds]):.2f} ms" for s in ("all", "team", "own")))


def not_found(stand, space, person):
    """A contact of others and one that is not there, in turns, past nginx."""
    place, host = stand.instance.run_dir / "web.sock", space.origin.removeprefix("https://")
    cookie = person.browser().cookies.get("__Host-praya")
    paths = {"invisible": f"/api/v1/contacts/{stand.size.large}", "missing": f"/api/v1/contacts/{stand.size.large + 987654}"}
    times = {name: [] for name in paths}
    for number in range(stand.size.not_found + 20):
        for name in sorted(paths, reverse=number % 2 == 1):
            start = time.perf_counter()
            ask(place, host, cookie, paths[name], status=404)
            times[name].append((time.perf_counter() - start) * 1000)
    middle = {name: median(list_[20:]) for name, list_ in times.items()}
    yield at_most(f"an invisible contact against a missing one: medians of {stand.size.not_found:,} 404s apart",
                  abs(middle["invisible"] / middle["missing"] - 1) * 100, 5, "{:.1f} %")
    yield Row("&ensp;the two", f"{middle['invisible']:.3f} ms, {middle['missing']:.3f} ms")


def run(stand):
    space = stand.space("large")
    people.fill(space, stand.size.large)
    who = prepare(space)
    yield from lists(stand, space, who)
    yield from not_found(stand, space, who["own"])
