"""Statements on DICOM objects and their studies."""

_OBJECT = """id, sop, study, series, campus, channel, namespace, received, state, digest, size,
             header"""

STATEMENTS = {
    # An object under a SOP Instance UID that has a current one is a further version of it; the
    # very same object again is no row: (..., sop, sop, digest).
    "object_add": """
        INSERT INTO object (sop, study, series, campus, channel, namespace, received, digest, size,
                            header, state)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
               CASE WHEN ? = 2 THEN 2
                    WHEN EXISTS (SELECT 1 FROM object WHERE sop = ? AND state = 0) THEN 1
                    ELSE 0 END
        WHERE NOT EXISTS (SELECT 1 FROM object WHERE sop = ? AND digest = ?)""",
    # It counts as the newest one, for whoever reads on from the last object he knows.
    "object_release": """
        UPDATE object SET state = 0, id = (SELECT max(id) + 1 FROM object)
        WHERE id = ? AND state = 2
        AND NOT EXISTS (SELECT 1 FROM object o WHERE o.sop = object.sop AND o.state = 0)""",
    # The study of a current object has something to tell: (sop, digest).
    "study_changed": """
        INSERT INTO study (uid, last, told, settled)
        SELECT study, id, 0, 0 FROM object WHERE sop = ? AND digest = ? AND state = 0
        ON CONFLICT (uid) DO UPDATE SET
            last = CASE WHEN excluded.last > study.last THEN excluded.last ELSE study.last END,
            settled = 0""",
    "study_told": "UPDATE study SET told = ? WHERE uid = ?",
    # Settled unless an object came meanwhile.
    "study_settled": "UPDATE study SET settled = 1 WHERE uid = ? AND last = ?",
    "study": "SELECT last, told, settled FROM study WHERE uid = ?",
    "studies_open": "SELECT uid, last, told FROM study WHERE settled = 0 ORDER BY last LIMIT ?",
    "objects_of_sop": f"SELECT {_OBJECT} FROM object WHERE sop = ? ORDER BY id",
    "objects_of_study": f"""
        SELECT {_OBJECT} FROM object WHERE study = ? AND id > ? AND state = 0 ORDER BY id""",
    "object_first": f"""
        SELECT {_OBJECT} FROM object WHERE study = ? AND state = 0 ORDER BY id LIMIT 1""",
    # Whether a file belongs to anything: an object, or one that waits in quarantine.
    "object_known": """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM object WHERE digest = ?)
        OR EXISTS (SELECT 1 FROM inbox WHERE hash = ? AND format = 'dicom' AND state <> 3)
        OR EXISTS (SELECT 1 FROM job_file WHERE digest = ?)""",
    "senders_of_study": """
        SELECT DISTINCT campus FROM object WHERE study = ? AND state = 0""",
    # A message that waits for a person from the start: (received, format, namespace, control,
    # hash, raw, reason, account, finished, campus, channel).
    "inbox_hold": """
        INSERT INTO inbox (received, campus, channel, format, namespace, control, hash, raw,
                           reason, account, finished, state, attempts)
        SELECT ?, campus, id, ?, ?, ?, ?, ?, ?, ?, ?, 2, 0 FROM channel
        WHERE campus = ? AND name = ?""",
}
