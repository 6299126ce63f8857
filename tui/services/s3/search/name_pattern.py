"""Which names a person looks for: a part of the name, a glob, or a regular expression."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.models import S3Object
from tui.services.s3.search.regex import Expression, compiled

_WILD = frozenset("*?[")

MOST_FOLDERS = 4
"""How often `**/` may stand in a glob: each doubles what is looked for."""


@dataclass(frozen=True)
class NamePattern:
    """What keys, relative to a folder, are compared with."""

    text: str
    """As it was typed."""
    expressions: tuple[Expression, ...]
    """A name matches if one of these is found in it."""

    @classmethod
    def parse(cls, text: str) -> NamePattern:
        """The pattern that `text` says.

        `/…/` is a regular expression that is found anywhere in the name, `/…/i` one that ignores
        case. A text with `*`, `?` or `[` is a glob of the whole name, in which `*` goes over `/`
        as in `aws s3 --exclude` and `s5cmd`, and `**/` is any number of folders, none included.
        Anything else is a part of the name. In globs and parts a small letter stands for the
        capital too, if there is no capital in the whole text.

        Raises ServiceError (INVALID).
        """
        if not text:
            raise ServiceError("Type what to look for.", kind=ErrorKind.INVALID)
        body, slash, flags = text[1:].rpartition("/")
        if text.startswith("/") and slash and body and flags in {"", "i"}:
            return cls(text, (compiled(body, ignore_case=bool(flags)),))
        case = re.IGNORECASE if text == text.lower() else 0
        if not _WILD & set(text):
            return cls(text, (re.compile(re.escape(text), case),))
        # Each is anchored at both ends, and takes time in proportion to the name.
        globs = (rf"\A{fnmatch.translate(each)}" for each in _globs(text))
        return cls(text, tuple(re.compile(each, case) for each in globs))

    def matches(self, name: str) -> bool:
        """Whether a name, relative to where the search stands, is one of them. Raises ServiceError
        (INVALID) if that cannot be said in time."""
        try:
            return any(each.search(name) for each in self.expressions)
        except TimeoutError as error:
            raise ServiceError(
                f"The expression takes too long for the name {name[:60]!r}.",
                hint="Use fewer repeats such as .* in it.",
                kind=ErrorKind.INVALID,
            ) from error

    def among(self, objects: Iterable[S3Object], base: str) -> list[S3Object]:
        """Those of the objects whose keys match, without the beginning `base`."""
        matches, skip = self.matches, len(base)
        return [each for each in objects if matches(each.key[skip:])]


def _globs(text: str) -> list[str]:
    """The globs without `**/` that say the same together."""
    parts = re.split(r"(?:^|(?<=/))\*\*/", text)
    if len(parts) - 1 > MOST_FOLDERS:
        raise ServiceError(
            f"A pattern may hold **/ at most {MOST_FOLDERS} times.", kind=ErrorKind.INVALID
        )
    ways = product(*[("", "*/")] * (len(parts) - 1))
    return [
        parts[0] + "".join(way + part for way, part in zip(each, parts[1:], strict=True))
        for each in ways
    ]
