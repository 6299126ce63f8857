"""Abort the multipart uploads of a bucket and leave everything else in it alone."""

from __future__ import annotations

from datetime import timedelta

from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.upload_abort import UploadAbort
from tui.services.cleanup.upload_facts import UploadFacts
from tui.services.quantities import counted, size_text


async def remove_uploads(removal: Removal) -> Outcome:
    """Raises ServiceError only if the bucket is gone."""
    facts = removal.step.facts
    if not isinstance(facts, UploadFacts):
        raise TypeError("a step without its facts is not ready")
    only_stale = removal.step.options.only_stale
    # The server's clock may be ahead of this machine's.
    latest = max(filter(None, (facts.looked_at, facts.newest))) + timedelta(seconds=1)
    abort = UploadAbort(
        removal.stores,
        removal.name,
        removal.tunables,
        removal.stop,
        before=facts.stale_before if only_stale else latest,
        undated=not only_stale,
        progress=lambda aborted: removal.progress("aborting uploads", aborted, facts.all.count),
    )
    removal.progress("listing the uploads", 0)
    # The last pass looks whether they are gone.
    while await abort.one_pass() and not removal.stop.is_set():
        pass
    return _outcome(removal, facts, abort)


def _outcome(removal: Removal, facts: UploadFacts, abort: UploadAbort) -> Outcome:
    if abort.aborted:
        planned = facts.stale if removal.step.options.only_stale else facts.all
        known = abort.aborted == planned.count and planned.size_bytes is not None
        size = f", {size_text(planned.size_bytes)} of parts" if known else ""
        removal.did.append(f"Aborted {counted(abort.aborted, 'multipart upload')}{size}.")
    if removal.step.options.only_stale and facts.recent.count:
        number = counted(facts.recent.count, "multipart upload")
        removal.remains.append(f"{number} that began less than a day before.")
    if removal.stop.is_set():
        return removal.ended(Result.STOPPED, problem="Stopped; the rest was not touched.")
    if abort.problem is not None:
        number = counted(abort.stay, "multipart upload") if abort.stay else "Some multipart uploads"
        removal.remains.append(f"{number}.")
        return removal.failed(abort.problem)
    return removal.ended(Result.DELETED if abort.aborted else Result.GONE)
