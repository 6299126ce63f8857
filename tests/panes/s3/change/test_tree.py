"""Counting what is under prefixes before anything is done with it."""

from __future__ import annotations

from tests.panes.s3.scripted import ScriptedS3
from tests.services.s3.keys import HOSTILE
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.entries import Prefix
from tui.services.s3 import S3Object


def named(key: str) -> S3Object:
    return S3Object(key, 7, None, "STANDARD", "")


async def test_a_tree_is_the_named_objects_and_all_under_the_prefixes() -> None:
    s3 = ScriptedS3([*(f"p/{key}" for key in HOSTILE), "q"])
    tree = Tree("b", [named("x"), Prefix("p/")])
    said: list[str] = []
    await tree.count(s3, lambda: said.append(tree.amount), at=None)
    assert tree.complete
    assert sorted(tree.keys) == sorted(["x", *(f"p/{key}" for key in HOSTILE)])
    assert said[-1] == tree.amount


async def test_a_count_that_is_stopped_is_not_complete() -> None:
    tree = Tree("b", [Prefix("p/")])

    def stop() -> None:
        tree.stopped = True

    await tree.count(ScriptedS3(f"p/{number:04}" for number in range(300)), stop, at=None)
    assert not tree.complete
    assert len(tree.objects) == 100


def test_objects_alone_need_no_count() -> None:
    tree = Tree("b", [named("x"), named("y")])
    assert tree.complete
    assert tree.amount == "2 objects (14 B)"
