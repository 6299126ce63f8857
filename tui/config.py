"""The settings file -> frozen Settings. A missing file means the defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui.services.quantities import parse_rate

MOST_REQUESTS = 64
"""Requests at once that transfers can be allowed: more only wait for one another."""

MOST_TIME = 86_400
"""Seconds that a time limit can have."""


class SettingsError(Exception):
    """The settings file cannot be used; the message names the file, the place and the remedy."""


@dataclass(frozen=True)
class SqlSettings:
    """What a connection to a database begins with; keys change it for the session."""

    manual_commit: bool | frozenset[str] = False
    """Whether nothing is committed before the user says so; or the profiles in which it is so."""
    statement_timeout: float | None = None
    """Seconds that a statement may take; None leaves it to the server, 0 is no limit."""
    lock_timeout: float | None = None
    """Seconds that a statement may wait for a lock; None leaves it to the server, 0 is no limit."""

    def commits_by_hand(self, profile: str) -> bool:
        """Whether a connection that is made in `profile` begins with manual commit."""
        if isinstance(self.manual_commit, bool):
            return self.manual_commit
        return profile in self.manual_commit


@dataclass(frozen=True)
class Settings:
    """What the user chose once and for all."""

    theme: str | None = None
    """The name of a theme; None is the one that was chosen last in the palette."""
    read_only_profiles: frozenset[str] = frozenset()
    """Profiles in which nothing may be changed, whatever the command line says."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Verb id -> key or keys ("upload" -> "ctrl+u,u"); see the help for the ids."""
    download_dir: Path | None = None
    """Where downloads are offered to go first; None is where the application was started."""
    transfer_rate: int | None = None
    """Bytes per second that all transfers together may move; None is no limit."""
    sql_history: bool = True
    """Whether the statements that are run are written down."""
    transfer_requests: int | None = None
    """Requests that all transfers together may have in flight; None is no limit."""
    sql: SqlSettings = SqlSettings()
    """What a connection to a database begins with."""


def load(path: Path) -> Settings:
    """Read the settings file at `path`; raises SettingsError if it is there but no good."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}. Correct the file or move it away.") from error
    import tomllib  # most have no file, and the first frame need not wait for a parser

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}. Correct the file or move it away.") from error
    return _settings(path, table)


def check_names(
    path: Path, settings: Settings, *, keys: Collection[str], themes: Collection[str]
) -> None:
    """Raise SettingsError for a theme or a name under `[keys]` that is none of these.

    Not `load`'s business: what can be named is known above the services.
    """
    if settings.theme is not None:
        _known(path, "theme", [settings.theme], themes)
    _known(path, "name under [keys]", settings.keys, keys)


def _known(path: Path, kind: str, given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            # Those of dialogs have a dot; they would hide the others.
            shown = ", ".join(sorted(each for each in known if "." not in each))
            raise SettingsError(f"{path}: unknown {kind}: {name!r}. Known are {shown}.")


def _settings(path: Path, table: Mapping[str, Any]) -> Settings:
    known = {
        *("theme", "read_only_profiles", "keys", "download_dir"),
        *("transfer_rate", "transfer_requests", "sql_history", "sql"),
    }
    unknown = sorted(set(table) - known)
    if unknown:
        raise SettingsError(
            f"{path}: unknown setting {unknown[0]!r}. Known are {', '.join(sorted(known))}."
        )
    profiles = table.get("read_only_profiles", [])
    if not isinstance(profiles, list) or not all(isinstance(each, str) for each in profiles):
        raise SettingsError(f'{path}: read_only_profiles must be a list of names such as ["prod"].')
    keys = table.get("keys", {})
    if not isinstance(keys, dict):
        raise SettingsError(f"{path}: keys must be a table, which begins with [keys].")
    for verb, key in keys.items():
        if not isinstance(key, str) or not key.strip():
            raise SettingsError(f"{path}: keys.{verb} must be a key such as 'ctrl+u'.")
    return Settings(
        theme=_text(path, table, "theme") or None,
        read_only_profiles=frozenset(profiles),
        keys=keys,
        download_dir=_folder(path, table, "download_dir"),
        sql_history=_flag(path, table, "sql_history", default=True),
        transfer_rate=_rate(path, table, "transfer_rate"),
        transfer_requests=_number(path, table, "transfer_requests", MOST_REQUESTS),
        sql=_sql(path, table.get("sql", {})),
    )


def _sql(path: Path, table: object) -> SqlSettings:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: sql must be a table, which begins with [sql].")
    known = {"manual_commit", "statement_timeout", "lock_timeout"}
    unknown = sorted(set(table) - known)
    if unknown:
        shown = ", ".join(sorted(known))
        raise SettingsError(f"{path}: unknown setting sql.{unknown[0]}. Known are {shown}.")
    by_hand = table.get("manual_commit", False)
    if isinstance(by_hand, list) and all(isinstance(each, str) for each in by_hand):
        by_hand = frozenset(by_hand)
    elif not isinstance(by_hand, bool):
        raise SettingsError(
            f'{path}: sql.manual_commit must be true, false or a list of profiles such as ["prod"].'
        )
    return SqlSettings(
        manual_commit=by_hand,
        statement_timeout=_seconds(path, table, "statement_timeout"),
        lock_timeout=_seconds(path, table, "lock_timeout"),
    )


def _seconds(path: Path, table: Mapping[str, Any], name: str) -> float | None:
    value = table.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_TIME:
        raise SettingsError(f"{path}: sql.{name} must be seconds from 0 (no limit) to {MOST_TIME}.")
    return float(value)


def _text(path: Path, table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise SettingsError(f"{path}: {name} must be a text in quotation marks.")
    return value


def _flag(path: Path, table: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = table.get(name, default)
    if not isinstance(value, bool):
        raise SettingsError(f"{path}: {name} must be true or false.")
    return value


def _rate(path: Path, table: Mapping[str, Any], name: str) -> int | None:
    try:
        return parse_rate(_text(path, table, name) or "")
    except ValueError as error:
        raise SettingsError(f"{path}: {name}: {error}") from error


def _number(path: Path, table: Mapping[str, Any], name: str, most: int) -> int | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise SettingsError(f"{path}: {name} must be a whole number from 1 to {most}.")
    return value


def _folder(path: Path, table: Mapping[str, Any], name: str) -> Path | None:
    text = _text(path, table, name)
    if not text:
        return None
    try:
        folder = Path(text).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{path}: {name}: there is no home folder for {text.partition('/')[0]!r}."
        ) from error
    if "\0" in text:
        raise SettingsError(f"{path}: {name} holds a character that no path can have.")
    return folder
