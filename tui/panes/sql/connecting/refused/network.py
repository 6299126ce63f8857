"""Causes before the server has said anything: its name, its instance, the network between."""

from __future__ import annotations

from tui.panes.sql.connecting.refused.conclusion import Cause, Conclusion, Fix
from tui.panes.sql.connecting.refused.facts import Aspect, Facts, Verdict
from tui.services.rds import waiting
from tui.services.rds.reachability import Admission
from tui.services.sql import Refusal
from tui.services.sql.connecting.diagnosis.port import Reach
from tui.services.sql.connecting.diagnosis.resolving import is_private


def of_status(facts: Facts) -> Conclusion | None:
    """An instance that takes no connections in its status."""
    instance = facts.instance
    if instance is None or instance.available:
        return None
    name, status = instance.identifier, instance.status
    if status == "stopped":
        return Conclusion(Cause.STOPPED, f"The RDS instance {name} is stopped.", (Fix.START,))
    if status == "stopping":
        return Conclusion(
            Cause.STOPPED,
            f"The RDS instance {name} is being stopped.",
            advice="It can be started again once it is stopped.",
        )
    refusal = waiting.refusal(name, status)
    if refusal is not None:
        return Conclusion(Cause.WILL_NOT_SERVE, refusal.message, advice=refusal.hint)
    doing = {"creating": "still being created", "starting": "starting", "rebooting": "restarting"}
    said = doing.get(status, f"not available: its status is {status}")
    return Conclusion(Cause.NOT_READY, f"The RDS instance {name} is {said}.", (Fix.WAIT,))


def of_name(facts: Facts) -> Conclusion | None:
    """A name that leads nowhere."""
    resolved, host = facts.resolved, facts.endpoint.host
    if resolved is None or resolved.addresses:
        return None
    if not resolved.absent:
        return Conclusion(
            Cause.NAME_SERVICE,
            f"Nobody could say where {host} is: {resolved.problem}.",
            advice="Check that the network (or the VPN) is up.",
        )
    if facts.no_instance:
        return Conclusion(
            Cause.NO_SUCH_HOST,
            f"There is no host {host}, and no instance of this account and region has that name: "
            "it was deleted or renamed, or belongs to another account.",
        )
    return Conclusion(
        Cause.NO_SUCH_HOST,
        f"There is no host {host}.",
        advice="Check its spelling, and that the network (or the VPN) is up.",
    )


def of_silence(facts: Facts) -> Conclusion:
    """Nothing answers at the port."""
    instance, place = facts.instance, facts.place
    if facts.port is not None and facts.port.reach is Reach.OPEN:
        return Conclusion(Cause.OVER, f"{place} did not answer before, and does now.", (Fix.RETRY,))
    if instance is not None and instance.public is False:
        more = "" if _rules_fit(facts.admission) else ", and no rule lets you in either"
        return Conclusion(
            Cause.NOT_PUBLIC,
            f"{instance.identifier} has no public access, so it is reached only from inside its "
            f"VPC (or through a VPN or a tunnel into it){more}.",
            (Fix.TUNNEL, Fix.PUBLIC),
        )
    found = _of_rules(facts) or _of_routes(facts)
    if found is not None:
        return found
    if facts.acl_refusal:
        return Conclusion(
            Cause.NETWORK_ACL,
            f"The network ACL of the subnet is in the way. {facts.acl_refusal}",
            advice="Change the network ACL in the console (VPC, Network ACLs).",
        )
    if is_private(facts.address) and instance is None:
        return Conclusion(
            Cause.PRIVATE_ADDRESS,
            f"{facts.endpoint.host} has the private address {facts.address}, which does not answer "
            "from here: it is reached only from inside its own network.",
            (Fix.TUNNEL,),
            advice="Or connect the VPN, and try again.",
        )
    if facts.port is not None and facts.port.reach is Reach.NO_ROUTE:
        return Conclusion(
            Cause.NO_ROUTE,
            f"This machine's network knows no way to {facts.address}.",
            advice="Check that the network (or the VPN) is up.",
        )
    return _of_unknown(facts)


def _rules_fit(found: Admission | None) -> bool:
    return found is None or found.admitted is not False


def _of_rules(facts: Facts) -> Conclusion | None:
    found, instance = facts.admission, facts.instance
    if found is None or found.admitted is not False or instance is None:
        return None
    groups = " and ".join(instance.security_groups)
    if found.former:
        before = found.former[0].source.partition("/")[0]
        return Conclusion(
            Cause.ADDRESS_CHANGED,
            f"Your address is {found.address}, and {groups} lets in {before}: your address has "
            "probably changed since that rule was made.",
            (Fix.RULE,),
            advice=f"The rule for {before} stays until it is removed: w lists the rules.",
        )
    whom = found.address or "anybody"
    return Conclusion(
        Cause.NO_RULE,
        f"No inbound rule of {groups} lets {whom} in to port {instance.port}.",
        (Fix.RULE,),
    )


def _of_routes(facts: Facts) -> Conclusion | None:
    routes, instance = facts.routes, facts.instance
    if not routes or instance is None or any(each.is_open for each in routes):
        return None
    first = routes[0]
    gone = f"is the gateway {first.gateway}, which is gone"
    way = gone if first.blackhole else f"is {first.gateway}, which lets nobody in"
    return Conclusion(
        Cause.NO_ROUTE,
        f"{instance.identifier} is in the wrong subnets: the way out of {first.subnet} "
        + (way if first.gateway else "does not lead to an internet gateway")
        + f" (route table {first.table or 'unknown'}).",
        advice="Give the route table a route to an internet gateway, or the instance another "
        "subnet group.",
    )


def _of_unknown(facts: Facts) -> Conclusion:
    blind = [
        each.aspect.value.lower()
        for each in facts.looked.values()
        if each.verdict is Verdict.UNKNOWN and each.aspect is not Aspect.NAME
    ]
    more = f" Not known: {', '.join(blind)}." if blind else ""
    rule = (Fix.RULE,) if facts.instance is not None and Aspect.RULES.value.lower() in blind else ()
    return Conclusion(
        Cause.NO_ANSWER,
        f"Nothing answers at {facts.place}: a firewall between here and there drops what is sent, "
        f"or the machine is off.{more}",
        rule,
    )


def of_closed_port(facts: Facts) -> Conclusion:
    """The machine answers, and nothing listens."""
    instance, place = facts.instance, facts.place
    if facts.port is not None and facts.port.reach is Reach.OPEN:
        return Conclusion(
            Cause.OVER, f"Nothing listened at {place} before, and something does now.", (Fix.RETRY,)
        )
    if instance is not None and instance.port not in {None, facts.endpoint.port}:
        return Conclusion(
            Cause.OTHER_PORT,
            f"{instance.identifier} listens on port {instance.port}, not on {facts.endpoint.port}.",
            (Fix.EDIT,),
        )
    what = "Nothing listens on the socket" if facts.endpoint.socket else "Nothing listens at"
    return Conclusion(
        Cause.PORT_CLOSED,
        f"{what} {place}: the machine is there, the server is not running or has another port.",
        advice="Start the server, or check the port.",
    )


def of_unreached(facts: Facts) -> Conclusion:
    """The server was not reached."""
    found = of_status(facts) or of_name(facts)
    if found is not None:
        return found
    if facts.refusal is Refusal.NO_SUCH_HOST:
        return Conclusion(
            Cause.OVER, f"{facts.endpoint.host} was not known before, and is now.", (Fix.RETRY,)
        )
    return of_closed_port(facts) if facts.refusal is Refusal.PORT_CLOSED else of_silence(facts)
