"""The rules of the queue, in virtual time: nothing here sleeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.runtime.workqueue import WorkQueue


def drain(queue, now):
    found = []
    while (item := queue.pop(now)) is not None:
        found.append(item[0])
    return found


def test_a_key_is_due_when_its_time_has_come():
    queue = WorkQueue()
    queue.add("a", 0, after=5)

    assert queue.pop(4.9) is None
    assert queue.next_time() == 5
    assert queue.pop(5) == ("a", "")


def test_a_key_waits_once():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.add("a", 0)

    assert drain(queue, 0) == ["a"]


def test_the_earlier_time_wins():
    queue = WorkQueue()
    queue.add("a", 0, after=10, reason="late")
    queue.add("a", 0, after=2, reason="early")
    queue.add("a", 0, after=5, reason="between")

    assert queue.pop(2) == ("a", "early")
    assert queue.pop(20) is None


def test_keys_run_in_the_order_in_which_they_became_due():
    queue = WorkQueue()
    queue.add("late", 0, after=2)
    queue.add("early", 0, after=1)
    queue.add("now", 0)

    assert drain(queue, 3) == ["now", "early", "late"]


def test_a_key_never_runs_twice_at_a_time():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.pop(0)

    queue.add("a", 1)

    assert queue.pop(1) is None


def test_a_key_that_was_asked_for_while_it_ran_runs_again_at_once():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.add("a", 1, reason="again")
    queue.pop(1)

    queue.done("a", 2)

    assert queue.pop(2) == ("a", "again")
    queue.done("a", 3)
    assert queue.pop(3) is None


def test_a_held_key_does_not_hold_up_others():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.add("a", 1)
    queue.add("b", 1)

    assert drain(queue, 1) == ["b"]


def test_a_delay_counts_from_the_end_of_the_run():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.pop(0)

    queue.done("a", 10, again_after=5, reason="as asked")

    assert queue.pop(14.9) is None
    assert queue.pop(15) == ("a", "as asked")


def test_news_comes_before_a_delay():
    queue = WorkQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.done("a", 1, again_after=100)

    queue.add("a", 2, reason="news")

    assert queue.pop(2) == ("a", "news")
    queue.done("a", 3)
    assert queue.next_time() is None


def test_no_more_run_at_a_time_than_may():
    queue = WorkQueue(concurrency=2)
    for key in "abc":
        queue.add(key, 0)

    assert drain(queue, 0) == ["a", "b"]
    queue.done("a", 1)
    assert drain(queue, 1) == ["c"]


def test_a_debounce_waits_for_quiet():
    queue = WorkQueue(debounce=1)
    queue.add("a", 0)
    queue.add("a", 0.5)

    assert queue.pop(1.2) is None
    assert queue.pop(1.5) == ("a", "")


def test_a_debounce_does_not_starve_what_never_is_quiet():
    queue = WorkQueue(debounce=1, max_debounce=3)
    for tick in range(8):
        queue.add("a", tick / 2)

    assert queue.pop(3) == ("a", "")


def test_news_about_what_waits_for_later_waits_for_quiet_first():
    queue = WorkQueue(debounce=1, max_debounce=3)
    queue.add("a", 0, after=100)
    queue.add("a", 50)
    queue.add("a", 50.5)

    assert queue.pop(51.2) is None
    assert queue.pop(51.5) == ("a", "")


def test_nothing_is_put_off_for_ever():
    queue = WorkQueue()
    queue.add("a", 0, after=float("inf"))

    assert queue.next_time() == 180 * 24 * 3600


def test_what_is_forgotten_does_not_run():
    queue = WorkQueue()
    queue.add("a", 0, after=1)

    queue.forget("a")

    assert queue.next_time() is None
    assert queue.pop(2) is None


steps = st.lists(
    st.tuples(st.sampled_from(["add", "pop", "done"]), st.sampled_from("abcd"), st.floats(0, 10)), max_size=60
)


@given(steps, st.sampled_from([None, 1, 2]))
def test_whatever_happens_no_key_runs_twice_and_none_is_lost(script, concurrency):
    queue, now, running, asked = WorkQueue(concurrency=concurrency), 0.0, set(), set()
    for what, key, number in script:
        now += number
        if what == "add":
            queue.add(key, now, after=number)
            asked.add(key)
        elif what == "pop" and (found := queue.pop(now)) is not None:
            assert found[0] not in running
            running.add(found[0])
            asked.discard(found[0])
            assert concurrency is None or len(running) <= concurrency
        elif what == "done" and key in running:
            running.discard(key)
            queue.done(key, now)
    for key in list(running):
        queue.done(key, now)
    left = set()
    while (found := queue.pop(now + 1e9)) is not None:
        left.add(found[0])
        queue.done(found[0], now)
    assert asked <= left


@pytest.mark.parametrize("count", [0, 1, 3])
def test_its_length_is_what_waits(count):
    queue = WorkQueue()
    for number in range(count):
        queue.add(number, 0)

    assert len(queue) == count
