# SPDX-License-Identifier: ISC
"""Background work as tests see it."""
import time

PATIENCE = 60


def finished(api, job, patience=PATIENCE):
    """The job once it is over. A job is only ever looked at from outside, so this asks again."""
    begin = time.monotonic()
    while True:
        state = api.ok("GET", f"/jobs/{job}")
        if state["state"] in ("done", "failed", "cancelled"):
            return state
        waited = time.monotonic() - begin
        assert waited < patience, f"still {state}"
        # What takes long is not made quicker by questions.
        time.sleep(min(max(0.05, waited / 10), 1))


def done(api, job, patience=PATIENCE):
    """The result of a job that has to go well."""
    state = finished(api, job, patience)
    assert state["state"] == "done", state
    return state.get("result")


def export_person(api, contact, **body):
    """The bytes of a person's export, and the number of its download."""
    job = api.ok("POST", f"/contacts/{contact}/export", status=202, json=body)["job"]
    path = done(api, job)["download"]
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.content, path
