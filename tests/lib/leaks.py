# SPDX-License-Identifier: ISC
"""praya leaktest as tests call it, and what its report says."""
import json


def leaktest(workspace, profile=None, routes=None):
    """Its report, and its exit status."""
    named = (*(("--profile", profile) if profile else ()), *(("--routes", routes) if routes else ()))
    done = workspace.stack.praya("leaktest", workspace.slug, *named, "--json", check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def told(report):
    return "\n".join(" ".join(map(str, h.values())) for h in report["hits"])


def found(report, how, word):
    return [h for h in report["hits"] if h["how"] == how and word in h["what"]]
