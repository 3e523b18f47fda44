import pytest

from kubecrd.client.retry import RetryPolicy
from kubecrd.errors import StatusError, TransportError
from kubecrd.resource.status import Status, StatusDetails

POLICY = RetryPolicy(jitter=lambda: 1.0)
BROKEN = TransportError("reset")


def answered(code, wait=None):
    return StatusError.of(Status(code=code, details=StatusDetails(retry_after_seconds=wait)))


@pytest.mark.parametrize(
    ("verb", "error", "again"),
    [
        ("get", BROKEN, True),
        ("list", answered(503), True),
        ("update", answered(504), True),
        ("delete", BROKEN, True),
        ("create", BROKEN, False),
        ("create", answered(503), False),
        ("create", answered(429), True),
        ("patch", BROKEN, False),
        ("patch", answered(429), True),
        ("get", answered(404), False),
        ("get", answered(500), False),
        ("get", answered(409), False),
    ],
)
def test_a_request_is_sent_again_only_where_twice_is_once(verb, error, again):
    assert (POLICY.delay(verb, 1, 0, error) is not None) is again


def test_delays_double_up_to_the_longest():
    delays = [RetryPolicy(jitter=lambda: 1.0, tries=9, deadline=99).delay("get", n, 0, BROKEN) for n in range(1, 9)]

    assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_half_of_a_delay_is_left_to_chance():
    assert RetryPolicy(jitter=lambda: 0.0).delay("get", 1, 0, BROKEN) == 0.05


def test_the_server_may_say_how_long_to_wait():
    assert POLICY.delay("get", 1, 0, answered(429, wait=7)) == 7.0


def test_it_gives_up_after_so_many_tries():
    assert POLICY.delay("get", POLICY.tries, 0, BROKEN) is None


def test_it_gives_up_when_time_is_up():
    assert POLICY.delay("get", 1, 29.95, BROKEN) is None


def test_it_gives_up_when_the_server_asks_for_more_time_than_there_is():
    assert POLICY.delay("get", 1, 0, answered(429, wait=3600)) is None
