"""The steps of an SDK call, between which its thread gives way: a call takes some milliseconds of
computing before it is sent, and some after its answer has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.giving_way import computing, waiting

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks


def install(events: BaseEventHooks) -> None:
    """Register on a botocore session's event emitter."""

    def computes(**_: object) -> None:
        computing()

    def waits(**_: object) -> None:
        waiting()

    for step in ("before-parameter-build", "before-call", "request-created", "after-call"):
        events.register_first(step, computes)
    events.register_last("before-send", waits)
    events.register_first("before-parse", computes)
    # The SDK may pause behind it, before it sends once more.
    events.register_last("needs-retry", waits)
