"""Deleting by keys: what the question says of what stays, and what is said of what came since."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.panes.s3.view import beside
from tui.services.aws import Account
from tui.services.errors import ServiceError


async def test_the_question_says_what_is_gone_for_good_though_there_are_versions(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    def set_to(status: Literal["Enabled", "Suspended"]) -> None:
        account.connection.client("s3").put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": status}
        )

    set_to("Enabled")
    put({"dir/": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("x")
        await person.sees("only adds delete markers", "gone for good")
        await person.press("escape")
        await person.misses("only adds delete markers")
        set_to("Suspended")
        await person.press("x")
        await person.sees("Versioning is suspended", "gone for good")


async def test_what_came_after_the_count_is_told_of(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"p/a": b""})
    client = account.connection.client("s3")

    def comes(**_: object) -> None:
        put({"p/b": b"", "p/c/c": b"", "p/c/d": b""})

    client.meta.events.register("before-call.s3.DeleteObjects", comes, unique_id="comes")
    try:
        async with browse(f"s3://{bucket}/") as person:
            await person.press("x")
            await person.sees("everything under p/")
            await person.press("right", "enter")
            await person.sees("1 object deleted", "3 objects under the deleted")
    finally:
        client.meta.events.unregister("before-call.s3.DeleteObjects", unique_id="comes")


async def test_a_list_that_cannot_be_read_again_does_not_hide_what_was_not_deleted() -> None:
    async def reload() -> None:
        raise ServiceError("No page.", hint="Wait.")

    problem = ServiceError("2 objects were not deleted.", cause="denied", hint="Ask.")
    with pytest.raises(ServiceError) as caught:
        await beside(problem, reload())
    assert str(caught.value).splitlines() == [
        "2 objects were not deleted.",
        "denied",
        "The list could not be read again: No page.",
        "Ask.",
    ]
