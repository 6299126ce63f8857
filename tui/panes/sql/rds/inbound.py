"""Who is let in to an instance: the rules seen, one removed, the form that adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Select, Static

from tui.panes.sql.rds.inbound_marks import about_me, marks_of
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import (
    ANYWHERE_V4,
    ANYWHERE_V6,
    InboundRule,
    Instance,
    Opened,
    SecurityGroup,
    is_ours,
    ranges,
)
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm
from tui.widgets.dialogs.forms import (
    ChoiceField,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.text.safe_text import content

_ADD = "add"
MINE, RANGE, ANYWHERE = "mine", "range", "anywhere"


@dataclass(frozen=True)
class Opening:
    """Whom to let in."""

    sources: tuple[str, ...]
    group_id: str
    anywhere: bool
    """Whether it is the whole internet, which is asked about once more."""


class InboundForm(FormDialog[Opening]):
    """Answers an Opening; nothing is changed from here."""

    DEFAULT_CSS = """
    InboundForm #rds-rules-box { height: auto; max-height: 30vh; margin: 1 0 0 0; }
    InboundForm .dialog .form-fields { max-height: 45vh; }
    """

    def __init__(
        self,
        services: Services,
        instance: Instance,
        values: Mapping[str, str] | None = None,
        problem: str = "",
    ) -> None:
        self.services = services
        self.instance = instance
        self.problem = problem
        self.first = dict(values or {})
        self.my_address: str | None = None
        """The address of this machine, once it is known."""
        self._my_address_failed = False
        """Whether it was asked for and will not come."""
        self._source = ""
        """The source that is described."""
        super().__init__(
            f"Inbound rule for {instance.identifier}",
            self._make_fields(),
            submit=self._answer,
            submit_label="Allow",
        )

    def _make_fields(self) -> list[TextField | ChoiceField | FlagField | NoteField]:
        first = self.first.get
        fields: list[TextField | ChoiceField | FlagField | NoteField] = []
        if self.instance.public is False:
            fields.append(
                NoteField(
                    "This instance has no public access: a rule alone does not make it reachable "
                    "from outside its VPC.",
                    warning=True,
                )
            )
        if len(self.instance.security_groups) > 1:
            groups = [(each, each) for each in self.instance.security_groups]
            fields.append(
                ChoiceField("group", "Security group", groups, first("group", groups[0][1]))
            )
        options = [
            ("My address", MINE),
            ("An address or a range", RANGE),
            ("Anywhere", ANYWHERE),
        ]
        start = RANGE if self.services.account.is_sandbox else MINE
        fields += [
            ChoiceField("source", "Let in", options, first("source", start)),
            TextField(
                "range",
                "Address or range (CIDR)",
                first("range", ""),
                note="IPv4 or IPv6, for example 203.0.113.7 or 203.0.113.0/24.",
                check=_range_problems,
                when=lambda values: values["source"] == RANGE,
            ),
            FlagField(
                "ipv6",
                "On IPv6 (::/0) as well as IPv4 (0.0.0.0/0)",
                bool(first("ipv6", "")),
                when=lambda values: values["source"] == ANYWHERE,
            ),
        ]
        return fields

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(id="rds-rules-box", can_focus=False):
            yield Static("Reading the rules that are there…", id="rds-rules")
        yield from super().compose_box()

    def on_mount(self) -> None:
        self.tell(self.problem)
        self.run_worker(self._read_rules(), group="inbound-rules", exclusive=True)
        self._show_source(self.values["source"])

    async def _read_rules(self) -> None:
        shown = self.query_one("#rds-rules", Static)
        try:
            groups = await self.services.rds.security_groups.of(self.instance)
        except ServiceError as error:
            text = "\n".join(part for part in (error.message, error.cause, error.hint) if part)
            shown.update(content(f"The rules that are there are unknown. {text}", multiline=True))
            return
        shown.update(content(rules_text(groups, self.instance.port), multiline=True))

    @on(Select.Changed, "#field-source")
    def _source_changed(self) -> None:
        source = self.values["source"]
        if source != self._source:
            # It was about the other source.
            self.tell("")
        self._show_source(source)

    def _show_source(self, source: str) -> None:
        """Say what there is to say about the source."""
        self._source = source
        note = self.query_one("#note-source", Static)
        note.set_class(source == ANYWHERE, "problem")
        note.update("")
        if source == ANYWHERE:
            note.update("Everybody on the internet may then try to log in.")
        elif source == MINE and self.my_address is None:
            self.run_worker(self._find_my_address(), group="my-address", exclusive=True)
        elif source == MINE:
            note.update(content(f"{self.my_address}, as AWS sees it."))

    async def _find_my_address(self) -> None:
        note = self.query_one("#note-source", Static)
        note.update("Asking AWS…")
        self._my_address_failed = False
        try:
            self.my_address = await self.services.rds.my_address()
        except ServiceError as error:
            self._my_address_failed = True
            text = f"{error.message} {error.hint}"
        else:
            text = f"{self.my_address}, as AWS sees it."
        if self.values["source"] == MINE:
            note.update(content(text, multiline=True))

    async def _answer(self, values: Values) -> Opening:
        group = values.get("group") or next(iter(self.instance.security_groups), "")
        if values["source"] == ANYWHERE:
            sources = (ANYWHERE_V4, ANYWHERE_V6) if values["ipv6"] else (ANYWHERE_V4,)
            return Opening(sources, group, anywhere=True)
        if values["source"] == RANGE:
            network = ranges.to_network(values["range"])
            # A prefix of no length is everybody, however it was chosen.
            return Opening((str(network),), group, anywhere=network.prefixlen == 0)
        if self.my_address is None:
            if self._my_address_failed:
                raise ServiceError("Your address is not known.", hint="Choose another source.")
            raise ServiceError(
                "Your address is not known yet.", hint="Wait a moment, or choose another source."
            )
        return Opening((self.my_address,), group, anywhere=False)


def _range_problems(value: str) -> Sequence[str]:
    problem = ranges.range_problem(value)
    return () if problem is None else (problem,)


def rules_text(groups: Sequence[SecurityGroup], port: int | None) -> str:
    """What each group lets in to the port, one source a line."""
    if not groups:
        return "The instance has no VPC security group."
    lines: list[str] = []
    for group in groups:
        shared = " (shared by everything in the VPC that uses it)" if group.is_default else ""
        lines.append(f"{group.group_id} {group.name}{shared}")
        found = group.rules if port is None else group.open_to(port)
        lines += [f"  {_rule_line(rule)}" for rule in found]
        if not found:
            lines.append(f"  lets nobody in to port {port}" if port else "  has no inbound rules")
    return "\n".join(lines)


def _rule_line(rule: InboundRule) -> str:
    about = f"  {rule.description}" if rule.description else ""
    return f"{rule.source:<20} {rule.ports}{about}"


def form_values(opening: Opening) -> dict[str, str]:
    """An opening as the form's texts, to open the form with it again."""
    if opening.anywhere:
        ipv6 = "yes" if ANYWHERE_V6 in opening.sources else ""
        return {"source": ANYWHERE, "ipv6": ipv6, "group": opening.group_id}
    return {"source": RANGE, "range": opening.sources[0], "group": opening.group_id}


# -- letting somebody in --------------------------------------------------------------------------


async def open_inbound(host: CommandHost, services: Services, instance: Instance) -> Opened | None:
    """Ask whom to let in and do it; None if the user left it as it was.

    What fails is said in the form, which comes back with what was entered.
    """
    values: dict[str, str] = {}
    problem = ""
    while True:
        opening = await host.ask(
            InboundForm(services, instance, values, problem),
            follows=lambda opening: opening.anywhere,
        )
        if opening is None:
            return None
        values, problem = form_values(opening), ""
        if opening.anywhere and not await _is_meant(host, instance, opening):
            continue
        try:
            opened = await services.rds.security_groups.open_postgres(
                instance, opening.sources, group_id=opening.group_id or None
            )
        except ServiceError as error:
            problem = str(error)
            continue
        host.say(_report(opened))
        return opened


async def _is_meant(host: CommandHost, instance: Instance, opening: Opening) -> bool:
    answer = await host.ask(
        Confirm(
            "Open to the whole internet?",
            f"Port {instance.port} of everything that uses {opening.group_id} will take "
            f"connections from {' and '.join(opening.sources)}: from anybody. Only the password "
            "protects the data then, and such ports are found and tried within minutes.",
            yes="Open to everybody",
            danger=True,
        ),
        follows=lambda yes: not yes,
    )
    return bool(answer)


def _report(opened: Opened) -> str:
    parts = []
    if opened.added:
        parts.append(f"Port {opened.port} is now open to {', '.join(opened.added)}.")
    if opened.already:
        parts.append(f"Already open to {', '.join(opened.already)}.")
    return " ".join(parts)


# -- the rules that are there ---------------------------------------------------------------------


async def see_inbound(host: CommandHost, services: Services, instance: Instance) -> None:
    """List the rules for the instance's port, to add one or to remove some.

    Where there is none, or they may not be read, this is the form that adds one.
    """
    address = await _my_address(services)
    while rules := await _rules(services, instance):
        marks = marks_of(rules, instance.port, address)
        choices = [
            Choice[InboundRule | str](_ADD, "Let another address in…", key="n"),
            *(_choice(rule, marks.get(rule, "")) for rule in rules),
        ]
        picked = await host.ask(
            Choose(
                f"Inbound rules of {instance.identifier}",
                choices,
                body=f"Who may connect to port {instance.port}. Enter on a rule removes it.\n"
                + about_me(rules, marks, address),
            ),
            follows=True,
        )
        if picked is None:
            return
        if isinstance(picked, str):
            break
        if not await _remove(host, services, instance, picked, others=len(rules) > 1):
            continue
        if len(rules) == 1:
            return
    await open_inbound(host, services, instance)


async def _my_address(services: Services) -> str:
    try:
        return await services.rds.my_address()
    except ServiceError:
        return ""


def _choice(rule: InboundRule, mark: str) -> Choice[InboundRule | str]:
    whose = "added with Tristore" if is_ours(rule) else rule.description
    note = "  ".join(part for part in (rule.ports, mark, rule.group_id, whose) if part)
    return Choice(rule, f"Remove {rule.source}", note)


async def _remove(
    host: CommandHost, services: Services, instance: Instance, rule: InboundRule, *, others: bool
) -> bool:
    """Ask and remove; whether it is gone. The list comes back if there are `others`."""
    if not await host.ask(
        Confirm("Remove this rule?", question(instance, rule), yes="Remove", danger=True),
        follows=lambda yes: others or not yes,
    ):
        return False
    was_there = await services.rds.security_groups.remove(rule)
    host.say(
        f"{rule.group_id} no longer lets in {rule.source}."
        if was_there
        else f"The rule for {rule.source} was gone already."
    )
    return True


def question(instance: Instance, rule: InboundRule) -> str:
    """What removing the rule does, for the last question before it."""
    lines = [
        f"{rule.source} may connect to {rule.ports} of everything that uses {rule.group_id}, "
        f"{instance.identifier} among it. Without the rule it may not, unless another rule lets "
        "it in."
    ]
    if rule.from_port is None or rule.from_port != rule.to_port:
        lines.append(f"This rule is about more than the port of {instance.identifier}.")
    if is_ours(rule):
        lines.append("It was added with Tristore.")
    else:
        about = f" It is described as “{rule.description}”." if rule.description else ""
        lines.append(f"It was not added with Tristore; somebody may need it.{about}")
    return "\n\n".join(lines)


async def _rules(services: Services, instance: Instance) -> list[InboundRule]:
    try:
        groups = await services.rds.security_groups.of(instance)
    except ServiceError:
        # The form says why they are unknown.
        return []
    port = instance.port
    return [rule for group in groups for rule in (group.open_to(port) if port else group.rules)]
