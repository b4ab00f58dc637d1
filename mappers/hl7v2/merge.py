"""MRG to a merge of two patient numbers (A40, A34).

MRG-1 disappears, PID-3 survives. The guide maps MRG to Account only.
"""

from adapters.hl7v2 import MRG, Segment
from mappers.base import Key, Merge
from mappers.hl7v2.context import Context
from mappers.hl7v2.patient import patient_key


def to_merge(segment: Segment, survivor: Key, context: Context) -> Merge | None:
    """Return the merge that one MRG tells, None if there is none of this campus's to make."""
    prior = patient_key(segment.read(MRG).prior_patient_identifier_list, context)
    if prior is None:
        context.note("missing-merge-number", segment.place(1))
        context.skip(segment, "empty")
        return None
    if prior.system != context.system("pid") or survivor.system != context.system("pid"):
        # Numbers of another campus are that campus's to merge.
        context.note("merge-of-another-campus", segment.place(1))
        context.skip(segment, "merge-of-another-campus")
        return None
    if prior == survivor:
        context.note("merge-with-itself", segment.place(1))
        context.skip(segment, "merge-with-itself")
        return None
    return Merge(prior, survivor)
