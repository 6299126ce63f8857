"""XML with each element in a line of its own, for reading."""

from __future__ import annotations

import re

MOST = 200_000
"""Tags and texts of a document that is laid out."""

_PART = re.compile(
    r"(?P<other><!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>)"
    r"|(?P<data><!\[CDATA\[.*?\]\]>)"
    r"|</(?P<end>[^\s<>/]+)\s*>"
    r"""|<(?P<start>[^\s<>/!?]+)(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?P<empty>/?)>"""
    r"|(?P<text>[^<]+)",
    re.DOTALL,
)
_PRESERVED = re.compile(r"""\sxml:space\s*=\s*["']preserve["']""")


def laid_out(text: str) -> str | None:
    """The elements of a document or of a fragment below each other, those inside further to the
    right; None if it is not well-formed or holds no element inside another.

    An element that holds text of its own, or only text, stays as it is written, so that blanks
    are added and left out only between tags. Entities are not looked at.
    """
    parts = _parts(text)
    if parts is None:
        return None
    as_written = _as_written(parts)
    lines: list[str] = []
    depth, held_by = 0, -1
    deepest = 0
    for at, (kind, part) in enumerate(parts):
        if held_by >= 0:
            lines[-1] += part
            if as_written[held_by] == at:
                held_by = -1
        elif kind == "text":
            continue  # blank, between tags
        else:
            depth -= kind == "end"
            lines.append("  " * depth + part)
            if at in as_written:
                held_by = at
            else:
                depth += kind == "start"
                deepest = max(deepest, depth)
    return "\n".join(lines) if deepest else None


def _parts(text: str) -> list[tuple[str, str]] | None:
    """Tags, texts and the rest, in order; None if the text is not made of them."""
    found: list[tuple[str, str]] = []
    names: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or len(found) == MOST:
            return None
        at = match.end()
        kind = str(match.lastgroup)
        is_wrong = False
        if match["start"]:
            kind = "other" if match["empty"] else "start"
            if kind == "start":
                names.append(match["start"])
        elif kind == "end":
            is_wrong = not names or names.pop() != match["end"]
        elif not names:
            is_wrong = kind == "data" or (kind == "text" and bool(match[0].strip()))
        if is_wrong:
            return None
        found.append((kind, match[0]))
    return None if names else found


def _as_written(parts: list[tuple[str, str]]) -> dict[int, int]:
    """Where the elements begin that stay as they are written, and where each of them ends."""
    found: dict[int, int] = {}
    open_tags: list[int] = []
    holds_text: set[int] = set()
    holds_more: set[int] = set()
    for at, (kind, part) in enumerate(parts):
        if kind == "end":
            begin = open_tags.pop()
            if begin in holds_text or begin not in holds_more:
                found[begin] = at
        elif open_tags and (kind == "data" or (kind == "text" and part.strip())):
            holds_text.add(open_tags[-1])
        elif kind != "text":
            if open_tags:
                holds_more.add(open_tags[-1])
            if kind == "start":
                open_tags.append(at)
                if _PRESERVED.search(part):
                    holds_text.add(at)
    return found
