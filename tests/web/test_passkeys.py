# SPDX-License-Identifier: ISC
"""Passkeys: both steps in one, for the page they were made on, each challenge once; and whoever
sends anything else is told nothing."""
import json
import re

import pytest

from harness import API, VERIFY, parse_forms, some_address, verify_form
from mails import mail_to, text_of
from passkeys import HAS_KEY, KINDS, THERE, VERIFIED, Passkey, ask, b64, cbor, enrol, unb64

PAGE = "/settings/account/passkeys"
HUGE = [b"\xba\xff\xff\xff\xff", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xbf\xff", b"\xa1\x01" * 1000, b"\x81" * 1500 + b"\x00"]


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def ling(workspace):
    """Somebody with a passkey: who, where they are signed in, the passkey, what came back."""
    person = workspace.add_user("staff")
    browser = person.browser(some_address())
    passkey, answer = enrol(browser)
    return person, browser, passkey, answer


def door(workspace):
    return workspace.stack.visitor(workspace.slug, some_address())


def challenge(visitor, **body):
    answer = visitor.post(f"{API}/session/passkey/challenge", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def sign_in(workspace, passkey, **wrong):
    visitor = door(workspace)
    return visitor, visitor.post(f"{API}/session/passkey", json=passkey.get(challenge(visitor), **wrong))


def refused(answer):
    return (answer.status_code, answer.json()["type"]) == (401, "urn:praya:problem:unauthenticated")


def test_signs_in_without_a_name_or_password(workspace, ling, rows):
    person, _, passkey, _ = ling
    visitor, answer = sign_in(workspace, passkey)
    assert answer.status_code == 201 and answer.json()["csrf_token"]
    me = visitor.get(f"{API}/me").json()
    assert me["email"] == person.email and me["two_step"] is True
    rows.execute("select e.reason, e.actor_id = u.user_id from audit_event e join app_user u on u.user_id = e.record_ids[1] "
                 "where e.action = 'sign_in' and u.email = %s order by event_id desc limit 1", [person.email])
    assert rows.fetchone() == ("passkey", True)
    used = visitor.get(f"{API}/me/passkeys").json()["items"]
    assert [k["name"] for k in used] == ["Phone"] and used[0]["last_used_at"] is not None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key(workspace, kind):
    browser = workspace.add_user("staff").browser(some_address())
    passkey, _ = enrol(browser, kind=kind)
    assert sign_in(workspace, passkey)[1].status_code == 201
    passkey.sign = lambda text: Passkey(browser.origin, kind).sign(text)
    assert refused(sign_in(workspace, passkey)[1]), "signed by another key"


def test_the_page_takes_it_too(workspace, ling):
    person, _, passkey, _ = ling
    visitor = door(workspace)
    form = visitor.form("/login", "/login/passkey")
    answer = visitor.submit(form, **passkey.get(challenge(visitor)))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.email in visitor.page("/settings/account")
    again = door(workspace)
    form = again.form("/login", "/login/passkey")
    answer = again.submit(form, **passkey.get(challenge(again), flags=THERE))
    assert answer.status_code == 401 and "does not let you in" in answer.text
    assert "__Host-praya" not in again.cookies


def test_the_first_brings_recovery_codes(workspace, ling):
    person, browser, _, answer = ling
    codes = answer["recovery_codes"]
    assert len(set(codes)) == 10
    _, second = enrol(browser, "Laptop")
    assert "recovery_codes" not in second
    body = {"email": person.email, "password": person.password}
    assert door(workspace).post(f"{API}/session", json=body).json()["type"] == "urn:praya:problem:code_needed"
    assert door(workspace).post(f"{API}/session", json={**body, "totp": codes[0]}).status_code == 201
    assert "has been added" in text_of(mail_to(workspace.stack, person.email))


def test_after_the_password_it_is_the_second_step(workspace, ling):
    person, _, passkey, _ = ling
    visitor = door(workspace)
    answer = visitor.sign_in(person.email, person.password)
    assert answer.status_code == 200 and "__Host-praya" not in visitor.cookies
    ticket = dict([f for f in parse_forms(answer.text) if f.action == "/login/code"][0].fields)["ticket"]
    asked = challenge(visitor, ticket=ticket)
    assert asked["credentials"] == [b64(passkey.id)]
    form = [f for f in parse_forms(answer.text) if f.action == "/login/passkey"][0]
    assert visitor.submit(form, **passkey.get(asked)).status_code == 303


def test_nobody_is_told_which_passkeys_there_are(workspace, ling):
    person, _, _, _ = ling
    visitor = door(workspace)
    assert challenge(visitor)["credentials"] == []
    for wrong in ("x", "A" * 120):
        assert challenge(visitor, ticket=wrong)["credentials"] == []
    # Nor by the ticket of somebody else's visit.
    other = door(workspace)
    answer = other.sign_in(person.email, person.password)
    ticket = dict([f for f in parse_forms(answer.text) if f.action == "/login/code"][0].fields)["ticket"]
    assert challenge(visitor, ticket=ticket)["credentials"] == []


def test_unknown_and_wrong_are_the_same(workspace, ling):
    _, _, passkey, _ = ling
    _, wrong = sign_in(workspace, passkey, rp_id="elsewhere.example")
    stranger = Passkey(passkey.origin)
    _, unknown = sign_in(workspace, stranger)
    assert refused(wrong) and (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text)


WRONG = {
    "another origin": {"origin": "https://elsewhere.example"},
    "another workspace": {"origin": "https://harbour.praya.localhost"},
    "another type": {"kind": "webauthn.create"},
    "another place": {"rp_id": "praya.localhost"},
    "user not verified": {"flags": THERE},
    "user not there": {"flags": VERIFIED},
    "a key in a proof": {"flags": THERE | VERIFIED | HAS_KEY},
    "extensions without any": {"flags": THERE | VERIFIED | 128},
    "a foreign frame": {"crossOrigin": True},
    "bytes behind": {"more": b"\xa0"},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_crafted_proof(workspace, ling, what):
    _, _, passkey, _ = ling
    _, answer = sign_in(workspace, passkey, **WRONG[what])
    assert refused(answer), what
    assert sign_in(workspace, passkey)[1].status_code == 201, "the right one still works"


@pytest.mark.parametrize("bomb", range(len(HUGE)))
def test_cbor_that_claims_more_than_it_is(workspace, ling, bomb):
    _, browser, passkey, _ = ling
    assert refused(sign_in(workspace, passkey, flags=THERE | VERIFIED | 128, more=HUGE[bomb])[1])
    other = Passkey(browser.origin)
    made = other.create(ask(browser, "new"), key=HUGE[bomb])
    assert browser.post(f"{API}/me/passkeys", json={"name": "x", **made}).status_code == 422
    made["attestation"] = b64(HUGE[bomb])
    made["client_data"] = b64(other.client("webauthn.create", ask(browser, "new")["challenge"]))
    assert browser.post(f"{API}/me/passkeys", json={"name": "x", **made}).status_code == 422


def test_a_tampered_answer(workspace, ling):
    _, _, passkey, _ = ling
    for part in ("client_data", "authenticator_data", "signature", "credential", "user_handle"):
        visitor = door(workspace)
        sent = passkey.get(challenge(visitor))
        raw = bytearray(unb64(sent[part]))
        raw[len(raw) // 2] ^= 4
        assert refused(visitor.post(f"{API}/session/passkey", json={**sent, part: b64(bytes(raw))})), part
        for broken in ("=", "+/", "å", sent[part] + "A", sent[part][:-1] + "*"):
            assert refused(visitor.post(f"{API}/session/passkey", json={**sent, part: broken})), (part, broken)


def test_a_challenge_is_good_once(workspace, ling):
    _, _, passkey, _ = ling
    visitor = door(workspace)
    sent = passkey.get(challenge(visitor))
    assert visitor.post(f"{API}/session/passkey", json=sent).status_code == 201
    assert refused(visitor.post(f"{API}/session/passkey", json=sent))
    # Also after a refusal.
    asked = challenge(visitor)
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(asked, flags=THERE)))
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(asked)))
    # Nor one that nobody gave out.
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get({"challenge": b64(bytes(32))})))


def test_two_answers_at_the_same_moment(workspace, ling):
    """One challenge, two requests that overlap: while the first is open the second waits, then there is none."""
    _, _, passkey, _ = ling
    visitor = door(workspace)
    sent = passkey.get(challenge(visitor))
    with workspace.database() as connection:
        connection.autocommit = False
        with connection.cursor() as holder:
            holder.execute("delete from passkey_challenge")
            assert visitor.post(f"{API}/session/passkey", json=sent).status_code == 503
        connection.commit()
    assert refused(visitor.post(f"{API}/session/passkey", json=sent))


def test_a_challenge_is_for_one_purpose_and_place(workspace, ling):
    person, browser, passkey, _ = ling
    visitor, other = door(workspace), door(workspace)
    visitor.page("/login"), other.page("/login")
    assert refused(other.post(f"{API}/session/passkey", json=passkey.get(challenge(visitor)))), "another visit"
    for purpose in ("new", "identity"):
        asked = ask(browser, purpose)
        assert refused(browser.post(f"{API}/session/passkey", json=passkey.get(asked))), purpose
    # One for signing in proves nobody's identity, nor does another session's.
    for asked in (challenge(visitor), ask(browser, "new"), ask(person_again(workspace, person, passkey), "identity")):
        answer = browser.post(f"{API}/session/verify", json=passkey.get(asked))
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["credential"]
    assert browser.post(f"{API}/session/verify", json=passkey.get(ask(browser, "identity"))).status_code == 200


def person_again(workspace, person, passkey):
    """The same person in a second browser."""
    visitor, answer = sign_in(workspace, passkey)
    visitor.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return visitor


def test_a_challenge_lives_five_minutes(movable):
    place = movable.new_workspace()
    browser = place.add_user("staff").browser()
    passkey, _ = enrol(browser)
    visitor = door(place)
    asked = challenge(visitor)
    movable.command("time", "+6m")
    try:
        assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(asked)))
        assert visitor.post(f"{API}/session/passkey", json=passkey.get(challenge(visitor))).status_code == 201
    finally:
        movable.command("time", "now")


def test_challenges_are_stored_hashed_and_go(workspace, ling, rows):
    _, _, passkey, _ = ling
    visitor = door(workspace)
    asked = challenge(visitor)
    rows.execute("select hash from passkey_challenge")
    kept = [bytes(h) for (h,) in rows.fetchall()]
    assert kept and unb64(asked["challenge"]) not in kept and asked["challenge"].encode() not in kept
    before = len(kept)
    visitor.post(f"{API}/session/passkey", json=passkey.get(asked))
    rows.execute("select count(*) from passkey_challenge")
    assert rows.fetchone() == (before - 1,)


def test_challenges_nobody_answers_go(stack, workspace, rows):
    old, new = challenge(door(workspace)), challenge(door(workspace))
    assert old["challenge"] != new["challenge"]
    rows.execute("delete from passkey_challenge where ctid <> all (array(select ctid from passkey_challenge "
                 "order by expires_at desc limit 2))")
    rows.execute("update passkey_challenge set expires_at = now() - interval '1 second' "
                 "where expires_at = (select min(expires_at) from passkey_challenge)")
    rows.execute("update chore set due_at = now()")
    stack.praya("worker", workspace.slug, "--once")
    rows.execute("select count(*), count(*) filter (where expires_at > now()) from passkey_challenge")
    assert rows.fetchone() == (1, 1)


def status_of_one_more(visitor):
    return visitor.post(f"{API}/session/passkey/challenge", json={}).status_code


def test_challenges_of_an_address_are_limited(workspace, rows):
    """As many as failures of an address are: the fiftieth within an hour locks it."""
    visitor = door(workspace)
    assert status_of_one_more(visitor) == 201
    rows.execute("update sign_in_guard set failed_at = array_fill(now(), array[48]), failures = 48 "
                 "where last_at = (select max(last_at) from sign_in_guard)")
    assert [status_of_one_more(visitor) for _ in range(3)] == [201, 201, 429]
    assert status_of_one_more(door(workspace)) == 201, "another address"


def test_a_challenge_that_is_answered_does_not_count(workspace, ling, rows):
    passkey = ling[2]
    visitor = door(workspace)
    for _ in range(3):
        asked = challenge(visitor)
        assert visitor.post(f"{API}/session/passkey", json=passkey.get(asked)).status_code == 201
        visitor.cookies.clear()
    rows.execute("select failures, failed_at from sign_in_guard where last_at = (select max(last_at) from sign_in_guard)")
    assert rows.fetchone() == (0, [])
    challenge(visitor)
    rows.execute("select failures from sign_in_guard where last_at = (select max(last_at) from sign_in_guard)")
    assert rows.fetchone() == (1,)


def test_an_address_shut_for_guessing_gets_no_challenge(workspace, rows):
    visitor = door(workspace)
    assert visitor.post(f"{API}/session", json={"email": "nobody@example.com", "password": "x"}).status_code == 401
    rows.execute("select count(*) from sign_in_guard where last_at = (select max(last_at) from sign_in_guard)")
    assert rows.fetchone() == (2,), "the account's and the address's"
    rows.execute("update sign_in_guard set locked_until = now() + interval '1 minute' "
                 "where last_at = (select max(last_at) from sign_in_guard)")
    assert status_of_one_more(visitor) == 429
    assert status_of_one_more(door(workspace)) == 201


def test_a_counter_that_goes_back(workspace, ling, rows):
    person, _, passkey, _ = ling
    assert sign_in(workspace, passkey, count=41)[1].status_code == 201
    for count in (41, 40, 1, 0):
        assert refused(sign_in(workspace, passkey, count=count)[1]), count
    rows.execute("select count(*) from audit_event e join app_user u on u.user_id = e.record_ids[1] "
                 "where e.action = 'sign_in_failed' and e.reason = 'passkey_copied' and u.email = %s", [person.email])
    assert rows.fetchone() == (4,)
    assert "may be a copy" in text_of(mail_to(workspace.stack, person.email, 2))
    assert sign_in(workspace, passkey, count=42)[1].status_code == 201


def test_one_that_does_not_count(workspace, ling):
    _, _, passkey, _ = ling
    for _ in range(3):
        assert sign_in(workspace, passkey, count=0)[1].status_code == 201


def test_somebody_elses(workspace, ling):
    """Neither proves another's identity nor passes for another's passkey."""
    _, browser, passkey, _ = ling
    other = workspace.add_user("staff").browser(some_address())
    theirs, _ = enrol(other)
    answer = browser.post(f"{API}/session/verify", json=theirs.get(ask(browser, "identity")))
    assert answer.status_code == 422
    visitor = door(workspace)
    sent = theirs.get(challenge(visitor))
    assert refused(visitor.post(f"{API}/session/passkey", json={**sent, "credential": b64(passkey.id)}))
    sent = theirs.get(challenge(visitor))
    assert refused(visitor.post(f"{API}/session/passkey", json={**sent, "user_handle": passkey.handle}))
    # Nor can it be taken over by its name.
    thief = Passkey(browser.origin)
    thief.id = passkey.id
    taken = other.post(f"{API}/me/passkeys", json={"name": "mine", **thief.create(ask(other, "new"))})
    assert taken.status_code == 409
    assert refused(sign_in(workspace, thief)[1]) and sign_in(workspace, passkey)[1].status_code == 201
    number = browser.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    assert other.patch(f"{API}/me/passkeys/{number}", json={"name": "x"}).status_code == 404
    assert other.delete(f"{API}/me/passkeys/{number}").status_code == 404


def test_another_workspaces_passkey(stack, workspace, ling):
    _, _, passkey, _ = ling
    place = stack.new_workspace()
    visitor = door(place)
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(challenge(visitor))))
    sent = passkey.get(challenge(visitor), origin=visitor.origin, rp_id=visitor.origin[8:].split(":")[0])
    assert refused(visitor.post(f"{API}/session/passkey", json=sent))


def test_of_somebody_who_is_switched_off(workspace, ling, rows):
    person, _, passkey, _ = ling
    rows.execute("update app_user set active = false where email = %s", [person.email])
    assert refused(sign_in(workspace, passkey)[1])
    rows.execute("update app_user set active = true where email = %s", [person.email])
    assert sign_in(workspace, passkey)[1].status_code == 201


def test_a_locked_account_is_open_to_its_passkey(workspace, ling):
    """Others who guess the password lock out nobody who has a passkey; and wrong proofs lock no account."""
    person, _, passkey, _ = ling
    for _ in range(6):
        door(workspace).post(f"{API}/session", json={"email": person.email, "password": "guess-guess-guess"})
    assert sign_in(workspace, passkey)[1].status_code == 201
    for _ in range(6):
        assert refused(sign_in(workspace, passkey, flags=THERE)[1])
    needed = door(workspace).post(f"{API}/session", json={"email": person.email, "password": person.password})
    assert needed.json()["type"] == "urn:praya:problem:code_needed"


def test_an_address_that_tries_is_shut(workspace, ling, rows):
    _, _, passkey, _ = ling
    assert sign_in(workspace, passkey, count=9)[1].status_code == 201
    visitor = door(workspace)
    good, copied, wrong = (challenge(visitor) for _ in range(3))
    for _ in range(51):
        visitor.post(f"{API}/session/passkey", json=passkey.get(wrong, flags=THERE))
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(good)))
    # Nor does it make mails to anybody.
    rows.execute("select count(*) from outbox")
    before = rows.fetchone()
    assert refused(visitor.post(f"{API}/session/passkey", json=passkey.get(copied, count=3)))
    rows.execute("select count(*) from outbox")
    assert rows.fetchone() == before
    assert sign_in(workspace, passkey)[1].status_code == 201
    assert refused(sign_in(workspace, passkey, count=3)[1])
    rows.execute("select count(*) from outbox")
    assert rows.fetchone() > before


WRONG_NEW = {
    "another origin": {"origin": "https://elsewhere.example"},
    "another type": {"kind": "webauthn.get"},
    "another place": {"rp_id": "praya.localhost"},
    "user not verified": {"flags": THERE},
    "no key": {"flags": THERE | VERIFIED, "key": b""},
    "key of no kind we know": {"key": cbor({1: 2, 3: -47, -1: 8, -2: bytes(32), -3: bytes(32)})},
    "point off the curve": {"key": cbor({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})},
    "short point": {"key": cbor({1: 2, 3: -7, -1: 1, -2: bytes(3), -3: bytes(32)})},
    "an empty key": {"key": cbor({})},
}


@pytest.mark.parametrize("what", WRONG_NEW)
def test_a_crafted_new_one(workspace, ling, what):
    _, browser, _, _ = ling
    made = Passkey(browser.origin).create(ask(browser, "new"), **WRONG_NEW[what])
    if what == "no key":
        made["attestation"] = b64(cbor({"fmt": "none", "attStmt": {}, "authData": Passkey(browser.origin).data(5)}))
    answer = browser.post(f"{API}/me/passkeys", json={"name": "x", **made})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["attestation"], answer.text
    assert len(browser.get(f"{API}/me/passkeys").json()["items"]) == 1


def test_a_new_ones_challenge_is_good_once(workspace, ling):
    _, browser, _, _ = ling
    asked = ask(browser, "new")
    first, second = Passkey(browser.origin), Passkey(browser.origin)
    assert browser.post(f"{API}/me/passkeys", json={"name": "a", **first.create(asked, flags=THERE)}).status_code == 422
    assert browser.post(f"{API}/me/passkeys", json={"name": "b", **second.create(asked)}).status_code == 422


def test_adding_and_removing_are_grave(workspace, ling, rows):
    """Both ask who is there; the passkey made before the question is kept along with it."""
    person, browser, passkey, _ = ling
    browser.password = None
    rows.execute("update session s set verified_at = now() - interval '6 minutes' from app_user u "
                 "where u.user_id = s.user_id and u.email = %s", [person.email])
    made = Passkey(browser.origin).create(ask(browser, "new"))
    told = browser.post(f"{API}/me/passkeys", json={"name": "x", **made})
    assert told.status_code == 403 and told.json()["type"] == VERIFY
    asked = browser.submit(browser.form(PAGE, PAGE), name="Tablet 平板", **made)
    assert asked.status_code == 403
    # Answered with the passkey that is there, as the page offers.
    form = [f for f in parse_forms(asked.text) if "_credential" in dict(f.fields)][0]
    assert form.action == PAGE
    proof = passkey.get(ask(browser, "identity"))
    wrong = browser.submit(form, **{f"_{k}": v for k, v in {**proof, "signature": proof["signature"][:-4]}.items()})
    assert wrong.status_code == 403 and "Tablet" not in browser.page(PAGE)
    form = [f for f in parse_forms(wrong.text) if "_credential" in dict(f.fields)][0]
    done = browser.submit(form, **{f"_{k}": v for k, v in passkey.get(ask(browser, "identity")).items()})
    assert (done.status_code, done.headers["Location"]) == (303, PAGE)
    assert "Tablet 平板" in browser.page(PAGE)


def test_no_passkey_is_offered_to_whoever_has_none(workspace, rows):
    person = workspace.add_user("staff")
    browser = person.browser(some_address())
    browser.password = None
    rows.execute("update session s set verified_at = now() - interval '6 minutes' from app_user u "
                 "where u.user_id = s.user_id and u.email = %s", [person.email])
    asked = browser.submit(browser.form("/settings/account/two-step", "/settings/account/two-step"))
    assert asked.status_code == 403 and verify_form(asked) and "_credential" not in asked.text


def test_names(workspace, ling):
    _, browser, _, _ = ling
    number = browser.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    form = browser.form(PAGE, f"{PAGE}/{number}")
    assert browser.submit(form, name="  <b>Phone</b>   of\u200b Ling ").status_code == 303
    assert "&lt;b&gt;Phone&lt;/b&gt; of Ling" in browser.page(PAGE)
    for wrong in ("", "   ", "x" * 61):
        assert browser.submit(form, name=wrong).status_code == 422, wrong
        assert browser.patch(f"{API}/me/passkeys/{number}", json={"name": wrong}).status_code == 422
    assert browser.patch(f"{API}/me/passkeys/{number}", json={"name": "字" * 60}).status_code == 204


def test_twenty_and_no_more(workspace, ling, rows):
    person, browser, _, _ = ling
    rows.execute("insert into factor (user_id, kind, credential_id, public_key, alg, name, confirmed_at) "
                 "select user_id, 'passkey', sha256(i::text::bytea || email::bytea), '', -7, 'x', now() "
                 "from app_user, generate_series(1, 19) i where email = %s", [person.email])
    made = Passkey(browser.origin).create(ask(browser, "new"))
    assert browser.post(f"{API}/me/passkeys", json={"name": "x", **made}).status_code == 409


def test_removed(workspace, ling):
    person, browser, passkey, _ = ling
    second, _ = enrol(browser, "Laptop")
    first = [k for k in browser.get(f"{API}/me/passkeys").json()["items"] if k["name"] == "Phone"][0]
    done = browser.submit(browser.form(PAGE, f"{PAGE}/{first['id']}/remove"))
    assert (done.status_code, done.headers["Location"]) == (303, PAGE)
    assert refused(sign_in(workspace, passkey)[1]) and sign_in(workspace, second)[1].status_code == 201
    assert "has been removed" in text_of(mail_to(workspace.stack, person.email, 3))
    last = browser.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    assert browser.delete(f"{API}/me/passkeys/{last}").status_code == 204
    body = {"email": person.email, "password": person.password}
    assert door(workspace).post(f"{API}/session", json=body).status_code == 201, "the password is enough again"
    assert browser.get(f"{API}/me/two-step").json()["recovery_codes_left"] == 0


def test_a_token_does_nothing_with_them(workspace, ling):
    person, browser, _, _ = ling
    program = person.api()
    number = browser.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    assert program.post("/me/passkeys/challenge", json={"for": "new"}).status_code == 403
    assert program.post("/me/passkeys", json={"name": "x", "client_data": "x", "attestation": "x"}).status_code == 403
    assert program.delete(f"/me/passkeys/{number}").status_code == 403


def test_a_profile_that_demands_a_second_step_takes_one(workspace, rows):
    rows.execute("insert into profile (name, new_fields, new_sealed, require_totp) select 'careful', new_fields, new_sealed, "
                 "true from profile where name = 'staff' returning profile_id")
    profile, = rows.fetchone()
    person = workspace.add_user("staff")
    rows.execute("update app_user set profile_id = %s where email = %s", [profile, person.email])
    browser = person.browser(some_address())
    assert browser.get("/").headers["Location"] == "/settings/account/two-step"
    assert PAGE in browser.page("/settings/account/two-step")
    passkey, _ = enrol(browser)
    assert browser.get("/").status_code == 200
    number = browser.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    kept = browser.delete(f"{API}/me/passkeys/{number}")
    assert kept.status_code == 409 and len(browser.get(f"{API}/me/passkeys").json()["items"]) == 1
    enrol(browser, "Laptop")
    assert browser.delete(f"{API}/me/passkeys/{number}").status_code == 204
    assert refused(sign_in(workspace, passkey)[1])


def test_an_administrator_takes_all_of_them_away(workspace, ling):
    person, browser, passkey, answer = ling
    boss = workspace.admin.api()
    number = [u["id"] for u in boss.ok("GET", "/users")["items"] if u["email"] == person.email][0]
    boss.ok("DELETE", f"/users/{number}/two-step", 204)
    assert refused(sign_in(workspace, passkey)[1])
    body = {"email": person.email, "password": person.password}
    assert door(workspace).post(f"{API}/session", json={**body, "totp": answer["recovery_codes"][0]}).status_code == 201
    assert door(workspace).post(f"{API}/session", json=body).status_code == 201


def test_the_app_can_go_while_a_passkey_stays(workspace, ling):
    """And the recovery codes stay with it."""
    person, browser, passkey, _ = ling
    from test_two_step import App
    app = App(workspace, person.email, browser.post(f"{API}/me/two-step", json={}).json()["secret"])
    done = browser.post(f"{API}/me/two-step/confirm", json={"totp": app.show()})
    assert done.status_code == 200
    assert browser.delete(f"{API}/me/two-step").status_code == 204
    assert browser.get(f"{API}/me/two-step").json()["recovery_codes_left"] == 10
    assert sign_in(workspace, passkey)[1].status_code == 201
    assert browser.delete(f"{API}/me/two-step").status_code == 409


def test_without_javascript_the_password_stays(workspace):
    page = door(workspace).page("/login")
    form = re.search(r'<form[^>]*action="/login/passkey"[^>]*>', page)[0]
    assert form.endswith(" hidden>") and 'action="/login"' in page
    assert re.search(r'<script src="/static/passkey\.[0-9a-f]+\.js" defer>', page)
    assert not re.search(r"<script(?! src)", page)


def test_a_challenges_words(workspace, ling):
    """What the browser is told: this host, verified users only, and what not to make again."""
    person, browser, passkey, _ = ling
    asked = ask(browser, "new")
    assert asked["rp_id"] == browser.origin[8:].split(":")[0] and asked["user_verification"] == "required"
    assert asked["credentials"] == [b64(passkey.id)] and asked["algorithms"] == [-7, -8, -257]
    assert asked["user"]["name"] == person.email and person.email not in json.dumps(asked["user"]["handle"])
    assert browser.post(f"{API}/me/passkeys/challenge", json={"for": "anything"}).status_code == 422
