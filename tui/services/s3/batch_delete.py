"""What one DeleteObjects call may carry, and what its answer says of each key.

Everything that deletes by the batch uses this: the S3 service and cleanup.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LIMIT = 1000
"""Names in one call.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

NO_VERSION = "null"
"""The version id of what was written while the bucket had no versioning
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html)."""

GONE_ALREADY = frozenset({"NoSuchKey", "NoSuchVersion"})
"""Codes of deletes that found nothing: what was asked for is so."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can carry, so no DeleteObjects request either
(https://www.w3.org/TR/xml/#charsets); S3 takes them in the URL of a single delete."""


@dataclass(frozen=True)
class Name:
    """What a delete names: a key, or one version of it."""

    key: str
    version_id: str = NO_VERSION


@dataclass(frozen=True)
class Refused:
    """A name that was not deleted, and why."""

    name: Name
    code: str
    message: str


def split(names: Iterable[Name]) -> tuple[list[Name], list[Name]]:
    """(those that fit into one call together, those that need a call of their own).

    Alone goes what XML cannot carry, and what the answer could not tell from another name.
    """
    names = list(names)
    read_as = Counter(_as_read(name) for name in names)
    together: list[Name] = []
    alone: list[Name] = []
    for name in names:
        fits = not _NOT_IN_XML.search(name.key)
        told_apart = "\r" not in name.key or read_as[_as_read(name)] == 1
        (together if fits and told_apart else alone).append(name)
    return together, alone


def refused(names: Sequence[Name], answer: Mapping[str, Any]) -> list[Refused]:
    """Which of the names in a call stay, by the errors in its answer.

    An error that leaves the version out is about every version of its key. One that names nothing
    in the call leaves it open what it is about, so every name of the call stays in doubt.
    """
    by_name = {_as_read(name): [name] for name in names}
    by_key: dict[str, list[Name]] = {}
    for name in names:
        by_key.setdefault(_fold(name.key), []).append(name)
    found: dict[Name, Refused] = {}
    for error in answer.get("Errors") or ():
        code, key = str(error.get("Code", "")), _fold(str(error.get("Key", "")))
        if code in GONE_ALREADY:
            continue
        version = str(error.get("VersionId") or NO_VERSION)
        about = by_name.get(Name(key, version)) or by_key.get(key) or names
        for name in about:
            found[name] = Refused(name, code, str(error.get("Message", "")))
    return list(found.values())


def _as_read(name: Name) -> Name:
    """The name as a parser reads it in an answer."""
    return Name(_fold(name.key), name.version_id)


def _fold(key: str) -> str:
    """A carriage return that an answer does not escape is read as a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends)."""
    return key.replace("\r\n", "\n").replace("\r", "\n")
