"""The services that a client discovers, on one screen.

https://cds-hooks.hl7.org/2.0/#discovery
"""

from dataclasses import dataclass
from typing import Final

from gateway.api.hooks.context import (
    Context,
    OrderDispatch,
    OrderSelect,
    OrderSign,
    PatientView,
)

PATIENT: Final = {"patient": "Patient/{{context.patientId}}"}
VISIT: Final = {**PATIENT, "encounter": "Encounter/{{context.encounterId}}"}
DISPATCHED: Final = {
    **PATIENT,
    "order": "{{context.order}}",
    "dispatchedOrders": "ServiceRequest?_id={{context.dispatchedOrders}}",
}
NEEDS: Final = (
    "The patient is found by the identifiers in prefetch.patient, or by a patientId written as"
    " system|value; Patient ids are taken only of a client that is registered so."
)


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what calls it, what it is called, and what it wants to be sent."""

    id: str
    hook: str
    title: str
    description: str
    prefetch: dict[str, str]
    context: type[Context]

    def described(self) -> dict[str, object]:
        """Return how the service is discovered."""
        return {
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "id": self.id,
            "prefetch": self.prefetch,
            "usageRequirements": NEEDS,
        }


SERVICES: Final = {
    one.id: one
    for one in (
        Service(
            "recognition-order-select",
            "order-select",
            "检查检验结果互认：选择医嘱 Mutual recognition: order selection",
            "Says of each selected order whether a usable result exists at any campus.",
            VISIT,
            OrderSelect,
        ),
        Service(
            "recognition-order-sign",
            "order-sign",
            "检查检验结果互认：签署医嘱 Mutual recognition: order signing",
            "Says of each order whether a usable result exists at any campus; suggests to cancel"
            " what need not be repeated.",
            VISIT,
            OrderSign,
        ),
        Service(
            "recognition-patient-view",
            "patient-view",
            "检查检验结果互认：患者概览 Mutual recognition: patient summary",
            "Says how many usable results a patient has at all campuses.",
            PATIENT,
            PatientView,
        ),
        Service(
            "recognition-order-dispatch",
            "order-dispatch",
            "检查检验结果互认：派发医嘱 Mutual recognition: order dispatch",
            "Says of each order about to be dispatched whether a usable result exists already.",
            DISPATCHED,
            OrderDispatch,
        ),
    )
}
