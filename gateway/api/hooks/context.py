"""What a client sends with each hook, and what of it must be there.

https://cds-hooks.hl7.org/2.0/#http-request_1; the hooks' own pages: https://cds-hooks.hl7.org/hooks/
"""

import re
import uuid
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.errors import InvalidRequestError
from gateway.recognition.elements import read
from gateway.recognition.orders import MAX_ORDERS, Held, ServiceRequest, order

USER: Final = re.compile(
    r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}", re.ASCII
)
RELATIVE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}", re.ASCII)
ORDER: Final = "ServiceRequest"


class Authorization(msgspec.Struct, frozen=True):
    """Access to the client's own server. It is not used: results are judged from our own store."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    subject: str


class Hook(msgspec.Struct, frozen=True, rename="camel"):
    """The call of a service."""

    hook: str
    hook_instance: str
    context: msgspec.Raw
    fhir_server: str = ""
    fhir_authorization: Authorization | None = None
    prefetch: dict[str, msgspec.Raw] = {}


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """One resource of a Bundle."""

    resource: msgspec.Raw
    full_url: str = ""


class Bundle(msgspec.Struct, frozen=True, rename="camel"):
    """The draft orders of a session."""

    resource_type: str
    entry: tuple[Entry, ...] = ()


class Context(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What every hook tells."""

    patient_id: str
    user_id: str = ""
    encounter_id: str = ""


class PatientView(Context, frozen=True, kw_only=True):
    """https://cds-hooks.hl7.org/hooks/patient-view/."""

    user_id: str


class OrderSign(PatientView, frozen=True, rename="camel", kw_only=True):
    """https://cds-hooks.hl7.org/hooks/order-sign/."""

    draft_orders: Bundle


class OrderSelect(OrderSign, frozen=True, rename="camel", kw_only=True):
    """https://cds-hooks.hl7.org/hooks/order-select/."""

    selections: tuple[str, ...]


class OrderDispatch(Context, frozen=True, rename="camel", kw_only=True):
    """https://cds-hooks.hl7.org/hooks/order-dispatch/: 1.0 `order`, 1.1 `dispatchedOrders`.

    The page of 1.1 writes the latter both so and as `dispatched-orders`.
    """

    performer: str
    order: str = ""
    dispatched_orders: tuple[str, ...] = ()
    dashed: tuple[str, ...] = msgspec.field(name="dispatched-orders", default=())


@dataclass(frozen=True, slots=True)
class Draft:
    """An order of the call. `ref` is what the client calls it, "" where it has no id yet."""

    place: str
    ref: str
    order: ServiceRequest
    body: bytes
    patient: str = ""
    """Our own Patient's id, where the order is one of our store."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call that says all that its hook must say."""

    hook: Hook
    context: Context
    drafts: tuple[Draft, ...] = ()
    references: tuple[str, ...] = ()
    """Orders that are named and not sent along."""


def called(body: bytes, hook: str, kind: type[Context]) -> Called:
    """Return the call of a service; InvalidRequestError names what is missing or wrong."""
    told = read(body, Hook, "")
    if told.hook != hook:
        raise InvalidRequestError(f"This service answers {hook}.", expression="hook")
    _refuse_instance(told.hook_instance)
    _refuse_server(told)
    context = read(told.context, kind, "context")
    _refuse_empty(context)
    match context:
        case OrderSelect():
            return Called(told, context, _selected(context, _drafts(context.draft_orders)))
        case OrderSign():
            return Called(told, context, _drafts(context.draft_orders))
        case OrderDispatch():
            return Called(told, context, references=_dispatched(context))
        case _:
            return Called(told, context)


def _refuse_instance(text: str) -> None:
    try:
        uuid.UUID(text)
    except ValueError as error:
        raise InvalidRequestError("This is no UUID.", expression="hookInstance") from error


def _refuse_server(told: Hook) -> None:
    given = told.fhir_authorization
    if given is not None and not told.fhir_server:
        raise InvalidRequestError(
            "With fhirAuthorization the address of the server is required.", expression="fhirServer"
        )
    if given is not None and given.token_type != "Bearer":  # noqa: S105 - the scheme's name
        raise InvalidRequestError(
            "The token type is Bearer.", expression="fhirAuthorization.token_type"
        )


def _refuse_empty(context: Context) -> None:
    if not context.patient_id:
        raise InvalidRequestError("This is empty.", expression="context.patientId")
    needs_user = isinstance(context, PatientView)
    if (needs_user or context.user_id) and not USER.fullmatch(context.user_id):
        raise InvalidRequestError(
            "This is a reference such as Practitioner/123.", expression="context.userId"
        )


def _drafts(bundle: Bundle) -> tuple[Draft, ...]:
    """Return the orders of a Bundle that recognition has to do with."""
    if bundle.resource_type != "Bundle":
        raise InvalidRequestError(
            "This is no Bundle.", expression="context.draftOrders.resourceType"
        )
    found = tuple(
        draft
        for index, entry in enumerate(bundle.entry)
        if (draft := _draft(entry, f"context.draftOrders.entry[{index}]")) is not None
    )
    _refuse_many(len(found), "context.draftOrders.entry")
    return found


def _refuse_many(count: int, place: str) -> None:
    if count > MAX_ORDERS:
        raise InvalidRequestError(f"There are {MAX_ORDERS} orders at most.", expression=place)


def _draft(entry: Entry, place: str) -> Draft | None:
    place = f"{place}.resource"
    held = read(entry.resource, Held, place)
    if not held.resource_type:
        raise InvalidRequestError("This is missing.", expression=f"{place}.resourceType")
    if held.resource_type != ORDER:
        return None
    ref = f"{ORDER}/{held.id}" if held.id else tail(entry.full_url)
    return Draft(place, ref, order(entry.resource, place), bytes(entry.resource))


def _selected(context: OrderSelect, drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """Return the newly selected orders; the others tell what else is under way."""
    if not context.selections:
        raise InvalidRequestError("This is empty.", expression="context.selections")
    sent = {tail(_name(entry)) for entry in context.draft_orders.entry}
    for index, name in enumerate(context.selections):
        if tail(name) not in sent or not tail(name):
            raise InvalidRequestError(
                "No draft order is called so.", expression=f"context.selections[{index}]"
            )
    selected = {tail(name) for name in context.selections}
    return tuple(draft for draft in drafts if draft.ref in selected)


def _name(entry: Entry) -> str:
    held = read(entry.resource, Held, "context.draftOrders.entry.resource")
    return f"{held.resource_type}/{held.id}" if held.id else entry.full_url


def _dispatched(context: OrderDispatch) -> tuple[str, ...]:
    if not RELATIVE.fullmatch(context.performer):
        raise InvalidRequestError(
            "This is a reference such as Organization/123.", expression="context.performer"
        )
    several = context.dispatched_orders or context.dashed
    names = several or ((context.order,) if context.order else ())
    if not names:
        raise InvalidRequestError("This is missing.", expression="context.dispatchedOrders")
    _refuse_many(len(names), "context.dispatchedOrders")
    for index, name in enumerate(names):
        if not RELATIVE.fullmatch(name):
            place = f"context.dispatchedOrders[{index}]" if several else "context.order"
            raise InvalidRequestError(
                "This is a reference such as ServiceRequest/123.", expression=place
            )
    return tuple(dict.fromkeys(names))


def tail(address: str) -> str:
    """Return type and id that an address ends in, "" if it does not end so."""
    whole = address.partition("/_history/")[0]
    found = "/".join(whole.rsplit("/", 2)[-2:])
    return found if RELATIVE.fullmatch(found) else ""
