"""How something of a database is deleted, whatever it is: look, turn the protection off if the user
chose that, delete, look until it is gone."""

from __future__ import annotations

from abc import ABC, abstractmethod

from tui.services.cleanup.models import ProtectionKind, Resource
from tui.services.cleanup.removal import Removal, pause
from tui.services.cleanup.report import Outcome, StepResult
from tui.services.dynamodb import TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import elapsed_text
from tui.services.rds import Cluster, Instance


class ResourceDeletion(ABC):
    """How one kind of resource is deleted."""

    SERVICE: str
    """"RDS": who goes on deleting."""
    NOUN: str
    """"instance"."""
    BUSY_HINT: str
    """What to do when its state does not allow a delete."""

    def __init__(self, removal: Removal) -> None:
        self.removal = removal
        self.stores = removal.stores
        self._is_unlocked = False
        """Whether its deletion protection was turned off here."""

    @abstractmethod
    async def read(self) -> Resource:
        """The resource as it is now. Raises ServiceError, NOT_FOUND if it is gone."""

    @abstractmethod
    async def turn_protection_off(self) -> None:
        """Ask for its deletion protection to be turned off."""

    @abstractmethod
    async def delete(self) -> str:
        """Send the delete; a sentence about what was asked for."""

    def is_unprotected(self, now: Resource) -> bool:
        """Whether the protection is off and a delete may be sent."""
        return not _is_protected(now)

    def while_it_goes(self) -> tuple[list[str], str]:
        """What remains if nobody waits until it is gone, and what to do then."""
        return [], "Refresh the inventory later."

    async def run(self) -> StepResult | Outcome:
        """GONE or DELETED once it is not there; the outcome if it ended before that.

        Raises ServiceError for every error that is no outcome of this step.
        """
        removal = self.removal
        now = await self._look()
        if now is None:
            return StepResult.GONE
        if removal.replaced(now.identity):
            return removal.not_the_same()
        if now.state.lower() != "deleting":
            in_the_way = await self._unprotect(now)
            if in_the_way is not None:
                return in_the_way
            if removal.stop.is_set():
                return _stopped(removal)
            await self._delete()
        return await self._wait()

    async def _look(self) -> Resource | None:
        try:
            return await self.read()
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise

    async def _unprotect(self, now: Resource) -> Outcome | None:
        """Turn deletion protection off if the user chose that; the outcome if it is in the way."""
        removal = self.removal
        if not _is_protected(now):
            return None
        if ProtectionKind.DELETION_PROTECTION not in removal.step.options.lifted:
            return removal.ended(
                StepResult.LEFT,
                problem="Deletion protection was turned on since the plan was made.",
                hint="Make a new plan, and choose there to turn the protection off.",
            )
        removal.progress("turning deletion protection off")
        await self.turn_protection_off()
        removal.did.append("Turned deletion protection off.")
        self._is_unlocked = True
        while not removal.stop.is_set():
            if self.is_unprotected(await self.read()):
                return None
            await pause(removal.stop, removal.tunables.poll)
        removal.remains.append(self._itself)
        return _stopped(removal)

    @property
    def _itself(self) -> str:
        without = ", without its deletion protection" if self._is_unlocked else ""
        return f"The {self.NOUN}{without}."

    async def _delete(self) -> None:
        removal = self.removal
        removal.progress(f"asking {self.SERVICE} to delete it")
        try:
            asked = await self.delete()
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return
            if removal.did:
                removal.remains.append(self._itself)
            if error.kind is ErrorKind.CONFLICT:
                error.hint = self.BUSY_HINT
            raise
        removal.did.append(asked)

    async def _wait(self) -> StepResult | Outcome:
        removal = self.removal
        while True:
            now = await self._look()
            if now is None or removal.replaced(now.identity):
                removal.did.append(f"It was gone after {elapsed_text(removal.seconds)}.")
                return StepResult.DELETED
            if removal.seconds > removal.tunables.patience:
                waited = elapsed_text(removal.seconds)
                return self._given_up(f"{self.SERVICE} still says {now.state} after {waited}")
            if await removal.wait_for_next_look(now.state):
                return self._given_up("Waiting was stopped")

    def _given_up(self, why: str) -> Outcome:
        remains, hint = self.while_it_goes()
        self.removal.remains += remains
        problem = f"{why}; {self.SERVICE} goes on deleting."
        return self.removal.ended(StepResult.UNDER_WAY, problem=problem, hint=hint)


def _is_protected(now: Resource) -> bool:
    detail = now.detail
    return isinstance(detail, Instance | Cluster | TableInfo) and bool(detail.deletion_protection)


def _stopped(removal: Removal) -> Outcome:
    return removal.ended(StepResult.STOPPED, problem="Stopped before the delete was sent.")
