"""What a physician answers to a decision: one line of the ledger, once, durable.

§2.10.9 of the rules: the newest answer counts by its own moment, older ones are kept. An answer to
a decision that no longer holds is refused; feedback on a card is taken and recalled at once.
"""

import os
from dataclasses import replace
from typing import Final

from gateway.access.actor import Actor
from gateway.access.audit import event
from gateway.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnprocessableError,
)
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.commit import Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.following import Followed
from gateway.interactions.retry import retried
from gateway.recognition.books import Book, Books
from gateway.recognition.ledger.again import again
from gateway.recognition.ledger.holds import holds, rests_on
from gateway.recognition.ledger.model import ANSWERS, TOLD, Answered, Entry, Said, Stand
from gateway.recognition.ledger.records import (
    entries,
    offers,
    reminders,
    stand,
    ticket,
    written,
)
from gateway.recognition.ledger.states import same_as, state
from gateway.recognition.reasons import REASONS
from gateway.recognition.recall.change import KINDS
from gateway.recognition.recall.task import Cause, recall, recalled, task_id
from gateway.store.records import Batch, Statement

TEXT_LIMIT: Final = 4_000


class StaleDecisionError(ConflictError):
    """The decision no longer holds; `why` is a code of RECALL_REASON."""

    def __init__(self, why: str) -> None:
        zh, en = KINDS[why]
        super().__init__(f"决定已失效：{zh}。The decision no longer holds: {en}.")
        self.why = why


async def answer(
    door: Door, catalogues: Books, actor: Actor, decision_id: str, said: Said
) -> Answered:
    """Return what became of an answer, durable; the same answer again changes nothing.

    NotFoundError where the decision is not the caller's campus's, InvalidRequestError,
    StaleDecisionError, UnprocessableError where there was nothing to answer so.
    """
    if not actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")
    _check(said)
    said = replace(said, person=said.person or actor.person or actor.name)

    async def attempt() -> Answered:
        one = stand(door.store, decision_id)
        if one is None or one.campus != actor.campus or _is_hidden(door, actor, one):
            raise NotFoundError("There is no such decision.")
        book = catalogues.at(door.clock())
        return await _Answer(door, actor, one, said).taken(book)

    return await retried(attempt)


def _is_hidden(door: Door, actor: Actor, one: Stand) -> bool:
    """Return whether the result became one that the actor may not know of."""
    type_, _, id_ = (one.result or "").partition("/")
    stored = door.store.current(type_, id_) if id_ else None
    return stored is not None and not door.store.may_read(stored, door.viewer(actor))


def _check(said: Said) -> None:
    if said.outcome not in ANSWERS:
        raise InvalidRequestError(f"outcome is one of {', '.join(ANSWERS)}.", expression="outcome")
    if len(said.text) > TEXT_LIMIT:
        raise InvalidRequestError(f"text has {TEXT_LIMIT} characters at most.", expression="text")
    if said.explained and said.explained not in TOLD:
        raise InvalidRequestError(f"explained is one of {', '.join(TOLD)}.", expression="explained")


class _Answer:
    """One attempt at one answer."""

    def __init__(self, door: Door, actor: Actor, one: Stand, said: Said) -> None:
        self._door = door
        self._actor = actor
        self._one = one
        self._said = said
        self._now = door.clock()

    async def taken(self, book: Book | None) -> Answered:
        """Return what became of it."""
        known = entries(self._door.store, self._one.id)
        said = self._said
        if said.at is not None or said.key:
            mark = ticket(self._one.id, said, "")
            if found := next((one for one in known if one.ticket == mark), None):
                return Answered(found, repeated=True)
        if not said.by_hook:
            self._check(book)
        why = self._why(book)
        if why and not said.by_hook and said.outcome != "revoked":
            raise StaleDecisionError(why)
        if said.at is None and not said.key:
            standing = same_as(known, said.outcome)
            if standing is not None and self._repeats(standing):
                return Answered(standing, repeated=True)
            mark = ticket(self._one.id, said, standing.ticket if standing else "-")
        return await self._kept(mark, why)

    def _check(self, book: Book | None) -> None:
        """Pass what may be answered so; a card's feedback is taken as it comes."""
        said, one = self._said, self._one
        if said.outcome == "revoked":
            standing = state(reminders(self._door.store, one.reminder))
            if not (standing.choice or standing.quoted):
                raise ConflictError("Nothing was answered that could be revoked.")
            return
        if one.result is None:
            raise UnprocessableError("The decision names no result.")
        if said.outcome == "recognised" and not offers(self._door.store, one):
            raise UnprocessableError("The result may be looked at and quoted, not recognised.")
        if said.outcome == "not-recognised":
            item = book.item(one.item) if book else None
            _check_reason(said, item.category if item else "")

    def _why(self, book: Book | None) -> str:
        """Return why the answer cannot stand."""
        if self._said.outcome == "recognised" and not offers(self._door.store, self._one):
            return "not-eligible"
        return holds(self._door, self._actor, book, self._one)

    def _repeats(self, standing: Entry) -> bool:
        said = self._said
        return (standing.kind, standing.reason, standing.text) == (
            said.outcome,
            said.reason,
            said.text,
        ) and standing.person == self._said.person

    async def _kept(self, mark: str, why: str) -> Answered:
        said, one = self._said, self._one
        moment = min(self._now if said.at is None else said.at, self._now)
        entry = Entry(
            one.id, said.outcome, self._now, moment, self._said.person, said.reason, said.text, mark
        )
        statements = [written(entry, self._actor.token)]
        if said.explained:
            statements.append(self._explained(entry))
        task = ""
        followed = Followed(statements=statements)
        if why and said.outcome != "revoked":
            cause = Cause(why, one.result or "", 0, f"answer/{mark[:16]}")
            task = task_id(self._door, one, cause)
            followed.changes += filter(None, [recall(self._door, one, cause)])
            followed.statements.append(recalled(self._door, one, cause))
        elif said.outcome == "recognised":
            critical = again(self._door, one)
            followed.changes += critical.changes
            followed.versions += critical.versions
            followed.statements += critical.statements
            followed.notices += critical.notices
        await self._submitted(followed)
        return Answered(entry, stale=why if task else "", task=task)

    def _explained(self, entry: Entry) -> Statement:
        """Return what keeps that the patient was told why the examination is repeated."""
        said = self._said
        told = Entry(
            entry.decision,
            "told",
            entry.at,
            entry.said,
            entry.person,
            said.explained,
            "",
            f"told|{entry.ticket}",
        )
        return written(told, self._actor.token)

    async def _submitted(self, followed: Followed) -> None:
        reason = f"recognition {self._said.outcome} {self._one.id}"
        versions, reads = rests_on(self._door, self._one)
        if followed.changes:
            extras = Extras(
                versions=[*versions, *followed.versions],
                statements=followed.statements,
                notices=followed.notices,
                unchanged=reads,
                reason=reason,
                trusted=True,
            )
            await commit(self._door, self._actor, followed.changes, extras)
            return
        audited = event(self._actor, "E", [self._one.result or ""], reason=reason)
        await self._door.store.submit(
            Batch(
                ticket=os.urandom(16),
                versions=[(TYPE_IDS[type_], id_, version) for type_, id_, version in versions],
                statements=followed.statements,
                audit=[audited],
                unchanged=reads,
            )
        )


def _check_reason(said: Said, category: str) -> None:
    reason = REASONS.get(said.reason)
    if reason is None:
        raise InvalidRequestError(
            "reason is a code of GET /recognition/reasons.", expression="reason"
        )
    if not reason.fits(category):
        raise InvalidRequestError(
            "The reason is not one for this kind of item.", expression="reason"
        )
    if reason.requires_text and not said.text.strip():
        raise InvalidRequestError("This reason needs a text.", expression="text")
