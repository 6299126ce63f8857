"""What S3 takes as the tags, the metadata and the headers of an object, and documents of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

MOST_TAGS = 10
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html"""

MOST_METADATA = 2 * 1024
"""Bytes of names and values together.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""

_TAG = re.compile(r"[\w\s+\-=.:/@]*")
"""Letters, digits and blanks of any language, and a few signs."""

_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
"""A name that HTTP takes; S3 stores capitals as small letters."""

_VALUE = re.compile(r"[\x20-\x7e]*")


def tag_set_problems(tags: Mapping[str, str]) -> list[str]:
    """Every rule that the tags of an object break, as sentences."""
    problems = []
    if len(tags) > MOST_TAGS:
        problems.append(f"An object has at most {MOST_TAGS} tags; these are {len(tags)}.")
    for key, value in tags.items():
        if not key:
            problems.append("A tag needs a key.")
        elif key.lower().startswith("aws:"):
            problems.append(f"{key!r}: keys that begin with aws: are reserved by AWS.")
        elif len(key) > LONGEST_TAG_KEY:
            problems.append(f"The key of a tag has at most {LONGEST_TAG_KEY} characters: {key!r}.")
        elif len(value) > LONGEST_TAG_VALUE:
            problems.append(
                f"The value of a tag has at most {LONGEST_TAG_VALUE} characters: {key!r} has "
                f"{len(value)}."
            )
        elif not _TAG.fullmatch(key) or not _TAG.fullmatch(value):
            problems.append(f"{key!r}: a tag has letters, digits, blanks and + - = . _ : / @ only.")
    return problems


def metadata_problems(metadata: Mapping[str, str]) -> list[str]:
    """Every rule that the metadata of an object breaks, as sentences."""
    problems = []
    for name, value in metadata.items():
        if not _NAME.fullmatch(name):
            problems.append(
                f"{name!r}: the name of metadata has small letters, digits and signs like - _ ."
            )
        elif not _VALUE.fullmatch(value):
            problems.append(f"{name!r}: metadata is ASCII text of one line.")
        elif value != value.strip():
            problems.append(f"{name!r}: blanks at an end of metadata are lost.")
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > MOST_METADATA:
        problems.append(f"Metadata has at most {MOST_METADATA:,} bytes; these are {size:,}.")
    return problems


def header_problems(name: str, value: str) -> list[str]:
    """Every rule that the value of a header breaks, as sentences."""
    if not _VALUE.fullmatch(value):
        return [f"{name}: it is ASCII text of one line."]
    if value != value.strip():
        return [f"{name}: blanks at an end of it are lost."]
    if name == "Expires":
        try:
            parsedate_to_datetime(value)
        except ValueError:
            return [f"{name}: write a date like Wed, 21 Oct 2026 07:28:00 GMT."]
    if name == "WebsiteRedirectLocation" and not value.startswith(("/", "http://", "https://")):
        return [f"{name}: it begins with /, http:// or https://."]
    return []


class RepeatedNameError(ValueError):
    """A document names the same thing twice."""


def read_document(text: str) -> object:
    """What a JSON document says. Raises ValueError, with the place as far as it is known."""

    def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise RepeatedNameError(f"{twice!r} stands there twice.")
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise ValueError(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None


def texts_in(document: object, *, removable: bool) -> dict[str, str | None]:
    """The names and texts of an object of JSON; with `removable`, null may stand for a text.

    Raises ValueError.
    """
    if not isinstance(document, dict):
        raise ValueError("It must be an object of names and texts: { … }.")
    found: dict[str, str | None] = {}
    for name, value in document.items():
        if isinstance(value, str) or (value is None and removable):
            found[name] = value
        else:
            null = " or null, which takes it away" if removable else ""
            raise ValueError(f"{name!r} must be a text in quotes{null}.")
    return found
