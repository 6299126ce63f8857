"""Which way the files of a job go, and between which places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Direction(Enum):
    """Which way the bytes go."""

    UPLOAD = "upload"
    DOWNLOAD = "download"
    COPY = "copy"
    """Within S3, on the server's side."""
    MOVE = "move"
    """A copy whose source is deleted after it."""

    @property
    def is_within_s3(self) -> bool:
        """Whether no byte passes through this machine."""
        return self in {Direction.COPY, Direction.MOVE}

    @property
    def done(self) -> str:
        """What is said of a file whose transfer is over."""
        return _DONE[self]

    @property
    def arrow(self) -> str:
        """One character that stands for it."""
        return _ARROWS[self]

    @property
    def thing(self) -> str:
        """What is transferred."""
        return "object" if self.is_within_s3 else "file"


@dataclass(frozen=True, slots=True)
class Route:
    """Where the files of one job come from and go to."""

    direction: Direction
    bucket: str
    place: str
    """The prefix of an upload, the local folder of a download, the address of a copy."""
    to_bucket: str = ""
    """The bucket of copies; "" for uploads and downloads."""


_DONE = {
    Direction.UPLOAD: "uploaded",
    Direction.DOWNLOAD: "downloaded",
    Direction.COPY: "copied",
    Direction.MOVE: "moved",
}
_ARROWS = {Direction.UPLOAD: "↑", Direction.DOWNLOAD: "↓", Direction.COPY: "»", Direction.MOVE: "»"}
