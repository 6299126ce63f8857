"""The names and dates of a certificate that was not verified.

Python's own reader gives them only of a certificate that it trusts. The layout is RFC 5280's, in
the encoding of X.690 (DER).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_COMMON_NAME = b"\x55\x04\x03"
_OTHER_NAMES = b"\x55\x1d\x11"
"""Object identifiers: commonName (2.5.4.3), subjectAltName (2.5.29.17)."""

_SEQUENCE, _SET, _OID, _OCTETS, _UTC_TIME = 0x30, 0x31, 0x06, 0x04, 0x17
_VERSION, _EXTENSIONS, _DNS, _IP = 0xA0, 0xA3, 0x82, 0x87


@dataclass(frozen=True)
class CertificateText:
    """What a certificate says of itself."""

    names: tuple[str, ...]
    """The hosts that it is for: its alternative names, else its common name."""
    issuer: str
    """The common name of who signed it; may be empty."""
    begins: datetime
    ends: datetime


def read(der: bytes) -> CertificateText | None:
    """Read a certificate; None if it is none."""
    try:
        return _read(der)
    except (IndexError, ValueError, StopIteration):
        return None


def _read(der: bytes) -> CertificateText:
    outer = _one(der, _SEQUENCE)
    parts = list(_parts(_one(outer, _SEQUENCE)))
    if parts[0][0] == _VERSION:
        del parts[0]
    _serial, _algorithm, issuer, validity, subject = parts[:5]
    begins, ends = (_time(*each) for each in _parts(validity[1]))
    extensions = next((value for tag, value in parts if tag == _EXTENSIONS), b"")
    names = tuple(_alternative_names(extensions)) or tuple(_common_names(subject[1]))
    return CertificateText(names, next(_common_names(issuer[1]), ""), begins, ends)


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that stand one after the other, each with its tag."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            raise ValueError("cut off")
        yield tag, data[at : at + length]
        at += length


def _one(data: bytes, wanted: int) -> bytes:
    tag, value = next(_parts(data))
    if tag != wanted:
        raise ValueError("another kind of value")
    return value


def _time(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        # Two figures of the year: 50 and later are of the last century (RFC 5280, 4.1.2.5.1).
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_names(name: bytes) -> Iterator[str]:
    for tag, group in _parts(name):
        if tag == _SET:
            for _, pair in _parts(group):
                (_, kind), (_, value) = list(_parts(pair))[:2]
                if kind == _COMMON_NAME:
                    yield value.decode("utf-8", "replace")


def _alternative_names(extensions: bytes) -> Iterator[str]:
    if not extensions:
        return
    for _, extension in _parts(_one(extensions, _SEQUENCE)):
        parts = list(_parts(extension))
        if parts[0] != (_OID, _OTHER_NAMES):
            continue
        value = next(value for tag, value in parts if tag == _OCTETS)
        for tag, name in _parts(_one(value, _SEQUENCE)):
            if tag == _DNS:
                yield name.decode("utf-8", "replace")
            elif tag == _IP:
                yield str(ipaddress.ip_address(name))
