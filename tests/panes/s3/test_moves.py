"""Moving the cursor over objects leaves nothing behind."""

from __future__ import annotations

from tests.buckets import Put
from tests.moves import Cost, moving
from tests.panes.s3.conftest import Browse


async def test_moving_over_objects_mounts_and_repaints_nothing(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"key-{number}": b"" for number in range(12)})
    async with browse(f"s3://{bucket}/") as person:
        await person.sees("key-11")
        first = person.here
        assert await moving(person.pilot, ["down"] * 10 + ["up"] * 9) == Cost(0, 0)
        assert person.here != first
