"""Links whose Patients contradict each other: nothing is recognised over them for the time being.

A link is suspended until both campuses have completed their `identity-review` Task, or until
somebody decides by hand (`hutong patient link`, `unlink`).
"""

from collections.abc import Collection

from gateway.store.protocol import Store


def suspended(store: Store, patients: Collection[str]) -> frozenset[str]:
    """Return those of a link set who contradict another of it; over them nothing is recognised.

    A result may be recognised for a Patient if it is that Patient's own, or if neither of the two
    is among these.
    """
    among = set(patients)
    if len(among) < 2:  # noqa: PLR2004 - nobody contradicts himself
        return frozenset()
    return frozenset(
        one
        for id_ in sorted(among)
        for pair in store.fetch("suspended", (id_,))
        if among.issuperset(pair)
        for one in pair
    )
