"""The host of commands: a pane or a screen whose keys, footer and help come from a list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, TypeVar
from weakref import finalize

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from tui.services.errors import ServiceError
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command
from tui.widgets.commands.idle_keys import ELSEWHERE, HintLine, verb_of
from tui.widgets.dialogs.pending_dialogs import Follows, LatestCommand
from tui.widgets.text.safe_text import content

CHANGING = {
    f"command-{verb.id}": verb.id
    for verb in (
        verbs.NEW,
        verbs.DELETE,
        verbs.SYNC,
        verbs.ACCESS,
        verbs.RULE,
        verbs.FIND,
        verbs.SIZES,
    )
}
"""Groups of workers that quitting must not cut off in silence, and their verbs. An edit is stored
while its dialog is open, and the dialog speaks for itself; uploads belong to their service. What is
found, and what takes room, can be deleted from where it is shown."""

AnswerT = TypeVar("AnswerT")


class CommandHost(Widget):
    """A widget or screen with commands. List it after the widget class it extends:
    `class Pane(Vertical, CommandHost)`."""

    COMMANDS_HERE: ClassVar[tuple[Command[Any], ...]] = ()
    """The commands of this host, in the order of the help."""

    KEYS_HERE: ClassVar[Sequence[BindingType]] = ()
    """Bindings of its widgets that the help lists, too: those with a tooltip."""

    _command_of: ClassVar[Mapping[str, Command[Any]]] = {}
    """Verb -> command, of `COMMANDS_HERE`."""

    TITLE_HERE: ClassVar[str] = ""
    """What the palette and the help call this host."""

    INSTEAD: ClassVar[Mapping[str, str]] = {}
    """For verbs that this host has no command for: one sentence that says what does it here."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "COMMANDS_HERE" in cls.__dict__:
            own = list(cls.__dict__.get("BINDINGS", []))
            cls._command_of = {each.verb.id: each for each in cls.COMMANDS_HERE}
            own += [_binding(each) for each in cls.COMMANDS_HERE]
            cls.BINDINGS = _hidden_by(own, cls) + own
        super().__init_subclass__(**kwargs)

    @property
    def is_read_only(self) -> bool:
        """Whether commands that change something are refused; hosts that know an account say."""
        return False

    @property
    def subject(self) -> str:
        """What commands are about now, where there are several such: the same command may be under
        way for each of them."""
        return ""

    @property
    def _latest(self) -> LatestCommand:
        latest: LatestCommand = self.__dict__.setdefault("_latest_command", LatestCommand())
        return latest

    @property
    def _is_on_top(self) -> bool:
        return self.app.screen_stack[-1:] == [self.screen]

    def overtake(self) -> None:
        """What was asked for here is about a place that was left: its dialog must not open."""
        self._latest.overtake()

    def commands_now(self) -> list[Command[Any]]:
        """The commands that are available at this moment."""
        return [
            each
            for each in self.COMMANDS_HERE
            if self._is_available(each) and not self._is_refused(each)
        ]

    def shows(self, verb_id: str) -> bool:
        """Whether the footer may name the key of a verb that is available."""
        return not self._is_refused(self._command_of[verb_id])

    def _is_refused(self, command: Command[Any]) -> bool:
        return command.changes and self.is_read_only

    def _is_available(self, command: Command[Any]) -> bool:
        # A key may come before the widgets that a command asks.
        return self.is_mounted and command.is_available(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command":
            return self._is_available(self._command_of[str(parameters[0])])
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Answer the key of a verb that does nothing here. A key that is typed into a field never
        comes here."""
        verb = verb_of(event.key, self.app._keymap)  # noqa: SLF001  # shown nowhere else
        if verb is None or not self._is_worked_in or event.key in self.screen.active_bindings:
            return
        command = self._command_of.get(verb.id)
        text = self.INSTEAD.get(verb.id, "") if command is None else command.instead_of(self)
        self.hint(text or ELSEWHERE[verb.id])

    def hint(self, text: str) -> None:
        """Say one sentence in the place of the keys, until something else happens."""
        for line in self.screen.query(HintLine):
            line.say(text)

    @property
    def _is_worked_in(self) -> bool:
        """Whether no other host with commands is nearer to the focus."""
        focused = self.screen.focused
        around = [self] if focused is None else focused.ancestors_with_self
        hosts = [each for each in around if isinstance(each, CommandHost) and each.COMMANDS_HERE]
        return hosts[:1] == [self] and self.is_mounted

    async def action_command(self, verb_id: str) -> None:
        """Start the command of a verb, unless it is not available or already under way."""
        command = self._command_of[verb_id]
        # A key that was typed before a dialog opened may arrive after it.
        if not (self._is_available(command) and self._is_on_top):
            return
        if self._is_refused(command):
            self.say(f"Read-only mode: {command.label.rstrip('…')} is refused.", severity="warning")
            return
        if command.is_immediate:
            try:
                command.function(self)
            except ServiceError as error:
                self.show_error(error)
            return
        group = f"command-{verb_id}@{self.subject}"
        running = any(
            worker.group == group and worker.node is self and not worker.is_finished
            for worker in self.workers
        )
        if running and not command.restart:
            return
        worker = self.start(self._run_command(command), group=group)
        if isinstance(self.app, OrderlyApp) and command.will_ask(self):
            self.app.keys_wait_for(command.label.rstrip("…"), worker)
        # The worker takes its first step, and reads what the key was about, before the next key
        # of those that came at once changes that.
        await asyncio.sleep(0)

    async def _run_command(self, command: Command[Any]) -> None:
        # The worker begins later than the key came: what it was about may be gone.
        if not (self._is_available(command) and self._is_on_top):
            return
        worker = get_current_worker()
        self._latest.begin(worker)
        try:
            done = command.function(self)
            if done is not None:
                await done
        finally:
            self._latest.end(worker)

    def start(self, work: Coroutine[Any, Any, None], *, group: str) -> Worker[None]:
        """Run a coroutine as an exclusive worker of `group`; a ServiceError is shown."""
        worker: Worker[None] = self.run_worker(
            partial(self._shown, work), group=group, exclusive=True
        )
        # Cancelled or replaced before it took a step, it leaves a coroutine that nobody awaits.
        finalize(worker, work.close).atexit = False
        return worker

    async def _shown(self, work: Any) -> None:
        try:
            await work
        except ServiceError as error:
            self.show_error(error)

    def changes_under_way(self) -> list[str]:
        """The commands that are changing something now, a sentence for each; one that only waits
        for an answer to its question is not."""
        asking: set[Worker[Any]] = self.__dict__.get("_asking", set())
        groups = [
            worker.group.partition("@")[0]
            for worker in self.workers
            if worker.node is self and not worker.is_finished and worker not in asking
        ]
        return [
            f"{self.TITLE_HERE}: “{self._command_of[CHANGING[group]].label}” is under way."
            for group in groups
            if group in CHANGING
        ]

    def show_error(self, error: ServiceError) -> None:
        """Show an error with its cause and hint; hosts with a place for it override this."""
        self.say(str(error), severity="error")

    def say(self, message: str, *, severity: Any = "information") -> None:
        """A toast. The message may hold data: it is never parsed as markup."""
        self.app.notify(
            content(message, multiline=True).plain, severity=severity, markup=False, timeout=6
        )

    async def ask(self, dialog: Screen[AnswerT], *, follows: Follows = False) -> AnswerT | None:
        """Show a dialog and await its answer; None when it was left with Esc, or never shown
        because the user had begun something else before the command came to its first question.

        Only from a worker, which is where commands run. When a form was left after it was sent,
        its answer is still awaited. `follows` says whether another dialog comes after an answer:
        what is typed after the answer waits for it.
        """
        asking: set[Worker[Any]] = self.__dict__.setdefault("_asking", set())
        worker = get_current_worker()
        asking.add(worker)
        try:
            if not await self._latest.may_ask(
                worker, at_work=self._is_at_work, free=partial(self._is_free_for, worker)
            ):
                return None
            if isinstance(self.app, OrderlyApp):
                self.app.opens(worker, dialog, follows)
            answer = await self.app.push_screen_wait(dialog)
        finally:
            asking.discard(worker)
        outstanding: Awaitable[AnswerT] | None = getattr(dialog, "outstanding", None)
        return answer if outstanding is None else await outstanding

    def _is_at_work(self) -> bool:
        """Whether the user is here, and not in another pane by now."""
        focused = self.screen.focused
        return focused is None or self in focused.ancestors_with_self

    def _is_free_for(self, worker: Worker[Any]) -> bool:
        """Whether a dialog that this worker asks for would not cover another one."""
        if isinstance(worker.node, Widget) and worker.node.screen is not self.screen:
            # A dialog that asks by way of its host.
            return self.app.screen_stack[-1:] == [worker.node.screen]
        return self._is_on_top


def _hidden_by(own: list[Binding], cls: type[CommandHost]) -> list[Binding]:
    """The inherited bindings of the same keys: Textual drops them, though one key may do several
    things, each in its own moment (Esc takes a banner away, or else cancels)."""
    keys = {key for binding in own for key in binding.key.split(",")}
    inherited: list[Binding] = []
    # The key of a base class is looked at before that of the classes made from it.
    for base in reversed(cls.__mro__[1:]):
        # Only our own classes: what Textual's do with a key is theirs to be replaced.
        if issubclass(base, CommandHost):
            inherited += base.__dict__.get("BINDINGS", [])
    return [each for each in inherited if keys & set(each.key.split(","))]


def _binding(command: Command[Any]) -> Binding:
    return Binding(
        command.verb.keys,
        f"command('{command.verb.id}')",
        command.label,
        show=command.footer,
        id=command.verb.id,
        tooltip=command.help,
        priority=command.priority,
    )
