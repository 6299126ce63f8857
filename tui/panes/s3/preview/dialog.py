"""An object on screen: a text, a table, a tree, a picture, or bytes. Draws the model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, Tree

from tui.panes.s3.preview.body import PreviewBody
from tui.panes.s3.preview.model import PreviewModel, Shape
from tui.panes.s3.preview.schema import SchemaDialog
from tui.panes.s3.preview.search import PreviewSearch
from tui.panes.s3.preview.wording import KEYS_OF_SHAPES, PLACES, facts, labels, notes
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.preview.window import END, START, ObjectPosition, place_of
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.dialogs.choose import Choice, Choose
from tui.widgets.dialogs.dialogs import AskText, Dialog
from tui.widgets.grid.grid import Grid
from tui.widgets.json_view import Item, JsonView
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer


class PreviewDialog(Dialog[None]):
    """Shows one object of any size, a window of it at a time."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    PreviewDialog {
        & #facts { height: auto; min-height: 1; max-height: 3; }
        & #notes { height: auto; max-height: 4; color: $text-warning; }
    }
    """

    BINDINGS = [
        Binding("y", "copy", "Copy", id="preview.copy"),
        Binding("t", "table", "Table or text", id="preview.table"),
        Binding("slash", "search", "Search", id="preview.search"),
        Binding("H", "header", "Header", id="preview.header"),
        Binding("enter", "cell", "Value", id="preview.cell"),
        Binding("w", "wrap", "Wrap", id="preview.wrap"),
        Binding("plus", "more", "More", show=False, id="preview.more"),
        Binding("minus", "before", "Before", show=False, id="preview.before"),
        Binding("g", "edge(0)", "Start", show=False, id="preview.start"),
        Binding("G", "edge(-1)", "End", id="preview.end"),
        verbs.binding(verbs.GO_TO, "place", "Go to a line, a byte or a percentage.", show=True),
        Binding("d", "delimiter", "Delimiter", id="preview.delimiter"),
        Binding("quotation_mark", "quote", "Quotes", id="preview.quote"),
        Binding("e", "encoding", "Encoding", id="preview.encoding"),
        Binding("s", "sheet", "Sheet", id="preview.sheet"),
        verbs.binding(verbs.INFO, "schema", "Show the schema of a Parquet file.", show=True),
        Binding("n", "again(1)", "Next hit", show=False, id="preview.next_hit"),
        Binding("N", "again(-1)", "Hit before", show=False, id="preview.hit_before"),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, s3: S3Service, bucket: str, key: str, version_id: str = "") -> None:
        super().__init__(f"{key} (version {version_id})" if version_id else key)
        self.model = PreviewModel(s3, bucket, key, version_id, changed=self._say)
        self.search = PreviewSearch()
        self._body = PreviewBody(self.model)

    def compose_box(self) -> ComposeResult:
        yield self._body
        yield SteadyText("", id="notes")
        yield SteadyText("", id="facts")

    def on_mount(self) -> None:
        self.run_worker(self._read(), group="preview", exclusive=True)

    async def _read(self) -> None:
        model = self.model
        try:
            await self.load()
        except ServiceError as error:
            await self._body.refuse(error)
            return
        await self._body.draw()
        self._say()
        model.top = None

    async def load(self) -> None:
        """Read what is shown first. Raises ServiceError."""
        await self.model.read()

    @property
    def is_filled(self) -> bool:
        return self._body.drawn is not None

    def _say(self) -> None:
        model = self.model
        rows = len(self._body.grid.rows) if self._body.grid is not None else 0
        self.query_one("#notes", Static).update(content("  ".join(notes(model)), multiline=True))
        self.query_one("#facts", Static).update(content(facts(model, rows)))
        self.refresh_bindings()

    @property
    def key_labels(self) -> Mapping[str, str]:
        stops = {"leave": "Stop"} if self.model.moving.progress else {}
        return {**labels(self.model), **stops}

    def action_leave(self) -> None:
        if self.model.moving.progress:
            self.workers.cancel_group(self, "preview")
            self.model.said = "Stopped."
            self._say()
        else:
            super().action_leave()

    # -- keys ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        model, drawn = self.model, self.is_filled
        shape = model.shape if drawn else Shape.NOTHING
        if action in KEYS_OF_SHAPES:
            # Not while it is read or drawn anew.
            return shape in KEYS_OF_SHAPES[action]
        match action:
            case "search" | "again":
                return self._body.searched is not None and (
                    action == "search" or bool(self.search.wanted)
                )
            case "sheet":
                return model.source is not None and len(model.source.sheets) > 1
            case "schema":
                return shape is Shape.ROWS and model.schema is not None
            case "more":
                return drawn and model.may_go_on
            case "before":
                return drawn and model.may_go_back
            case "edge" | "place":
                return drawn and model.may_move and (action == "place" or shape is not Shape.TREE)
            case "encoding":
                return drawn and model.shown is not None and bool(model.shown.data)
        return super().check_action(action, parameters)

    def _do(self, change: Callable[[], Awaitable[object]]) -> None:
        """Change the model and draw it anew."""
        self.run_worker(self._change(change), group="preview", exclusive=True)

    async def _change(self, change: Callable[[], Awaitable[object]]) -> None:
        try:
            await change()
        except ServiceError as error:
            self.model.said = str(error)
            self._say()
            return
        await self._body.draw()
        self._say()
        self.model.top = None

    def action_table(self) -> None:
        self._do(self.model.toggle)

    def action_header(self) -> None:
        self._do(self.model.toggle_header)

    def action_delimiter(self) -> None:
        self._do(self.model.next_delimiter)

    def action_quote(self) -> None:
        self._do(self.model.next_quote)

    def action_encoding(self) -> None:
        self._do(self.model.next_encoding)

    def action_sheet(self) -> None:
        source = self.model.source
        if source is not None:
            names = [Choice(name, name) for name in source.sheets]
            at = source.sheets.index(source.sheet) if source.sheet in source.sheets else 0
            self.app.push_screen(Choose("Sheet", names, current=at), self._open_sheet)

    def _open_sheet(self, name: str | None) -> None:
        if name is not None:
            self._do(lambda: self.model.open_sheet(name))

    def action_schema(self) -> None:
        if self.model.schema is not None:
            self.app.push_screen(SchemaDialog(self.model.key, self.model.schema))

    # -- moving ----------------------------------------------------------------------------

    def action_edge(self, edge: int) -> None:
        self._go(END if edge else START)

    def action_place(self) -> None:
        binary = self.model.shape is Shape.HEX
        asked = AskText("Go to", PLACES[binary], check=self._problems_of_place)
        self.app.push_screen(asked, self._go_to)

    def _problems_of_place(self, typed: str) -> list[str]:
        try:
            place_of(typed, binary=self.model.shape is Shape.HEX)
        except ServiceError as error:
            return [str(error)]
        return []

    def _go_to(self, typed: str | None) -> None:
        if typed:
            self._go(place_of(typed, binary=self.model.shape is Shape.HEX))

    def _go(self, place: ObjectPosition) -> None:
        self._do(lambda: self.model.go(place))

    @on(Grid.MoreWanted)
    @on(Grid.EndWanted)
    def action_more(self) -> None:
        """Read on: a further range of a text, further rows of a table."""
        if self.model.source is None:
            if self.model.may_go_on:
                self._do(lambda: self.model.more(self._body.top))
        else:
            self.run_worker(self._more_rows(), group="preview-rows")

    def action_before(self) -> None:
        self._do(lambda: self.model.before(self._body.top))

    async def _more_rows(self) -> None:
        if await self._body.add_rows():
            self._say()

    # -- search ----------------------------------------------------------------------------

    def action_search(self) -> None:
        asked = AskText("Search in the preview", "Text, in small or capital letters:")
        self.app.push_screen(asked, self._search_for)

    def _search_for(self, wanted: str | None) -> None:
        if wanted:
            self.search.begin(wanted)
            self.action_again(1)

    def action_again(self, step: int) -> None:
        """Show the next hit, or the one before."""
        if step > 0 and self.search.at_edge and self.model.may_search_on:
            # As any other move: what is read for another one is given up.
            self.run_worker(self._search_on(), group="preview", exclusive=True)
        else:
            self.run_worker(self._find(step), group="preview-search", exclusive=True)

    async def _find(self, step: int) -> None:
        model, shown, source = self.model, self._body.searched, self.model.source
        if shown is not None:
            more = model.may_go_on if source is None else source.more
            goes_on = model.may_search_on
            model.said = await self.search.find(shown, step=step, more=more, goes_on=goes_on)
            self._say()

    async def _search_on(self) -> None:
        model, wanted = self.model, self.search.wanted
        try:
            found = await model.search_on(wanted)
        except ServiceError as error:
            model.said = str(error)
            found = False
        if found:
            await self._body.draw()
            self.search.begin(wanted, max(model.top or 0, 0))
            model.top = None
            await self._find(1)
        self._say()

    # -- values ----------------------------------------------------------------------------

    @on(Tree.NodeSelected)
    def _open_value(self, event: Tree.NodeSelected[Item]) -> None:
        if isinstance(event.control, JsonView):
            value = event.control.chosen(event.node)
            if value is not None:
                title = value.label or self.model.key
                title = f"{title} (as far as it is read)" if value.cut else title
                self.app.push_screen(ValueViewer(title, value.text))

    def action_wrap(self) -> None:
        if self._body.text is not None:
            self._body.text.soft_wrap = not self._body.text.soft_wrap

    async def action_copy(self) -> None:
        text = await self._body.copied()
        if text is not None:
            await copy_text(self.app, text)

    @on(Grid.Opened)
    def action_cell(self) -> None:
        name, value = self._body.cell()
        if isinstance(value, str):
            self.app.push_screen(ValueViewer(name, value))
