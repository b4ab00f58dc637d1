"""Statements on critical values: the Tasks that somebody must answer, and their values."""

_OPEN = """c.task, c.patient, c.analyte, c.campus, c.performer, c.opened, c.deadline, c.step, c.due,
           c.acknowledged, c.category, c.ward"""

STATEMENTS = {
    # Open Tasks that bear a value of a Patient, or are for it: (patient, patient).
    "critical_open_of": f"""
        SELECT {_OPEN} FROM critical c
        WHERE c.closed IS NULL AND c.patient = ?
        UNION
        SELECT {_OPEN} FROM critical c
        WHERE c.closed IS NULL
        AND c.task IN (SELECT v.task FROM critical_value v WHERE v.patient = ?)""",
}
