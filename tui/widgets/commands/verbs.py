"""One verb, one key, in every pane. The only place where a key is chosen.

Terminals take F1, F10, F11 and F12 for themselves: a verb that has one of them has another key.

The ids are what the settings file rebinds: `[keys]` with `upload = "ctrl+u"`.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True)
class Verb:
    """A thing that can be done, and the keys that do it wherever it can be done."""

    id: str
    """Stable; used in the settings file."""
    keys: str
    """Textual key names, comma-separated; the first is the one shown."""
    label: str
    """The word in the footer, the palette and the help."""


OPEN = Verb("open", "enter", "Open")
UP = Verb("up", "backspace", "Up")
FILTER = Verb("filter", "slash", "Filter")
SORT = Verb("sort", "o", "Sort")
ON_SERVER = Verb("on_server", "O", "Ask the server")
RECORD = Verb("record", "V", "Record")
STATISTICS = Verb("statistics", "equals_sign", "Statistics")
FREEZE = Verb("freeze", "vertical_line", "Freeze columns")
COLUMN = Verb("column", "number_sign", "Column…")
FOLLOW = Verb("follow", "J", "Referenced row")
MARK = Verb("mark", "space", "Mark")
MARK_ALL = Verb("mark_all", "asterisk", "Mark all")
REFRESH = Verb("refresh", "r", "Refresh")
INFO = Verb("info", "i", "Info")
COPY_AS = Verb("copy_as", "y", "Copy as…")
NEW = Verb("new", "n", "New")
EDIT = Verb("edit", "e", "Edit")
UPLOAD = Verb("upload", "u", "Upload")
DOWNLOAD = Verb("download", "d", "Download")
SYNC = Verb("sync", "s", "Sync…")
DELETE = Verb("delete", "x", "Delete")
NEW_FOLDER = Verb("new_folder", "N", "New folder")
COPY = Verb("copy", "c", "Copy to…")
MOVE = Verb("move", "m", "Move/rename…")
VERSIONS = Verb("versions", "v", "Versions")
UNDO_DELETE = Verb("undo_delete", "U", "Undo delete")
RESTORE = Verb("restore", "t", "Restore")
LINK = Verb("link", "l", "Link")
ACCESS = Verb("access", "a", "Public access")
REQUESTER_PAYS = Verb("requester_pays", "dollar_sign", "Pay for requests")
GO_TO = Verb("go_to", "ctrl+l,colon", "Go to…")
BACK = Verb("back", "b", "Back")
FORWARD = Verb("forward", "B", "Forward")
BOOKMARKS = Verb("bookmarks", "ctrl+d", "Places…")
GET = Verb("get", "ctrl+g", "Get by key")
QUERY = Verb("query", "ctrl+f", "Query")
CONNECT = Verb("connect", "ctrl+o", "Connect…")
CONNECTIONS = Verb("connections", "alt+k", "Connections…")
NEXT_CONNECTION = Verb("next_connection", "alt+l", "Next connection")
PREVIOUS_CONNECTION = Verb("previous_connection", "alt+j", "Connection before")
RULE = Verb("rule", "w", "Inbound rule")
FIND = Verb("find", "f", "Find")
GREP = Verb("grep", "F", "Search inside")
SIZES = Verb("sizes", "S", "Sizes")
RUN = Verb("run", "f5,ctrl+j,ctrl+enter", "Run")
RUN_ALL = Verb("run_all", "f6", "Run all")
COMMIT = Verb("commit", "f7", "Commit")
EXPLAIN = Verb("explain", "alt+x", "Explain…")
MANUAL_COMMIT = Verb("manual_commit", "alt+m", "Manual commit")
ROLLBACK = Verb("rollback", "ctrl+b,f10", "Roll back")
MORE_EDITOR = Verb("more_editor", "alt+down,ctrl+down", "Larger editor")
LESS_EDITOR = Verb("less_editor", "alt+up,ctrl+up", "Smaller editor")
NEW_TAB = Verb("new_tab", "alt+t", "New tab")
CLOSE_TAB = Verb("close_tab", "alt+w", "Close tab")
REOPEN_TAB = Verb("reopen_tab", "alt+shift+t", "Reopen tab")
PREVIOUS_TAB = Verb("previous_tab", "ctrl+pageup", "Tab before")
NEXT_TAB = Verb("next_tab", "ctrl+pagedown", "Next tab")
OPEN_FILE = Verb("open_file", "alt+o", "Open file…")
SAVE_FILE = Verb("save_file", "alt+s", "Save file")
SAVE_FILE_AS = Verb("save_file_as", "alt+shift+s", "Save as…")
EDIT_ELSEWHERE = Verb("edit_elsewhere", "alt+e", "In $EDITOR")
COMMENT = Verb("comment", "alt+c,ctrl+underscore,ctrl+slash", "Comment")
FORMAT = Verb("format", "alt+shift+f", "Format")
PREVIOUS_RESULT = Verb("previous_result", "left_square_bracket", "Result before")
NEXT_RESULT = Verb("next_result", "right_square_bracket", "Next result")
FRAME = Verb("frame", "alt+p", "In Python…")
HISTORY = Verb("history", "alt+h", "History…")
HIDDEN = Verb("hidden", "full_stop", "Hidden files")
HOME = Verb("home", "tilde", "Home folder")
PAUSE = Verb("pause", "p", "Pause")
SOONER = Verb("sooner", "less_than_sign", "Sooner")
LATER = Verb("later", "greater_than_sign", "Later")
LIMITS = Verb("limits", "T", "Limits…")
FORGET = Verb("forget", "D", "Clear ended")
GO_ON_AFTER_CUT = Verb("go_on_after_cut", "C", "Go on with cut-off")
DROP_CUT_OFF = Verb("drop_cut_off", "K", "Drop cut-off")
LEFTOVERS = Verb("leftovers", "X", "Remove unfinished files")
CATALOG = Verb("catalog", "alt+d", "Catalog")
INSERT_NAME = Verb("insert_name", "I", "Insert name")
GO_ON = Verb("go_on", "ctrl+s", "Go on")
CANCEL = Verb("cancel", "escape", "Cancel")

HELP = Verb("help", "question_mark,f1", "Help")
PANE_S3 = Verb("pane_s3", "f2", "S3")
PANE_SQL = Verb("pane_sql", "f3", "SQL")
PANE_DYNAMODB = Verb("pane_dynamodb", "f4", "DynamoDB")
CLEANUP = Verb("cleanup", "f8", "Cleanup")
TRANSFERS = Verb("transfers", "f9", "Transfers")
SIDES = Verb("sides", "L", "Local files beside")
NEXT_PANE = Verb("next_pane", "tab", "Next pane")
PREVIOUS_PANE = Verb("previous_pane", "shift+tab", "Previous pane")
ZOOM = Verb("zoom", "z,alt+z", "Zoom")
REGION = Verb("region", "R", "Region")
PROFILE = Verb("profile", "P", "Profile")
RELOAD = Verb("reload", "ctrl+r", "Reconnect")
AUDIT = Verb("audit", "A,f12", "Audit log")
QUIT = Verb("quit", "q", "Quit")
QUIT_ANYWHERE = Verb("quit_anywhere", "ctrl+q", "Quit")

IN_PLACES = frozenset(
    {
        "catalog.leave",
        "connections.again",
        "connections.delete",
        "connections.duplicate",
        "connections.forget",
        "connections.edit",
        "connections.instances",
        "connections.new",
        "connections.rename",
        "connections.save",
        "connections.search",
        "connections.take",
        "details.access",
        "details.copy",
        "dialog.leave",
        "difference.before",
        "difference.next",
        "editor.complete",
        "editor.end",
        "editor.indent",
        "editor.select_all",
        "editor.start",
        "editor.take",
        "filter.clear",
        "find.before",
        "find.case",
        "find.close",
        "find.pattern",
        "find.replace_all",
        "form.submit",
        "grep.go",
        "grid.down",
        "grid.first",
        "grid.last",
        "grid.left",
        "grid.page_down",
        "grid.page_up",
        "grid.right",
        "grid.up",
        "history.connection_only",
        "history.copy",
        "history.delete",
        "history.favourite",
        "history.favourites_only",
        "history.run",
        "history.search",
        "history.take",
        "link.code",
        "pane.dismiss_error",
        "picker.leave",
        "password.copy",
        "password.show",
        "plan.attributes",
        "plan.change_row",
        "plan.save_list",
        "plan.show_row",
        "plan.submit",
        "preview.before",
        "preview.cell",
        "preview.copy",
        "preview.delimiter",
        "preview.encoding",
        "preview.end",
        "preview.header",
        "preview.hit_before",
        "preview.more",
        "preview.next_hit",
        "preview.quote",
        "preview.search",
        "preview.sheet",
        "preview.start",
        "preview.table",
        "preview.wrap",
        "record.before",
        "record.next",
        "refused.copy",
        "sizes.go",
        "sql.leave_editor",
        "row.value",
        "staged.drop_all",
        "staged.keep_mine",
        "staged.take_back",
        "value.left_out",
        "value.null",
        "statistics.server",
        "versions.compare",
        "versions.preview",
        "viewer.copy",
        "viewer.form",
        "viewer.wrap",
    }
)
"""Bindings of one place (a dialog, an editor, the rows) that can be rebound, too."""

REBINDABLE = IN_PLACES | {each.id for each in list(globals().values()) if isinstance(each, Verb)}
"""Every name that may stand under `[keys]`."""

_NAMES = {
    "slash": "/",
    "underscore": "_",
    "quotation_mark": '"',
    "question_mark": "?",
    "colon": ":",
    "number_sign": "#",
    "equals_sign": "=",
    "vertical_line": "|",
    "asterisk": "*",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "tilde": "~",
    "space": "Space",
    "enter": "Enter",
    "backspace": "Backspace",
    "escape": "Esc",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def key_names(keys: str) -> str:
    """Textual's key names as people write them: "f5,ctrl+j" -> "F5 Ctrl+J"."""
    return " ".join(_key_name(key) for key in keys.split(","))


def _key_name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    if len(key) == 1:
        return key
    return "+".join(_NAMES.get(part) or _capital(part) for part in key.split("+"))


def _capital(part: str) -> str:
    return part.upper() if len(part) < 3 else part.capitalize()


def binding(
    verb: Verb, action: str, tooltip: str, *, show: bool = False, priority: bool = False
) -> Binding:
    """The binding of a verb. `tooltip` is its help, in the palette and on the help screen, too."""
    return Binding(
        verb.keys, action, verb.label, show=show, id=verb.id, tooltip=tooltip, priority=priority
    )
