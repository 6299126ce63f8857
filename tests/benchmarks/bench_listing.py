"""All keys of a bucket listed page by page, on the sandbox, beside boto3 and the AWS CLI.

Medians in seconds. The start of the CLI, a listing of nothing, is taken off. `first_page` is the
time until there are rows to show, beside boto3's for all of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import boto3

from tests.benchmarks.figures import Figure
from tests.conftest import sandbox_account
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment
from tui.services.audit import AuditLog
from tui.services.s3 import S3Location, S3Service

KEYS = int(os.environ.get("BENCH_KEYS", "10000"))
ROUNDS = 5
BUCKET = "bench-listing"


def figures() -> Iterator[Figure]:
    """Each program lists in turn, so that a busy machine slows all of them."""
    scrub_environment()
    sandbox = Sandbox()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _compare(sandbox.start_sync(), Path(folder))
    finally:
        sandbox.close()


def _compare(info: SandboxInfo, folder: Path) -> Iterator[Figure]:
    client = boto3.client(
        "s3",
        endpoint_url=info.endpoint_url,
        region_name=info.region,
        aws_access_key_id=info.credentials.access_key,
        aws_secret_access_key=info.credentials.secret_key,
    )
    client.create_bucket(Bucket=BUCKET)
    with ThreadPoolExecutor(4) as pool:
        keys = [f"logs-{number:07}.json.gz" for number in range(KEYS)]
        list(pool.map(lambda key: client.put_object(Bucket=BUCKET, Key=key, Body=b"x"), keys))

    def with_boto3() -> None:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Delimiter="/")
        assert sum(len(page["Contents"]) for page in pages) == KEYS

    account = sandbox_account(info, AuditLog(folder / "audit.jsonl"))
    service = S3Service(account)

    def ours(prefix: str = "") -> None:
        assert asyncio.run(_list(service, prefix)) == KEYS

    def first_page() -> None:
        asyncio.run(service.list_page(S3Location(BUCKET, "")))

    programs: dict[str, Callable[[], None]] = {
        "ours": ours,
        "first_page": first_page,
        "boto3": with_boto3,
    }
    if program := shutil.which("aws"):
        programs["nothing"] = lambda: _with_cli(program, info, "none-begin-with-this")
        programs["cli"] = lambda: _with_cli(program, info, "")
    for each in programs.values():  # clients are made, caches are filled
        each()
    times = {name: [_timed(each) for _ in range(ROUNDS)] for name, each in programs.items()}
    service.close()
    account.close()
    all_of = {name: median(each) for name, each in times.items()}
    yield Figure("listing.boto3", all_of["ours"], all_of["boto3"])
    yield Figure("listing.first_page", all_of["first_page"], all_of["boto3"])
    if program:
        yield Figure("listing.aws_cli", all_of["ours"], all_of["cli"] - all_of["nothing"])


async def _list(service: S3Service, prefix: str) -> int:
    listed, token, more = 0, None, True
    while more:
        page = await service.list_page(S3Location(BUCKET, prefix), token)
        listed += len(page)
        token, more = page.next_token, page.next_token is not None
    return listed


def _with_cli(program: str, info: SandboxInfo, prefix: str) -> None:
    subprocess.run(
        [program, "s3", "ls", f"s3://{BUCKET}/{prefix}", "--endpoint-url", info.endpoint_url],
        stdout=subprocess.DEVNULL,
        check=False,  # nothing found is no success for it
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": info.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": info.credentials.secret_key,
            "AWS_REGION": info.region,
        },
    )


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
