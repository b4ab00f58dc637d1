"""$import while the database is away: what cannot be judged then is not refused."""

import json
from dataclasses import replace

import pytest

from gateway.bulk.lines import Line
from gateway.bulk.portion import Judge
from gateway.errors import UnavailableError
from gateway.interactions.commit import Change, Extras, commit
from tests.databases import ON_POSTGRESQL
from tests.gateway.interactions.consortium import encoded, patient, pid


@ON_POSTGRESQL
async def test_a_line_that_is_read_while_the_database_is_away_is_not_refused(
    house, database, postgres
):
    body = json.dumps({"resourceType": "Patient", "identifier": [pid("A", "77")]}).encode()
    judge = Judge(house.door, house.actor("A"))
    with postgres.away(database), pytest.raises(UnavailableError):
        judge.judged(Line(1, len(body), body))


async def test_a_change_that_nobody_can_judge_now_is_not_refused(house):
    async def away(*_):
        raise UnavailableError("The database is not there.")

    door, refused = replace(house.door, guards=(("Patient", away),)), {}
    changes = [Change("Patient", "p", encoded(patient("p")))]
    with pytest.raises(UnavailableError):
        await commit(door, house.actor("A"), changes, Extras(refused=refused))
    assert refused == {}
