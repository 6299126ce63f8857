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


PANE_ENTRIES = (
    PaneEntry("s3", "S3", "F2", "tui.panes.s3.pane", "S3Pane", ("s3:",)),
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
