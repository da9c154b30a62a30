# SPDX-License-Identifier: ISC
"""The state machines of privacy requests, over every pair of states: what the law's tables
allow is taken, everything else is refused, by JSON, by page and by the database itself.

The tables here are written from the law's, not from the product's."""
import datetime

import psycopg2
import pytest

HONG_KONG = datetime.timezone(datetime.timedelta(hours=8))
OPEN = {
    "access": ["received", "clarifying", "searching", "review", "fee_pending", "delay_noticed"],
    "correction": ["received", "clarifying", "verifying", "corrected", "notifying_3p", "delay_noticed"],
    "erasure": ["received", "assessing"],
    "opt_out": ["received"],
}
ENDS = {
    "access": ["not_held", "complied", "partly_complied", "refused"],
    "correction": ["partly_corrected", "closed", "refused"],
    "erasure": ["erased", "partly_erased", "declined"],
    "opt_out": ["applied"],
}
LOOKS_AGAIN = ["verify", "approve", "correct_received_at"]


def table(kind):
    """{(from, action, to)}"""
    rows = set()

    def add(froms, action, to):
        rows.update((state, action, to or state) for state in froms)

    if kind == "access":
        add(["received", "clarifying"], "clarify", "clarifying")
        add(["received", "clarifying"], "search", "searching")
        add(["searching"], "not_held", "not_held")
        add(["searching"], "review", "review")
        add(["review"], "fee", "fee_pending")
        add(["fee_pending"], "fee_paid", "review")
        add(["review"], "comply", "complied")
        add(["review"], "comply_partly", "partly_complied")
        for action, to in [("search", "searching"), ("review", "review"), ("not_held", "not_held"), ("comply", "complied"),
                           ("comply_partly", "partly_complied")]:
            add(["delay_noticed"], action, to)
        add(OPEN[kind], "verify", None)
        add(["review", "delay_noticed"], "approve", None)
    if kind == "correction":
        add(["received", "clarifying", "verifying"], "clarify", "clarifying")
        add(["received", "clarifying"], "verify", "verifying")
        add(["delay_noticed"], "verify", None)
        add(["verifying", "delay_noticed"], "correct", "corrected")
        add(["verifying", "delay_noticed"], "correct_partly", "partly_corrected")
        add(["corrected"], "notify_recipients", "notifying_3p")
        add(["notifying_3p"], "close", "closed")
    if kind in ("access", "correction"):
        add(OPEN[kind], "delay", "delay_noticed")
        add(OPEN[kind], "refuse", "refused")
        add(OPEN[kind], "withdraw", "withdrawn")
    if kind == "erasure":
        add(["received"], "assess", "assessing")
        add(OPEN[kind], "verify", None)
        add(["assessing"], "erase", "erased")
        add(["assessing"], "erase", "partly_erased")
        add(["assessing"], "decline", "declined")
        add(OPEN[kind], "withdraw", "withdrawn")
    if kind == "opt_out":
        add(["received"], "apply", "applied")
    add(OPEN[kind], "duplicate", "duplicate")
    add(OPEN[kind], "not_a_request", "not_a_request")
    add(OPEN[kind], "correct_received_at", None)
    return rows


def states(kind):
    every = OPEN[kind] + ENDS[kind] + ["duplicate", "not_a_request"]
    return every if kind == "opt_out" else [*every, "withdrawn"]


ACTIONS = sorted({action for kind in OPEN for _, action, _ in table(kind)})


def body(action, kind, other):
    why = {"reason": "Because it is so", "late_reason": None}
    ground = {"access": "20(3)(b)", "correction": "24(3)(b)"}.get(kind, "20(3)(b)")
    bodies = {
        "verify": {"how": "id_seen"},
        "clarify": {"reason": "Which year?"},
        "fee": {"fee_copying": "12.50", "fee_lowest": "12.50"},
        "approve": {},
        "comply_partly": {**why, "ground": ground},
        "correct_partly": {**why, "ground": ground},
        "refuse": {**why, "ground": ground},
        "duplicate": {"duplicate_of": other},
        "close": {"copy_sent_on": datetime.datetime.now(HONG_KONG).strftime("%Y-%m-%d")},
        "correct_received_at": {"received_at": "2026-01-02", "reason": "Typed wrong", "evidence": "The postmark"},
    }
    for action_with_reason in ("delay", "withdraw", "not_a_request", "decline"):
        bodies[action_with_reason] = {"reason": "Because it is so"}
    return {name: value for name, value in bodies.get(action, {}).items() if value is not None}


class Bench:
    """A case of one kind with nothing missing, put into any state behind the product's back."""

    def __init__(self, workspace, kind, letters=True):
        self.letters = letters
        self.api = workspace.admin.api()
        self.kind = kind
        self.connection = workspace.database()
        self.rows = self.connection.cursor()
        self.person = self.api.ok("POST", "/contacts", status=201, json={"name_en": f"Chan {kind}"})["id"]
        record = {"kind": kind, "channel": "letter", "contact_ids": [self.person]}
        self.other = self.api.ok("POST", "/privacy/requests", status=201, json=record)["id"]
        self.id = self.api.ok("POST", "/privacy/requests", status=201, json=record)["id"]
        self.rows.execute("update contact set erased_at = now() where contact_id = %s", [self.person])
        self.rows.execute("insert into log_book (request_id, kind, received_on, ground, reasons, notice_on, late) "
                          "values (%s, %s, '2026-01-02', 'x', '', '2026-01-02', false)", [self.id, kind])
        self.rows.execute("insert into request_file (request_id, what, name, content_type, size, sha256) values "
                          "(%s, 'answer', 'x', 'text/plain', 1, 'x')", [self.id])
        if kind == "correction":
            self.rows.execute("insert into letter (request_id, letter, language, sealed, sent_how, sent_on) values "
                              "(%s, 'corrected', 'en', 'x', 'post', hk_today())", [self.id])
        self.rows.execute("select min(user_id), max(user_id), current_database() from app_user")
        self.me, self.somebody, self.role = self.rows.fetchone()

    def put(self, state):
        self.rows.execute(
            "update privacy_request set state = %s, closed_at = case when %s then now() end, identity_at = now(), "
            "authority_at = now(), approved_at = case when %s then now() end, delayed_at = null, limb_a = true, limb_b = true, "
            "recorded_by = %s, reviewed_by = %s, due_on = hk_today() + 30, due_rolled_on = hk_today() + 31, fee_at = null, "
            "received_at = now() where request_id = %s",
            [state, state not in OPEN[self.kind], state in ("review", "delay_noticed"), self.somebody, self.somebody, self.id])
        if self.letters:
            self.told()

    def told(self):
        """Every letter that has to go out before a step has, since that step was taken last; nothing is answered under
        s.21(2), which is told instead of another letter and wants its own entry (test_undisclosed)."""
        self.rows.execute(
            "insert into letter (request_id, letter, language, sealed, sent_how, sent_on) select distinct %s, u.letter, 'en', "
            "'x'::bytea, 'post', hk_today() from letter_use u where u.request_kind = %s and u.goes_first "
            "and u.letter <> 'no_disclosure' and not exists (select from "
            "letter l where l.request_id = %s and l.letter = u.letter and l.created_at > all (select e.at from request_event e "
            "where e.request_id = l.request_id and e.action = u.action))", [self.id, self.kind, self.id])

    def unapproved(self):
        self.rows.execute("update privacy_request set approved_at = null where request_id = %s", [self.id])

    def state(self):
        self.rows.execute("select state from privacy_request where request_id = %s", [self.id])
        return self.rows.fetchone()[0]


@pytest.fixture(scope="module", params=sorted(OPEN))
def bench(request, workspace):
    workspace.add_user("administrator")
    made = Bench(workspace, request.param)
    yield made
    made.connection.close()


def test_the_product_knows_these_states(bench):
    bench.rows.execute("select from_state, action, to_state from request_step where kind = %s", [bench.kind])
    assert set(bench.rows.fetchall()) == table(bench.kind)


def test_every_pair_by_json(bench):
    allowed, found = {(state, action) for state, action, _ in table(bench.kind)}, []
    leads = {(state, action): to for state, action, to in sorted(table(bench.kind), reverse=True)}
    for state in states(bench.kind):
        # With its end, what an erased person's case holds of them goes, too.
        for action in sorted(ACTIONS, key="erase".__eq__):
            bench.put(state)
            if action == "approve":
                bench.unapproved()
            version = bench.api.ok("GET", f"/privacy/requests/{bench.id}")["version"]
            answer = bench.api.post(f"/privacy/requests/{bench.id}/{action}", json=body(action, bench.kind, bench.other),
                                    headers={"If-Match": str(version)})
            wanted = leads[state, action] if (state, action) in allowed else state
            status = 200 if (state, action) in allowed else 409
            if answer.status_code != status or bench.state() != wanted:
                found.append(f"{state} {action}: {answer.status_code} {bench.state()} {answer.text[:200]}")
    assert not found, "\n".join(found)


def test_every_pair_by_page(bench, workspace):
    """What is refused as JSON is refused as a page, and its form is not shown either."""
    window, allowed, found = workspace.admin.browser(), {(s, a) for s, a, _ in table(bench.kind)}, []
    token = {"_csrf": window.csrf(), "_version": "1"}
    window.password = None
    for state in states(bench.kind):
        bench.put(state)
        for action in ACTIONS:
            if (state, action) in allowed:
                continue
            form = window.get(f"/privacy/requests/{bench.id}/{action}").status_code
            sent = window.post(f"/privacy/requests/{bench.id}/{action}", data={**token, **body(action, bench.kind, bench.other)},
                               headers={"Origin": window.origin})
            if form != 409 or sent.status_code not in (409, 412) or bench.state() != state:
                found.append(f"{state} {action}: {form} {sent.status_code} {bench.state()}")
    assert not found, "\n".join(found)


def test_every_pair_in_the_database(bench):
    """As the workspace's own login, with nothing of the product in between."""
    moves, found, tried = table(bench.kind), [], 0
    data = ('{"how": "known", "copy_sent_on": "2026-01-02", "duplicate_of": %d, "received_at": "2026-01-02T00:00:00Z", '
            '"due_on": "2026-02-11", "due_rolled_on": "2026-02-11", "other_user": true}' % bench.other)
    if bench.kind == "opt_out":
        data = data.replace("2026-02-11", "2026-01-02")
    fee = data.replace("{", '{"fee": 1, "fee_lowest": 1, "fee_items": {"copying": 1}, ')
    ground = {"access": "20(3)(b)", "correction": "24(3)(b)"}.get(bench.kind)
    for state in states(bench.kind):
        bench.put(state)
        for action in ACTIONS:
            for to in states(bench.kind):
                tried += 1
                bench.rows.execute("begin")
                if action == "approve":
                    bench.unapproved()
                bench.rows.execute(f'set local role "{bench.role}"')
                bench.rows.execute("select gate_system('worker', %s, 'test')", [bench.me])
                try:
                    bench.rows.execute(
                        "insert into request_event (request_id, action, to_state, ground, note, late_reason, data) "
                        "values (%s, %s, %s, %s, 'x', 'x', %s)", [bench.id, action, to, ground, fee if action == "fee" else data])
                    went = True
                except psycopg2.Error as error:
                    went = False
                    if error.pgcode != "PR021":
                        found.append(f"{state} {action} {to}: {error.pgcode}")
                bench.rows.execute("rollback")
                if went != ((state, action, to) in moves):
                    found.append(f"{state} {action} {to}: {went}")
    assert tried > 0 and not found, "\n".join(found)


def test_no_state_but_by_a_step(bench):
    """Neither by an update nor by an insert, and nobody deletes one: not even a superuser."""
    bench.put("received")
    for what, code in [
        ("update privacy_request set state = 'refused' where request_id = %s", "42501"),
        ("update privacy_request set received_at = now() where request_id = %s", "42501"),
        ("update privacy_request set due_on = due_on + 1 where request_id = %s", "42501"),
        ("update privacy_request set closed_at = now() where request_id = %s", "42501"),
        ("delete from privacy_request where request_id = %s", "42501"),
        ("update request_event set action = 'note' where request_id = %s", "42501"),
        ("delete from request_event where request_id = %s", "42501"),
        ("update log_book set ground = 'y' where request_id = %s", "42501"),
        ("delete from log_book where request_id = %s", "PR026"),
    ]:
        bench.rows.execute("begin")
        bench.rows.execute(f'set local role "{bench.role}"')
        bench.rows.execute("select gate_system('worker', %s, 'test')", [bench.me])
        with pytest.raises(psycopg2.Error) as refused:
            bench.rows.execute(what, [bench.id])
        assert refused.value.pgcode == code, what
        bench.rows.execute("rollback")
    for what in ("delete from privacy_request where request_id = %s", "delete from request_event where request_id = %s",
                 "update request_event set action = 'note' where request_id = %s", "delete from log_book where request_id = %s",
                 "update log_book set ground = 'y' where request_id = %s"):
        with pytest.raises(psycopg2.Error) as refused:
            bench.rows.execute(what, [bench.id])
        assert refused.value.pgcode == "PR026", what
