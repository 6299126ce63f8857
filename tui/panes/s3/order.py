"""The orders that the rows of the S3 pane can have."""

from __future__ import annotations

from enum import Enum


class Order(Enum):
    """How the loaded rows are ordered; the value is what a person calls it."""

    LISTED = "as S3 lists them"
    NAME = "by name"
    NAME_DOWN = "by name, last first"
    SIZE = "largest first"
    SIZE_UP = "smallest first"
    MODIFIED = "newest first"
    MODIFIED_UP = "oldest first"
