"""One token for all calls: fetched once, in time, again when refused, and no oftener where there is none."""

from __future__ import annotations

import asyncio

import pytest

from bridge.errors import AccessDenied, LeaseLost, TryLater
from bridge.kit.oauth import TokenHolder


class Endpoint:
    """Gives tokens that live so long, or the failures that are left."""

    def __init__(self, lives=3600.0, failures=()):
        self.lives, self.failures, self.asked = lives, list(failures), 0

    async def __call__(self):
        """One try."""
        self.asked += 1
        token = f"token-{self.asked}"
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return token, self.lives


def many(holder, count=20):
    """So many calls at once want a token."""

    async def run():
        return await asyncio.gather(*(holder.token() for _ in range(count)), return_exceptions=True)

    return asyncio.run(run())


def test_one_token_is_fetched_for_all(ticking):
    """Twenty calls at once, and more later, over several event loops, share one token."""
    endpoint = Endpoint()
    holder = TokenHolder(endpoint, ticking)
    assert set(many(holder)) == {"token-1"}
    assert set(many(holder)) == {"token-1"}
    assert endpoint.asked == 1


@pytest.mark.parametrize(("lives", "good"), [(3600.0, 3540.0), (60.0, 30.0), (10.0, 5.0)])
def test_a_token_is_renewed_before_its_end(ticking, lives, good):
    """A minute early, and for short lives at half of them."""
    endpoint = Endpoint(lives)
    holder = TokenHolder(endpoint, ticking)
    many(holder, 1)
    ticking.seconds += good - 0.1
    assert many(holder, 1) == ["token-1"]
    ticking.seconds += 0.1
    assert set(many(holder)) == {"token-2"}


def test_a_refused_token_is_renewed_once(ticking):
    """Many calls that were refused with the same token bring one new one; a late refusal of the old changes nothing."""
    endpoint = Endpoint()
    holder = TokenHolder(endpoint, ticking)
    many(holder, 1)
    for _ in range(5):
        holder.refuse("token-1")
    assert set(many(holder)) == {"token-2"}
    holder.refuse("token-1")
    assert set(many(holder)) == {"token-2"}


@pytest.mark.parametrize("failure", [TryLater("later", answered=False, after=3.0), AccessDenied("no", code="401")])
def test_a_failure_is_heard_by_all_who_waited_for_it(ticking, failure):
    """A target that gives no token is asked once and not for each call; each call has an error of its own."""
    endpoint = Endpoint(failures=[failure])
    holder = TokenHolder(endpoint, ticking)
    heard = many(holder)
    assert endpoint.asked == 1
    assert {(type(one), str(one), one.code, getattr(one, "after", None)) for one in heard} == {
        (type(failure), str(failure), failure.code, getattr(failure, "after", None))
    }
    heard[0].memo = {"draft": 1}
    assert all(one.memo is None for one in heard[1:])


def test_after_a_failure_the_next_call_tries_again(ticking):
    """Who comes later is not told of an old failure."""
    endpoint = Endpoint(failures=[TryLater("later")])
    holder = TokenHolder(endpoint, ticking)
    assert isinstance(many(holder, 1)[0], TryLater)
    assert set(many(holder)) == {"token-2"}


def test_a_caller_that_may_not_send_speaks_for_itself_alone(ticking):
    """A lost lease or a cancelled call is no answer of the target: the next in the queue tries."""
    endpoint = Endpoint(failures=[LeaseLost(), asyncio.CancelledError()])
    heard = many(TokenHolder(endpoint, ticking), 5)
    assert [type(one) for one in heard[:2]] == [LeaseLost, asyncio.CancelledError]
    assert set(heard[2:]) == {"token-3"}
