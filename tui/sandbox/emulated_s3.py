"""What the emulator does not answer of S3 by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode

_MODE, _UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"


class ToldRetention:
    """WSGI middleware: answers GetObjectRetention, for which the emulator alone gives the object.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
    """

    def __init__(self, application: Any, account: str) -> None:
        self._application = application
        self._account = account

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a GetObjectRetention; pass everything else through."""
        from werkzeug.wrappers import Response

        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        signed_for_s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
        if environ["REQUEST_METHOD"] != "GET" or "retention" not in query or not signed_for_s3:
            passed: Iterable[bytes] = self._application(environ, start_response)
            return passed
        del query["retention"]
        bucket = environ.get("PATH_INFO", "").split("/")[1]
        asked = {**environ, "REQUEST_METHOD": "HEAD", "QUERY_STRING": urlencode(query, doseq=True)}
        head = Response.from_app(self._application, asked)
        body, status = self._retention(bucket, head.status_code, head.headers)
        answer = Response(body, status, mimetype="text/xml")
        return answer(environ, start_response)

    def _retention(self, bucket: str, status: int, headers: Any) -> tuple[str, int]:
        """The body and the status of the answer, from the object's headers."""
        from moto.s3.models import s3_backends

        if status != 200:
            return _error("NoSuchKey"), status
        if _MODE in headers:
            mode, until = headers[_MODE], headers[_UNTIL]
            told = f"<Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate>"
            return f"<Retention>{told}</Retention>", 200
        found = s3_backends[self._account]["aws"].buckets.get(bucket)
        if found is None or not found.object_lock_enabled:
            return _error("InvalidRequest", "Bucket is missing Object Lock Configuration"), 400
        return _error("NoSuchObjectLockConfiguration"), 404


def _error(code: str, message: str = "") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
