"""The commands of the catalog, and the places where it stands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from tui.panes.sql.catalog import wording
from tui.panes.sql.catalog.tree import CatalogTree
from tui.panes.sql.catalog.view import CatalogView, Wish
from tui.services.quoting import quote_identifier
from tui.services.sql import Session
from tui.services.sql.objects.models import PARTS, READABLE, DbObject, ObjectKind
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.shared_commands import Copyable, copy_as, filter_rows
from tui.widgets.dialogs.dialogs import Choice, Dialog
from tui.widgets.text.value_viewer import ValueViewer

FIRST_ROWS = 100
"""Rows that are read to see what a table holds."""


def on_object(view: Catalog) -> bool:
    """Whether the cursor is on an object."""
    return view.what is not None


def on_readable(view: Catalog) -> bool:
    """Whether the cursor is on something that SELECT reads."""
    return view.what is not None and view.what.kind in READABLE


def _opens_dialog(view: Catalog) -> bool:
    line = view.line
    return line is not None and line.object is not None and not line.node.has_branch


_NO_OBJECT = "The cursor is on no object: Enter opens a branch."


@command(verbs.OPEN, asks=_opens_dialog, when=lambda view: view.line is not None)
async def open_line(view: Catalog) -> None:
    """Open a branch or close it; on what has none, see its definition. On another database:
    connect to it."""
    line = view.line
    if line is None:
        return
    what = line.object
    if line.more:
        await view.model.more(line.node)
    elif line.node.has_branch and line.node.is_open:
        view.model.close(line.node)
    elif line.node.has_branch:
        view.read(view.model.open(line.node), line.node)
    elif what is not None and what.kind is ObjectKind.DATABASE:
        view.act(Wish(connect=what.name, hide=True))
    elif what is not None:
        await _show_definition(view, what)


@command(
    verbs.INFO,
    label="Definition",
    footer=True,
    asks=on_object,
    when=on_object,
    instead=_NO_OBJECT,
)
async def see_definition(view: Catalog) -> None:
    """See the SQL that makes the object: a table with its constraints, indexes, triggers, policies,
    comments and grants. y copies it there."""
    if view.what is not None:
        await _show_definition(view, view.what)


async def _show_definition(view: Catalog, what: DbObject) -> None:
    text = await view.model.definition(what)
    await view.ask(
        ValueViewer(f"{what.kind.value} {what.label}", text, note=what.about, language="sql")
    )


@command(
    verbs.RUN,
    label="First rows",
    footer=True,
    when=on_readable,
    instead="Tables and views are read; the cursor is on neither.",
)
def read_rows(view: Catalog) -> None:
    """Put SELECT * of the table or view under the cursor into the editor and run it, for 100
    rows."""
    if view.what is not None:
        text = f"SELECT * FROM {view.what.short_name} LIMIT {FIRST_ROWS}"  # noqa: S608 - quoted
        view.act(Wish(run=text, hide=True))


@command(verbs.INSERT_NAME, footer=True, when=on_object, instead=_NO_OBJECT)
def insert_name(view: Catalog) -> None:
    """Insert the name under the cursor into the editor, quoted where needed."""
    if view.what is not None:
        view.act(Wish(insert=view.what.short_name, hide=True))


def _copyable(view: Catalog) -> list[Choice[Copyable]]:
    what = view.what
    if what is None:
        return []
    full = f"{quote_identifier(what.schema)}." if what.schema else ""
    if what.kind in PARTS:
        full += f"{quote_identifier(what.table)}."
    full += quote_identifier(what.name)

    async def ddl() -> None:
        await copy_text(view.app, await view.model.definition(what))

    async def select() -> None:
        columns = await view.model.columns(what)
        await copy_text(view.app, wording.select_all(what, columns))

    choices: list[Choice[Copyable]] = [
        Choice(what.name, "name as it is stored", what.name, key="n"),
        Choice(full, "name for SQL, with its schema", full, key="q"),
        Choice(ddl, "definition", "the SQL that makes it", key="d"),
    ]
    if what.kind in READABLE:
        choices.append(Choice(select, "SELECT of all columns", "each named", key="s"))
    return choices


copy_object = copy_as(
    _copyable,
    "Copy the name under the cursor, its definition, or a SELECT of all columns.",
    footer=True,
    when=on_object,
    instead=_NO_OBJECT,
)


@command(verbs.HIDDEN, label="System schemas")
async def toggle_hidden(view: Catalog) -> None:
    """Show the system's schemas and template databases, or hide them again."""
    await view.model.toggle_hidden()


@command(verbs.REFRESH, restart=True)
async def refresh(view: Catalog) -> None:
    """Read everything that is open again."""
    await view.model.refresh()


@command(verbs.CATALOG, label="Close catalog", priority=True)
def close(view: Catalog) -> None:
    """Close the catalog."""
    view.act(Wish(hide=True))


class Catalog(CatalogView):
    """The catalog with its keys."""

    COMMANDS_HERE = (
        open_line,
        see_definition,
        read_rows,
        insert_name,
        copy_object,
        filter_rows.here(
            "Look for tables, views, functions and types by a part of their name, on the server; "
            "with a dot in it, of their name behind the schema's. Esc shows the tree again."
        ),
        toggle_hidden,
        refresh,
        close,
    )


class CatalogDialog(Dialog[Wish]):
    """The catalog over the pane, where there is no room beside it."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS: ClassVar[str] = "CatalogDialog .dialog { width: 96%; height: 94%; }"

    def __init__(self, tree: CatalogTree, session: Session) -> None:
        super().__init__(f"Catalog of {session.info.label}")
        self.session = session
        self.view = Catalog(tree, self._act)

    def compose_box(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.begin()
        self.view.grid.focus()
        self.view.start(self.view.model.take(self.session), group="catalog-begin")

    def _act(self, wish: Wish) -> None:
        self.dismiss(wish)
