"""Causes between reaching the port and a secure connection: what answers, encryption, the
certificate."""

from __future__ import annotations

from tui.panes.sql.connecting.refused import wording
from tui.panes.sql.connecting.refused.conclusion import Cause, Conclusion, Fix
from tui.panes.sql.connecting.refused.facts import Facts
from tui.services.sql import Refusal
from tui.services.sql.connecting.certificates import BUNDLE_URL, bundle_file, is_rds
from tui.services.sql.connecting.diagnosis.certificate import Trust, sslmode_of
from tui.services.sql.connecting.diagnosis.port import Spoken


def of_what_answers(facts: Facts) -> Conclusion | None:
    """Something else than a PostgreSQL."""
    if facts.tls is None:
        return None
    place = facts.place
    sentences = {
        Spoken.OTHER: f"What answers at {place} is not a PostgreSQL: it said "
        f"{wording.first_words(facts.tls.said)}.",
        Spoken.NOTHING: f"Something takes connections at {place} and says nothing: it is not a "
        "PostgreSQL, or one that hangs.",
        Spoken.HUNG_UP: f"Something takes connections at {place} and ends them at once: it is not "
        "a PostgreSQL, or a proxy whose server is gone.",
    }
    sentence = sentences.get(facts.tls.spoken)
    return None if sentence is None else Conclusion(Cause.NOT_POSTGRES, sentence, (Fix.EDIT,))


def of_encryption(facts: Facts) -> Conclusion | None:
    """The server and the connection do not agree on encryption."""
    place = facts.place
    plain = facts.tls is not None and facts.tls.spoken is Spoken.PLAIN
    if facts.refusal is Refusal.TLS_REQUIRED and plain:
        return Conclusion(
            Cause.AS_SAID,
            f"{place} does not let this user in from here, and does not encrypt: no line of its "
            "pg_hba.conf fits.",
            advice="Ask for a line for this address, user and database.",
        )
    if facts.refusal is Refusal.TLS_REQUIRED:
        return Conclusion(
            Cause.TLS_REQUIRED,
            f"{place} lets this user in only over an encrypted connection, and this one is not "
            f"encrypted (sslmode={sslmode_of(facts.target)}).",
            (Fix.TLS,),
        )
    if facts.refusal is not Refusal.TLS_REFUSED:
        return None
    if plain:
        return Conclusion(
            Cause.TLS_REFUSED,
            f"{place} does not encrypt, and sslmode={sslmode_of(facts.target)} wants it to.",
            (Fix.PLAIN,),
            advice="Turn TLS on at the server if the network between is not your own.",
        )
    if facts.certificate is not None and facts.certificate.trust is Trust.NO_TLS:
        return Conclusion(
            Cause.TLS_REFUSED,
            f"{place} encrypts, but the two sides do not agree how: {facts.certificate.said}.",
        )
    return None


def of_certificate(facts: Facts) -> Conclusion | None:
    """The server does not prove who it is."""
    if facts.refusal is Refusal.CLIENT_KEY_LOCKED:
        return Conclusion(
            Cause.KEY_LOCKED,
            "The key of the client certificate is encrypted, and its passphrase is missing or "
            "wrong.",
            (Fix.PASSPHRASE,),
        )
    host, found = facts.endpoint.host, facts.certificate
    text = found.text if found is not None else None
    if facts.refusal is Refusal.HOST_NAME_MISMATCH:
        names = f" It is for {wording.listed(text.names)}." if text is not None else ""
        return Conclusion(
            Cause.OTHER_NAME,
            f"The certificate is not for {host}.{names}",
            (Fix.EDIT,),
            advice="Connect by a name that is in the certificate.",
        )
    if facts.refusal is Refusal.NO_ROOT_CERTIFICATE:
        return Conclusion(
            Cause.NO_ROOTS,
            "There are no root certificates to verify the server with.",
            _bundle(facts),
            advice=_roots_advice(facts),
        )
    if facts.refusal is not Refusal.CERTIFICATE_NOT_VERIFIED:
        return None
    if found is not None and text is not None and found.trust is Trust.EXPIRED:
        return Conclusion(
            Cause.CERTIFICATE_EXPIRED,
            f"The certificate of {host} ended on {text.ends:%Y-%m-%d}.",
            advice="It has to be renewed at the server (RDS: modify its certificate authority).",
        )
    issuer = f" by {text.issuer}" if text is not None and text.issuer else ""
    roots = f" {found.roots}" if found is not None and found.roots else ""
    return Conclusion(
        Cause.CERTIFICATE,
        f"The certificate of {host} is signed{issuer}, which the root certificates{roots} do not "
        "vouch for: it may be another server.",
        _bundle(facts),
        advice=_roots_advice(facts),
    )


def _bundle(facts: Facts) -> tuple[Fix, ...]:
    return (Fix.BUNDLE,) if is_rds(facts.target) else ()


def _roots_advice(facts: Facts) -> str:
    if is_rds(facts.target):
        return f"They come from {BUNDLE_URL} and are kept in {bundle_file()}."
    return "Name the file of the root certificates in sslrootcert."
