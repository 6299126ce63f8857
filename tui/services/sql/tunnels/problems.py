"""Why a tunnel was not made, or does not lead on, by what ssh says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.tunnels.hosts import SshHost, TunnelEnd

SHOWN = 6
"""The last lines of ssh's that are shown as the cause."""

PORT_IN_USE = re.compile(r"address already in use|cannot listen to port", re.I)

REFUSED_ON_THE_WAY = re.compile(r"open failed: ", re.I)
"""ssh says this of each connection that the host did not lead on."""

TIMED_OUT = re.compile(r"timeout expired|timed out", re.I)
"""libpq says this where ssh says nothing: it still waits for the server."""

_Table = tuple[tuple[re.Pattern[str], str, str, ErrorKind], ...]
"""What a line sounds like, what it means, what to do, and of which kind it is; the first counts."""

_ASKED: _Table = (
    (
        re.compile(r"authenticity of host|continue connecting", re.I),
        "ssh does not know the key of {host} yet, and asks whether it is the right one.",
        "Run `{command}` once in a terminal, compare the fingerprint, and answer yes; then "
        "connect again.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r"passphrase for", re.I),
        "The key for {host} is locked: ssh asks for its passphrase.",
        "Run `ssh-add` in a terminal, which gives the key to the ssh agent; then connect again. "
        "The application must have been started where SSH_AUTH_SOCK is set.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r""),
        "{host} asks for something that only a terminal can answer.",
        "Try `{command}` in a terminal; a tunnel gets in with a key (ssh-copy-id brings one "
        "there), and with the ssh agent.",
        ErrorKind.CREDENTIALS,
    ),
)

_SAID: _Table = (
    (
        re.compile(r"identification has changed", re.I),
        "The key of {host} is another than ssh knows: somebody may be in between.",
        "Ask who runs it. Only if the key was changed on purpose: `ssh-keygen -R {known}`, then "
        "`{command}` in a terminal.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r"host key verification failed|no .* host key is known", re.I),
        "ssh does not know the key of {host}, or not this one.",
        "Run `{command}` once in a terminal, compare the fingerprint, and answer yes; then "
        "connect again.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r"unprotected private key|bad permissions", re.I),
        "ssh does not use a key file that others can read.",
        "Run `chmod 600` on the file that ssh names.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r"too many authentication failures", re.I),
        "{host} was offered more keys than it tries.",
        "Name the right one for {host} in ssh's configuration: IdentityFile, with IdentitiesOnly "
        "yes.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(r"permission denied", re.I),
        "{host} does not let you in with the keys that ssh has.",
        "Try `{command}` in a terminal. `ssh-add -l` lists the keys of the agent, IdentityFile of "
        "ssh's configuration names one; ssh-copy-id brings one there.",
        ErrorKind.CREDENTIALS,
    ),
    (
        re.compile(
            r"bad configuration option|bad owner or permissions on|configuration|^.*line \d+: ",
            re.I,
        ),
        "ssh cannot read its configuration.",
        "Mend what it names; `{command}` in a terminal says the same.",
        ErrorKind.INVALID,
    ),
    (
        re.compile(r"could not resolve hostname", re.I),
        "There is no such ssh host: {host}.",
        "Check the spelling, the Host entries of ssh's configuration, and that the network (or "
        "the VPN) is up.",
        ErrorKind.NOT_FOUND,
    ),
    (
        PORT_IN_USE,
        "ssh could not listen on a port of this machine.",
        "ssh's configuration may name a LocalForward for {host} whose port is taken: connect "
        "through a Host entry without it.",
        ErrorKind.CONFLICT,
    ),
    (
        re.compile(r"connection refused", re.I),
        "No ssh server listens on {host}.",
        "Check host and port, and that it runs.",
        ErrorKind.NETWORK,
    ),
    (
        re.compile(r"timed out|no route to host|network is unreachable|not responding", re.I),
        "The ssh host {host} does not answer.",
        "Check that the network (or the VPN) is up, and that its firewall lets your address in.",
        ErrorKind.NETWORK,
    ),
    (
        re.compile(r""),
        "ssh could not open the tunnel through {host}.",
        "Try `{command}` in a terminal.",
        ErrorKind.NETWORK,
    ),
)

_ON_THE_WAY: _Table = (
    (
        re.compile(r"administratively prohibited", re.I),
        "{host} does not lead on to {to}: it forbids that.",
        "AllowTcpForwarding and PermitOpen of its sshd_config, or the options of your key there, "
        "must allow it.",
        ErrorKind.DENIED,
    ),
    (
        re.compile(r"connection refused", re.I),
        "{host} was reached, but nothing listens at {to} as seen from there.",
        "Check host and port of the server, and that it runs.",
        ErrorKind.NETWORK,
    ),
    (
        re.compile(r"name or service not known|name resolution|resolve|not known|nodename", re.I),
        "{host} was reached, but it knows no host of this name: {to}.",
        "The name is looked up there, not here. Check its spelling.",
        ErrorKind.NOT_FOUND,
    ),
    (
        re.compile(r"timed out|no route|unreachable", re.I),
        "{host} was reached, but {to} does not answer it.",
        "The firewall of the server (for RDS: its security group) must let in the ssh host, not "
        "this machine.",
        ErrorKind.NETWORK,
    ),
    (
        re.compile(r""),
        "{host} was reached, but it could not lead on to {to}.",
        "Check host and port of the server.",
        ErrorKind.NETWORK,
    ),
)


def not_opened(host: SshHost, said: Sequence[str], asked: str) -> ServiceError:
    """Why ssh did not get in, by what it said and asked."""
    cause = "\n".join([*([f"ssh asked: {asked}"] if asked else []), *said[-SHOWN:]])
    table, words = (_ASKED, asked) if asked else (_SAID, "\n".join(said))
    names = {"host": host.label, "command": host.command, "known": host.known_as}
    return _explained(table, words, names, cause)


def too_slow(host: SshHost, said: Sequence[str], seconds: float) -> ServiceError:
    """What is said if ssh neither got in nor gave up."""
    return ServiceError(
        f"ssh was not through to {host.label} after {seconds:.0f} s.",
        cause="\n".join(said[-SHOWN:]),
        hint=f"Try `{host.command}` in a terminal: a key may wait for a touch, or the agent for "
        "a confirmation.",
        kind=ErrorKind.NETWORK,
    )


def not_led_on(host: SshHost, to: TunnelEnd, said: str) -> ServiceError:
    """Why the ssh host did not lead a connection on, by ssh's line about it."""
    names = {"host": host.label, "to": to.label}
    return _explained(_ON_THE_WAY, said, names, f"ssh: {said}")


def no_answer(host: SshHost, to: TunnelEnd, cause: str) -> ServiceError:
    """What is said if the server does not answer the ssh host."""
    return _explained(_ON_THE_WAY, "timed out", {"host": host.label, "to": to.label}, cause)


def ended(host: SshHost, said: Sequence[str]) -> str:
    """What is said of a tunnel that is gone."""
    why = said[-1] if said else "it gave no reason"
    return f"The ssh tunnel through {host.label} has ended: {why}"


def _explained(table: _Table, words: str, names: Mapping[str, str], cause: str) -> ServiceError:
    _, message, hint, kind = next(each for each in table if each[0].search(words))
    return ServiceError(
        message.format_map(names), cause=cause, hint=hint.format_map(names), kind=kind
    )
