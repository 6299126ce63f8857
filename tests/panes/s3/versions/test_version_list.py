"""The list of versions, what restoring and deleting its rows means, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui.panes.s3.versions.commands_versions import delete_question
from tui.panes.s3.versions.deleting import VersionDeletion, lock_text, refuse_mfa_delete
from tui.panes.s3.versions.restoring import Restoration, plan_restore
from tui.panes.s3.versions.version_list import VersionList
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    ObjectCopy,
    ObjectVersion,
    RefusedVersion,
    S3Service,
    Versioning,
    VersionLock,
)
from tui.services.s3.deleting.version_pages import VersionPage, VersionToken

AT = Connection()
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def version(key: str, name: str, *, latest: bool = False, marker: bool = False) -> ObjectVersion:
    return ObjectVersion(key, name, 0 if marker else 5, marker, latest, NOON, f'"{name}"')


ROWS = (
    version("d/a", "a3", latest=True),
    version("d/a", "a2", marker=True),
    version("d/a", "a1"),
    version("d/b", "b2", latest=True, marker=True),
    version("d/b", "b1"),
)


class Scripted(S3Service):
    """Gives versions in pages of two, and takes what is done to them."""

    def __init__(self, rows: tuple[ObjectVersion, ...] = ROWS) -> None:
        self.found = rows
        self.fails: ServiceError | None = None
        self.copies: list[ObjectCopy] = []
        self.refused: list[RefusedVersion] = []

    async def versioning(self, bucket: str, *, at: Connection | None = None) -> Versioning:
        if self.fails is not None:
            raise self.fails
        return Versioning.ENABLED

    async def list_version_page(
        self,
        bucket: str,
        prefix: str,
        token: VersionToken | None = None,
        *,
        limit: int = 2,
        at: Connection | None = None,
    ) -> VersionPage:
        if self.fails is not None:
            raise self.fails
        start = int(token[1]) if token else 0
        end = start + 2
        return VersionPage(self.found[start:end], ("", str(end)) if end < len(self.found) else None)

    async def copy_object(self, copy: ObjectCopy, *, at: Connection | None = None) -> str:
        if copy.key == "d/changed":
            raise ServiceError("It was changed.", kind=ErrorKind.CHANGED)
        self.copies.append(copy)
        return ""

    async def delete_versions(self, *_: object, **__: object) -> list[RefusedVersion]:
        return self.refused

    async def version_lock(self, *_: object, **__: object) -> VersionLock:
        return VersionLock("COMPLIANCE", NOON, held=False)


async def loaded(rows: tuple[ObjectVersion, ...] = ROWS, prefix: str = "d/") -> VersionList:
    listing, s3 = VersionList("b", prefix), Scripted(rows)
    while listing.follows:
        await listing.load_more(s3, AT)
    return listing


async def test_no_total_is_claimed_while_rows_follow() -> None:
    listing, s3 = VersionList("b", "d/"), Scripted()
    assert listing.state == "asking…"
    await listing.load_more(s3, AT)
    assert listing.state.startswith("2+ versions")
    await listing.load_more(s3, AT)
    await listing.load_more(s3, AT)
    assert listing.state.startswith("5 versions and delete markers.")
    assert not listing.follows


async def test_one_key_ends_where_the_next_one_begins() -> None:
    listing, s3 = VersionList("b", "d/a", exact=True), Scripted()
    while listing.follows:
        await listing.load_more(s3, AT)
    assert {each.key for each in listing.rows} == {"d/a"}
    assert len(listing.rows) == 3


async def test_a_page_that_fails_keeps_the_rows_and_is_asked_for_again() -> None:
    listing, s3 = VersionList("b", "d/"), Scripted()
    await listing.load_more(s3, AT)
    s3.fails = ServiceError("No page.")
    await listing.load_more(s3, AT)
    assert (len(listing.rows), listing.follows) == (2, True)
    assert "No page." in str(listing.problem)
    s3.fails = None
    await listing.load_more(s3, AT)
    assert "No page." not in str(listing.problem)
    assert len(listing.rows) == 4


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Versioning.NEVER, "never enabled"),
        (Versioning.SUSPENDED, "suspended"),
        (ServiceError("x", kind=ErrorKind.DENIED), "s3:GetBucketVersioning"),
        (ServiceError("x", cause="why"), "unknown: why"),
    ],
)
def test_what_versioning_means_is_said(state: Versioning | ServiceError, said: str) -> None:
    listing = VersionList("b", "")
    listing.versioning = state
    assert said in listing.said


def test_around_an_object_is_its_folder_and_so_on_up_to_the_bucket() -> None:
    listing: VersionList | None = VersionList("b", "x/y/z.txt", exact=True)
    prefixes = []
    while listing is not None:
        listing = listing.wider()
        if listing is not None:
            prefixes.append(listing.prefix)
    assert prefixes == ["x/y/", "x/", ""]


async def test_a_restore_copies_onto_what_was_shown_and_removes_only_markers_on_top() -> None:
    listing = await loaded()
    plan = plan_restore(listing, range(5))
    assert [each.version_id for each in plan.markers] == ["b2"]
    assert [(a.version_id, b.version_id) for a, b in plan.copies] == [("a1", "a3")]
    left = "\n".join(plan.left_out)
    assert "latest version already" in left
    assert "hides nothing" in left
    assert "another version of this key" in left

    only = plan_restore(listing, [2])
    s3, restoration = Scripted(), Restoration(only)
    async for _ in restoration.run(s3, AT):
        pass
    assert [(each.version_id, each.replaces) for each in s3.copies] == [("a1", "a3")]
    assert restoration.problem is None


async def test_a_version_under_a_delete_marker_is_copied_where_nothing_is() -> None:
    plan = plan_restore(await loaded(), [4])
    s3, restoration = Scripted(), Restoration(plan)
    async for _ in restoration.run(s3, AT):
        pass
    assert [each.replaces for each in s3.copies] == [""]


async def test_a_version_is_compared_with_the_one_before_it_or_two_marked_ones() -> None:
    listing = await loaded()
    for rows, ids in (((0,), ("a1", "a3")), ((0, 2), ("a1", "a3")), ((0, 4), ("b1", "a3"))):
        older, newer = listing.pair(rows)
        assert (older.version_id, newer.version_id) == ids
    for refused, said in (((2,), "no version before"), ((0, 1), "marker"), ((0, 2, 4), "two")):
        with pytest.raises(ServiceError, match=said):
            listing.pair(refused)


async def test_the_version_before_is_loaded_if_it_is_on_the_next_page() -> None:
    listing, s3 = VersionList("b", "d/a", exact=True), Scripted()
    await listing.load_more(s3, AT)
    assert listing.before(0) is None
    await listing.load_before(0, s3, AT)
    assert listing.pair((0,))[0].version_id == "a1"
    await listing.load_before(2, s3, AT)
    assert listing.before(2) is None


async def test_nothing_to_restore_says_why() -> None:
    with pytest.raises(ServiceError, match="latest version already"):
        plan_restore(await loaded(), [0])


async def test_a_restore_that_meets_another_write_is_told() -> None:
    rows = (version("d/changed", "2", latest=True), version("d/changed", "1"))
    restoration = Restoration(plan_restore(await loaded(rows), [1]))
    async for _ in restoration.run(Scripted(), AT):
        pass
    assert restoration.report == ""
    assert "It was changed." in str(restoration.problem)


async def test_the_question_says_what_readers_get_then() -> None:
    listing = await loaded()
    question = delete_question(listing, (0, 1, 3), "Here.")
    assert "1 version and 2 delete markers (5 B)" in question
    assert "they get the version before it" in question
    assert "1 of them hides a key" in question
    assert "version id a3" in question


async def test_a_version_that_a_lock_keeps_is_told_with_the_lock() -> None:
    listing, s3 = await loaded(), Scripted()
    s3.refused = [RefusedVersion(listing.rows[0], "AccessDenied", "no")]
    deletion = VersionDeletion("b", listing.rows)
    async for _ in deletion.run(s3, AT):
        pass
    assert "4 versions deleted for good" in deletion.report
    assert "COMPLIANCE until 2024-01-01 12:00 UTC; nobody can lift that" in str(deletion.problem)


def test_a_hold_and_a_mode_are_both_said() -> None:
    said = lock_text(VersionLock("GOVERNANCE", None, held=True))
    assert "GOVERNANCE" in said
    assert "legal hold" in said


async def test_mfa_delete_is_refused_before_anything_is_asked() -> None:
    class Protected(Scripted):
        async def mfa_delete(self, bucket: str, *, at: Connection | None = None) -> bool:
            if self.fails is not None:
                raise self.fails
            return True

    s3 = Protected()
    with pytest.raises(ServiceError, match="MFA delete is on in the bucket b"):
        await refuse_mfa_delete(s3, "b", AT)
    s3.fails = ServiceError("Denied.", kind=ErrorKind.DENIED)
    await refuse_mfa_delete(s3, "b", AT)
