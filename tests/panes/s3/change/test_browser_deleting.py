"""Deleting in the S3 browser: how far it is, what went, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from tests.panes.s3.browsing import TOP, View, at
from tui.panes.s3.change.deleting import SHOWN, ObjectDeletion
from tui.services.aws import Connection, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import DeleteOutcome, FailedKey, Name


def gone(*keys: str, markers: int = 0, failed: tuple[FailedKey, ...] = ()) -> DeleteOutcome:
    return DeleteOutcome(keys, failed, markers)


HERE = Connection(Target())


async def delete(view: View, bucket: str, keys: Sequence[str], *, at: Connection) -> ObjectDeletion:
    deletion = ObjectDeletion(bucket, keys)
    await view.browser.carry_out(deletion, deletion.run(view.s3, at), bucket)
    return deletion


async def test_deleting_says_how_far_it_is_and_takes_the_marks_away() -> None:
    view = await at(TOP, list("abcd"))
    await view.browser.toggle_all_marks()
    view.s3.deletes = [gone("a", "b"), gone("c", "d", markers=1)]
    deletion = await delete(view, "b", list("abcd"), at=HERE)
    assert view.states[-4:] == [
        "deleted 0 of 4, Esc stops",
        "deleted 2 of 4, Esc stops",
        "deleted 4 of 4, Esc stops",
        "4 items",
    ]
    assert view.browser.listing.marked == set()
    assert deletion.report == (
        "4 objects deleted from b.\n1 got a delete marker; versions with an id of their own stay."
    )
    assert deletion.problem is None


async def test_marks_of_another_bucket_stay() -> None:
    view = await at(TOP, ["a"])
    view.browser.toggle_mark()
    view.s3.deletes = [gone("a")]
    await delete(view, "another", ["a"], at=HERE)
    assert view.browser.listing.marked == {"a"}


async def test_deleting_stops_after_the_call_in_flight() -> None:
    view = await at(TOP, list("abc"))
    view.s3.deletes = [gone("a"), gone("b"), gone("c")]
    deleting = delete(view, "b", list("abc"), at=HERE)
    stopped = False

    def look() -> None:
        nonlocal stopped
        if view.browser.state.startswith("deleted 1") and not stopped:
            stopped = True
            assert view.browser.can_stop
            view.browser.stop()
            assert view.browser.state == "deleted 1 of 3, stopping…"

    view.browser._changed = look
    deletion = await deleting
    assert stopped
    assert deletion.report == "1 object deleted from b."
    assert deletion.problem is not None
    assert deletion.problem.message == "2 objects were not deleted."
    assert deletion.problem.cause == "Stopped with Esc.\n2 objects not tried."


async def test_deleting_that_breaks_off_says_what_went_and_what_did_not() -> None:
    view = await at(TOP, list("abcdefg"))
    view.s3.deletes = [gone("a", "b"), ServiceError("Network gone.", kind=ErrorKind.NETWORK)]
    deletion = await delete(view, "b", list("abcdefg"), at=HERE)
    problem = deletion.problem
    assert deletion.report.startswith("2 objects deleted")
    assert problem is not None
    assert problem.kind is ErrorKind.NETWORK
    assert problem.message == "5 objects were not deleted."
    assert "Network gone." in problem.cause
    assert "5 objects not tried, or not known to have gone." in problem.cause


async def test_deleting_whose_answer_was_lost_does_not_say_that_it_failed() -> None:
    view = await at(TOP, list("ab"))
    view.s3.deletes = [gone("a"), ServiceError("No answer.", kind=ErrorKind.UNKNOWN)]
    problem = (await delete(view, "b", list("ab"), at=HERE)).problem
    assert problem is not None
    assert "or it is not known whether they were" in problem.message


async def test_deleting_that_never_began_is_the_error_itself() -> None:
    view = await at(TOP, ["a"])
    denied = ServiceError("Denied.", kind=ErrorKind.DENIED)
    view.s3.deletes = [denied]
    deletion = await delete(view, "b", ["a"], at=HERE)
    assert (deletion.report, deletion.problem) == ("", denied)


async def test_keys_that_were_refused_are_named_and_the_rest_is_counted() -> None:
    keys = [f"k{number:02}" for number in range(SHOWN + 3)]
    refused = tuple(FailedKey(key, "AccessDenied", "No.") for key in keys[1:])
    view = await at(TOP, keys)
    view.s3.deletes = [gone(keys[0], failed=refused)]
    problem = (await delete(view, "b", keys, at=HERE)).problem
    assert problem is not None
    assert problem.code == "AccessDenied"
    assert "need the permission s3:DeleteObject" in problem.hint
    lines = problem.cause.splitlines()
    assert lines[0] == "k01: AccessDenied No."
    assert lines[SHOWN:] == ["… and 2 more"]


async def test_the_report_of_a_half_done_delete_says_what_was_not_deleted() -> None:
    view = await at(TOP, list("ab"))
    view.s3.deletes = [gone("a", failed=(FailedKey("b", "AccessDenied", "no"),))]
    deletion = await delete(view, "b", list("ab"), at=HERE)
    assert deletion.whole_report == "1 object deleted from b.\n1 object was not deleted."


async def test_as_many_are_said_to_come_back_as_do() -> None:
    view = await at(TOP, list("abc"))
    twice = (Name("a", "1"), Name("a", "2"))
    for made, said in (
        ((Name("a", "1"), Name("b", "1"), Name("c", "1")), "U brings them back."),
        ((*twice, Name("b", "1")), "U brings 2 of them back; v shows what versions the others"),
        ((), "stay."),
    ):
        view.s3.deletes = [DeleteOutcome(("a", "b", "c"), (), 3, made)]
        deletion = await delete(view, "b", list("abc"), at=HERE)
        assert said in deletion.report
        assert ("U brings" in deletion.report) is bool(made)
