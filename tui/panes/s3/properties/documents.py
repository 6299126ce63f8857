"""Tags, headers and metadata as JSON to edit: of one object whole, of many what is to change."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.properties.models import HEADERS, Stored
from tui.services.s3.properties.property_changes import Patch, PropertyChange, patch_to
from tui.services.s3.properties.property_rules import (
    header_problems,
    metadata_problems,
    read_document,
    tag_set_problems,
    texts_in,
)

METADATA = "Metadata"


class TagsDocument:
    """The tags of one object, or with None what is to change of the tags of many."""

    def __init__(self, now: Mapping[str, str] | None) -> None:
        self._now = now

    @property
    def text(self) -> str:
        """What to begin with."""
        return _indented(self._now or {})

    @property
    def note(self) -> str:
        """What to know while typing."""
        if self._now is None:
            return 'What stands here is set, "name": null takes a tag away; other tags stay.'
        return '{"name": "value", …}: at most 10 tags; what is left out is taken away.'

    def problems(self, text: str) -> list[str]:
        """What is wrong with a text."""
        try:
            tags = texts_in(read_document(text), removable=self._now is None)
        except ValueError as error:
            return [str(error)]
        return tag_set_problems({name: value or "" for name, value in tags.items()})

    def change(self, text: str) -> PropertyChange:
        """What a text without problems asks for. Raises ServiceError if it is blank."""
        tags = texts_in(read_document(_not_blank(text)), removable=self._now is None)
        return PropertyChange(tags=_patch(self._now, tags))


class HeadersDocument:
    """The headers and the metadata of one object, or with None what is to change of many."""

    def __init__(self, now: Stored | None) -> None:
        self._now = now

    @property
    def text(self) -> str:
        """What to begin with."""
        if self._now is None:
            return _indented({METADATA: {}})
        return _indented({**self._now.headers, METADATA: dict(self._now.metadata)})

    @property
    def note(self) -> str:
        """What to know while typing."""
        names = ", ".join(HEADERS)
        if self._now is None:
            return f"What stands here is set, null takes away; the rest stays. Headers: {names}."
        return f"What is left out is taken away. Headers: {names}."

    def problems(self, text: str) -> list[str]:
        """What is wrong with a text."""
        try:
            headers, metadata = self._read(text)
        except ValueError as error:
            return [str(error)]
        unknown = [name for name in headers if name not in HEADERS]
        if unknown:
            return [f"{unknown[0]!r} is none of {', '.join(HEADERS)}, {METADATA}."]
        found = [
            each
            for name, value in headers.items()
            for each in header_problems(name, value or "")
            if value is not None
        ]
        return found + metadata_problems({name: value or "" for name, value in metadata.items()})

    def _read(self, text: str) -> tuple[Patch, Patch]:
        document = read_document(text)
        if not isinstance(document, dict):
            raise ValueError("It must be an object: { … }.")
        removable = self._now is None
        metadata = texts_in(document.pop(METADATA, {}), removable=removable)
        return texts_in(document, removable=removable), metadata

    def change(self, text: str) -> PropertyChange:
        """What a text without problems asks for. Raises ServiceError if it is blank."""
        headers, metadata = self._read(_not_blank(text))
        now = self._now
        return PropertyChange(
            headers=_patch(None if now is None else now.headers, headers),
            metadata=_patch(None if now is None else now.metadata, metadata),
        )


def _patch(now: Mapping[str, str] | None, texts: Patch) -> Patch:
    if now is None:
        return texts
    return patch_to(now, {name: value for name, value in texts.items() if value is not None})


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ServiceError("There is no document: {} is an empty one.", kind=ErrorKind.INVALID)
    return text


def _indented(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
