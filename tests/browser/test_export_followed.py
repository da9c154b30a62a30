# SPDX-License-Identifier: ISC
"""The page of an export of everything, left open: its bar and the time that is left move, and in the end the page says how it went."""
import contextlib

import pytest

from chrome import Window


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def rows(place):
    with contextlib.closing(place.database()) as connection:
        yield connection.cursor()


@pytest.fixture
def window(place, tmp_path):
    window = Window(place.stack.origin(place.slug), tmp_path)
    window.sign_in(place.admin.email, place.admin.password)
    yield window
    window.close()


def test_the_bar_moves_by_itself(window, rows):
    rows.execute("insert into job (kind, args, unique_key, state, done, total, lease_until) values ('workspace_export', '{}', "
                 "'followed', 'running', 0, 1000, now() + interval '1 hour') returning job_id")
    (job,) = rows.fetchone()
    rows.execute("insert into export (kind, entity, format, state, reason, asked, day, threshold, created_by, begun_at, job_id) "
                 "values ('workspace', 'workspace', 'zip', 'running', 'legal', 1, 0, 1000, 1, now() - interval '1 hour', %s) "
                 "returning export_id", [job])
    (number,) = rows.fetchone()
    window.open(f"/exports/{number}")
    bar = window.find("progress")
    assert (bar.get_property("value"), window.find("[data-done]").text) == (0, "0 %")
    assert "too early" in window.text
    for done, words in ((250, ("About 180 minutes", "About 181 minutes")), (990, ("Less than a minute",))):
        share = done // 10
        rows.execute("update job set done = %s where job_id = %s", [done, job])
        window.until(lambda: window.find("[data-done]").text == f"{share} %", "the bar moves")
        # Not a new page: the bar that was there.
        assert bar.get_property("value") == share
        assert any(w in window.text for w in words)
    rows.execute("update job set state = 'failed', error = 'error.store_full' where job_id = %s", [job])
    rows.execute("update export set state = 'failed' where export_id = %s", [number])
    window.until(lambda: not window.all("progress"), "the page says how it went")
    assert "Failed" in window.text or "failed" in window.text
