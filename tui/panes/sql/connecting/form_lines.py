"""The lines of the form of a connection: what each asks, and what it makes of the target.

A new field of `DatabaseTarget` gets its `FieldLines` here or in a file of its own, and a place
among `LINES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tui.services.errors import ServiceError
from tui.services.sql import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    Rules,
    SecretSource,
    SecretStore,
)
from tui.services.sql.connecting.stores import keyring_entry
from tui.services.sql.tunnels import ssh_host
from tui.widgets.dialogs.form_fields import (
    ChoiceField,
    Field,
    FlagField,
    NoteField,
    TextField,
    Values,
)


def no_problems(values: Values) -> Sequence[str]:
    """For lines that are good whatever stands in the others."""
    return ()


@dataclass(frozen=True)
class FieldLines:
    """Some fields of the form that belong together."""

    fields: Callable[[DatabaseTarget], Sequence[Field]]
    """What is asked, with what the target has now."""
    taken: Callable[[DatabaseTarget, Values], DatabaseTarget]
    """The target with what stands in the fields; all the rest of it stays."""
    problems: Callable[[Values], Sequence[str]] = no_problems
    """What is wrong with the values together."""


def _with(target: DatabaseTarget, values: Mapping[str, str]) -> DatabaseTarget:
    """The target with these parameters; an empty one is taken out."""
    parameters = {**target.parameters, **values}
    filled = {key: value for key, value in parameters.items() if value}
    return replace(target, parameters=MappingProxyType(filled))


# -- the server -----------------------------------------------------------------------------------

_SERVER = ("host", "port", "dbname", "user")


def _server(target: DatabaseTarget) -> list[Field]:
    parameters = target.parameters
    return [
        TextField(
            "host",
            "Host",
            parameters.get("host", ""),
            placeholder="db.example.com",
            check=_no_url,
        ),
        TextField("port", "Port", parameters.get("port", ""), placeholder="5432", check=_port),
        TextField(
            "dbname",
            "Database",
            parameters.get("dbname", ""),
            placeholder="the user's name",
            check=_no_url,
        ),
        TextField("user", "User", parameters.get("user", ""), placeholder="yours on this machine"),
    ]


def _no_url(value: str) -> list[str]:
    """A URL often has a password in it, and what stands in the form is written into a file."""
    wrong = "://" in value or "password=" in value
    return ["This is a whole connection: paste it into the list instead."] if wrong else []


def _port(value: str) -> list[str]:
    ports = [each.strip() for each in value.split(",")]
    good = all(not each or (each.isdecimal() and 0 < int(each) < 65_536) for each in ports)
    return [] if good else ["A port is a number from 1 to 65535."]


def _with_server(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    wanted = {name: values[name].strip() for name in _SERVER}
    moved = wanted["host"] != target.parameters.get("host", "")
    return replace(_with(target, wanted), instance="" if moved else target.instance)


# -- the way there --------------------------------------------------------------------------------


def _tunnel(target: DatabaseTarget) -> list[Field]:
    return [
        TextField(
            "tunnel",
            "SSH tunnel through",
            target.tunnel,
            placeholder="none; or a host of ssh's: alias, user@host:port",
            check=_ssh_host,
        )
    ]


def _ssh_host(value: str) -> list[str]:
    try:
        ssh_host(value)
    except ServiceError as error:
        return [error.hint] if value.strip() else []
    return []


def _with_tunnel(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    return replace(target, tunnel=values["tunnel"].strip())


# -- the way of the secret ------------------------------------------------------------------------


_KEYRING, _MANAGED = SecretStore.KEYRING.value, SecretStore.SECRETS_MANAGER.value
_OF_ONE = {Auth.IAM.value: "An IAM token is made for", _KEYRING: "The keyring has a password for"}
"""Ways that want the host and the user to be named."""


def _secret(target: DatabaseTarget) -> list[Field]:
    source = target.secret
    stored = bool(source.name) and target.auth is not Auth.IAM
    return [
        ChoiceField(
            "auth",
            "Password",
            [
                ("from ~/.pgpass or PG*, or none", Auth.LIBPQ.value),
                ("asked for, kept in memory", Auth.PASSWORD.value),
                ("from the keyring, asked for once", _KEYRING),
                ("from Secrets Manager", _MANAGED),
                ("IAM token, new each time", Auth.IAM.value),
            ],
            source.store.value if stored else target.auth.value,
        ),
        TextField(
            "secret",
            "Secret (ARN or name)",
            source.name if source.store is SecretStore.SECRETS_MANAGER else "",
            placeholder="arn:aws:secretsmanager:…",
            check=_named,
            when=lambda values: values["auth"] == _MANAGED,
        ),
    ]


def _named(value: str) -> list[str]:
    return [] if value.strip() else ["Name the secret."]


def _with_secret(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    way = values["auth"]
    if way == _KEYRING:
        source = SecretSource(SecretStore.KEYRING, keyring_entry(target))
    elif way == _MANAGED:
        source = SecretSource(SecretStore.SECRETS_MANAGER, values["secret"].strip())
    else:
        return replace(target, auth=Auth(way), secret=NO_SECRET)
    return replace(target, auth=Auth.PASSWORD, secret=source)


def _secret_problems(values: Values) -> list[str]:
    of_one = _OF_ONE.get(values["auth"])
    if of_one is None:
        return []
    return [
        f"{of_one} one {what}: name the {what}."
        for name, what in (("host", "host"), ("user", "user"))
        if not values[name].strip()
    ]


# -- encryption -----------------------------------------------------------------------------------

SSLMODES = {
    "": "as PGSSLMODE says, or prefer",
    "disable": "not encrypted",
    "prefer": "encrypted if it can be, not verified",
    "require": "encrypted, server not verified",
    "verify-ca": "certificate verified, not its name",
    "verify-full": "certificate and name verified",
}
"""What libpq's modes are, for the chooser and the form."""


def _encryption(target: DatabaseTarget) -> list[Field]:
    mode = target.parameters.get("sslmode", "")
    known = {**SSLMODES, mode: SSLMODES.get(mode, "")}
    return [
        ChoiceField(
            "sslmode",
            "Encryption (sslmode)",
            [(f"{each}: {said}" if each else said, each) for each, said in known.items()],
            mode,
        ),
        TextField(
            "sslrootcert",
            "Root certificates (file)",
            target.parameters.get("sslrootcert", ""),
            placeholder="~/.postgresql/root.crt",
            check=_file,
            when=lambda values: values["sslmode"].startswith(("require", "verify-")),
        ),
    ]


def _file(value: str) -> list[str]:
    name = value.strip()
    if name in {"", "system"}:
        return []
    try:
        found = Path(name).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        found = False
    return [] if found else ["There is no such file here."]


def _with_encryption(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    name = values["sslrootcert"].strip()
    # libpq takes a tilde for a letter.
    file = str(Path(name).expanduser()) if name.startswith("~") else name
    return _with(target, {"sslmode": values["sslmode"], "sslrootcert": file})


# -- the rules ------------------------------------------------------------------------------------

_BY_HAND = {"": None, "yes": True, "no": False}


def _rules(target: DatabaseTarget) -> list[Field]:
    rules = target.rules
    by_hand = next(name for name, value in _BY_HAND.items() if value is rules.manual_commit)
    return [
        FlagField("production", "Production", rules.production, "Said where the pane stands."),
        FlagField("read_only", "Read-only", rules.read_only, "No SQL can lift it."),
        ChoiceField(
            "manual_commit",
            "Manual commit",
            [
                ("on for production, else as set", ""),
                ("on: nothing is committed by itself", "yes"),
                ("off: each statement commits", "no"),
            ],
            by_hand,
            when=lambda values: not values["read_only"],
        ),
    ]


def _with_rules(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    rules = Rules(
        production=bool(values["production"]),
        read_only=bool(values["read_only"]),
        manual_commit=_BY_HAND[values["manual_commit"]],
    )
    return replace(target, rules=rules)


# -- what libpq takes beside those ----------------------------------------------------------------

_ELSEWHERE = frozenset({*_SERVER, "sslmode", "sslrootcert", "options"})
"""Parameters that have a line of their own."""

OTHERS = "others"
"""The line with all other keywords, as libpq writes them."""


def quoted(value: str) -> str:
    """A value for a conninfo string."""
    if value and not any(each in " '\\\t\n" for each in value):
        return value
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def _others(target: DatabaseTarget) -> list[Field]:
    others = [
        f"{key}={quoted(value)}"
        for key, value in target.parameters.items()
        if key not in _ELSEWHERE
    ]
    return [
        TextField(
            "options",
            "Server options",
            target.parameters.get("options", ""),
            placeholder="-c search_path=app",
        ),
        TextField(
            OTHERS,
            "Other keywords of libpq",
            " ".join(others),
            placeholder="connect_timeout=5 service=name",
        ),
    ]


def _with_others(target: DatabaseTarget, values: Values) -> DatabaseTarget:
    kept = {key: value for key, value in target.parameters.items() if key in _ELSEWHERE}
    bare = replace(target, parameters=MappingProxyType(kept))
    return _with(bare, {"options": values["options"].strip()})


NOTE = NoteField("No password is written into the file of the connections.")

LINES: tuple[FieldLines, ...] = (
    FieldLines(_server, _with_server),
    FieldLines(_tunnel, _with_tunnel),
    FieldLines(_secret, _with_secret, _secret_problems),
    FieldLines(_encryption, _with_encryption),
    FieldLines(_rules, _with_rules),
    FieldLines(_others, _with_others),
)
"""In the order of the form."""
