BODY = b'{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.0E3}}'
JSON = {"Content-Type": "application/fhir+json"}


async def _put(client, body=BODY):
    return await client.put("/Observation/o1", content=body, headers=JSON)


async def test_what_was_written_is_read_digit_for_digit(anna):
    await _put(anna)
    answer = await anna.get("/Observation/o1")
    assert answer.status_code == 200
    assert b'"value":1.0E3' in answer.content
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
