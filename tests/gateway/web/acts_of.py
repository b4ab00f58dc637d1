"""The acts of the pages over a real door."""

from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.service import Recognition
from gateway.web.acts import Acts
from gateway.web.criticals import DoorCriticals
from gateway.web.rates import DoorRates
from gateway.web.recognitions import DoorRecognitions


def acts_of(door, results):
    """Return them, as `app` does."""
    catalogues = Catalogues(door.store, door.clock, zone=door.zone)
    recognition = Recognition(door, catalogues)
    recognitions = DoorRecognitions(door, catalogues, recognition)
    return Acts(DoorCriticals(door, results), recognitions, DoorRates(door, catalogues))
