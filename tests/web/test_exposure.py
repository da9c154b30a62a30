# SPDX-License-Identifier: ISC
"""Who was exposed by an incident: made out of the log, complete, and frozen."""
import psycopg2
import pytest

from jobs import done, finished


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def incident(boss):
    return boss.ok("POST", "/privacy/incidents", status=201,
                   json={"kind": "insider", "title": "Look-ups", "what": "Somebody looked too much"})["id"]


@pytest.fixture(scope="module")
def thief(workspace):
    return workspace.add_user("administrator")


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def user_id(workspace, person):
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select user_id from app_user where email = %s", [person.email])
        return cursor.fetchone()[0]


def contact(client, name, **values):
    return client.ok("POST", "/contacts", status=201, json={"name_en": name, **values})["id"]


def listed(boss, incident, status=202, **asked):
    asked.setdefault("from", "2026-01-01")
    made = boss.ok("POST", f"/privacy/incidents/{incident}/lists", status=status, json=asked)
    result = done(boss, made["job"])
    assert result["incident"] == incident
    return boss.ok("GET", f"/privacy/incidents/{incident}/lists/{made['id']}?limit=200")


def people(answer):
    return {p["contact_id"]: p for p in answer["items"]}


def test_what_one_user_saw_how_and_which_fields(workspace, boss, incident, thief):
    seen = contact(boss, "Chan Seen", email="seen@example.com", phone="91234567")
    unseen = contact(boss, "Wong Unseen")
    api = thief.api()
    api.ok("GET", f"/contacts/{seen}")
    api.ok("GET", f"/contacts/{seen}")
    api.ok("POST", "/contacts/search", json={"q": "Chan Seen"})
    boss.ok("GET", f"/contacts/{unseen}")
    found = people(listed(boss, incident, actors=[user_id(workspace, thief)]))
    assert set(found) == {seen}
    person = found[seen]
    assert person["how"] == ["listed", "viewed"] and person["times"] == 3 and person["name"] == "Chan Seen"
    assert {"contact.name_en", "contact.email", "contact.phone"} <= set(person["fields"])
    assert person["first_at"] <= person["last_at"]


def test_changes_exports_and_what_was_sent(workspace, boss, incident):
    actor = workspace.add_user("administrator")
    api = actor.api()
    person = contact(api, "Lee Handled", email="lee@example.com")
    done(api, api.ok("POST", f"/contacts/{person}/export", status=202, json={})["job"])
    found = people(listed(boss, incident, actors=[user_id(workspace, actor)]))
    assert {"changed", "exported"} <= set(found[person]["how"])


def test_a_summary_by_way_and_category(workspace, boss, incident):
    actor = workspace.add_user("administrator")
    api = actor.api()
    one, two = contact(boss, "A One", email="one@example.com"), contact(boss, "B Two")
    api.ok("GET", f"/contacts/{one}")
    api.ok("GET", f"/contacts/{two}")
    made = listed(boss, incident, actors=[user_id(workspace, actor)])
    assert made["people"] == 2 and made["summary"]["how"] == {"viewed": 2}
    assert made["summary"]["categories"]["identity"] == 2 and made["summary"]["categories"]["contact"] == 2
    assert made["summary"]["categories"].get("government_id", 0) == 0, "a mask shows nothing"


def test_by_session_address_person_and_time(workspace, boss, incident, rows):
    actor = workspace.add_user("administrator")
    api = actor.api()
    one, two = contact(boss, "C One"), contact(boss, "D Two")
    away = api.moved()
    api.ok("GET", f"/contacts/{one}")
    assert away.get(f"/api/v1/contacts/{two}").status_code == 200
    rows.execute("select host(ip), session_id, at from audit_event where action = 'view' and subject_ids = array[%s::integer] "
                 "and actor_id = %s order by at desc limit 1", [two, user_id(workspace, actor)])
    address, session, at = rows.fetchone()
    assert set(people(listed(boss, incident, addresses=[address]))) == {two}
    assert {one, two} <= set(people(listed(boss, incident, sessions=[session])))
    assert set(people(listed(boss, incident, contact_ids=[one], actors=[user_id(workspace, actor)]))) == {one}
    assert one in people(listed(boss, incident, contact_ids=[one])) and two not in people(listed(boss, incident, contact_ids=[one]))
    window = {"from": at.isoformat(), "to": "2999-01-01", "actors": [user_id(workspace, actor)]}
    assert set(people(listed(boss, incident, **window))) == {two}
    both = {"from": "2026-01-01", "to": "2026-01-02", "from_2": at.isoformat(), "actors": [user_id(workspace, actor)]}
    assert set(people(listed(boss, incident, **both))) == {two}
    assert listed(boss, incident, **{"from": "2001-01-01", "to": "2001-02-01"})["people"] == 0


def test_what_was_refused_was_not_seen(workspace, boss, incident):
    actor = workspace.add_user("staff")
    hidden = contact(boss, "E Hidden")
    api = actor.api()
    assert api.post(f"/contacts/{hidden}/erase", json={"reason": "subject_request", "confirm": str(hidden)}).status_code == 403
    assert api.get(f"/contacts/{hidden}/audit").status_code == 403
    assert hidden not in people(listed(boss, incident, actors=[user_id(workspace, actor)]))


def test_erased_people_stay_in_it_by_number(workspace, boss, incident):
    actor = workspace.add_user("administrator")
    person = contact(boss, "Ho Erased", email="ho.erased@example.com")
    actor.api().ok("GET", f"/contacts/{person}")
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    made = listed(boss, incident, actors=[user_id(workspace, actor)])
    found = people(made)[person]
    assert found["erased"] is True and found["name"] is None and "Ho Erased" not in str(made)
    assert made["summary"]["erased"] == 1
    page = workspace.admin.browser().page(f"/privacy/incidents/{incident}/lists/{made['id']}")
    assert f"Erased person {person}" in page


def test_a_list_is_frozen_for_everybody(workspace, boss, incident, rows):
    made = listed(boss, incident)
    number = made["id"]
    assert made["state"] == "frozen" and len(made["digest"]) == 64 and made["people"] > 0
    assert boss.ok("GET", f"/privacy/incidents/{incident}/lists/{number}?check=1")["whole"] is True
    for statement in (
        "update exposure_entry set times = 0 where exposure_id = %s", "delete from exposure_entry where exposure_id = %s",
        "insert into exposure_entry values (%s, 1, 'viewed', 0, now(), now(), 1)",
        "update exposure set digest = '' where exposure_id = %s", "update exposure set state = 'folding' where exposure_id = %s",
        "delete from exposure where exposure_id = %s",
    ):
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(statement, [number])
        assert refused.value.pgcode == "PR033", statement
    rows.execute("select count(*) from incident_event where incident_id = %s and data->>'digest' = %s", [incident, made["digest"]])
    assert rows.fetchone()[0] == 1, "recorded in the history"


def test_one_row_changed_behind_its_back_is_found(boss, incident, rows):
    made = listed(boss, incident)
    rows.execute("set session_replication_role = replica")
    rows.execute("update exposure_entry set times = times + 1 where exposure_id = %s and contact_id = "
                 "(select min(contact_id) from exposure_entry where exposure_id = %s)", [made["id"], made["id"]])
    rows.execute("reset session_replication_role")
    assert boss.ok("GET", f"/privacy/incidents/{incident}/lists/{made['id']}?check=1")["whole"] is False


def test_reading_a_list_is_an_event_about_its_people(boss, incident, rows):
    contact(boss, "Read Listed")
    made = listed(boss, incident)
    rows.execute("select subject_ids from audit_event where entity = 'incident' and action = 'list' order by at desc limit 1")
    assert sorted(rows.fetchone()[0]) == sorted(p["contact_id"] for p in made["items"])
    # And which fields of whom: names, of those that have one.
    rows.execute("select e.subject_ids, s.fields from audit_event e join field_set s using (field_set_id) where e.entity = 'contact' "
                 "and e.action = 'list' and e.route = 'exposure.read' order by e.at desc, e.event_id desc limit 1")
    subjects, fields = rows.fetchone()
    assert sorted(subjects) == sorted(p["contact_id"] for p in made["items"] if p["name"]) and subjects
    assert sorted(fields) == ["name_en", "name_zh"]


def test_pages_of_a_list(boss, incident):
    made = listed(boss, incident)
    found, path = [], f"/privacy/incidents/{incident}/lists/{made['id']}?limit=2"
    after = ""
    while after is not None:
        answer = boss.ok("GET", path + after)
        found += [p["contact_id"] for p in answer["items"]]
        after = answer["next"] and f"&after={answer['next']}"
    assert found == sorted(set(found)) and len(found) == made["people"]
    assert boss.get(path + "&after=nonsense").status_code == 400
    assert boss.get(f"/privacy/incidents/{incident}/lists/999999").status_code == 404


def test_a_list_of_another_incident_is_not_there(boss, incident):
    other = boss.ok("POST", "/privacy/incidents", status=201, json={"kind": "lost", "title": "x", "what": "x"})["id"]
    made = listed(boss, incident)
    assert boss.get(f"/privacy/incidents/{other}/lists/{made['id']}").status_code == 404


def test_in_one_call_with_the_incident(workspace, boss, thief):
    made = boss.ok("POST", "/privacy/incidents", status=201, json={
        "kind": "insider", "title": "x", "what": "x", "actor": user_id(workspace, thief), "from": "2026-01-01"})
    (asked,) = made["lists"]
    assert asked["actors"] == [user_id(workspace, thief)]
    assert finished(boss, asked["job"])["state"] == "done"


def test_asked_for_by_page(workspace, boss, incident, thief):
    browser = workspace.admin.browser()
    form = browser.form(f"/privacy/incidents/{incident}/lists/new", f"/privacy/incidents/{incident}/lists")
    # It begins where the incident did; whoever knows better types another time.
    began = dict(form.fields)["from"]
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select to_char(began_at at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD\"T\"HH24:MI') from incident "
                       "where incident_id = %s", [incident])
        assert cursor.fetchone() == (began,)
    again = browser.submit(form, **{"from": ""})
    assert again.status_code == 422
    again = browser.submit(form, **{"from": "2026-01-01T00:00", "addresses": "nonsense"})
    assert again.status_code == 422 and "nonsense" in again.text
    answer = browser.submit(form, **{"from": "2026-01-01T00:00", "actors": str(user_id(workspace, thief))})
    assert answer.status_code == 303
    done(boss, int(answer.headers["Location"].rsplit("/", 1)[1]))
    page = browser.page(f"/privacy/incidents/{incident}")
    assert "SHA-256" in page
    number = boss.ok("GET", f"/privacy/incidents/{incident}")["lists"][0]["id"]
    assert "Chan Seen" in browser.page(f"/privacy/incidents/{incident}/lists/{number}")


def test_staff_sees_no_list(workspace, boss, incident):
    staff = workspace.add_user("staff").api()
    made = listed(boss, incident)
    assert staff.get(f"/privacy/incidents/{incident}/lists/{made['id']}").status_code == 403
    assert staff.post(f"/privacy/incidents/{incident}/lists", json={"from": "2026-01-01"}).status_code == 403


def test_events_of_a_thousand_people_each_are_read_in_pieces(boss, incident, rows):
    """More names than one piece takes: each event is read once, however many pieces they need."""
    events, actor = 1500, 2_000_000_001
    rows.execute("begin; select gate_system('cli', null, 'bench')")
    rows.execute(
        "insert into audit_event (at, actor_kind, actor_id, via, action, outcome, entity, record_ids, subject_ids, count) "
        "select now(), 'user', %s, 'cookie', 'list', 'ok', 'contact', ids, ids, 1000 from generate_series(1, %s), "
        "(select array_agg(n) as ids from generate_series(500000001, 500001000) n) x", [actor, events])
    rows.execute("commit")
    made = listed(boss, incident, actors=[actor])
    assert made["events"] == events and made["people"] == 1000
    assert {p["times"] for p in made["items"]} == {events} and {tuple(p["how"]) for p in made["items"]} == {("listed",)}
