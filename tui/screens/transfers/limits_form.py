"""The form that limits what all transfers together take of the line."""

from __future__ import annotations

from tui.config import MOST_REQUESTS
from tui.services.quantities import exact_rate_text, parse_rate
from tui.services.transfers import Limits
from tui.widgets.dialogs.forms import FormDialog, TextField, Values

RATE = "10 MB/s, 500 KiB/s or 80 Mbit/s; empty: no limit"
REQUESTS = f"1 to {MOST_REQUESTS}; empty: as many as are quick"


def limits_form(now: Limits) -> FormDialog[Limits]:
    """Ask for limits; those of `now` stand there."""
    rate = "" if now.rate is None else exact_rate_text(now.rate)
    requests = "" if now.requests is None else str(now.requests)
    return FormDialog(
        "Limit all transfers together",
        [
            TextField("rate", "Bytes per second, up and down", rate, placeholder=RATE, check=_rate),
            TextField(
                "requests", "Requests at once", requests, placeholder=REQUESTS, check=_requests
            ),
        ],
        submit=_limits,
        submit_label="Set",
        only_reads=True,
    )


def limits_text(limits: Limits) -> str:
    """ "at most 10 MB/s, 4 requests at once"; "" where there is no limit."""
    said = [] if limits.rate is None else [exact_rate_text(limits.rate)]
    if limits.requests is not None:
        said.append("1 request" if limits.requests == 1 else f"{limits.requests} requests at once")
    return f"at most {', '.join(said)}" if said else ""


def _rate(text: str) -> list[str]:
    try:
        parse_rate(text)
    except ValueError as error:
        return [str(error)]
    return []


def _requests(text: str) -> list[str]:
    fits = text.strip().isdecimal() and 1 <= int(text) <= MOST_REQUESTS
    return [] if fits or not text.strip() else [f"Write a whole number from 1 to {MOST_REQUESTS}."]


async def _limits(values: Values) -> Limits:
    requests = values["requests"].strip()
    return Limits(parse_rate(values["rate"]), int(requests) if requests else None)
