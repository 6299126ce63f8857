"""The emulated AWS: moto's WSGI application on a loopback port, all services on one endpoint."""

from __future__ import annotations

import base64
import logging
import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree

from tui.sandbox.dispatching import emulated_aws
from tui.sandbox.emulated_s3 import ToldRetention
from tui.sandbox.kept_connection import request_handler
from tui.sandbox.postgres import HOST

REGION = "us-east-1"
"""The region in which the sample lives."""

ACCESS_KEY = "SANDBOX-NOT-A-REAL-KEY"
SECRET_KEY = "sandbox-not-a-real-secret"  # noqa: S105 - opens nothing outside the sandbox
"""Credentials that nobody can mistake for real ones; the emulated AWS takes any."""

ACCOUNT = "123456789012"
"""The account id that the emulated AWS answers."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_BUCKETS_A_PAGE = 10_000
"""Buckets on a page, when no other number is asked for."""


class Emulator:
    """Serves every request on a thread of its own. The import takes a second or two."""

    def __init__(self) -> None:
        # Nobody here starts EC2 instances, and the 1,300 images would be made at every reset.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        from werkzeug.serving import make_server
        from werkzeug.test import Client

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        application = PagedBucketList(ToldRetention(emulated_aws(), ACCOUNT))
        self._client = Client(application)
        self._server: Any = make_server(
            HOST, 0, application, threaded=True, request_handler=request_handler()
        )
        self.port: int = self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Take requests from now on."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def warm_up(self) -> None:
        """Load what an application asks for first: who it is."""
        version = {"sts": "2011-06-15", "iam": "2010-05-08"}
        self.action("sts", "GetCallerIdentity", version["sts"])
        self.action("iam", "ListAccountAliases", version["iam"])

    def action(self, service: str, action: str, version: str, **parameters: str) -> Any:
        """Call one action of a service with the query protocol (rds, sts, iam, ec2)."""
        form = {"Action": action, "Version": version, **parameters}
        return self.request(service, "POST", headers=_FORM, data=form)

    def request(
        self,
        service: str,
        method: str,
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Any:
        """Send one request straight to the application; raises RuntimeError unless it succeeds."""
        scope = f"{ACCESS_KEY}/20260101/{REGION}/{service}/aws4_request"
        signed = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        }
        answer = self._client.open(
            path, method=method, headers=signed | dict(headers or {}), data=data
        )
        if answer.status_code >= 300:
            raise RuntimeError(f"{service} {method} {path}: {answer.status}: {answer.text}")
        return answer

    def reset(self) -> None:
        """Forget everything in every service."""
        self.request("s3", "POST", "/moto-api/reset")


class PagedBucketList:
    """WSGI middleware: makes the list of buckets come in pages and name each bucket's region.

    The emulator alone cuts the list at MaxBuckets, offers no way to the rest, and knows no regions.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a ListBuckets that asks for pages; pass everything else through."""
        from werkzeug.wrappers import Response

        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if not _lists_buckets(environ) or not query:
            passed: Iterable[bytes] = self._application(environ, start_response)
            return passed
        most = int(query.pop("max-buckets", [str(_BUCKETS_A_PAGE)])[0])
        after = _decoded(query.pop("continuation-token", [""])[0])
        environ["QUERY_STRING"] = urlencode(query, doseq=True)
        answer = Response.from_app(self._application, environ)
        if answer.status_code == 200:
            answer.set_data(_page_of_buckets(answer.get_data(), after, most))
        return answer(environ, start_response)


def _lists_buckets(environ: dict[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("PATH_INFO") == "/"
        and "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
    )


def _page_of_buckets(body: bytes, after: str, most: int) -> bytes:
    """One page of the whole list."""
    from moto.s3.models import s3_backends

    ElementTree.register_namespace("", _S3_NAMESPACE)
    root = ElementTree.fromstring(body)  # noqa: S314 - the emulator's own
    names = {"s3": _S3_NAMESPACE}
    listed = root.find("s3:Buckets", names)
    if listed is None:
        return body
    found = {str(bucket.findtext("s3:Name", "", names)): bucket for bucket in listed}
    wanted = [name for name in sorted(found) if name > after]
    page, rest = wanted[:most], wanted[most:]
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    for bucket in list(listed):
        listed.remove(bucket)
    for name in page:
        listed.append(found[name])
        if name in buckets:
            region = ElementTree.SubElement(found[name], f"{{{_S3_NAMESPACE}}}BucketRegion")
            region.text = buckets[name].region_name
    if rest:
        token = ElementTree.SubElement(root, f"{{{_S3_NAMESPACE}}}ContinuationToken")
        token.text = base64.urlsafe_b64encode(page[-1].encode()).decode()
    paged: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return paged


def _decoded(token: str) -> str:
    return base64.urlsafe_b64decode(token).decode()
