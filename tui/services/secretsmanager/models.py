"""The login of a database that a secret holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef


@dataclass(frozen=True)
class DatabaseLogin:
    """Who logs in where. An empty text or None is a field that the secret does not have."""

    arn: str
    version: str
    """Which of its values it is; another after each rotation."""
    user: str
    password: str = field(repr=False)
    host: str = ""
    port: int | None = None
    database: str = ""
    engine: str = ""


def to_login(answer: GetSecretValueResponseTypeDef) -> DatabaseLogin:
    """The login in the answer of GetSecretValue. Source: "JSON structure of AWS Secrets Manager
    secrets" of the Secrets Manager User Guide.

    INVALID for a secret that holds anything else; what it holds is never repeated.
    """
    name = answer.get("Name") or answer.get("ARN") or "the secret"
    text = answer.get("SecretString")
    if text is None:
        raise _unusable(name, "it holds bytes")
    fields = _object(text)
    if fields is None:
        raise _unusable(name, "it holds a text that is no JSON object")
    password = fields.get("password")
    if not isinstance(password, str) or not password:
        raise _unusable(name, "its JSON has no field `password`")
    return DatabaseLogin(
        arn=answer.get("ARN", ""),
        version=answer.get("VersionId", ""),
        user=_text(fields, "username") or _text(fields, "user"),
        password=password,
        host=_text(fields, "host"),
        port=_port(fields.get("port")),
        database=_text(fields, "dbname") or _text(fields, "database"),
        engine=_text(fields, "engine"),
    )


def _object(text: str) -> Mapping[str, object] | None:
    # The error of the parser has the whole text in it: it must not become the cause of another.
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _port(value: object) -> int | None:
    # The console writes a number, some rotations a text.
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536
    return value if known and isinstance(value, int) else None


def _unusable(name: str, why: str) -> ServiceError:
    return ServiceError(
        f"{name} is not the login of a database: {why}.",
        hint="A secret of RDS is a JSON object with `username` and `password`, and perhaps `host`, "
        "`port` and `dbname`. Choose another secret, or type the password.",
        kind=ErrorKind.INVALID,
    )
