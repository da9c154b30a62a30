# SPDX-License-Identifier: ISC
"""The statements of a page as praya-web sends them, read from the server's log,
which for this one role says everything for a moment."""
import re

LOUD = {
    "log_statement": "all",
    "log_parameter_max_length": "-1",
    "log_error_verbosity": "default",
    "log_min_duration_statement": "-1",
}
LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[(\d+)\] (\S*) (LOG|DETAIL|WARNING|ERROR|FATAL|HINT|STATEMENT):  (.*)", re.S)
PARAMETER = re.compile(r"\$(\d+) = (?:NULL|'((?:[^']|'')*)')(?:, |$)", re.S)


class Script:
    """A pgbench script and the values of its variables."""

    def __init__(self):
        self.lines = []
        self.values = {}

    def add(self, sql, parameters):
        def name(match):
            key = int(match.group(1))
            if parameters[key] is None:
                return "null"
            made = f"s{len(self.lines)}p{key}"
            self.values[made] = parameters[key]
            return ":" + made

        self.lines.append(re.sub(r"\$(\d+)", name, sql).replace("\n", " ") + ";")

    @property
    def text(self):
        """All of it in one round trip, as a page does."""
        return "\\startpipeline\n" + "\n".join(self.lines) + "\n\\endpipeline\n"

    def literal(self):
        """For psql."""
        filled = []
        for line in self.lines:
            filled.append(
                re.sub(r":(s\d+p\d+)", lambda m: "'" + self.values[m.group(1)].replace("'", "''") + "'", line)
            )
        return "\n".join(filled)


def entries(text):
    """Lines of the log; what has no head of its own belongs to the one before."""
    current = None
    for line in text.splitlines():
        if re.match(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] ", line):
            if current:
                yield current
            current = line
        elif current is not None:
            current += "\n" + line.removeprefix("\t")
    if current:
        yield current


def parse(text, database):
    """[(process, sql, {number: value})] in the order of execution."""
    found = []
    for entry in entries(text):
        match = LINE.match(entry)
        if not match or match.group(2) != database:
            continue
        pid, _, kind, rest = match.groups()
        execute = re.match(r"execute [^:]*: (.*)", rest, re.S)
        if kind == "LOG" and execute:
            found.append((pid, execute.group(1), {}))
        elif kind == "DETAIL" and found and rest.startswith("parameters: "):
            for number, value in PARAMETER.findall(rest.removeprefix("parameters: ")):
                found[-1][2][int(number)] = value.replace("''", "'")
    return found


def capture(space, path):
    """The script of GET `path`, from BEGIN to COMMIT."""
    stand = space.stand
    cookie = space.cookie
    role = space.database
    log = stand.var / "log/postgres.log"
    space.sql("".join(f"alter role {role} set {name} = '{value}';" for name, value in LOUD.items()))
    try:
        # Sessions that there are know nothing of it.
        stand.stack.command("reload")
        before = log.stat().st_size
        answer = space.person.browser().get(path, headers={"Cookie": cookie.removeprefix("Cookie: ")})
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        with open(log, "rb") as file:
            file.seek(before)
            text = file.read().decode()
    finally:
        space.sql("".join(f"alter role {role} reset {name};" for name in LOUD))
        stand.stack.command("reload")
    return script_of(parse(text, role))


def script_of(statements):
    """Of the last transaction that shows records."""
    script = None
    best = None
    for _, sql, parameters in statements:
        if sql == "begin":
            script = Script()
        if script is None:
            continue
        script.add(sql, parameters)
        if sql == "commit":
            if any("q as materialized" in line for line in script.lines):
                best = script
            script = None
    if best is None:
        raise RuntimeError("no statements of a page in the log")
    return best
