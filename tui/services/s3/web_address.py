"""The bucket and the key that a web address names: of an object, or of a page of the console."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_DELIMITER = "/"
_PORTS = {"http": 80, "https": 443}
_ACCESS_POINTS = {"s3-accesspoint", "s3-accesspoint-fips", "s3-object-lambda"}


def place_of(text: str, endpoint: str | None) -> tuple[str, str]:
    """Bucket and key of an address as S3, the console, presigned links and the server at
    `endpoint` spell it; two empty texts if it is none of them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    parts = _split(text)
    if parts is None:
        return "", ""
    if endpoint is not None and (server := _split(endpoint)) is not None:
        (host, port), (own, own_port) = _server(parts), _server(server)
        if (host, port) == (own, own_port):
            return _in_path(_path(parts))
        if port == own_port and host.endswith(f".{own}"):
            return host.removesuffix(f".{own}"), _path(parts)
    labels = _labels(parts)
    if _is_console(labels):
        return _from_console(parts)
    starts = [at for at, label in enumerate(labels) if _is_service(label)]
    if "amazonaws" not in labels or not starts:
        return "", ""
    # S3 takes a plus in a path for a blank, and the console writes blanks so.
    path = _path(parts._replace(path=parts.path.replace("+", " ")))
    return (".".join(labels[: starts[-1]]), path) if starts[-1] else _in_path(path)


def is_bucket_list(text: str) -> bool:
    """Whether an address is the console's list of buckets."""
    parts = _split(text)
    if parts is None or not _is_console(_labels(parts)):
        return False
    return parts.path.rstrip(_DELIMITER) in {"/s3", "/s3/buckets", "/s3/home"}


def is_access_point(text: str) -> bool:
    """Whether an address leads through an access point, whose name is no bucket's."""
    parts = _split(text)
    labels = set() if parts is None else set(_labels(parts))
    return "amazonaws" in labels and not labels.isdisjoint(_ACCESS_POINTS)


def _split(text: str) -> SplitResult | None:
    """The parts of an address; None for what is none, such as half a bracket in the host."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _server(parts: SplitResult) -> tuple[str, int | None]:
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _labels(parts: SplitResult) -> list[str]:
    return (parts.hostname or "").split(".")


def _is_service(label: str) -> bool:
    return label == "s3" or label.startswith(("s3-", "s3express-"))


def _path(parts: SplitResult) -> str:
    """The path behind its first slash, decoded."""
    return unquote(parts.path.removeprefix(_DELIMITER), errors="surrogateescape")


def _in_path(path: str) -> tuple[str, str]:
    bucket, _, key = path.partition(_DELIMITER)
    return bucket, key


def _is_console(labels: list[str]) -> bool:
    return "console" in labels and not {"aws", "amazonaws", "amazonaws-us-gov"}.isdisjoint(labels)


def _from_console(parts: SplitResult) -> tuple[str, str]:
    """`/s3/buckets/NAME?prefix=a/b/` and `/s3/object/NAME?prefix=KEY`: the console names the place
    in the query."""
    steps = parts.path.strip(_DELIMITER).split(_DELIMITER)
    if len(steps) < 3 or steps[0] != "s3" or steps[1] not in {"buckets", "object", "upload"}:
        return "", ""
    prefixes = parse_qs(parts.query, errors="surrogateescape").get("prefix", [""])
    return unquote(steps[2]), prefixes[0]
