"""The daily figures of a bucket, from metrics as S3 puts them into CloudWatch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.faulty import behind, refusal
from tests.services.cleanup.sdk import unique
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cloudwatch import CloudWatchService
from tui.services.errors import ServiceError


async def test_storage_classes_are_summed_for_the_latest_day(account: Account) -> None:
    bucket = unique("bucket")
    client = account.connection.client("cloudwatch")
    service = CloudWatchService(account)
    try:
        assert await service.bucket_figures(bucket, None) is None
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        figures = [
            ("BucketSizeBytes", "StandardStorage", 1, 3000),
            ("BucketSizeBytes", "GlacierStorage", 1, 500),
            ("BucketSizeBytes", "StandardStorage", 2, 9),
            ("NumberOfObjects", "AllStorageTypes", 1, 7),
        ]
        for name, storage, age, value in figures:
            client.put_metric_data(
                Namespace="AWS/S3",
                MetricData=[
                    {
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": "BucketName", "Value": bucket},
                            {"Name": "StorageType", "Value": storage},
                        ],
                        "Timestamp": today - timedelta(days=age),
                        "Value": value,
                    }
                ],
            )
        found = await service.bucket_figures(bucket, None)
        assert found is not None
        assert (found.size, found.objects) == (3500, 7)
    finally:
        service.close()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "BadRequest", "This server has no daily figures"),
        (404, "NoSuchBucket", "This server has no daily figures"),
        (403, "AccessDenied", "Could not find the daily figures"),
        (500, "InternalFailure", "Could not find the daily figures"),
    ],
)
async def test_a_server_without_cloudwatch_is_told_from_one_that_denies_or_fails(
    sandbox: SandboxInfo,
    audit: AuditLog,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    said: str,
) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    with behind(sandbox, lambda request: refusal(request, status, code), audit) as account:
        service = CloudWatchService(account)
        with pytest.raises(ServiceError, match=said):
            await service.bucket_figures("bucket", None)
        service.close()
