"""Search of one patient's values of one test, ten rows: random patients, several tokens.

python -m bench.search
"""

import json

from bench.goals import goal
from bench.rounds import figures, rounds
from bench.running import gateway, report
from bench.sample import TESTS, VALUES, fill


def main() -> None:
    """Print one line of JSON: searches a second, and what a bare route does."""
    with gateway() as running:
        paths = [
            f"/fhir/Observation?patient={patient}&code=http://loinc.org|{code}&_sort=-date"
            for patient in fill(running)
            for code, *_ in TESTS
        ]
        found = json.loads(running.ask("GET", paths[0], token=running.tokens["A"]))
        assert len(found["entry"]) == VALUES
        own, other = rounds(running, paths)
    report("search", own.rate, other.rate, **goal("search"), **figures(own, other))


if __name__ == "__main__":
    main()
