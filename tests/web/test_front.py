# SPDX-License-Identifier: ISC
"""What nginx sees to: TLS, headers, sizes, hosts, limits and its own errors."""
import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
import time

import pytest
import requests

from harness import TOP

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


@pytest.fixture(scope="module")
def visitor(stack):
    return stack.visitor("harbour")


def port(stack):
    return int(stack.origin("harbour").rsplit(":", 1)[1])


def context(stack):
    return ssl.create_default_context(cafile=stack.status["ca_cert"])


def handshake(stack, ctx, host="harbour.praya.localhost"):
    with socket.create_connection(("127.0.0.1", port(stack)), 10) as raw:
        with ctx.wrap_socket(raw, server_hostname=host) as tls:
            return tls.version(), tls.selected_alpn_protocol()


def check_headers(answer):
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, name
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CSP
    assert answer.headers["Server"] == "nginx"
    # 16 digits: the same request in the log of the application.
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_tls_1_3_with_http_2(stack):
    ctx = context(stack)
    ctx.set_alpn_protocols(["h2", "http/1.1"])
    assert handshake(stack, ctx) == ("TLSv1.3", "h2")


def test_no_older_tls(stack):
    ctx = context(stack)
    ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        handshake(stack, ctx)


def test_the_authority_signs_for_our_hosts_only(stack):
    """The private key of the demo's authority is of no use elsewhere."""
    tls = stack.var / "tls"
    leaf = stack.var / "tls/elsewhere.pem"
    try:
        config = "subjectAltName=DNS:www.example.com"
        run = lambda *argv, **more: subprocess.run(argv, check=True, capture_output=True, **more)
        run("openssl", "req", "-new", "-key", tls / "server.key", "-subj", "/CN=x", "-out", f"{leaf}.csr")
        (tls / "elsewhere.cnf").write_text(config)
        run(
            *("openssl", "x509", "-req", "-in", f"{leaf}.csr", "-CA", tls / "ca.pem"),
            *("-CAkey", tls / "ca.key", "-extfile", tls / "elsewhere.cnf", "-out", leaf),
        )
        done = subprocess.run(
            ["openssl", "verify", "-CAfile", tls / "ca.pem", leaf], capture_output=True, text=True
        )
        assert done.returncode != 0 and "permitted subtree violation" in done.stdout + done.stderr
    finally:
        for name in ("elsewhere.pem", "elsewhere.pem.csr", "elsewhere.cnf"):
            (tls / name).unlink(missing_ok=True)


def test_plain_http_gets_no_page(stack):
    connection = http.client.HTTPConnection("127.0.0.1", port(stack), timeout=10)
    connection.request("GET", "/login", headers={"Host": "harbour.praya.localhost"})
    answer = connection.getresponse()
    assert answer.status == 400
    assert answer.getheader("Set-Cookie") is None


@pytest.mark.parametrize("path", ["/healthz", "/login", "/no-such-page", "/api/v1/contacts"])
def test_headers_on_every_answer(visitor, path):
    check_headers(visitor.get(path))


def test_headers_on_static_files(visitor):
    page = visitor.page("/login")
    path = re.search(r'href="(/static/[^"]+\.css)"', page).group(1)
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CSP


@pytest.mark.parametrize("path", ["/static/../assets.hdf", "/static/%2e%2e/assets.hdf", "/assets.hdf"])
def test_nothing_beside_static_files(stack, path):
    """Sent as it stands: requests would tidy the path up."""
    with socket.create_connection(("127.0.0.1", port(stack)), 10) as raw:
        with context(stack).wrap_socket(raw, server_hostname="harbour.praya.localhost") as tls:
            head = f"GET {path} HTTP/1.1\r\nHost: harbour.praya.localhost\r\nConnection: close\r\n\r\n"
            tls.sendall(head.encode())
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            assert answer.status in (303, 400, 401, 404)


def test_pages_are_never_compressed(visitor):
    answer = visitor.get("/login", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_unknown_domain_is_a_plain_404(stack):
    answer = requests.get(
        f"https://127.0.0.1:{port(stack)}/login",
        headers={"Host": "elsewhere.example"},
        verify=False,
        timeout=10,
    )
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    check_headers(answer)


def test_unknown_workspace_is_a_plain_404(stack):
    answer = stack.visitor("nobody-has-this-name").get("/login")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_too_large_a_form(visitor):
    answer = visitor.post("/contacts", data=b"x" * (1024**2 + 1))
    assert answer.status_code == 413
    assert "This is too large" in answer.text and "資料太大" in answer.text
    check_headers(answer)


def test_too_large_a_body_of_a_program(visitor):
    answer = visitor.post("/api/v1/contacts", data=b"x" * (1024**2 + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 413
    check_headers(answer)


@pytest.mark.parametrize("path", ["/import", "/api/v1/imports", "/api/v1/contacts/1/attachments"])
def test_uploads_may_be_larger_than_forms(visitor, path):
    """Refused by the application, which asks who it is, not by nginx."""
    answer = visitor.post(path, data=b"x" * (2 * 1024**2))
    assert answer.status_code in (303, 400, 401, 403, 415)


def test_too_large_an_upload(visitor):
    answer = visitor.post("/api/v1/imports", data=b"x" * (51 * 1024**2 + 1))
    assert answer.status_code == 413


def test_sign_ins_are_limited(stack):
    """More attempts at once than the burst: some have to wait, whatever the
    password. The workspace does not exist, so no account's own limit is met."""
    visitor = stack.visitor("nobody-has-this-name")
    answers = [visitor.post("/login", data={"email": "x"}).status_code for _ in range(150)]
    assert 429 in answers
    assert visitor.get("/login").status_code == 404, "pages are not limited"
    # The zone empties with time and nothing else: burst 40 at 20 a second.
    time.sleep(2.1)
    assert visitor.post("/login", data={"email": "x"}).status_code == 404


def test_access_log_has_no_path_and_no_address(stack, visitor):
    log = stack.var / "log/access.log"
    start = log.stat().st_size
    mark = "q" + os.urandom(6).hex()
    answer = visitor.get(f"/contacts?q={mark}", headers={"Referer": f"https://x.example/{mark}"})

    def since():
        with log.open() as lines:
            lines.seek(start)
            return lines.read()

    # nginx writes its line when the answer is on its way.
    assert wait_until(lambda: answer.headers["X-Request-Id"] in since(), 10)
    text = since()
    for secret in (mark, "contacts", "127.0.0.1", "harbour", "referer"):
        assert secret not in text


def test_no_log_of_the_stack_has_what_was_asked_for(stack, visitor):
    mark = "q" + os.urandom(6).hex()
    visitor.get(f"/contacts/{mark}?q={mark}")
    visitor.post("/login", data={"email": f"{mark}@example.com", "password": mark})
    visitor.post("/contacts", data=mark.encode() + b"x" * (1024**2 + 1))
    visitor.get("/" + mark, headers={"Cookie": mark * 1000})
    for log in (stack.var / "log").iterdir():
        assert mark not in log.read_text(errors="replace"), log.name
