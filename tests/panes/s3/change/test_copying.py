"""Copying and moving: where each key goes, what is there already, and the way from the keys."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.panes.s3.change import commands_copy
from tui.panes.s3.change.destination import (
    key_in,
    more_copies,
    parse_destination,
    plan_copies,
)
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.entries import Prefix
from tui.services.aws import Account
from tui.services.errors import ServiceError
from tui.services.s3 import ObjectCopy, S3Location, S3Object, S3Service
from tui.services.transfers.models import WalkPosition
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_plan import CopyPlan, Destination, kept_both, name_beside

HERE = S3Location("b", "dir/")


def thing(key: str) -> S3Object:
    return S3Object(key, 1, None, "STANDARD", "e")


@pytest.mark.parametrize(
    ("typed", "bucket", "key"),
    [
        ("new", "b", "dir/new"),
        ("sub/", "b", "dir/sub/"),
        ("s3://other/%20//x/", "other", "%20//x/"),
        ("s3://other", "other", ""),
    ],
)
def test_a_destination_is_taken_literally(typed: str, bucket: str, key: str) -> None:
    assert parse_destination(typed, HERE) == Destination(bucket, key)


@pytest.mark.parametrize("typed", ["", "s3://", "s3://?/x"])
def test_what_is_no_destination_is_refused(typed: str) -> None:
    with pytest.raises(ServiceError):
        parse_destination(typed, HERE)


def test_a_slash_means_into_and_else_it_is_the_new_name() -> None:
    one = Tree("b", [thing("dir/a")])
    folder = Tree("b", [Prefix("dir/p/")])
    assert key_in(Destination("b", "x/"), "dir/", one)("dir/a") == "x/a"
    assert key_in(Destination("b", "x"), "dir/", one)("dir/a") == "x"
    assert key_in(Destination("b", "x/"), "dir/", folder)("dir/p//q") == "x/p//q"
    assert key_in(Destination("b", "x"), "dir/", folder)("dir/p//q") == "x//q"
    with pytest.raises(ServiceError):
        key_in(Destination("b", "x"), "dir/", Tree("b", [thing("dir/a"), thing("dir/b")]))


def test_both_are_kept_under_names_that_are_free() -> None:
    plan = CopyPlan(
        Destination("b", "x/"),
        free=[ObjectCopy("b", "n", "e", "b", "x/a (2).txt")],
        different=[ObjectCopy("b", "a.txt", "e", "b", "x/a.txt", replaces="f")],
    )
    assert [(each.to_key, each.replaces) for each in plan.keeping_both()] == [
        ("x/a (2).txt", ""),
        ("x/a (3).txt", ""),
    ]
    assert name_beside(".x/.profile", ()) == ".x/.profile (2)"


async def test_no_copy_takes_the_place_of_what_is_to_be_copied_itself(
    bucket: str, put: Put, account: Account
) -> None:
    s3 = S3Service(account)
    put({"p/x": b"one", "p/p/x": b"another"})
    tree = Tree(bucket, [Prefix("p/")])
    await tree.count(s3, lambda: None, at=None)
    at = account.connection
    with pytest.raises(ServiceError) as caught:
        await plan_copies(s3, tree, "", Destination(bucket, "p/"), at=at)
    assert "to be copied or moved itself" in str(caught.value)
    s3.close()


async def test_a_name_beside_is_one_that_nothing_has(
    bucket: str, put: Put, account: Account
) -> None:
    s3, at = S3Service(account), account.connection
    put({"a": b"1", "b/a": b"another", "b/a (2)": b"", "b/a (3)": b""})
    [source] = [each async for page in s3.scan(bucket, "a") for each in page]
    plan = await plan_copies(s3, Tree(bucket, [source]), "", Destination(bucket, "b/"), at=at)
    assert [each.to_key for each in await kept_both(s3, plan, at=at)] == ["b/a (4)"]
    s3.close()


def counted_in_part(*prefixes: str) -> Tree:
    tree = Tree("b", [Prefix(each) for each in prefixes])
    tree.last = WalkPosition(0, f"{prefixes[0]}x")
    return tree


def test_what_was_not_counted_is_looked_for_where_the_counting_stopped() -> None:
    tree = counted_in_part("dir/p/", "dir/q/")
    more = more_copies(tree, "dir/", Destination("b", "to/"))
    assert more == MoreCopies(("dir/p/", "dir/q/"), "dir/", "to/", after=WalkPosition(0, "dir/p/x"))
    renamed = more_copies(counted_in_part("dir/p/"), "dir/", Destination("b", "dir/new"))
    assert renamed == MoreCopies(
        ("dir/p/",), "dir/p/", "dir/new/", after=WalkPosition(0, "dir/p/x")
    )
    assert more_copies(Tree("b", [thing("dir/a")]), "dir/", Destination("b", "to/")) is None


@pytest.mark.parametrize("to", ["dir/p/", "dir/p/deeper/", "dir/"])
def test_copies_do_not_go_where_objects_are_still_looked_for(to: str) -> None:
    with pytest.raises(ServiceError, match="still looked for"):
        more_copies(counted_in_part("dir/p/"), "dir/", Destination("b", to))
    assert more_copies(counted_in_part("dir/p/"), "dir/", Destination("another", to))


def test_copies_do_not_go_over_what_was_named_itself() -> None:
    tree = Tree("b", [thing("dir/to/p/x"), Prefix("dir/p/")])
    with pytest.raises(ServiceError, match="still looked for"):
        more_copies(tree, "dir/", Destination("b", "dir/to/"))


async def test_a_very_large_copy_begins_before_everything_is_counted(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_copy, "PREVIEWED", 2)
    put({"p/a": b"1", "p/b": b"2", "q/x": b"3"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("asterisk", "c")
        await person.sees("Copy 2+ objects")
        await person.press("ctrl+u")
        await person.type("to/")
        await person.press("ctrl+s")
        await person.sees("plan of the first 2", "may hold something else")
        await person.press("s")
        await person.sees("3 objects copied.")


async def test_overwriting_is_asked_for_once_more(browse: Browse, bucket: str, put: Put) -> None:
    put({"a": b"1", "b": b"another"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("c")
        await person.sees("Copy 1 object")
        await person.press("backspace")
        await person.type("b")
        await person.press("ctrl+s")
        await person.sees("Skip these")
        await person.press("o")
        await person.sees("Overwrite?", "What is at 1 name is lost", "Not taken along: ACLs")
        assert (await person.browser.s3.head(bucket, "b")).size == 7
        await person.press("ctrl+s")
        await person.sees("1 object copied.")
        assert (await person.browser.s3.head(bucket, "b")).size == 1


async def test_a_prefix_is_renamed_and_what_is_in_the_way_stays(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"p/[b]x": b"1", "p/same": b"2", "p/y": b"3", "q/same": b"2", "q/y": b"another"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("m")
        await person.sees("Move 3 objects", f"s3://{bucket}/p")
        await person.press("backspace")
        await person.type("q")
        await person.press("ctrl+s")
        await person.sees("new:", "q/[b]x", "q/y", "there already and identical", "Skip these")
        await person.press("s")
        await person.sees("2 objects moved")
        objects = [page async for page in person.browser.s3.scan(bucket, "")]
        assert [(each.key, each.size) for page in objects for each in page] == [
            ("p/y", 1),
            ("q/[b]x", 1),
            ("q/same", 1),
            ("q/y", 7),
        ]
