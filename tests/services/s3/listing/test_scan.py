"""A scan gives every key once, whatever the keys are and however the range of them is cut."""

from __future__ import annotations

import threading
from bisect import bisect_left
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui.services.aws.answers import ROWS
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import scan as scans
from tui.services.s3.listing import scan_parts
from tui.services.s3.listing.key_range import Alphabets, order_of
from tui.services.s3.listing.pace import RequestPace
from tui.services.s3.models import S3Object

pytestmark = pytest.mark.usefixtures("small_parts")

PAGE = 7


class Bucket:
    """Keys in the order of S3, listed a few at a time; stands for `S3Calls`."""

    def __init__(self, keys: set[str], endpoint: str | None = None) -> None:
        self.keys = sorted(keys, key=order_of)
        self.orders = [order_of(key) for key in self.keys]
        self.connection = SimpleNamespace(endpoint=endpoint)
        self.knows_start_after = True
        self.fails_at = 0
        self.server = ""
        self.requests: list[dict[str, str]] = []
        self.at_once: set[str] = set()
        self._lock = threading.Lock()

    def on(self, connection: object) -> Bucket:
        return self

    def call(self, action: str, method: object, **request: str) -> dict[str, Any]:
        with self._lock:
            self.requests.append(request)
            self.at_once.add(threading.current_thread().name)
            if len(self.requests) == self.fails_at:
                raise ServiceError("Denied.", kind=ErrorKind.DENIED)
        after = request.get("ContinuationToken", "")
        if not after and self.knows_start_after:
            after = request.get("StartAfter", "")
        prefix = request["Prefix"]
        start = bisect_left(self.orders, order_of(after) + b"\0") if after else 0
        found = [key for key in self.keys[start:] if key.startswith(prefix)]
        page = tuple(S3Object(key, 1, None, "", "") for key in found[:PAGE])
        more = len(found) > PAGE
        token = {"NextContinuationToken": page[-1].key} if more else {}
        said = {"HTTPHeaders": {"server": self.server}}
        return {"IsTruncated": more, ROWS: page, "ResponseMetadata": said, **token}


def scan(bucket: Bucket, prefix: str = "", *, ordered: bool = False, name: str = "b") -> list[str]:
    pages = scans.scan(cast("S3Calls", bucket), name, prefix, ordered=ordered)
    return [each.key for page in pages for each in page]


def some_keys(kind: str) -> set[str]:
    random = Random(kind)
    match kind:
        case "numbers":
            return {f"logs-{number:07}.json.gz" for number in range(900)}
        case "folders":
            days = [(month, day) for month in range(1, 13) for day in range(1, 29)]
            return {f"2026/{month:02}/{day:02}/part-{random.random()}" for month, day in days}
        case "hashes":
            return {f"{random.getrandbits(64):016x}" for _ in range(700)}
        case "one place":
            return {"x" * 900 + str(number) for number in range(300)}
        case _:
            letters = "\0\n\r a/.\\<>&+%[]é\ud7ff\ue000\uffff𐀀\U0010ffff"
            return {"".join(random.choices(letters, k=random.randint(1, 9))) for _ in range(900)}


@pytest.mark.parametrize("kind", ["numbers", "folders", "hashes", "one place", "hostile"])
@pytest.mark.parametrize("endpoint", [None, "http://near"])
def test_every_key_is_given_once(kind: str, endpoint: str | None) -> None:
    bucket = Bucket(some_keys(kind), endpoint)
    found = scan(bucket)
    assert len(found) == len(bucket.keys)
    assert set(found) == set(bucket.keys)


@pytest.mark.parametrize("kind", ["numbers", "folders", "hashes", "hostile"])
def test_in_order_it_is_that_of_the_bytes(kind: str) -> None:
    bucket = Bucket(some_keys(kind))
    assert scan(bucket, ordered=True) == bucket.keys


def test_only_what_begins_with_the_prefix_is_given() -> None:
    bucket = Bucket(some_keys("folders"))
    wanted = [key for key in bucket.keys if key.startswith("2026/1")]
    assert scan(bucket, "2026/1", ordered=True) == wanted


def test_a_page_costs_one_request() -> None:
    bucket = Bucket({"a", "b"})
    assert scan(bucket) == ["a", "b"]
    assert len(bucket.requests) == 1


def test_the_range_is_cut_where_there_are_keys() -> None:
    bucket = Bucket(some_keys("numbers"))
    scan(bucket)
    assert len(bucket.at_once) > 1
    assert len(bucket.requests) < 2 * len(bucket.keys) / PAGE


def test_a_server_that_does_not_know_startafter_gives_no_key_twice() -> None:
    bucket = Bucket(some_keys("numbers"), "http://old")
    bucket.knows_start_after = False
    assert scan(bucket, ordered=True) == bucket.keys


def test_a_directory_bucket_is_listed_page_by_page() -> None:
    bucket = Bucket(some_keys("hashes"))
    assert len(scan(bucket, name="b--use1-az1--x-s3")) == len(bucket.keys)
    assert not any("StartAfter" in request for request in bucket.requests)


@pytest.mark.parametrize("fails_at", [1, 2, 5, 40])
def test_a_refusal_is_told(fails_at: int) -> None:
    bucket = Bucket(some_keys("numbers"))
    bucket.fails_at = fails_at
    with pytest.raises(ServiceError, match="Denied"):
        scan(bucket)


def test_nothing_more_is_asked_for_when_it_is_closed() -> None:
    bucket = Bucket(some_keys("numbers"))
    pages = cast("Any", scans.scan(cast("S3Calls", bucket), "b", ""))
    next(pages), next(pages)
    pages.close()
    assert len(bucket.requests) < scans.THREADS + scan_parts.HELD + 3


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("kind", ["numbers", "folders", "hashes", "one place", "letters"])
def test_whoever_sleeps_misses_nothing_to_ask_for(kind: str, ordered: bool) -> None:
    """A thread that gets a part wakes another one only if `have_more` says so."""
    random = Random(kind)
    bucket = Bucket(some_keys(kind))
    source = scans.ListingSource(cast("S3Calls", bucket), "b", "")
    first = scan_parts.ScanPart("", "")
    page = source.ask(first)
    assert first.token
    parts = scan_parts.ScanParts(page, first.token, "", str, ordered=ordered)
    under_way: list[scan_parts.ScanPart] = []
    found = [each.key for each in page]
    while len(parts):
        allowed = random.randint(1, 6)
        for _ in range(200):
            more = parts.have_more(allowed)
            part = None if parts.have_ended else parts.next_part(allowed)
            assert more or part is None
            under_way += [part] if part else []
            if not more:
                break
        else:
            pytest.fail("It says for ever that there is more.")
        if under_way:
            part = under_way.pop(random.randrange(len(under_way)))
            parts.take_in(part, source.ask(part))
        while random.random() < 0.7 and (came := parts.take()):
            found += [each.key for each in came.page]
    assert sorted(found, key=order_of) == bucket.keys


def test_the_middle_is_where_the_characters_of_the_keys_say() -> None:
    alphabets = Alphabets()
    alphabets.see(["logs-0000.json", "logs-0099.json"])
    assert str(alphabets.middle("logs-0000.json", "logs-\U0010ffff")).startswith("logs-4")
    assert alphabets.middle("a", "a\0") is None


def test_more_is_asked_at_a_time_only_where_answers_do_not_wait_for_each_other() -> None:
    now = 0.0
    far = RequestPace(16, is_elastic=False, clock=lambda: now)
    for _ in range(26):
        now += 0.02 / far.allowed
        far.note()
    assert far.allowed == 16
    now, allowed = 0.0, []
    near = RequestPace(16, is_elastic=False, clock=lambda: now)
    for _ in range(400):
        now += 0.02
        near.note()
        allowed.append(near.allowed)
    assert max(allowed) <= 2
    assert sum(allowed) / len(allowed) < 1.2
    assert RequestPace(16, is_elastic=True).allowed == 16


def test_uneven_answers_do_not_keep_a_scan_at_one_request_at_a_time() -> None:
    now = 0.0
    far = RequestPace(16, is_elastic=False, clock=lambda: now)
    for number in range(40):
        # On a busy machine they come in bursts.
        now += (0.032 if number % 2 else 0.008) / far.allowed
        far.note()
    assert far.allowed == 16


def test_a_server_that_is_slow_at_first_is_not_taken_for_a_far_one() -> None:
    now, allowed = 0.0, []
    pace = RequestPace(16, is_elastic=False, clock=lambda: now)
    for number in range(400):
        now += 0.3 if number < 4 else 0.03
        pace.note()
        allowed.append(pace.allowed)
    assert max(allowed) <= 2
    assert sum(allowed) / len(allowed) < 1.2


@pytest.mark.parametrize(("parallel", "most"), [(1.6, 2), (2.0, 16)])
def test_where_each_part_is_dear_only_a_far_server_is_asked_for_several(
    parallel: float, most: int
) -> None:
    """It is the one that gives twice as many answers to twice as many requests."""
    now, allowed = 0.0, []
    pace = RequestPace(16, is_elastic=False, is_dear=True, clock=lambda: now)
    for _ in range(200):
        now += 0.02 / (parallel if pace.allowed == 2 else pace.allowed)
        pace.note()
        allowed.append(pace.allowed)
    assert max(allowed) == most


def test_minio_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    dear: list[bool] = []

    def pace(limit: int, *, is_elastic: bool, is_dear: bool) -> RequestPace:
        dear.append(is_dear)
        return RequestPace(limit, is_elastic=is_elastic, is_dear=is_dear)

    monkeypatch.setattr(scans, "RequestPace", pace)
    for server in ("", "MinIO"):
        bucket = Bucket(some_keys("hashes"), "http://near")
        bucket.server = server
        assert scan(bucket, ordered=True) == bucket.keys
    assert dear == [False, True]
