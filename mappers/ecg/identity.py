"""When two files hold one recording (docs/reference/ecg-mapping.md, 5)."""

from mappers.base import Recording

SEPARATORS = str.maketrans("", "", " ^,，·\u3000")


def same_recording(one: Recording, other: Recording, *, linked: bool) -> bool:
    """Return whether two files hold one recording of one patient.

    `linked` says whether their Patients are certainly one human. Files of different patients with
    the same voltages exist: a demonstration strip, a device whose patient was not changed.
    """
    if one.hash != other.hash:
        return False
    if one.start and other.start and one.start != other.start:
        return False
    if one.number and other.number:
        return one.number == other.number or linked
    if (one.name, one.birth_date) != (other.name, other.birth_date):
        return False
    # Two files that both know nobody can only be told apart by what they recorded.
    return bool(one.name and one.birth_date) or not (one.number or other.number)


def bare_name(text: str) -> str:
    """Return a name in which neither spelling of parts nor case makes a difference."""
    return text.translate(SEPARATORS).casefold()
