"""Which cause the facts come to: the first that stands in the way, in one sentence, with what can
be done about it."""

from __future__ import annotations

from tui.panes.sql.connecting.refused import access, network, securing
from tui.panes.sql.connecting.refused.conclusion import Conclusion
from tui.panes.sql.connecting.refused.facts import UNREACHED, Facts
from tui.services.sql import Refusal

_RULES = (
    securing.of_what_answers,
    securing.of_encryption,
    securing.of_certificate,
    access.of_login,
    access.of_database,
)
"""In the order in which a connection meets them."""


def conclude(facts: Facts) -> Conclusion:
    """The first cause."""
    if facts.refusal in UNREACHED:
        return network.of_unreached(facts)
    if facts.refusal in {Refusal.OTHER, Refusal.NOT_ACCEPTING}:
        # A server that is being stopped ends connections without a word.
        status = network.of_status(facts)
        if status is not None:
            return status
    found = (rule(facts) for rule in _RULES)
    return next((each for each in found if each is not None), None) or access.of_the_rest(facts)
