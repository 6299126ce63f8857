"""The emulator's list of buckets, made to come in pages and to name each bucket's region.

Left alone it cuts the list at MaxBuckets, offers no way to the rest, and knows no regions.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree

from tui.sandbox.models import ACCOUNT

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MOST = 10_000
"""Buckets on a page, when no other number is asked for."""


class PagedBucketList:
    """WSGI middleware in front of the emulator."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a ListBuckets that asks for pages; pass everything else through."""
        from werkzeug.wrappers import Response

        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if not _lists_buckets(environ) or not query:
            passed: Iterable[bytes] = self._application(environ, start_response)
            return passed
        most = int(query.pop("max-buckets", [str(_MOST)])[0])
        after = _name(query.pop("continuation-token", [""])[0])
        environ["QUERY_STRING"] = urlencode(query, doseq=True)
        answer = Response.from_app(self._application, environ)
        if answer.status_code == 200:
            answer.set_data(_page(answer.get_data(), after, most))
        return answer(environ, start_response)


def _lists_buckets(environ: dict[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("PATH_INFO") == "/"
        and "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
    )


def _page(body: bytes, after: str, most: int) -> bytes:
    """One page of the whole list."""
    from moto.s3.models import s3_backends

    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.fromstring(body)  # noqa: S314 - the emulator's own
    names = {"s3": _NAMESPACE}
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
            region = ElementTree.SubElement(found[name], f"{{{_NAMESPACE}}}BucketRegion")
            region.text = buckets[name].region_name
    if rest:
        token = ElementTree.SubElement(root, f"{{{_NAMESPACE}}}ContinuationToken")
        token.text = base64.urlsafe_b64encode(page[-1].encode()).decode()
    paged: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return paged


def _name(token: str) -> str:
    return base64.urlsafe_b64decode(token).decode()
