"""Properties by keys: e changes them after a plan, t restores, i shows."""

from __future__ import annotations

from textual.widgets import TextArea

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.services.s3.properties.models import Stored


async def test_marked_objects_are_changed_after_a_plan(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"[a]": b"1", "b": b"2"}, Metadata={"who": "me"}, Tagging="team=data")
    async with browse(f"s3://{bucket}/") as person:
        s3 = person.browser.s3
        await person.press("asterisk", "e")
        await person.sees("Settings of 2 objects")
        await person.press("m")
        await person.sees("the rest stays")
        area = person.app.screen.query_one(TextArea)
        area.text = '{"Metadata": {"who": "you", "who": ""}}'
        await person.sees("stands there twice")
        area.text = '{"CacheControl": "no-cache", "Metadata": {"who": null}}'
        await person.misses("stands there twice")
        await person.press("ctrl+s")
        await person.sees("Cache control: not set -> no-cache", "2 objects (2 B) written anew")
        await person.press("escape")
        await person.misses("written anew")
        assert "no-cache" in area.text
        await person.press("ctrl+s")
        await person.sees("written anew")
        await person.press("ctrl+s")
        await person.sees("2 objects: changed.")
        for key in ("[a]", "b"):
            found = await s3.properties(bucket, key)
            assert isinstance(found.stored, Stored)
            assert found.stored.headers["CacheControl"] == "no-cache"
            assert found.stored.metadata == {}
            assert found.tags == {"team": "data"}
        await person.idle()


async def test_an_archived_object_is_restored_and_its_information_says_so(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a": b"1"}, StorageClass="GLACIER")
    put({"b": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("t")
        await person.sees("Restore 1 object", "AWS bills")
        await person.press("ctrl+s")
        await person.sees("Restore?", "Standard, for 7 days")
        await person.press("ctrl+s")
        await person.sees("1 object: restore begun.")
        await person.idle()
        await person.press("i")
        await person.sees("can be read until", "the bucket has no object lock")
        await person.press("escape", "down", "t")
        await person.sees("none of these objects is archived")
