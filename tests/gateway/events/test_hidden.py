"""Subscribers are told of what they may read, and its numbers count nothing else."""

from tests.gateway.events.house import subscription, topical
from tests.gateway.interactions.consortium import HIV, observation, patient
from tests.gateway.interactions.hidden import task
from tests.waiting import until

TOPICS = ("result-new", "result-amended", "result-withdrawn", "task-changed", "critical-open")


async def test_no_topic_and_no_criteria_tell_the_wrong_campus(house, receiver):
    house.serve()
    for topic in TOPICS:
        await house.subscribe("B", topical(topic, receiver.url, topic, content="full-resource"))
    for type_ in ("Observation", "Task", "Condition"):
        criteria = f"{type_}?_lastUpdated=gt2020"
        wanted = subscription(
            type_.lower(), receiver.url, criteria, channel={"payload": "application/fhir+json"}
        )
        await house.subscribe("B", wanted)
    await house.put("A", patient("pa"))
    # What is sensitive, and what is A's own and C's.
    await house.put("A", observation("hid-s", "Patient/pa", code=HIV))
    await house.put("A", observation("hid-s", "Patient/pa", code=HIV, status="amended"))
    await house.put("A", task("hid-t", owner="C"))
    await house.delete("A", "Task/hid-t")
    await house.delete("A", "Observation/hid-s")
    await house.put("A", observation("seen", "Patient/pa"))
    await house.looked()
    await until(lambda: [one for one in receiver.got if b"seen" in one.body])
    said = b" ".join(one.path.encode() + one.body for one in receiver.got)
    assert b"hid-" not in said
    for id_ in (*TOPICS, "observation", "task", "condition"):
        ((*_, count),) = [row[:7] for row in house.store.fetch("subscription", (id_,))]
        assert count == (id_ in {"result-new", "observation"}), id_
