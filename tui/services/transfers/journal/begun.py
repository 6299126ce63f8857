"""What was begun of a file and is not finished, as the journal keeps it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from tui.services.transfers.local.local_files import Stamp


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload in parts that the journal tells of."""

    upload_id: str
    """Empty before S3 has answered: there may be one that holds no part."""
    key: str
    step: int
    """The bytes of a part."""
    summed: bool
    """Whether the parts get checksums."""
    stamp: Stamp
    """What the local file was when the upload began."""
    begun: float
    """When, in seconds since 1970."""

    @classmethod
    def of(cls, text: str) -> BegunUpload:
        """Read back from `text`."""
        read = json.loads(text)
        return cls(**{**read, "stamp": Stamp(**read["stamp"])})

    @property
    def text(self) -> str:
        """As the journal keeps it: JSON."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class BegunCopy:
    """A copy that the journal tells of."""

    key: str
    """Of the copy."""
    upload_id: str = ""
    """Of the upload in parts; empty before S3 has answered, and where there is none."""
    step: int = 0
    """The bytes of a part; 0 for a copy in one request."""
    summed: bool = False
    """Whether the parts get checksums."""
    begun: float = 0.0
    """When, in seconds since 1970."""
    made: str = ""
    """The ETag that the copy has, or gets when its parts are put together; empty before."""

    @classmethod
    def of(cls, text: str) -> BegunCopy:
        """Read back from `text`."""
        return cls(**json.loads(text))

    @property
    def text(self) -> str:
        """As the journal keeps it: JSON."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class BegunDownload:
    """A download in ranges that the journal tells of."""

    temporary: Path
    """The local file that the ranges are written to."""
    step: int
    """The bytes of a range."""
    done: frozenset[int] = frozenset()
    """Where the ranges begin that are in the file."""
    is_flushed: bool = True
    """Whether those are on the disk for certain where the whole cannot be checked. Versions before
    this one wrote them down earlier."""

    @classmethod
    def of(cls, text: str, done: frozenset[int] = frozenset()) -> BegunDownload:
        """Read back from `text` and the begins of the ranges, which the journal keeps apart. The
        path is in hex, because it may be no UTF-8."""
        read = json.loads(text)
        temporary = Path(os.fsdecode(bytes.fromhex(read["temporary"])))
        return cls(temporary, read["step"], done, read.get("flushed", False))

    @property
    def text(self) -> str:
        """As the journal keeps it, without the ranges that are done: JSON."""
        temporary = os.fsencode(self.temporary).hex()
        return json.dumps({"temporary": temporary, "step": self.step, "flushed": self.is_flushed})
