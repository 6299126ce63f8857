"""What a transfer finds only while it runs, because there is so much of it: where to look, and how
far it has come. It is written into the journal, so that a later run can look on."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes
from tui.services.transfers.models import START, ConflictPolicy, WalkPosition
from tui.services.transfers.patterns import Pattern


@dataclass(frozen=True, slots=True)
class MoreFiles:
    """The files of an upload behind a place."""

    paths: tuple[Path, ...]
    """Those that were chosen."""
    prefix: str
    keep_folder_names: bool
    patterns: tuple[Pattern, ...] = ()
    policy: ConflictPolicy = ConflictPolicy.SKIP
    after: WalkPosition = START
    attributes: UploadAttributes = DEFAULTS
    follows_links: bool = True

    @property
    def text(self) -> str:
        """As the journal keeps it."""
        return json.dumps(
            {
                "paths": [os.fsencode(path).hex() for path in self.paths],
                "prefix": self.prefix,
                "keep_folder_names": self.keep_folder_names,
                "attributes": self.attributes.details,
                "follows_links": self.follows_links,
                **_kept(self),
            }
        )

    @classmethod
    def of(cls, text: str) -> MoreFiles:
        """Read back from `text`."""
        read = json.loads(text)
        paths = tuple(Path(os.fsdecode(bytes.fromhex(path))) for path in read["paths"])
        attributes = UploadAttributes.of(read.get("attributes", {}))
        names = read["keep_folder_names"]
        follows = read.get("follows_links", True)
        return cls(paths, read["prefix"], names, *_read(read), attributes, follows)


@dataclass(frozen=True, slots=True)
class MoreObjects:
    """The objects of a download behind a place."""

    prefixes: tuple[str, ...]
    """Those that were chosen."""
    base: str
    """As in `Planner.objects`."""
    patterns: tuple[Pattern, ...] = ()
    policy: ConflictPolicy = ConflictPolicy.SKIP
    after: WalkPosition = START

    @property
    def text(self) -> str:
        """As the journal keeps it."""
        return json.dumps({"prefixes": self.prefixes, "base": self.base, **_kept(self)})

    @classmethod
    def of(cls, text: str) -> MoreObjects:
        """Read back from `text`."""
        read = json.loads(text)
        return cls(tuple(read["prefixes"]), read["base"], *_read(read))


@dataclass(frozen=True, slots=True)
class MoreCopies:
    """The objects that are copied behind a place."""

    prefixes: tuple[str, ...]
    """Those that were chosen."""
    base: str
    """What every one of them begins with; `to` stands in its place in the keys of the copies."""
    to: str
    patterns: tuple[Pattern, ...] = ()
    policy: ConflictPolicy = ConflictPolicy.SKIP
    after: WalkPosition = START

    @property
    def text(self) -> str:
        """As the journal keeps it."""
        places = {"prefixes": self.prefixes, "base": self.base, "to": self.to}
        return json.dumps({**places, **_kept(self)})

    @classmethod
    def of(cls, text: str) -> MoreCopies:
        """Read back from `text`."""
        read = json.loads(text)
        return cls(tuple(read["prefixes"]), read["base"], read["to"], *_read(read))


def _kept(more: MoreFiles | MoreObjects | MoreCopies) -> dict[str, Any]:
    return {
        "patterns": [[pattern.include, pattern.glob] for pattern in more.patterns],
        "policy": more.policy.value,
        "after": [more.after.number, more.after.inside],
    }


def _read(kept: Any) -> tuple[tuple[Pattern, ...], ConflictPolicy, WalkPosition]:
    patterns = tuple(Pattern(include, glob) for include, glob in kept["patterns"])
    return patterns, ConflictPolicy(kept["policy"]), WalkPosition(*kept["after"])
