"""The printed policy covers what the application sends, and names no action that does not exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tui.services.aws.guard import READ_OPERATIONS
from tui.services.aws.permissions import PARTS, actions, policy
from tui.services.errors import ErrorKind, ServiceError

ROOT = Path(__file__).parents[3]
OURS = {"delete_snapshot"}
"""Methods of our own services that are called like an operation of another service (EC2)."""

SERVICES = ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling")


def sent_by_the_source() -> set[tuple[str, str]]:
    """(service, operation) of every SDK method whose name is used where the SDK is called."""
    import botocore.session
    from botocore import xform_name

    session = botocore.session.Session()
    known: dict[str, tuple[str, str]] = {}
    for service in reversed(SERVICES):
        for operation in session.get_service_model(service).operation_names:
            known[xform_name(operation)] = (service, operation)
    named: set[str] = set()
    for folder in ("aws", "s3", "rds", "dynamodb", "cloudwatch"):
        for path in (ROOT / "tui" / "services" / folder).rglob("*.py"):
            named |= set(re.findall(r"\.([a-z_0-9]+)\b", path.read_text()))
    return {known[name] for name in named - OURS if name in known}


def test_every_operation_that_is_sent_is_in_a_part() -> None:
    covered = {
        (service, operation)
        for part in PARTS
        for service, operations in part.operations.items()
        for operation in operations
    }
    sent = sent_by_the_source()
    assert {("dynamodb", "PutItem"), ("rds", "CreateDBInstance"), ("s3", "UploadPart")} <= sent
    assert sent - covered == set()


def test_every_operation_of_a_part_exists() -> None:
    import botocore.session

    session = botocore.session.Session()
    for part in PARTS:
        for service, operations in part.operations.items():
            assert set(operations) <= set(session.get_service_model(service).operation_names)


def test_the_reading_parts_only_read() -> None:
    for part in PARTS:
        if part.name.endswith("-read") or part.name == "account":
            for service, operations in part.operations.items():
                assert set(operations) <= READ_OPERATIONS[service]


def test_operations_with_another_name_become_their_action() -> None:
    reading = next(part for part in PARTS if part.name == "s3-read")
    assert {"s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetObject"} <= set(actions(reading))
    assert not any("ListObjectsV2" in action or "Head" in action for action in actions(reading))


def test_a_part_that_does_not_exist_is_said_with_those_that_do() -> None:
    with pytest.raises(ServiceError) as caught:
        policy(["s3"])
    assert caught.value.kind is ErrorKind.INVALID
    assert "s3-read" in caught.value.hint


def test_the_command_line_prints_the_policy_without_a_terminal() -> None:
    command = [sys.executable, "-m", "tui", "--iam-policy", "dynamodb-read,account"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    document = json.loads(answer.stdout)
    assert [each["Sid"] for each in document["Statement"]] == ["Account", "DynamodbRead"]
    assert "dynamodb:Scan" in document["Statement"][1]["Action"]


def test_the_command_line_says_what_parts_there_are() -> None:
    command = [sys.executable, "-m", "tui", "--iam-policy", "nothing"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert answer.returncode == 2
    assert "dynamodb-write" in answer.stderr
