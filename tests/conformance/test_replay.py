"""The embedded server answers as a real one did, word for word; what it does not yet is listed, and the list only shrinks."""

import pytest

from tests.conformance.replay import FILES, RANK, listed, replay


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # by the webhooks of the recordings
@pytest.mark.parametrize("name", FILES)
def test_recordings_are_answered_as_listed(name):
    """A case that got worse fails; so does a listed one that got better, until ``update`` has taken it off the list."""
    known = listed()

    grades = replay(name)

    # The recordings have clocks in them, of whole seconds: what differs must differ every time, alone on a server of its own.
    for _ in range(4):
        differ = {case for case, (grade, _) in grades.items() if grade != known.get(case, "exact")}
        grades |= replay(name, differ) if differ else {}
    worse = {
        case: (grade, notes[:5])
        for case, (grade, notes) in grades.items()
        if RANK[grade] < RANK[known.get(case, "exact")]
    }
    better = {case: grade for case, (grade, _) in grades.items() if RANK[grade] > RANK[known.get(case, "exact")]}
    assert not worse
    assert not better, "run `python -m tests.conformance.update`"
