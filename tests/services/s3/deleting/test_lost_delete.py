"""Deletes that were carried out and whose answers were lost: every delete marker is found."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.faulty import Losing, behind
from tests.services.s3.deleting.test_version_pages import keep_versions
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, session
from tui.services.s3 import S3Service
from tui.services.s3.deleting.marker_look import MarkerState


@pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])
async def test_the_delete_markers_of_lost_answers_are_taken_back_with_the_others(
    sandbox: SandboxInfo,
    audit: AuditLog,
    account: Account,
    bucket: str,
    put: Put,
    times: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)
    keep_versions(account, bucket)
    keys = ["d/one", "d/two"]
    put(dict.fromkeys(keys, b"x"))
    losing = Losing(sandbox, "POST", times)
    with behind(sandbox, losing, audit) as lossy:
        s3 = S3Service(lossy)
        etags = [(await s3.head(bucket, key)).etag.strip('"') for key in keys]
        [outcome] = [each async for each in s3.delete_objects(bucket, keys, etags=etags)]
        s3.close()
    assert losing.lost == min(times, 2)
    assert set(outcome.deleted) == set(keys)
    client = account.connection.client("s3")
    there = client.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    # The SDK sent it twice, and both were carried out.
    assert len(there) == 4
    made = {(each.key, each.version_id) for each in outcome.made}
    assert made == {(each["Key"], each["VersionId"]) for each in there}

    s3 = S3Service(account)
    states = await s3.look_at_markers(bucket, outcome.made)
    assert set(states.values()) == {MarkerState.HIDES}
    async for _ in s3.remove_markers(bucket, outcome.made):
        pass
    s3.close()
    back = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in back] == keys
