"""What the SQL pane says about statements, results and connections."""

from __future__ import annotations

from tui.services.quantities import counted, elapsed_text
from tui.services.sql import (
    OpenTransaction,
    Relations,
    Result,
    ServerInfo,
    Session,
    TransactionState,
)

SHOWN_CHARACTERS = 60
"""Characters of a statement that a log line repeats."""

LOOKED_AT = 1000
"""Characters of a statement that are looked at for those."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_STATES = {
    TransactionState.IDLE: "each statement commits",
    TransactionState.OPEN: "F7 commit, Ctrl+B roll back",
    TransactionState.FAILED: "TRANSACTION FAILED: Ctrl+B rolls it back",
    TransactionState.LOST: "CONNECTION LOST: F5 connects anew",
}


def connection_state(session: Session, *, deleted: str = "") -> str:
    """The right end of the location line. `deleted`: the instance, if it was deleted on purpose."""
    said = _state(session, deleted)
    return f"PRODUCTION · {said}" if session.target.rules.production else said


def _state(session: Session, deleted: str) -> str:
    said, idle = _STATES[session.state], session.state is TransactionState.IDLE
    if idle and session.manual_commit:
        said = "manual commit: F5 begins a transaction"
    elif session.state is TransactionState.OPEN:
        said = f"{_opened(session.transaction)} · {said}"
        said += " · manual commit" if session.manual_commit else ""
    elif session.state is TransactionState.FAILED and session.manual_commit:
        said += " · manual commit"
    limits = session.limits.text
    said += f" · {limits}" if limits and idle else ""
    if deleted:
        return f"{deleted} was deleted: Ctrl+O connects elsewhere"
    if session.read_only:
        said = "READ ONLY" if idle else f"READ ONLY · {said}"
    if session.lost_tunnel:
        said = said.replace("CONNECTION LOST", "SSH TUNNEL LOST")
    protected = protection(session.info)
    if session.state is TransactionState.LOST or (not idle and protected in _HARMLESS):
        return said
    return f"{said} · {protected}"


def brief_state(session: Session) -> str:
    """What must be seen of it where there is no room: whether something is open, and what is not
    protected; "" for a connection that is lost."""
    state = session.state
    if state is TransactionState.LOST:
        return ""
    said = ["PRODUCTION"] if session.target.rules.production else []
    said += ["READ ONLY"] if session.read_only else []
    if state is TransactionState.OPEN:
        said.append(f"{_opened(session.transaction, brief=True)} · F7/Ctrl+B")
    elif state is TransactionState.FAILED:
        said.append("TRANSACTION FAILED: Ctrl+B")
    else:
        said.append("manual commit" if session.manual_commit else "each commits")
    if session.limits.text:
        said.append("limits")
    protected = protection(session.info)
    if protected not in _HARMLESS:
        said.append(protected)
    return " · ".join(said)


def _opened(transaction: OpenTransaction | None, *, brief: bool = False) -> str:
    if transaction is None:
        return "IN TRANSACTION"
    number = transaction.statements
    statements = f"{number:,}" if brief else counted(number, "statement")
    return f"IN TRANSACTION: {statements}, {elapsed_text(transaction.seconds)}"


def open_transaction(transaction: OpenTransaction | None, ending: str = "quitting") -> str:
    """What quitting, or another way of ending the connection, would end."""
    if transaction is None or not transaction.statements:
        return f"A transaction is open; {ending} rolls it back."
    statements = counted(transaction.statements, "statement")
    return f"A transaction of {statements} is open; {ending} rolls it back."


_VERIFIED = "TLS verified"
_SOCKET = "local socket"
_LOCAL = "no TLS (local)"
_HARMLESS = frozenset({_VERIFIED, _SOCKET, _LOCAL})
"""Not said where the room is needed for the transaction."""


def protection(server: ServerInfo) -> str:
    """What keeps others from reading the connection, and from being taken for the server."""
    if server.verified:
        return _VERIFIED
    if server.authority_only:
        return "TLS, host name not verified"
    if server.encrypted:
        return "TLS, server not verified"
    if server.host.startswith(("/", "@")):
        return _SOCKET
    if server.tunnel:
        return "no TLS behind the tunnel"
    return _LOCAL if server.host in _HERE else "NO TLS"


def brief_place(server: ServerInfo) -> str:
    """Where a connection is, what tells it from others in front: `shop of ada@db.example`."""
    return f"{server.database} of {server.user}@{server.host}"


def duration(seconds: float) -> str:
    """ "12 ms", "3.42 s", "2 min 05 s"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s"
    return elapsed_text(seconds)


def row_count(rows: int, *, complete: bool, dropped: int = 0) -> str:
    """How many rows there are, as far as it is known."""
    if dropped:
        return f"first {rows:,} of {rows + dropped:,} rows"
    if not complete:
        return f"{rows:,}+ rows"
    return counted(rows, "row")


def result_line(result: Result, rows: int, *, complete: bool, held: bool) -> str:
    """The status of a result: its tag, how much of it is here, how long it took."""
    parts = [result.tag if complete or result.tag != "SELECT" else ""]
    if result.tag == "SELECT" and complete:
        parts = [f"SELECT {rows}"]
    if result.columns is not None:
        parts.append(row_count(rows, complete=complete, dropped=result.dropped))
        if not result.columns:
            parts.append("no columns")
    parts.append(duration(result.seconds))
    if not complete and not held:
        parts.append("the rest is no longer held on the server: run again to see it")
    if result.dropped:
        parts.append("the rest cannot be paged and was not kept")
    return " · ".join(part for part in parts if part)


def arrangement_line(shown: int, of: int, by: str | None, *, descending: bool, more: bool) -> str:
    """Which of the loaded rows are shown, and in which order; `more`: whether there are others."""
    rows = counted(of, "loaded row")
    said = f"{shown:,} of {rows}" if shown != of else f"the {rows}"
    if by is not None:
        said += f" by {by} {'↓' if descending else '↑'}"
    return f"{said}{' · O asks the server' if more else ''} · Esc shows all"


def relations_line(relations: Relations) -> str:
    """What the list of tables is, and what can be done with it."""
    count = len(relations.found)
    if not count:
        return "no tables yet"
    if relations.cut:
        return f"the first {count:,} tables and views; there are more · Enter reads one"
    return f"{'1 table' if count == 1 else f'{count:,} tables and views'} · Enter reads one"


def passwords_line(count: int) -> str:
    """What is left out of the text on disk."""
    what = "A password" if count == 1 else f"{count:,} passwords"
    return f"{what} in the editor {'is' if count == 1 else 'are'} not kept on disk."


def brief(text: str) -> str:
    """A statement in one short line."""
    line = " ".join(text[:LOOKED_AT].split())
    whole = len(line) <= SHOWN_CHARACTERS and len(text) <= LOOKED_AT
    return line if whole else line[: SHOWN_CHARACTERS - 1] + "…"


def outcome(result: Result) -> str:
    """What one statement of a run came to."""
    if result.columns is not None and result.tag.startswith("SELECT"):
        return (
            f"{row_count(len(result.rows), complete=result.complete)} · {duration(result.seconds)}"
        )
    return f"{result.tag} · {duration(result.seconds)}"
