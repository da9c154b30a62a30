# SPDX-License-Identifier: ISC
"""Figures for Prometheus: what people did is counted once, over all processes and
their successors, and nothing in it names anybody."""
import re
import subprocess
import threading

LINE = re.compile(r'^([a-z_]+)(?:\{([^}]*)\})? (-?[0-9.e+]+|\+Inf)$')


def figures(stack):
    text = stack.praya("metrics").stdout
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.match(r"^# (HELP|TYPE) praya_[a-z_]+ ", line)
            continue
        match = LINE.match(line)
        assert match, line
        key = (match.group(1), match.group(2) or "")
        assert key not in found, f"twice: {line}"
        found[key] = float(match.group(3))
    return text, found


def test_prometheus_can_read_it(stack):
    """Its text format, line by line: HELP and TYPE before a name's samples, which stand together; histograms add up."""
    text, found = figures(stack)
    types, told, at = {}, set(), None
    buckets = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            at = line.split()[2]
            assert at not in told and line.split(None, 3)[3].endswith(".")
            told.add(at)
        elif line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name == at and kind in ("counter", "gauge", "histogram")
            types[name] = kind
        else:
            match = LINE.match(line)
            name, labels = match[1], match[2] or ""
            base = re.sub("_(bucket|sum|count)$", "", name)
            assert (name if types.get(base) != "histogram" else base) == at, f"not where it belongs: {line}"
            if name.endswith("_bucket"):
                rest, bound = re.fullmatch(r'(.*?),?le="([^"]+)"', labels).groups()
                buckets.setdefault((base, rest), []).append((float(bound), float(match[3])))
    assert set(types) == told and text.endswith("\n")
    assert [n for n, kind in types.items() if (kind == "counter") != n.endswith("_total")] == []
    assert buckets
    for (name, labels), steps in buckets.items():
        assert steps == sorted(steps) and [v for _, v in steps] == sorted(v for _, v in steps), (name, labels)
        assert steps[-1] == (float("inf"), found[(name + "_count", labels)])
        assert (name + "_sum", labels) in found


def requests_of(found, route, status):
    return found.get(("praya_requests_total", f'route="{route}",status="{status}"'), 0)


def test_each_request_is_counted_once(stack):
    place = stack.new_workspace()
    api = place.admin.api()
    _, before = figures(stack)

    def ask():
        for _ in range(10):
            api_of = place.stack
            assert api_of is stack
            answers.append(clients.pop().get("/contacts").status_code)

    clients = [place.admin.api(f"n{i}") for i in range(40)]
    answers = []
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 40
    assert api.get("/contacts/999999").status_code == 404
    _, after = figures(stack)
    assert requests_of(after, "contact.list", "2xx") - requests_of(before, "contact.list", "2xx") == 40
    assert requests_of(after, "contact.read", "4xx") - requests_of(before, "contact.read", "4xx") == 1
    assert after[("praya_web_processes", "")] >= 2 and after[("praya_up", "")] == 1
    # A histogram adds up: each bucket holds the one before, the last is the count.
    buckets = [v for (name, labels), v in after.items()
               if name == "praya_request_seconds_bucket" and 'route="contact.list"' in labels]
    assert buckets == sorted(buckets)
    assert buckets[-1] == after[("praya_request_seconds_count", 'route="contact.list"')]

    def grown(name):
        key = (name, 'route="contact.list"')
        return after[key] - before.get(key, 0)

    assert 0 < grown("praya_request_database_seconds_total") < grown("praya_request_seconds_sum")


def test_sums_never_fall(stack):
    stack.visitor("harbour").get("/login")
    _, before = figures(stack)
    stack.command("reload")
    stack.visitor("harbour").get("/login")
    _, after = figures(stack)
    counters = [k for k in before if k[0].endswith(("_total", "_count", "_sum", "_bucket"))]
    assert counters and all(after[k] >= before[k] for k in counters)


def test_nothing_names_anybody(stack):
    place = stack.new_workspace()
    api = place.admin.api()
    api.ok("POST", "/contacts", json={"name_en": "Canary Metricsson", "email": "canary@metrics.example"})
    api.get("/contacts/search-for-canary")
    text, _ = figures(stack)
    for word in (place.slug, "canary", "Canary", "praya_t_", "harbour", "lantau", "@", "/contacts", "127.0"):
        assert word not in text, word


def test_jobs_and_mails(stack):
    place = stack.new_workspace()
    _, found = figures(stack)
    for state in ("queued", "running", "failed"):
        assert found[("praya_jobs", f'state="{state}"')] >= 0
        assert found[("praya_jobs_age_seconds", f'state="{state}"')] >= 0
    with place.database().cursor() as cursor:
        cursor.execute("insert into job (kind, run_at) values ('import', now() + interval '1 day')")
        cursor.execute("insert into job (kind, state, started_at, finished_at) values "
                       "('import', 'failed', now() - interval '2 hours', now() - interval '1 hour')")
        cursor.execute("insert into outbox (kind, created_at, expires_at) values "
                       "('invite', now() - interval '3 hours', now() + interval '1 day')")
    number = place.stack.praya_json("tenant", "show", place.slug)["id"]
    with stack.database_named("praya_cell").cursor() as cursor:
        # In a worker's hands, so that none takes it, and before others that have work.
        cursor.execute("insert into wakeup (tenant_id, taken_at) values (%s, now() - interval '4 minutes') on conflict (tenant_id) "
                       "do update set dirty_at = null, taken_at = excluded.taken_at", (number,))
    _, after = figures(stack)
    assert after[("praya_jobs", 'state="failed"')] >= found[("praya_jobs", 'state="failed"')] + 1
    assert after[("praya_jobs_age_seconds", 'state="failed"')] >= 3600
    assert after[("praya_outbox_waiting", "")] >= 1 and after[("praya_outbox_age_seconds", "")] >= 3 * 3600


def http(stack, request):
    argv = [stack.status["cli"], "--config", stack.status["config"], "metrics", "--http"]
    return subprocess.run(argv, input=request, capture_output=True, check=True).stdout.decode()


def test_one_request_over_a_socket(stack):
    answer = http(stack, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    head, body = answer.split("\r\n\r\n", 1)
    assert head.startswith("HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4")
    assert f"Content-Length: {len(body)}" in head and "praya_up 1" in body
    refused = [
        (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"GET /metrics/../x HTTP/1.1\r\n\r\n", "404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", "405"),
        (b"GET /metrics HTTP/1.1\r\n", "400"),
        (b"", "400"),
        (b"\x00\xff" * 9000, "400"),
    ]
    for request, status in refused:
        answer = http(stack, request)
        assert answer.startswith(f"HTTP/1.0 {status} ") and "praya_" not in answer


def test_not_on_the_web(stack):
    for path in ("/metrics", "/api/v1/metrics"):
        answer = stack.visitor("harbour").get(path)
        assert answer.status_code in (303, 404) and "praya_requests" not in answer.text
