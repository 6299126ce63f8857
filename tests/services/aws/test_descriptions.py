"""The SDK's descriptions are what the SDK itself reads, in the same order."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader, create_loader

from tui.services.aws import descriptions
from tui.services.aws.descriptions import DescriptionFiles


@pytest.fixture
def ours() -> Loader:
    # Not the shared one: the SDK changes some of what it has read when it makes a client.
    return descriptions.loader.__wrapped__(None)


@pytest.mark.parametrize("service", ["s3", "dynamodb", "sts", "rds"])
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "waiters-2"])
def test_a_description_is_what_the_sdk_reads_in_its_order(
    ours: Loader, service: str, kind: str
) -> None:
    usual = create_loader()
    if kind == "waiters-2" and service == "sts":
        with pytest.raises(DataNotFoundError):
            ours.load_service_model(service, kind)
        return
    # The text of both has their order in it.
    expected = json.dumps(usual.load_service_model(service, kind))
    assert json.dumps(ours.load_service_model(service, kind)) == expected


def test_a_plain_file_is_read_before_a_packed_one(tmp_path: Path) -> None:
    files, place = DescriptionFiles(), str(tmp_path / "service-2")
    assert not files.exists(place)
    assert files.load_file(place) is None
    (tmp_path / "service-2.json.gz").write_bytes(gzip.compress('{"é": 1}'.encode()))
    assert files.exists(place)
    assert files.load_file(place) == {"é": 1}
    (tmp_path / "service-2.json").write_text('{"b": 2, "a": 1}', encoding="utf-8")
    assert list(files.load_file(place)) == ["b", "a"]


def test_all_sessions_share_one_reader() -> None:
    assert descriptions.loader(None) is descriptions.loader(None)
