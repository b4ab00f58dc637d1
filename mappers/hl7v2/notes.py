"""NTE to annotations: adjacent NTE are the lines of one comment."""

from collections.abc import Sequence

from adapters.hl7v2 import NTE, Segment
from mappers.base import Resource
from mappers.hl7v2.context import Context
from mappers.hl7v2.datatypes import practitioner


def to_annotations(segments: Sequence[Segment], context: Context) -> list[Resource]:
    """Return the Annotation for the NTE of one owner, [] if they say nothing."""
    lines: list[str] = []
    annotation: Resource = {}
    for segment in segments:
        nte = segment.read(NTE)
        text = "\n".join(nte.comment).rstrip()
        lines.append(text)
        author = practitioner(nte.entered_by, context.campus).get("display")
        if author and "authorString" not in annotation:
            annotation["authorString"] = author
        entered = context.moment(nte.entered_date_time, segment.place(6))
        if entered and "time" not in annotation:
            annotation["time"] = entered.text
    text = "\n".join(lines).strip("\n")
    if not text.strip():
        for segment in segments:
            context.skip(segment, "empty")
        return []
    return [{**annotation, "text": text}]
