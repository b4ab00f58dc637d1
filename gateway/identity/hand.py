"""What a person decides about two Patients: that they are one human, or that they are not."""

from gateway.errors import InvalidRequestError, NotFoundError
from gateway.identity.linking import Reads
from gateway.identity.persons import APART, JOINED, PersonChange, decision_id, of_hand


def link(store: Reads, a: str, b: str) -> PersonChange:
    """Return the decision that two Patients are one human; NotFoundError, InvalidRequestError."""
    return _decision(store, a, b, JOINED)


def unlink(store: Reads, a: str, b: str) -> PersonChange:
    """Return the decision that two Patients are not one human: no rule joins them any more."""
    return _decision(store, a, b, APART)


def _decision(store: Reads, a: str, b: str, assurance: str) -> PersonChange:
    if a == b:
        raise InvalidRequestError("Name two different Patients.")
    for id_ in (a, b):
        stored = store.current("Patient", id_)
        if stored is None or stored.deleted:
            raise NotFoundError(f"There is no Patient {id_}.")
    id_ = decision_id(a, b)
    person = store.current("Person", id_)
    return PersonChange(id_, of_hand(a, b, assurance), person.version if person else 0)
