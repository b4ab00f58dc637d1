"""What a version is found by, as rows of the index tables: names become integers on the way."""

from gateway.fhir.measures import DIMENSION, Measure
from gateway.store.interning import Names
from gateway.store.janitor import Keys, Quantity
from gateway.store.new_rows import NewRows
from gateway.store.records import Write


def listed(write: Write, row: int, names: Names, rows: NewRows) -> Keys:
    """Add the index rows of a version to `rows`; return what its own row keeps of them."""
    campus = write.campus
    tokens = [(param, names.term(system, code)) for param, system, code in write.tokens]
    references = [(param, names.key(type_, id_)) for param, type_, id_ in write.references]
    strings = [(param, names.word(text, folded)) for param, text, folded in write.strings]
    rows.tokens += [(param, value, row, campus) for param, value in tokens]
    rows.references += [(param, value, row, campus) for param, value in references]
    rows.strings += [(param, value, row, campus) for param, value in strings]
    rows.dates += [(param, lo, row, hi, campus) for param, lo, hi in write.dates]
    clinical: list[tuple[int, int, int]] = []
    if write.patients:
        lo, hi = write.date
        codes = {0, *(names.term(system, code) for system, code in write.codes)}
        patients = {names.key(*patient) for patient in write.patients}
        clinical = [(patient, code, -lo) for patient in patients for code in codes]
        rows.clinical += [
            (patient, write.type, code, lo, row, hi, campus) for patient, code, lo in clinical
        ]
    uris = [(param, names.system(uri)) for param, uri in write.uris]
    texts = [(param, names.passage(folded)) for param, folded in write.texts]
    quantities = [_quantity(one, names) for one in write.measures]
    rows.uris += [(param, value, row, campus) for param, value in uris]
    rows.texts += [(param, value, row, campus) for param, value in texts]
    rows.quantities += [(*one[:4], row, *one[4:], campus) for one in quantities]
    rows.holds += [(param, row) for param in write.holds]
    rows.positions += [(param, z, row, x, y, campus) for param, z, x, y in write.positions]
    return Keys(
        *(tokens, references, strings, write.dates, clinical, quantities, uris, texts),
        write.holds,
        write.positions,
    )


def _quantity(one: Measure, names: Names) -> Quantity:
    unit = 0 if one.unit is None else names.term(DIMENSION, one.unit)
    label = 0 if one.label is None else names.term(*one.label)
    written = names.term("", one.written) if one.written else 0
    lo, hi = one.lo, one.hi
    if one.second is not None:
        lo = hi = float(names.name(one.second))
    value = names.name(one.first)
    return one.param, value, unit, lo, hi, label, written, one.also
