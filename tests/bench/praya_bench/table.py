# SPDX-License-Identifier: ISC
"""What was measured against what it has to be, as a table for people and for README.md."""
import dataclasses

NOTE = (
    "Each ratio is the median of the ratios of {rounds} rounds, in which what is compared takes turns, so "
    "that whatever else the machine does meets both. Machine: {machine}."
)


@dataclasses.dataclass
class Row:
    """One line. `good`: None for what has no bar and only explains."""

    figure: str
    value: str
    bar: str = ""
    good: bool = None

    @property
    def verdict(self):
        return {None: "", True: "PASS", False: "MISS"}[self.good]


def at_least(figure, value, bar, text="{:.2f}"):
    return Row(figure, text.format(value), f"at least {text.format(bar)}", value >= bar)


def at_most(figure, value, bar, text="{:.2f}"):
    return Row(figure, text.format(value), f"at most {text.format(bar)}", value <= bar)


def markdown(rows, note):
    lines = ["| figure | measured | bar | |", "|---|---|---|---|"]
    lines += [f"| {r.figure} | {r.value} | {r.bar} | {r.verdict} |" for r in rows]
    return "\n".join([*lines, "", note])
