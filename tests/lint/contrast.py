#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Contrast of the colours in static/app/10_ground.css, light and dark, after WCAG 2.2:
4.5 for text, 3 for the edges of fields and the focus ring."""
import os
import pathlib
import re
import sys

FILE = "static/app/10_ground.css"
TEXT, EDGE = 4.5, 3.0
SURFACES = ("canvas", "surface", "raised")
# (ink, ground, least)
PAIRS = [(ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "brand", "brand-strong", "bad", "good", "warn",
                                         "info", "plum", "gold") for ground in SURFACES]
PAIRS += [(c, c + "-soft", TEXT) for c in ("good", "warn", "bad", "info", "plum", "gold")]
PAIRS += [("ink", c + "-soft", TEXT) for c in ("good", "warn", "bad", "info", "brand", "neutral")]
PAIRS += [("ink-2", "neutral-soft", TEXT), ("ink-2", "brand-soft", TEXT), ("brand-strong", "brand-soft", TEXT),
          ("on-brand", "brand", TEXT), ("on-brand", "brand-strong", TEXT), ("surface", "bad", TEXT),
          ("surface", "bad-strong", TEXT), ("bad-strong", "bad-soft", TEXT), ("top-ink", "top", TEXT),
          ("top-ink-2", "top", TEXT)]
PAIRS += [("field-line", ground, EDGE) for ground in ("surface", "canvas")]
PAIRS += [("focus", ground, EDGE) for ground in SURFACES]


def tokens(block):
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", block))


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    bright, dim = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir", "."))
    css = (top / FILE).read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.S)
    light = tokens(blocks[0])
    schemes = {"light": light, "dark": {**light, **tokens(blocks[1])}}
    failed = 0
    for name, colours in schemes.items():
        for ink, ground, least in PAIRS:
            ratio = contrast(colours[ink], colours[ground])
            if ratio < least:
                print(f"{FILE}: {name}: {ink} on {ground} is {ratio:.2f}, needs {least}")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
