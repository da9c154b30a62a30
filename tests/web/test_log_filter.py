# SPDX-License-Identifier: ISC
"""nginx's error log holds nothing that leads to a person."""
import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

FILTER = Path(__file__).resolve().parents[2] / "nginx/praya-log-filter"


@pytest.fixture(scope="module")
def clean():
    loader = importlib.machinery.SourceFileLoader("log_filter", str(FILTER))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("log_filter", loader))
    loader.exec_module(module)
    return module.clean


HEAD = "<187>Nov 23 10:00:00 nginx: 2026/11/23 10:00:00 [error] 7#7: *3 "
KEPT = "2026/11/23 10:00:00 [error] 7#7: *3 "
TAIL = (
    ', client: 203.0.113.7, server: *.praya.localhost, request: "GET /contacts?q=Chan HTTP/2.0", '
    'upstream: "fastcgi://unix:/var/run/web.sock:", host: "harbour.praya.localhost", '
    'referrer: "https://harbour.praya.localhost/contacts/7"'
)


def test_keeps_what_happened_and_where(clean):
    message = "connect() to unix:/var/run/web.sock failed (111: Connection refused)"
    assert clean(HEAD + message + TAIL) == KEPT + message + " upstream web.sock"


def test_keeps_the_name_of_our_zone(clean):
    message = 'limiting requests, excess: 40.1 by zone "praya_sign_in"'
    tail = ', client: 203.0.113.7, request: "POST /login HTTP/2.0"'
    assert clean(HEAD + message + tail) == KEPT + message.replace('"', "")


@pytest.mark.parametrize(
    "message",
    [
        'open() "/www/static/Chan Tai Man.css" failed (2: No such file or directory)',
        'client sent invalid header line: "X-Name: Chan Tai Man"',
        'FastCGI sent in stderr: "Chan Tai Man said "hello" to Chan"',
        'client sent invalid header line: "X: Chan, client: 203.0.113.9, host: "',
        'rewrite or internal redirection cycle while redirecting to "/Chan/"',
    ],
)
def test_cuts_what_is_quoted(clean, message):
    line = clean(HEAD + message + TAIL)
    assert line.startswith(KEPT)
    for secret in ("Chan", "203.0.113", "harbour", "hello"):
        assert secret not in line


def test_cuts_a_request_line_with_quotes_in_it(clean):
    line = clean(HEAD + 'upstream timed out, client: ::1, request: "GET /a"b, server: Chan HTTP/1.1"')
    assert line == KEPT + "upstream timed out"


def test_control_characters_cannot_forge_a_line(clean):
    assert "\n" not in clean(HEAD + "message\n2026/11/23 forged\r\x1b[1m" + TAIL)
