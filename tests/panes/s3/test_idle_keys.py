"""Keys that do nothing among buckets or objects say what does."""

from __future__ import annotations

from tests.buckets import Put
from tests.panes.idle import answers
from tests.panes.s3.conftest import Browse


async def test_among_buckets(browse: Browse, bucket: str) -> None:
    async with browse() as person:
        said = await answers(person.pilot)
        assert said["up"] == "This is the top: the list of buckets."
        assert "here are buckets" in said["link"]
        assert {"query", "run", "commit"} <= set(said)


async def test_among_objects(browse: Browse, bucket: str, put: Put) -> None:
    put({"a.txt": b"a"})
    async with browse(f"s3://{bucket}/") as person:
        await person.sees("a.txt")
        said = await answers(person.pilot)
        assert "u uploads" in said["new"]
