"""Why an endpoint could not be reached, told without the request that was sent there."""

from __future__ import annotations

import socket
import ssl

import pytest
from botocore import exceptions as sdk

from tui.services.aws import Account, StaticCredentials, Target
from tui.services.aws.network_cause import network_cause
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Location
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.listing import list_page

URL = "https://user:secret@s3.example:9000/b?list-type=2&X-Amz-Signature=abc"


def unreachable(cause: Exception) -> sdk.EndpointConnectionError:
    return sdk.EndpointConnectionError(endpoint_url=URL, error=cause)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (unreachable(ConnectionRefusedError(111, "x")), "refused"),
        (unreachable(OSError("odd", ConnectionRefusedError())), "refused"),
        (unreachable(socket.gaierror(-2, "x")), "no address for this name"),
        (unreachable(OSError("?")), "no connection could be made"),
        (sdk.ConnectTimeoutError(endpoint_url=URL), "no connection was made in time"),
        (sdk.ReadTimeoutError(endpoint_url=URL), "no answer came in time"),
    ],
)
def test_the_endpoint_and_the_reason_are_told(error: Exception, reason: str) -> None:
    told = network_cause(error)
    assert told.startswith("https://s3.example:9000: ")
    assert reason in told
    for hidden in ("secret", "list-type", "abc"):
        assert hidden not in told


def test_an_untrusted_certificate_is_told() -> None:
    cause = ssl.SSLCertVerificationError(1, "x")
    cause.verify_message = "self-signed certificate"
    told = network_cause(sdk.SSLError(endpoint_url=URL, error=cause))
    assert told.endswith("its certificate is not trusted (self-signed certificate).")


def test_an_error_of_another_kind_keeps_its_words_and_loses_the_query() -> None:
    told = network_cause(sdk.ConnectionClosedError(endpoint_url=URL))
    assert "closed" in told
    assert "abc" not in told


def test_a_port_where_nothing_listens_is_told_in_a_sentence() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    account = Account(
        Target(region="us-east-1", endpoint_url=url), credentials=StaticCredentials("a", "b")
    )
    with pytest.raises(ServiceError) as caught:
        list_page(S3Calls(account), S3Location("b", "private/"))
    assert caught.value.kind is ErrorKind.NETWORK
    assert caught.value.cause == f"{url}: the connection was refused: nothing listens there."
