"""Something to hide, and a look for it by every way there is."""

import pytest

from gateway.errors import NotFoundError
from gateway.interactions.bundle import bundle
from gateway.interactions.keys import organization_id
from tests.gateway.interactions.consortium import encoded


def task(id_="t1", *, owner="B", **more):
    return {
        "resourceType": "Task",
        "id": id_,
        "status": "requested",
        "intent": "order",
        "owner": {"reference": f"Organization/{organization_id(owner)}"},
        **more,
    }


async def check_hidden(house, who, name, *, versions=1):
    """Nothing tells the caller that the resource is there, by whatever way it asks."""
    type_, _, id_ = name.partition("/")
    with pytest.raises(NotFoundError):
        await house.read(who, name)
    with pytest.raises(NotFoundError):
        await house.vread(who, name, versions)
    with pytest.raises(NotFoundError):
        await house.history(who, name)
    for query in ("", f"?_id={id_}", "?_sort=_id", "?_campus=A,B,C"):
        page = await house.search(who, f"{type_}{query}")
        assert id_ not in [one.id for one in page.matches]
    assert (await house.search(who, f"{type_}?_id={id_}&_summary=count")).total == 0
    assert (await house.search(who, f"{type_}?_id={id_}&_total=accurate")).total == 0
    assert await house.delete(who, name) is None
    asked = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "GET", "url": name}}],
    }
    with pytest.raises(NotFoundError):
        await bundle(house.door, house.actor(who), encoded(asked))
    _, (result,) = await bundle(house.door, house.actor(who), encoded({**asked, "type": "batch"}))
    assert (result.status, result.stored) == (404, None)
