"""What is said when the parts of a failed upload or copy could not be removed: they are billed."""

from __future__ import annotations

from tui.services.errors import ServiceError


def parts_left(what: str, failure: BaseException, refusal: ServiceError) -> ServiceError:
    """`what` ("The upload of x") ended by `failure`; removing its parts came to `refusal`."""
    return ServiceError(
        f"{what} failed, and its parts could not be removed.",
        cause=f"{failure}\n{refusal}",
        hint="Cleanup (F8) lists incomplete uploads and can remove them.",
        code=refusal.code,
        kind=refusal.kind,
    )
