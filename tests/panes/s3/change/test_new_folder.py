"""Making a folder in the pane."""

from __future__ import annotations

from tests.buckets import Put
from tests.panes.s3.conftest import Browse


async def test_a_folder_is_made_and_shown_and_an_existing_one_is_not_touched(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a": b""})
    async with browse(f"s3://{bucket}/") as person:
        for said in ("Made the folder [b]x/", "exists already"):
            await person.press("N")
            await person.sees("Name of the new folder")
            await person.type("[b]x")
            await person.press("enter")
            await person.sees(said)
        assert person.here == "[b]x/"
