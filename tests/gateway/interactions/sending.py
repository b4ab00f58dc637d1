"""Short ways to send a bundle."""

from gateway.interactions.bundle import bundle
from tests.gateway.interactions.consortium import encoded

MOTHER, CHILD = (
    "urn:uuid:11111111-1111-4111-8111-111111111111",
    "urn:uuid:22222222-2222-4222-8222-222222222222",
)


def entry(method, url, resource=None, full_url="", **request):
    found = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        found["resource"] = resource
    if full_url:
        found["fullUrl"] = full_url
    return found


async def send(house, who, *entries, kind="transaction"):
    sent = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    found, results = await bundle(house.door, house.actor(who), encoded(sent))
    assert found == kind
    return results
