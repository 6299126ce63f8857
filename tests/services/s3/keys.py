"""Keys that are legal, all different, and that careless code changes on the way."""

from __future__ import annotations

HOSTILE = (
    "a//b",
    "/lead",
    "dir/",
    "dir/../up",
    "./z",
    "x/../y",
    "..",
    "%2F",
    "%00",
    "a+b c",
    "cr\rreturn",
    "tab\tbed",
    "esc\x1b[31mred",
    "\x01control",
    "\x7f",
    "😀",
    "e\u0301 decomposed",
    "\u00e9 composed",
    "Case",
    "cASE",
    "[/]",
    "[red]x",
    "quote'\"<>&",
    "a*?",
    "~tilde",
    "#fragment?x=1",
    "-dash",
    "back\\slash",
    "a=b&c;d,e:f@g!$()",
)
"""Line feeds are missing: the emulator's routes do not match them. See `scripted`."""
