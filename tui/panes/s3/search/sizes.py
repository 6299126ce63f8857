"""Sizes and counts of everything under a prefix, as a tree that grows during one scan of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum

from tui.panes.s3.search.scanning import Scanning
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object

MOST_NODES = 100_000
"""Prefixes that are told apart. Of those that come later only the sum is kept, where they lie."""

MOST_DEPTH = 32
"""Levels below the start that are told apart."""

MOST_ROWS = 5_000
"""Prefixes of one level that are shown, in the order chosen."""


class By(Enum):
    """What the rows are ordered by."""

    SIZE = "largest first"
    COUNT = "most objects first"
    NAME = "by name"


class SizedPrefix:
    """One prefix, with everything below it."""

    __slots__ = ("children", "count", "name", "own_count", "own_size", "parent", "size")

    def __init__(self, name: str, parent: SizedPrefix | None) -> None:
        self.name = name
        """Its last part, with its "/"; of the root the whole prefix up to its last "/"."""
        self.parent = parent
        self.size = 0
        """Bytes of all objects at any depth."""
        self.count = 0
        """Objects at any depth."""
        self.own_size = 0
        """Bytes of what is in no child: objects directly here, or below but not told apart."""
        self.own_count = 0
        self.children: dict[str, SizedPrefix] = {}

    @property
    def prefix(self) -> str:
        """The whole prefix."""
        return (self.parent.prefix if self.parent is not None else "") + self.name

    def rows(self, by: By) -> list[SizedPrefix | None]:
        """The children in an order, at most `MOST_ROWS`; None stands for what is in no child, and
        comes last."""
        children = list(self.children.values())
        match by:
            case By.SIZE:
                children.sort(key=lambda each: (-each.size, each.name))
            case By.COUNT:
                children.sort(key=lambda each: (-each.count, each.name))
            case By.NAME:
                children.sort(key=lambda each: each.name)
        rows: list[SizedPrefix | None] = [*children[:MOST_ROWS]]
        return [*rows, None] if self.own_count else rows


class Sizes(Scanning):
    """Sums up everything under a prefix."""

    def __init__(self, bucket: str, prefix: str, changed: Callable[[], None]) -> None:
        super().__init__(bucket, prefix, changed)
        self.root = SizedPrefix(self.base, None)
        self.nodes = 1
        self.is_cut = False
        """Whether prefixes were too many or too deep to be told apart."""

    async def take(self, page: Iterable[S3Object]) -> None:
        self.add(page)

    def add(self, page: Iterable[S3Object]) -> None:
        """Count the objects of a page."""
        skip = len(self.root.name)
        folders: dict[str, list[int]] = {}
        for each in page:
            key = each.key
            sums = folders.setdefault(key[skip : key.rfind("/") + 1], [0, 0])
            sums[0] += each.size
            sums[1] += 1
        for folder, (size, count) in folders.items():
            node = self._node(folder)
            node.own_size += size
            node.own_count += count
            for above in _upwards(node):
                above.size += size
                above.count += count

    def remove(self, node: SizedPrefix) -> None:
        """Take out what is there no more."""
        parent = node.parent
        assert parent is not None
        del parent.children[node.name]
        for above in _upwards(parent):
            above.size -= node.size
            above.count -= node.count

    def _node(self, folder: str) -> SizedPrefix:
        """The node of a folder, relative to the root; the nearest above it if it is not kept."""
        node = self.root
        for depth, part in enumerate(folder.split("/")[:-1]):
            child = node.children.get(part + "/")
            if child is None:
                if depth >= MOST_DEPTH or self.nodes >= MOST_NODES:
                    self.is_cut = True
                    break
                child = node.children[part + "/"] = SizedPrefix(part + "/", node)
                self.nodes += 1
            node = child
        return node

    @property
    def state(self) -> str:
        """How much there is, whether that is all, and what is not in it."""
        text = f"{size_text(self.root.size)} in {counted(self.root.count, 'object')}"
        text += self.how_far
        if self.is_cut:
            text += (
                f" · more than {MOST_NODES:,} prefixes or {MOST_DEPTH} levels: what lies deeper is "
                "counted where it is not told apart"
            )
        return text


def _upwards(node: SizedPrefix) -> Iterator[SizedPrefix]:
    each: SizedPrefix | None = node
    while each is not None:
        yield each
        each = each.parent
