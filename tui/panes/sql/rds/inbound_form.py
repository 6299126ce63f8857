"""The form that lets somebody in to an instance, below the rules that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Select, Static

from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import (
    ANYWHERE_V4,
    ANYWHERE_V6,
    InboundRule,
    Instance,
    SecurityGroup,
    ranges,
)
from tui.widgets.dialogs.forms import (
    ChoiceField,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.text.safe_text import content

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
