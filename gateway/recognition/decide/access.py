"""ACC: whoever asks may see the result.

What he may not see was never among the facts (§2.10.8), so this says yes of all that is here.
"""

from gateway.recognition.decide.model import Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict


def judge(case: Case, fact: Fact) -> Verdict:
    """Return that the result may be seen."""
    del case, fact
    return Verdict("ACC", "pass", (told("entitled"),))
