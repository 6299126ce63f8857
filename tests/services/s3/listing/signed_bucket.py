"""A server with one bucket that answers only what is signed as the SDK signs it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local_server import Answer, Request
from tests.services.s3.scripted import error
from tui.services.s3.listing.key_range import order_of

SECRET = Credentials("key", "secret")

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/s3/aws4_request, SignedHeaders=(\S+), "
)

Instead = Callable[[Request], Answer | None]


class SignedBucket:
    """Answers ListObjectsV2, a few keys at a time. `instead` may answer first."""

    def __init__(self, keys: list[str], page: int = 3, row: str = "") -> None:
        self.keys = sorted(keys, key=order_of)
        self.page = page
        self.row = row
        """What is said of each object more."""
        self.instead: Instead = lambda request: None
        self.secrets = {"key": SECRET}
        """By access key."""
        self.by_the_sdk: list[bool] = []
        """Of each request, whether the SDK has sent it."""
        self.requests: list[Request] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            self.by_the_sdk.append("amz-sdk-request" in request.headers)
        if not self._is_signed(request):
            return error(403, "SignatureDoesNotMatch")
        return self.instead(request) or self.listed(request)

    def _is_signed(self, request: Request) -> bool:
        """By the SDK's own signer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        found = _AUTHORIZATION.match(headers["authorization"])
        secret = self.secrets.get(found[1]) if found else None
        if found is None or secret is None:
            return False
        signed = {name: headers.get(name, "") for name in found[3].rstrip(",").split(";")}
        everything = {name for name in headers if name.startswith("x-amz-")} | {"host"}
        again = AWSRequest("GET", f"http://{headers['host']}{request.path}", signed)
        again.context["timestamp"] = headers["x-amz-date"]
        signer = S3SigV4Auth(secret, "s3", found[2])
        text = signer.string_to_sign(again, signer.canonical_request(again))
        signature = signer.signature(text, again)
        token = headers.get("x-amz-security-token")
        # The rest of the SDK's headers it signs or not, as it likes.
        complete = everything <= set(signed) and token == secret.token
        return complete and headers["authorization"].endswith(f"Signature={signature}")

    def listed(self, request: Request) -> Answer:
        """The page that is asked for."""
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        asked = {name: value[0] for name, value in query.items()}
        token = bytes.fromhex(asked.get("continuation-token", "")).decode()
        after = token or asked.get("start-after", "")
        prefix = asked.get("prefix", "")
        found = [
            key
            for key in self.keys
            if key.startswith(prefix) and (not after or order_of(key) > order_of(after))
        ]
        page = found[: self.page]
        more = len(found) > len(page)
        following = page[-1].encode().hex() if more else ""
        rows = "".join(
            f"<Contents><Key>{quote(key)}</Key><LastModified>2026-01-01T00:00:00Z</LastModified>"
            f"<ETag>&quot;e&quot;</ETag><Size>1</Size>{self.row}"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for key in page
        )
        return Answer(
            200,
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>b</Name><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}"
            f"</IsTruncated><NextContinuationToken>{following}</NextContinuationToken>{rows}</ListBucketResult>",
        )
