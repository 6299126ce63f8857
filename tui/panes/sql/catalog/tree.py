"""The catalog as a tree, without its widgets: which branches are open, and the lines to draw.

A branch is asked for when it is opened, page by page. What does not come (no permission, an object
that was dropped) is a line in its place; everything else stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tui.services.errors import ServiceError
from tui.services.sql import Session
from tui.services.sql.ddl import definition
from tui.services.sql.objects import (
    Branch,
    DbObject,
    Entry,
    Group,
    GroupOf,
    ObjectKind,
    branch,
    search,
)
from tui.services.sql.objects.branches import START


class CatalogNode:
    """An object or a group of them, with what is known of its branch."""

    def __init__(self, entry: Entry | None, parent: CatalogNode | None) -> None:
        self.entry = entry
        """None at the top, above the databases."""
        self.parent = parent
        self.children: list[CatalogNode] | None = None
        """None until they were read."""
        self.is_open = False
        self.is_reading = False
        self.after: tuple[str, str] | None = None
        """Where the next page begins; None if there is none."""
        self.problems: tuple[str, ...] = ()
        """What could not be read of it."""
        self.line = TreeLine(self)
        """Its own line."""
        self.flat: list[TreeLine] | None = None
        """Its line and those of all that is open below it; None if they are to be made anew."""

    def changed(self) -> None:
        """Its lines, and with them those of all that it hangs in, are others."""
        node: CatalogNode | None = self
        while node is not None:
            node.flat = None
            node = node.parent

    @property
    def depth(self) -> int:
        """How many branches it hangs in; 0 for what stands at the left."""
        return 0 if self.parent is None or self.parent.entry is None else self.parent.depth + 1

    @property
    def has_branch(self) -> bool:
        """Whether something may be below it."""
        return self.entry is None or self.entry.has_branch

    @property
    def below(self) -> tuple[CatalogNode, ...]:
        """What was read of its branch."""
        return tuple(self.children or ())

    @property
    def key(self) -> tuple[str, ...]:
        """Tells it from its neighbours."""
        return () if self.entry is None else self.entry.key


@dataclass(frozen=True, eq=False)
class TreeLine:
    """A line to draw: a node, or what is said in a branch. The same one as long as it says the
    same, so that 10,000 of them are compared in no time."""

    node: CatalogNode
    """Of what is said, the node in whose branch it is said."""
    said: str = ""
    """What is said in the place of an object; empty for the node itself."""
    more: bool = False
    """Whether the next page is read from here."""

    @property
    def depth(self) -> int:
        """How far it stands to the right."""
        if not self.said:
            return self.node.depth
        return 0 if self.node.entry is None else self.node.depth + 1

    @property
    def object(self) -> DbObject | None:
        """The object of the line; None for groups and for what is said."""
        entry = self.node.entry
        return entry if isinstance(entry, DbObject) and not self.said else None


class CatalogTree:
    """Calls `on_change` whenever the lines are others."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] | None = None
        """Set by the view that draws it."""
        self.root = CatalogNode(None, None)
        self.lines: list[TreeLine] = []
        """What is to be drawn; another list whenever something of it is another."""
        self.hidden = False
        """Whether the schemas and databases of the system are listed, too."""
        self.sought = ""
        """What is looked for in the names; empty for the tree of all."""
        self.place = 0
        """The line under the cursor when another tree was drawn."""
        self._session: Session | None = None

    @property
    def session(self) -> Session | None:
        """The connection whose catalog it is."""
        return self._session

    async def take(self, session: Session | None) -> None:
        """Show the catalog of a connection, the database open; nothing if it is shown already."""
        if session is self._session and (session is None or self.root.children is not None):
            return
        self._session, self.sought = session, ""
        await self._begin()

    async def _begin(self) -> None:
        self.root = root = CatalogNode(None, None)
        self._draw()
        if self._session is None:
            return
        await self._read(root)
        # Nobody comes to see the names of the databases alone.
        for node in root.below:
            if root is self.root and isinstance(node.entry, DbObject) and node.entry.current:
                await self.open(node)

    # -- opening and closing ----------------------------------------------------------------------

    async def open(self, node: CatalogNode) -> None:
        """Show what is below a node; of a table its columns at once."""
        if not node.has_branch or node.is_reading:
            return
        node.is_open = True
        node.changed()
        if node.children is None:
            try:
                await self._read(node)
            finally:
                if node.children is None:
                    node.is_open = False  # stopped before it came: the next press asks again
                    node.changed()
            for child in node.below:
                entry = child.entry
                if isinstance(entry, GroupOf) and entry.group is Group.COLUMNS:
                    await self.open(child)
        self._draw()

    def close(self, node: CatalogNode) -> None:
        """Hide what is below a node. It is kept."""
        node.is_open = False
        node.changed()
        self._draw()

    async def more(self, node: CatalogNode) -> None:
        """Add the next page of a branch."""
        if node.after is not None and not node.is_reading:
            await self._read(node)

    async def seek(self, text: str) -> None:
        """Show what has `text` in its name, from the server; all of the tree for an empty text."""
        if text != self.sought:
            self.sought = text
            await self._begin()

    async def toggle_hidden(self) -> None:
        """Show what is the system's, or hide it again."""
        self.hidden = not self.hidden
        await self.refresh()

    async def refresh(self) -> None:
        """Read everything that is open again. What is still there stays open."""
        old, self.root = self.root, CatalogNode(None, None)
        root = self.root
        await self._read_again(root, old)
        if root is self.root:
            self._draw()

    async def _read_again(self, new: CatalogNode, old: CatalogNode) -> None:
        wanted = len(old.below)
        new.is_open = old.is_open
        await self._read(new, draws=False)
        while new.after is not None and len(new.below) < wanted:
            await self._read(new, draws=False)
        before = {child.key: child for child in old.below}
        for child in new.below:
            was = before.get(child.key)
            if was is not None and was.is_open and was.children is not None:
                await self._read_again(child, was)

    async def _read(self, node: CatalogNode, *, draws: bool = True) -> None:
        session, root = self._session, self.root
        if session is None:
            return
        node.is_reading = True
        node.changed()
        if draws:
            self._draw()
        try:
            page = await session.look_up(self._question(node))
        except ServiceError as error:
            node.problems = (" ".join(part for part in (error.message, error.cause) if part),)
            node.children, node.after = node.children or [], None
        else:
            node.children = [
                *node.below,
                *(CatalogNode(entry, node) for entry in page.entries),
            ]
            node.after, node.problems = page.after, page.problems
        finally:
            node.is_reading = False
            node.changed()
            if draws and root is self.root:
                self._draw()

    def _question(self, node: CatalogNode) -> Callable[..., Branch]:
        after = node.after or START
        if node.entry is None and self.sought:
            return partial(search, text=self.sought, hidden=self.hidden, after=after)
        return partial(branch, entry=node.entry, hidden=self.hidden, after=after)

    # -- the lines --------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.lines = _flat(self.root)
        if self.on_change is not None:
            self.on_change()

    def line_of(self, node: CatalogNode) -> int | None:
        """The number of the line of a node; None if it is in no open branch."""
        return self.lines.index(node.line) if node.line in self.lines else None

    def line_like(self, line: TreeLine) -> int | None:
        """The number of the line that says the same after everything was read again; else that of
        what it hung in."""
        node = self.root
        for key in _path(line.node):
            below = next((each for each in node.below if each.key == key), None)
            if below is None or not (node.is_open or node is self.root):
                break
            node = below
        at = self.line_of(node)
        if line.said:
            for number, each in enumerate(self.lines[at or 0 :], at or 0):
                if each.node is node and each.said == line.said:
                    return number
        return at

    # -- one object -------------------------------------------------------------------------------

    async def definition(self, what: DbObject) -> str:
        """The statements that make an object again. ServiceError if they cannot be told."""
        if self._session is None:
            return ""
        return await self._session.look_up(partial(definition, what=what))

    async def columns(self, what: DbObject) -> tuple[str, ...]:
        """The names of the columns of a table or view, unquoted."""
        if self._session is None or what.kind is ObjectKind.SEQUENCE:
            return ()
        group = GroupOf(Group.COLUMNS, what, None)
        page = await self._session.look_up(partial(branch, entry=group, hidden=True))
        return tuple(each.name for each in page.entries if isinstance(each, DbObject))


def _flat(node: CatalogNode) -> list[TreeLine]:
    """The lines of a node and of what is open below it. What has not changed is taken as it is."""
    if node.flat is not None:
        return node.flat
    lines = [] if node.entry is None else [node.line]
    if node.is_open or node.entry is None:
        for child in node.below:
            lines += _flat(child)
        lines += _said(node)
    node.flat = lines
    return lines


def _said(node: CatalogNode) -> Iterator[TreeLine]:
    for problem in node.problems:
        yield TreeLine(node, f"✗ {problem}")
    if node.is_reading:
        yield TreeLine(node, "reading…")
    elif node.after is not None:
        yield TreeLine(node, "… more: the cursor here reads on", more=True)
    elif node.children == [] and not node.problems:
        yield TreeLine(node, "nothing here")


def _path(node: CatalogNode) -> tuple[tuple[str, ...], ...]:
    above = () if node.parent is None else _path(node.parent)
    return above if node.entry is None else (*above, node.key)
