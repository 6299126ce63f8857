"""A target with one thing changed, and a target as a URL. None of it holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from tui.services.sql.connecting.targets import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    Secrets,
    from_parameters,
)

_PLACE = ("host", "hostaddr", "port", "user", "service")
"""What says to whom a password is given."""

_UNENCRYPTED = {"", "disable", "allow", "prefer"}


def with_parameters(target: DatabaseTarget, changed: Mapping[str, str]) -> DatabaseTarget:
    """The same with other keywords of libpq. A label that was made of them follows."""
    parameters = MappingProxyType({**target.parameters, **changed})
    made = from_parameters(target.parameters)[0].label
    label = from_parameters(parameters)[0].label
    return replace(
        target, parameters=parameters, label=target.label.replace(made, label) if made else label
    )


def encrypted(target: DatabaseTarget) -> DatabaseTarget:
    """The same over an encrypted connection, whoever the server is."""
    return with_parameters(target, {"sslmode": "require"})


def with_token(target: DatabaseTarget) -> DatabaseTarget:
    """The same with an IAM token for a password, which AWS takes over TLS only."""
    if target.parameters.get("sslmode", "") in _UNENCRYPTED:
        target = encrypted(target)
    return replace(target, auth=Auth.IAM, secret=NO_SECRET)


def as_url(target: DatabaseTarget) -> str:
    """A URL that leads to the same server, without any password."""
    parameters = dict(target.parameters)
    user = quote(parameters.pop("user", ""), safe="")
    host, port = parameters.pop("host", ""), parameters.pop("port", "")
    database = quote(parameters.pop("dbname", ""), safe="")
    if host.startswith("/") or "," in host or "," in port:
        parameters |= {"host": host} | ({"port": port} if port else {})
        host = port = ""
    if ":" in host:
        host = f"[{host}]"
    place = f"{user}@" if user else ""
    place += host + (f":{port}" if port else "")
    if target.tunnel:
        parameters["tunnel"] = target.tunnel
    rest = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return f"postgresql://{place}/{database}" + (f"?{rest}" if rest else "")


def moved(
    before: DatabaseTarget, known: Secrets, after: DatabaseTarget, given: Secrets
) -> tuple[DatabaseTarget, Secrets]:
    """`after`, which was typed in the place of `before`, with what still goes for it. A password
    goes only to the server and the user that it was given for."""
    old, new = before.parameters, after.parameters
    if before.tunnel != after.tunnel or any(old.get(each) != new.get(each) for each in _PLACE):
        return replace(after, rules=before.rules), given
    same = replace(before, parameters=after.parameters, label=after.label)
    if given:
        return replace(same, auth=after.auth), given
    return same, known
