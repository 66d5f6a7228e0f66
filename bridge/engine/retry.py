"""Retrying: what the end of an attempt means for its delivery, and when it is tried again. Pure, but for the dice.

The short, quick tries inside one attempt are the HTTP kit's; this is the long schedule, which the store keeps.
Sources: full jitter, and equal jitter where the target asked for time (so that a crowd does not come back at once).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bridge.contract.outcome import (
    Absent,
    Found,
    Held,
    NeedsAccount,
    NeedsSignature,
    Outcome,
    Partial,
    Receipt,
    Unclear,
)
from bridge.engine import words
from bridge.errors import AccessDenied, BridgeError, OutcomeUnknown, Refused, TargetError, TryLater
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import DeliveryState, Reason
from bridge.model.ids import digest
from bridge.model.signature import NamedFile
from bridge.ports.store import Claimed, Settle, Trouble

SECOND = 1_000_000

SILENCE_OPENS = 5
"""The breaker opens after so many attempts in a row that got no answer at all."""

SPREAD = 0.1
"""Share of a wished-for wait over which a crowd comes back."""

EARLY_QUESTION = SECOND // 5
"""An unknown outcome is first asked about this soon: mostly the target has it. A 'no' counts only later."""

ACCOUNT_FIRST, ACCOUNT_CAP = 60 * SECOND, 3600 * SECOND
"""A company's account that was not open to us is asked for again after a minute, then ever later, up to an hour."""

RAW_CAP = 65_536
"""Bytes of a target's answer that are kept for the record."""

InFormsWords = Callable[[Refused], Trouble]
"""Says a refusal in the words of the entry form."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The long schedule, from the settings."""

    first_seconds: float
    cap_seconds: float
    attempts: int
    """In a row without progress; then the delivery is parked."""
    dice: random.Random

    def delay(self, failures: int, after: float | None = None) -> int:
        """Microseconds to wait after the `failures`-th failure in a row; at least `after` seconds if that is given."""
        ceiling = min(self.cap_seconds, self.first_seconds * 2.0 ** min(max(failures, 1) - 1, 40))
        if after is None:
            return int(self.dice.uniform(0.0, ceiling) * SECOND)
        wish = after + self.dice.uniform(0.0, max(after * SPREAD, self.first_seconds))
        return int(max(wish, ceiling * self.dice.uniform(0.5, 1.0)) * SECOND)

    def probe(self, silent: int) -> int:
        """Microseconds until a silent target is tried again: growing, never longer than the cap."""
        return int(min(self.cap_seconds, self.first_seconds * 2.0 ** min(max(silent - SILENCE_OPENS, 0), 40)) * SECOND)


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns outcomes into settles for one target."""

    policy: RetryPolicy
    target: str
    title: str
    settle_micros: int
    can_find: bool
    gives: frozenset[str]

    def after_send(
        self, claimed: Claimed, outcome: Outcome, *, started: int, ended: int, silent: bool, in_words: InFormsWords
    ) -> Settle:
        """What a `send` means. `silent`: the target answers nobody, so this failure is not the delivery's own."""
        end = _End(claimed, started=started, ended=ended, via="send")
        if isinstance(outcome, Receipt):
            return self._held(end, outcome)
        if isinstance(outcome, NeedsSignature | NeedsAccount):
            return self._needs_person(end, outcome)
        memo = {**claimed.memo, **(outcome.memo or {})}
        if isinstance(outcome, Refused):
            return end.settle(
                DeliveryState.PARKED, Reason.REFUSED, "refused", memo=memo, error=outcome, trouble=in_words(outcome)
            )
        if isinstance(outcome, AccessDenied):
            return end.settle(DeliveryState.DUE, Reason.RETRY, "access_denied", memo=memo, error=outcome, via="release")
        if isinstance(outcome, OutcomeUnknown):
            return self._ask(end, Reason.PROBE, "unknown", memo, outcome)
        after = outcome.after if isinstance(outcome, TryLater) else None
        answered = not isinstance(outcome, TryLater) or outcome.answered
        return self._again(end, memo, outcome, counts=answered or not silent, after=after, outcome="try_later")

    def after_bug(self, claimed: Claimed, error: BaseException, *, started: int, ended: int) -> Settle:
        """What it means that our own adapter failed in `send`: perhaps sent, so ask; a developer looks at the rest."""
        end = _End(claimed, started=started, ended=ended, via="send")
        code = type(error).__name__
        return self._ask(end, Reason.BUG, "bug", dict(claimed.memo), TargetError(code=code))

    def lost(self, claimed: Claimed, *, started: int, ended: int) -> Settle:
        """The lease was lost in the middle: perhaps sent."""
        end = _End(claimed, started=started, ended=ended, via="send")
        return self._ask(end, Reason.PROBE, "unknown", claimed.memo, OutcomeUnknown())

    def no_file(self, claimed: Claimed, error: BridgeError, *, started: int, ended: int) -> Settle:
        """A material file of ours is gone or damaged; what the target already has is asked about at the retry."""
        end = _End(claimed, started=started, ended=ended, via="send")
        code = TargetError(code=type(error).__name__)
        return end.settle(DeliveryState.PARKED, Reason.BUG, "no_file", error=code, trouble=words.no_file())

    def cannot_ask(self, claimed: Claimed, now: int) -> Settle:
        """An unknown outcome at a target that cannot be asked: a person looks."""
        end = _End(claimed, started=now, ended=now, via="find")
        trouble = words.unclear(self.title, "该系统不能查询 (the target cannot be asked)")
        return end.settle(DeliveryState.PARKED, Reason.UNCLEAR, "unclear", trouble=trouble)

    def after_find(self, claimed: Claimed, found: Found | TargetError, *, started: int, ended: int) -> Settle:
        """What the answer to 'do you have it?' means."""
        end = _End(claimed, started=started, ended=ended, via="find")
        if isinstance(found, Held):
            return self._held(end, found.receipt)
        if isinstance(found, Unclear):
            trouble = words.unclear(self.title, found.why)
            return end.settle(DeliveryState.PARKED, Reason.UNCLEAR, "unclear", trouble=trouble)
        if isinstance(found, TargetError):
            return self._still_unknown(end, found)
        counts_from = (claimed.attempt_ended_at or 0) + self.settle_micros
        if started < counts_from:
            return end.settle(
                DeliveryState.UNKNOWN, claimed.delivery.reason, "too_early", next_at=counts_from, via="release"
            )
        if claimed.delivery.reason is Reason.BUG:
            return end.settle(DeliveryState.PARKED, Reason.BUG, "bug", trouble=words.bug(self.title))
        memo = {**claimed.memo, **found.memo} if isinstance(found, Partial) else dict(claimed.memo)
        word = "absent" if isinstance(found, Absent) else "partial"
        return self._again(end, memo, None, counts=True, after=None, outcome=word)

    def _needs_person(self, end: _End, needed: NeedsSignature | NeedsAccount) -> Settle:
        """The target waits for the applicant (or an operator): a form signed, an account opened for us."""
        memo = {**end.claimed.memo, **needed.memo}
        if isinstance(needed, NeedsSignature):
            form = NamedFile(needed.name, digest(needed.form), len(needed.form))
            trouble = words.needs_signature(self.title, needed.name)
            settle = end.settle(
                DeliveryState.WAITING, Reason.SIGNATURE, "signature", memo=memo, failures=0, trouble=trouble
            )
            return replace(settle, to_sign=form)
        wait = min(ACCOUNT_CAP, ACCOUNT_FIRST * 2 ** min(end.claimed.delivery.attempts, 20))
        trouble = words.needs_account(self.title, needed)
        return end.settle(
            DeliveryState.WAITING,
            Reason.ACCOUNT,
            "account",
            memo=memo,
            failures=0,
            next_at=end.ended + wait,
            trouble=trouble,
        )

    def _held(self, end: _End, receipt: Receipt) -> Settle:
        """The target has it."""
        claimed = end.claimed
        return end.settle(
            DeliveryState.LODGED if receipt.lodged else DeliveryState.DELIVERED,
            None,
            "receipt",
            memo={**claimed.memo, **receipt.memo},
            failures=0,
            raw=receipt.raw,
            counterpart=Counterpart(
                application=claimed.application.id,
                target=self.target,
                number=receipt.number,
                status=receipt.status,
                status_raw=receipt.status_raw,
                last_contact=end.ended,
            ),
            facts={name: value for name, value in receipt.facts.items() if name in self.gives},
        )

    def _ask(self, end: _End, reason: Reason, word: str, memo: Mapping[str, object], error: TargetError) -> Settle:
        """Sent, perhaps: ask the target before anything else, or a person where it cannot be asked."""
        if not self.can_find:
            trouble = words.unclear(self.title, "该系统不能查询 (the target cannot be asked)")
            return end.settle(DeliveryState.PARKED, Reason.UNCLEAR, word, memo=memo, error=error, trouble=trouble)
        return end.settle(
            DeliveryState.UNKNOWN, reason, word, memo=memo, error=error, next_at=end.ended + EARLY_QUESTION
        )

    def _again(
        self,
        end: _End,
        memo: Mapping[str, object],
        error: TargetError | None,
        *,
        counts: bool,
        after: float | None,
        outcome: str,
    ) -> Settle:
        """Not done: try again later, or park it after too many in a row that led nowhere."""
        before = 0 if _progress(memo) != _progress(end.claimed.memo) else end.claimed.delivery.failures
        failures = before + counts
        if failures >= self.policy.attempts:
            trouble = words.too_many(self.title, failures)
            return end.settle(
                DeliveryState.PARKED,
                Reason.ATTEMPTS,
                outcome,
                memo=memo,
                error=error,
                failures=failures,
                trouble=trouble,
            )
        next_at = end.ended + self.policy.delay(failures, after)
        return end.settle(
            DeliveryState.DUE, Reason.RETRY, outcome, memo=memo, error=error, failures=failures, next_at=next_at
        )

    def _still_unknown(self, end: _End, error: TargetError) -> Settle:
        """The question itself got no good answer: ask again later; what it refuses to tell goes to a person."""
        if isinstance(error, Refused):
            trouble = words.unclear(self.title, "查询被拒绝 (the question was refused)")
            return end.settle(DeliveryState.PARKED, Reason.UNCLEAR, "refused", error=error, trouble=trouble)
        answered = not isinstance(error, TryLater | OutcomeUnknown) or error.answered
        failures = end.claimed.delivery.failures + (answered and not isinstance(error, AccessDenied))
        if failures >= self.policy.attempts:
            trouble = words.too_many(self.title, failures)
            return end.settle(
                DeliveryState.PARKED, Reason.ATTEMPTS, "unknown", error=error, failures=failures, trouble=trouble
            )
        after = error.after if isinstance(error, TryLater) else None
        next_at = end.ended + self.policy.delay(failures, after)
        return end.settle(
            DeliveryState.UNKNOWN,
            end.claimed.delivery.reason,
            "unknown",
            error=error,
            failures=failures,
            next_at=next_at,
        )


def _progress(memo: Mapping[str, object]) -> dict[str, object]:
    """What of a memo is progress: not the notes whose names begin with `_`."""
    return {name: value for name, value in memo.items() if not name.startswith("_")}


@dataclass(frozen=True, slots=True)
class _End:
    """The end of one attempt or question, before it is judged."""

    claimed: Claimed
    started: int
    ended: int
    via: str

    def settle(
        self,
        state: DeliveryState,
        reason: Reason | None,
        outcome: str,
        *,
        memo: Mapping[str, object] | None = None,
        failures: int | None = None,
        next_at: int | None = None,
        error: TargetError | None = None,
        raw: bytes = b"",
        via: str | None = None,
        trouble: Trouble | None = None,
        counterpart: Counterpart | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Settle:
        """The settle, with what stays as it was filled in."""
        claimed = self.claimed
        return Settle(
            delivery=claimed.delivery.id,
            fence=claimed.fence,
            state=state,
            reason=reason,
            next_at=next_at,
            failures=claimed.delivery.failures if failures is None else failures,
            memo=claimed.memo if memo is None else memo,
            started_at=self.started,
            ended_at=self.ended,
            via=via or self.via,
            outcome=outcome,
            code=error.code if error else None,
            raw=((error.raw or b"") if error else raw)[:RAW_CAP],
            trouble=trouble,
            counterpart=counterpart,
            facts=facts,
        )
