"""What does here what other backslash commands do in psql."""

from __future__ import annotations

from collections.abc import Mapping

_FORMAT = "How rows look is chosen where they leave: y copies them, d exports them."
_FORM = "Parameters (:name) are asked for when the statement runs; nothing needs to be set."
_EXPORT = "\\g FILE writes the rows of a statement into a file; d in the rows exports them, too."
_BRANCH = "Branches of scripts are not run here; psql runs them."

SAID: Mapping[str, str] = {
    "x": "V in the rows shows the row under the cursor as a record.",
    "timing": "The time of every statement is always shown, beside its rows.",
    "?": "F1 shows every key; Ctrl+P finds a command by its name.",
    "pset": _FORMAT,
    "a": _FORMAT,
    "t": _FORMAT,
    "f": _FORMAT,
    "H": _FORMAT,
    "C": _FORMAT,
    "T": _FORMAT,
    "set": _FORM,
    "prompt": _FORM,
    "errverbose": "All that the server says of an error is shown with it.",
    "s": "Alt+H shows the history of statements.",
    "p": "The text of the statement is in the editor.",
    "r": "The text of the statement is in the editor.",
    "reset": "The text of the statement is in the editor.",
    "q": "Ctrl+Q leaves Tristore; Alt+W closes a tab of the editor.",
    "quit": "Ctrl+Q leaves Tristore; Alt+W closes a tab of the editor.",
    "encoding": "Texts are sent and shown as Unicode; SHOW server_encoding says what is stored.",
}
"""Commands after which a script may go on: they change nothing of what its statements do."""

REFUSED: Mapping[str, str] = {
    "gx": "\\g FILE writes the rows into a file; V in the rows shows one as a record.",
    "o": _EXPORT,
    "out": _EXPORT,
    "gexec": "Run the statement, copy its rows with y, and run them in the editor.",
    "bind": "Write the statement in front of it: select $1 \\bind value \\g",
    "parse": "PREPARE name AS … is its SQL.",
    "if": _BRANCH,
    "elif": _BRANCH,
    "else": _BRANCH,
    "endif": _BRANCH,
    "w": "Alt+S saves the text of the editor.",
    "write": "Alt+S saves the text of the editor.",
    "!": "Programs of this machine are not run from here.",
    "cd": "Name files with their whole path.",
    "setenv": "Variables are set before Tristore is started.",
    "password": "ALTER ROLE … PASSWORD is its SQL.",
    "ef": "\\sf shows a function; Alt+D, then i, shows it with its grants.",
    "ev": "\\sv shows a view; Alt+D, then i, shows it with its grants.",
    "lo_import": "SELECT lo_from_bytea(…) is its SQL.",
    "lo_export": "SELECT lo_get(…) is its SQL.",
    "lo_list": "SELECT * FROM pg_largeobject_metadata is its SQL.",
    "lo_unlink": "SELECT lo_unlink(…) is its SQL.",
}
"""Commands without which a script would do something else: it is not begun."""

LISTED = "Alt+D shows all of the database; \\d, \\dt, \\df, \\dn, \\du, \\dx, \\dT list it."
UNKNOWN = "F1 shows every key; psql knows more backslash commands."


def hint_for(name: str) -> str:
    """Which key or SQL does what a command would."""
    return REFUSED.get(name) or SAID.get(name) or (LISTED if name[:1] == "d" else UNKNOWN)
