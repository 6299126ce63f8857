"""Which of the SDK's requests others can be made after, wherever they lead."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.credentials import Credentials

from tui.services.aws.direct_request import RequestPattern, pattern_of

SESSION = (
    b"<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s"
    b"</SecretAccessKey><AccessKeyId>k</AccessKeyId><Expiration>2099-01-01T00:00:00Z</Expiration>"
    b"</Credentials></CreateSessionResult>"
)


class Raw:
    """The body of an answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Any:
        yield self._body


def pattern(
    bucket: str, credentials: Credentials, config: Config, signs_with: Credentials | None = None
) -> RequestPattern | None:
    """Of the request that lists a bucket of AWS; nothing is sent."""
    core = botocore.session.Session()
    core.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    client: Any = core.create_client("s3", region_name="eu-west-1", config=config)
    sent: list[Any] = []

    def answer(request: Any, event_name: str, **_: object) -> AWSResponse:
        sent.append(request)
        body = SESSION if event_name.endswith("CreateSession") else b"<ListBucketResult/>"
        headers: Any = HeadersDict()
        raw: Any = Raw(body)
        return AWSResponse(request.url, 200, headers, raw)

    client.meta.events.register("before-send", answer)
    client.list_objects_v2(Bucket=bucket, Prefix="a b/ü", EncodingType="url")
    session = client._endpoint.http_session
    varying = {"prefix", "encoding-type"}
    return pattern_of(sent[-1], session, signs_with or credentials, varying)


PLAIN = Credentials("key", "secret/+=")
TOKEN = Credentials("key", "secret", "a+token/of=")


@pytest.mark.parametrize("credentials", [PLAIN, TOKEN])
@pytest.mark.parametrize(
    ("bucket", "config", "host", "path"),
    [
        ("a-bucket", Config(), "a-bucket.s3.eu-west-1.amazonaws.com", "/"),
        ("a.bucket", Config(), "s3.eu-west-1.amazonaws.com", "/a.bucket"),
        (
            "a-bucket",
            Config(s3={"addressing_style": "path"}),
            "s3.eu-west-1.amazonaws.com",
            "/a-bucket",
        ),
        (
            "a-bucket",
            Config(use_dualstack_endpoint=True),
            "a-bucket.s3.dualstack.eu-west-1.amazonaws.com",
            "/",
        ),
        (
            "a-bucket",
            Config(use_fips_endpoint=True),
            "a-bucket.s3-fips.eu-west-1.amazonaws.com",
            "/",
        ),
        (
            "a-bucket",
            Config(s3={"use_accelerate_endpoint": True}),
            "a-bucket.s3-accelerate.amazonaws.com",
            "/",
        ),
        (
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine",
            Config(),
            "mine-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
            "/",
        ),
    ],
)
def test_a_request_leads_where_the_sdk_leads(
    bucket: str, config: Config, host: str, path: str, credentials: Credentials
) -> None:
    found = pattern(bucket, credentials, config)
    assert found is not None
    assert (found.headers["host"], found.path, found.pool.host) == (host, path, host)
    assert found.fixed == (("list-type", "2"),)
    assert not found.headers.keys() & {"authorization", "x-amz-security-token", "x-amz-date"}


@pytest.mark.parametrize(
    ("bucket", "config"),
    [
        ("a-bucket--use1-az1--x-s3", Config()),
        ("arn:aws:s3::123456789012:accesspoint:mine.mrap", Config()),
        ("a-bucket", Config(signature_version=UNSIGNED)),
        ("a-bucket", Config(proxies={"https": "http://127.0.0.1:1"})),
    ],
)
def test_a_request_that_is_signed_or_led_in_another_way_is_not_followed(
    bucket: str, config: Config
) -> None:
    assert pattern(bucket, PLAIN, config) is None


def test_a_signature_that_is_not_the_sdks_is_not_used() -> None:
    renewed = Credentials("key", "another secret")
    assert pattern("a-bucket", PLAIN, Config(), signs_with=renewed) is None
