from gateway.interactions.delete import delete
from tests.gateway.ingest.messages import ZHANG
def patient(code, number, **more):
    return {"resourceType":"Patient","identifier":[{"system":f"urn:hutong:{code}:pid","value":number},{"system":"urn:oid:2.16.156.10011.1.3","value":ZHANG}],
      "name":[{"text":"张三"}],"birthDate":"1990-03-07","gender":"male",**more}
async def test_rest(county):
    a = await county.post("A", patient("A","1"))
    b = await county.post("B", patient("B","2"))
    (p,) = await county.all("Person")
    assert len(p["link"]) == 2
    c = await county.post("C", patient("C","3"))
    (p,) = await county.all("Person")
    assert len(p["link"]) == 3
    await county.post("B", patient("B","2", gender="female"))
    (p,) = await county.all("Person")
    assert len(p["link"]) == 2
    await delete(county.door, county.actor("C"), "Patient", c["id"])
    assert await county.all("Person") == []
    await county.post("C", patient("C","3"))
    assert len(await county.all("Person")) == 1
