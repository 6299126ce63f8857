"""What is said where there is nothing to show: why, and what to press."""

from __future__ import annotations

from tui.panes.s3.listing import Listing

NO_BUCKETS = "No buckets in this account yet.\n\nPress n to create one."
NO_OBJECTS = "Nothing here yet.\n\nPress u to upload files, Backspace to go up."
NOTHING_BEGINS = "No key begins with this.\n\nPress Backspace to go up, : to go somewhere else."
NO_MATCH = "Nothing that is loaded matches.\n\nEsc takes the filter away."
NO_MATCH_YET = (
    "Nothing that is loaded matches, and there is more.\n\n"
    "Enter asks S3 for the names that begin with it; Esc takes the filter away."
)
NOT_LOADED = "Not loaded.\n\nPress r to try again, : to open a bucket by its name."


def nothing(listing: Listing) -> str:
    """Why a loaded listing shows no row."""
    if listing.needle:
        return NO_MATCH if listing.complete else NO_MATCH_YET
    if listing.location.is_root:
        return NO_BUCKETS
    plain = listing.location.prefix == listing.location.folder
    return NO_OBJECTS if plain else NOTHING_BEGINS
