"""The three panes by name. Importing this imports no pane, so the first frame can be painted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a pane is on the screen and in the code."""

    id: str
    title: str
    key_label: str
    module: str
    pane_class: str
    schemes: tuple[str, ...]
    """How the locations begin that this pane opens."""


PLACES = (
    Place("s3", "S3", "F2", "tui.panes.s3.pane", "S3Pane", ("s3:",)),
    Place(
        "sql",
        "SQL",
        "F3",
        "tui.panes.sql.pane",
        "SqlPane",
        ("postgresql:", "postgres:"),
    ),
    Place(
        "dynamodb",
        "DynamoDB",
        "F4",
        "tui.panes.dynamodb.pane",
        "DynamoPane",
        ("dynamodb:",),
    ),
)


def place_of(location: str) -> Place | None:
    """The place that opens a location; None if no pane knows such a location."""
    for place in PLACES:
        if location.startswith(place.schemes):
            return place
    return None
