"""What inbound rules mean to this machine: who is let in, and whose rule may be out of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.services.rds import InboundRule, SecurityGroup, is_anywhere, reachability

LETS_YOU_IN, FORMER, EVERYBODY = (
    "lets you in",
    "for one address that is not yours now: one that you had before?",
    "ANYWHERE: everybody on the internet",
)


def marks_of(
    rules: Sequence[InboundRule], port: int | None, address: str
) -> dict[InboundRule, str]:
    """What is to be said of rules, as far as it is known; `address` is empty if it is not."""
    marks = {rule: EVERYBODY for rule in rules if is_anywhere(rule)}
    if address and port is not None:
        groups = [SecurityGroup("", "", "", None, tuple(rules))]
        found = reachability.admission(groups, port, address)
        marks |= dict.fromkeys(found.former, FORMER)
        marks |= {rule: LETS_YOU_IN for rule in found.admitting if rule not in marks}
    return marks


def about_me(rules: Sequence[InboundRule], marks: Mapping[InboundRule, str], address: str) -> str:
    """Whether this machine's address is let in, a sentence; empty if the address is not known."""
    if not address:
        return ""
    if any(marks.get(rule) in {LETS_YOU_IN, EVERYBODY} for rule in rules):
        return f"Your address {address} is let in."
    return f"Your address {address} is let in by none of these addresses and ranges."
