"""What was found, in a few words for each line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.cells import cell_len

from tui.panes.sql.connecting.refused.facts import Verdict
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance
from tui.services.rds.reachability import Admission, SubnetRoute
from tui.services.sql.connecting.diagnosis.certificate import Certificate, Trust
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import PortAnswer, Reach, Spoken, TlsAnswer
from tui.services.sql.connecting.diagnosis.resolving import Resolved, is_private
from tui.services.sql.connecting.holders import Holders
from tui.widgets.text.safe_text import visible

Said = tuple[Verdict, str]

NAMED = 3
"""Addresses, rules or names that are told one by one."""


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many there are beside them."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def unknown(error: ServiceError) -> str:
    """Why something is not known; a denied call names the permission in its hint."""
    if error.kind is ErrorKind.DENIED:
        return f"{error.message} {error.hint}".strip()
    return error.message


def name(resolved: Resolved) -> Said:
    """What became of a name."""
    if not resolved.addresses:
        return Verdict.PROBLEM if resolved.absent else Verdict.UNKNOWN, resolved.problem
    alias = f" (an alias of {resolved.full_name})" if resolved.full_name else ""
    private = ", a private address" if is_private(resolved.addresses[0]) else ""
    return Verdict.GOOD, f"{listed(resolved.addresses)}{private}{alias}"


def port(found: PortAnswer, endpoint: Endpoint) -> Said:
    """What became of connecting."""
    where = found.address if endpoint.socket else f"{found.address} port {endpoint.port}"
    if found.reach is Reach.OPEN:
        return Verdict.GOOD, f"{where} is open"
    return Verdict.PROBLEM, f"{where}: {found.said}"


def server(found: TlsAnswer) -> Said:
    """What answers."""
    if found.spoken is Spoken.TLS:
        return Verdict.GOOD, "a PostgreSQL that encrypts"
    if found.spoken is Spoken.PLAIN:
        more = f"; it said: {found.said.strip()}" if found.said else ""
        return Verdict.GOOD, f"a PostgreSQL without encryption{more}"
    if found.spoken is Spoken.NOTHING:
        return Verdict.PROBLEM, "it takes the connection and says nothing"
    if found.spoken is Spoken.HUNG_UP:
        return Verdict.PROBLEM, "it takes the connection and ends it at once"
    return Verdict.PROBLEM, f"not a PostgreSQL; it said {first_words(found.said)}"


def first_words(said: str) -> str:
    """The beginning of an answer, in quotation marks."""
    line = said.splitlines()[0] if said.splitlines() else said
    return f"“{line[:40]}”"


def certificate(found: Certificate) -> Said:
    """What a certificate says, and what is wrong with it."""
    if found.text is None:
        return Verdict.PROBLEM, found.said or "none that can be read"
    text = found.text
    parts = [f"for {listed(text.names) or 'nobody'}"]
    if text.issuer:
        parts.append(f"signed by {text.issuer}")
    parts.append(f"valid until {text.ends:%Y-%m-%d}")
    said = ", ".join(parts)
    if found.trust is Trust.VERIFIED:
        return Verdict.GOOD, said
    if found.trust is Trust.NO_ROOTS:
        why = f"{found.roots}: {found.said}" if found.roots else "no root certificates to check it"
        return Verdict.UNKNOWN, f"{said}; {why}"
    if found.trust is Trust.EXPIRED:
        days = (datetime.now(UTC) - text.ends).days
        return Verdict.PROBLEM, f"{said}: expired {days} days ago"
    return Verdict.PROBLEM, f"{said}: {found.said}"


# -- the instance ---------------------------------------------------------------------------------


def instance(found: Instance) -> Said:
    """Its status."""
    verdict = Verdict.GOOD if found.available else Verdict.PROBLEM
    return verdict, f"{found.identifier}, {found.status}"


def public(found: Instance) -> Said:
    """Whether it can be reached from outside its VPC."""
    if found.public is None:
        return Verdict.UNKNOWN, "AWS does not say"
    return (Verdict.GOOD, "yes") if found.public else (Verdict.PROBLEM, "no")


def iam(found: Instance) -> Said:
    """Whether tokens can log in."""
    if found.iam_auth is None:
        return Verdict.UNKNOWN, "AWS does not say"
    return (Verdict.GOOD, "on") if found.iam_auth else (Verdict.NOT_LOOKED, "off")


def _sources(rules: Sequence[InboundRule]) -> str:
    return listed([each.source for each in rules])


def rules(found: Admission, port: int, why_unknown: str) -> Said:
    """Whether the security groups let this machine in."""
    if found.admitting:
        return Verdict.GOOD, f"{_sources(found.admitting)} may come to port {port}"
    whom = found.address or "your address"
    let_in = [*found.former, *found.others]
    if not let_in:
        return Verdict.PROBLEM, f"nobody may come to port {port}"
    said = f"port {port} is open to {_sources(let_in)}"
    if found.admitted is None:
        why = f" ({why_unknown})" if why_unknown else ""
        return Verdict.UNKNOWN, f"{said}; whether to {whom} is not known{why}"
    return Verdict.PROBLEM, f"{said}, not to {whom}"


def routes(found: Sequence[SubnetRoute], of: Instance) -> Said:
    """Whether the internet leads into the subnets."""
    if not found:
        return Verdict.UNKNOWN, "AWS does not say in which subnets it is"
    closed = [each for each in found if not each.is_open]
    if not closed:
        return Verdict.GOOD, f"an internet gateway, from {listed([e.subnet for e in found])}"
    first = closed[0]
    way = f"leads only to {first.gateway}" if first.gateway else "leads nowhere outside the VPC"
    if first.blackhole:
        way = f"leads to {first.gateway}, which is gone"
    said = f"{first.table or 'no route table'} of {listed([each.subnet for each in closed])} {way}"
    if len(closed) < len(found):
        return Verdict.UNKNOWN, f"{said}; {len(found) - len(closed)} others have a gateway"
    # Without public access nobody expects a gateway.
    return (Verdict.PROBLEM if of.public is not False else Verdict.GOOD), said


def acls(refusals: Sequence[str]) -> Said:
    """Whether the network ACLs let this machine through."""
    if not refusals:
        return Verdict.UNKNOWN, "AWS does not say in which subnets it is"
    wrong = [each for each in refusals if each]
    if not wrong:
        return Verdict.GOOD, "let you through"
    return (Verdict.PROBLEM if len(wrong) == len(refusals) else Verdict.UNKNOWN), wrong[0]


# -- too many connections -------------------------------------------------------------------------

_HEAD = ("Connections", "User", "Database", "Application", "From", "State", "For up to")


def held(found: Holders) -> str:
    """Who holds the connections, a line for those that are alike."""
    rows = [
        (
            str(each.count),
            each.user,
            each.database,
            each.application,
            each.address,
            each.state or "hidden",
            each.longest,
        )
        for each in found.held
    ]
    shown = [_HEAD, *(tuple(visible(text) for text in row) for row in rows)]
    widths = [max(cell_len(row[column]) for row in shown) for column in range(len(_HEAD))]
    lines = [
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    ]
    used = sum(each.count for each in found.held)
    return "\n".join([f"{used} of {found.most} (max_connections) are in use.", "", *lines])
