"""`/.well-known/smart-configuration`: open, and nothing in it that is not so."""

from gateway.access.scopes import Scopes
from tests.gateway.api.samples import refusal


async def test_it_is_open_and_names_no_server_that_there_is_not(gateway):
    answer = await gateway.client().get("/.well-known/smart-configuration")
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert not [name for name in told if name.endswith("_endpoint")]
    assert told["grant_types_supported"] == []
    assert "permission-v2" in told["capabilities"]
    for scope in told["scopes_supported"]:
        assert Scopes.parse(scope).text == scope


async def test_it_takes_no_parameter(gateway):
    answer = await gateway.client().get("/.well-known/smart-configuration?a=1")
    refusal(answer, 400, "invalid")
    other = await gateway.client().get("/.well-known/openid-configuration")
    assert other.status_code in {401, 404}
