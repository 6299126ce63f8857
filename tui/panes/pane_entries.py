"""The three panes by name. Importing this imports no pane, so the first frame can be painted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PaneEntry:
    """A pane: its name, its key, and where its class is."""

    id: str
    title: str
    key_label: str
    module: str
    pane_class: str
    schemes: tuple[str, ...]
    """How the locations begin that this pane opens."""


_S3 = (
    *("s3:", "s3a:", "s3n:", "https:", "http:"),
    *("arn:aws:s3", "arn:aws-cn:s3", "arn:aws-us-gov:s3"),
)

PANE_ENTRIES = (
    PaneEntry("s3", "S3", "F2", "tui.panes.s3.pane", "S3Pane", _S3),
    PaneEntry(
        "sql",
        "SQL",
        "F3",
        "tui.panes.sql.pane",
        "SqlPane",
        ("postgresql:", "postgres:", "saved:"),
    ),
    PaneEntry(
        "dynamodb",
        "DynamoDB",
        "F4",
        "tui.panes.dynamodb.pane",
        "DynamoPane",
        ("dynamodb:",),
    ),
)


def entry_of(location: str) -> PaneEntry | None:
    """The pane that opens a location; None if no pane knows such a location."""
    for entry in PANE_ENTRIES:
        if location.startswith(entry.schemes):
            return entry
    return None
