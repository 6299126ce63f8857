"""Paths as people type, paste and drag them into a terminal: quoted, with `~` and `*`, one a line,
or as `file://` URLs. Blocking: run on a pool.
"""

from __future__ import annotations

import glob
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from urllib.parse import unquote_to_bytes

from tui.services.transfers.local.local_files import expanded
from tui.services.transfers.local.shell_patterns import alternatives, fitting
from tui.services.transfers.models import Problem

FITTING = 10_000
"""Names that one pattern may stand for; a folder with include and exclude patterns takes any."""

SAID = 3
"""Words that name nothing of which the reason is said."""

_ESCAPES = "\\" if os.name != "nt" else ""
_WILD = "*?["


@dataclass(frozen=True, slots=True)
class TypedPaths:
    """What a text names on this machine."""

    paths: tuple[Path, ...]
    """Each exists; absolute, in the order of the text, without repeats."""
    problems: tuple[Problem, ...]
    """Words that name nothing."""
    is_one: bool
    """Whether the text is a single name without a pattern."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the text, without its quotes."""

    text: str
    pattern: str
    """The same, so that what was quoted has no meaning for `glob`."""
    is_pattern: bool
    braces: tuple[str, ...] = ()
    """The words, with their quotes, that its braces stand for."""


def find_typed(text: str, here: Path) -> TypedPaths:
    """What a text names, relative to `here`: as a shell reads each of its lines, or else the line
    as it stands, because few that paste a name with blanks quote it. A name that exists is itself,
    whatever `*`, `?` and `[` are in it; other patterns stand for what fits them, as in a shell
    without what begins with a dot (`**` reaches into folders), and `{a,b}` for each of the two.
    """
    paths: dict[Path, None] = {}
    problems: list[Problem] = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    words = 0
    is_pattern = False
    for line in lines:
        found = _of_line(line, here)
        words += found.words
        is_pattern = is_pattern or found.is_pattern
        paths.update(dict.fromkeys(found.paths))
        problems += found.problems
    return TypedPaths(tuple(paths), tuple(problems), words == 1 and not is_pattern)


@dataclass(frozen=True, slots=True)
class _Line:
    paths: tuple[Path, ...]
    problems: tuple[Problem, ...]
    words: int
    is_pattern: bool


def _of_line(line: str, here: Path) -> _Line:
    words = list(_words(line))
    paths: list[Path] = []
    problems: list[Problem] = []
    for word in chain.from_iterable(_meant(word, here) for word in words):
        found = _of_word(word, here)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            paths += found
    if not paths and not problems:
        # Braces may stand for nothing: `{,}`.
        problems.append(Problem(line, "it names nothing"))
    if problems:
        whole = _existing(line, here)
        if whole is not None:
            return _Line((whole,), (), 1, False)
    is_pattern = any(word.is_pattern and _existing(word.text, here) is None for word in words)
    return _Line(tuple(paths), tuple(problems), len(words), is_pattern)


def _meant(word: _Word, here: Path) -> Iterable[_Word]:
    """The words that a word stands for: itself, if there is such a name."""
    if not word.braces or _existing(word.text, here) is not None:
        return (word,)
    return chain.from_iterable(_words(each) for each in word.braces)


def _of_word(word: _Word, here: Path) -> list[Path] | Problem:
    if word.text[:5].lower() == "file:":
        return _of_url(word.text)
    path = _existing(word.text, here)
    if path is not None:
        return [path]
    if not word.is_pattern:
        return Problem(word.text, "no such file or folder")
    home, slash, rest = word.pattern.partition("/")
    try:
        if home.startswith("~") and slash:
            pattern = glob.escape(str(expanded(Path(home)))) + slash + rest
        else:
            pattern = os.path.join(glob.escape(str(here)), word.pattern)
    except OSError:
        return Problem(word.text, "there is no such user")
    found = sorted(islice(_once(fitting(pattern)), FITTING + 1))
    if len(found) > FITTING:
        return Problem(
            word.text, f"more than {FITTING:,} names fit: choose their folder, and use patterns"
        )
    if not found:
        return Problem(word.text, "nothing fits this pattern")
    return [Path(os.path.abspath(each)) for each in found]


def _once(names: Iterable[str]) -> Iterator[str]:
    known: set[str] = set()
    for name in names:
        if name not in known:
            known.add(name)
            yield name


def _of_url(url: str) -> list[Path] | Problem:
    rest = url[5:]
    host = ""
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    if host.lower() not in {"", "localhost", socket.gethostname().lower()}:
        return Problem(url, f"it is a file of another machine ({host})")
    name = os.fsdecode(unquote_to_bytes(rest.encode("utf-8", "surrogateescape")))
    path = _existing(name, Path("/")) if name.startswith("/") else None
    return [path] if path is not None else Problem(url, "no such file or folder")


def _existing(name: str, here: Path) -> Path | None:
    """The path of a name, lexically without `..`; None if nothing is there."""
    try:
        path = os.path.abspath(here / expanded(Path(name)))
        return Path(path) if name and os.path.lexists(path) else None
    except (OSError, ValueError):
        # Nobody's home, or a NUL.
        return None


def single(text: str, here: Path) -> Path | None:
    """The one path that a text names, quoted or as a URL; None if it names none or several."""
    found = find_typed(text, here)
    return found.paths[0] if found.is_one and found.paths else None


def _words(line: str) -> Iterator[_Word]:
    """The words of a line as a shell reads them; an open quote goes to the end of the line."""
    text = pattern = quote = ""
    begin: int | None = None
    is_pattern = False
    characters = iter(enumerate(line))
    for index, character in characters:
        if not quote and character.isspace():
            if begin is not None:
                yield _word(line[begin:index], text, pattern, is_pattern)
            text, pattern, begin, is_pattern = "", "", None, False
            continue
        begin = index if begin is None else begin
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif character == _ESCAPES and quote != "'":
            _, following = next(characters, (index, _ESCAPES))
            kept = _ESCAPES if quote and following not in '"\\$`' else ""
            text += kept + following
            pattern += kept + glob.escape(following)
        else:
            text += character
            pattern += glob.escape(character) if quote else character
            is_pattern = is_pattern or (not quote and character in _WILD)
    if begin is not None:
        yield _word(line[begin:], text, pattern, is_pattern)


def _word(typed: str, text: str, pattern: str, is_pattern: bool) -> _Word:
    braces = alternatives(typed) if "{" in typed and _ESCAPES else [typed]
    has_braces = len(braces) > 1
    return _Word(text, pattern, is_pattern or has_braces, tuple(braces) if has_braces else ())


def not_chosen(problems: Sequence[Problem]) -> str:
    """The words that name nothing, or nothing that can be sent, in a sentence."""
    names = "; ".join(f"{each.name}: {each.reason}" for each in problems[:SAID])
    more = f"; and {len(problems) - SAID:,} more" if len(problems) > SAID else ""
    return f"Not chosen: {names}{more}."
