"""A text that is looked for in an object, small and capital letters alike."""

from __future__ import annotations


def find_text(text: str, wanted: str, at: int | None, step: int, *, around: bool) -> int | None:
    """Where the next hit behind (or before) `at` begins, `around` the end if so; None for none."""
    found, lowered = text.lower(), wanted.lower()
    if len(found) != len(text):
        # A few letters have two in place of one: places would be others.
        found, lowered = text, wanted
    if step > 0:
        hit = found.find(lowered, 0 if at is None else at + 1)
        hit = found.find(lowered) if hit < 0 and around else hit
    else:
        hit = -1 if not at else found.rfind(lowered, 0, at - 1 + len(lowered))
        hit = found.rfind(lowered) if hit < 0 and around else hit
    return None if hit < 0 else hit


def find_in_bytes(data: bytes, wanted: str, encoding: str) -> int | None:
    """The offset of the first hit in data that begins with a whole character; None for none."""
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    text = data.decode(encoding, errors)
    hit = find_text(text, wanted, None, 1, around=False)
    return None if hit is None else len(text[:hit].encode(encoding, errors))


def longest_in_bytes(wanted: str) -> int:
    """The most bytes that a hit may take in any encoding; a letter in the other case may take more
    than the one that was typed."""
    return 4 * max(len(wanted), len(wanted.lower()), len(wanted.upper()))
