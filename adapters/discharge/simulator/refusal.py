"""How the simulated platform says no: a code of its table, and the fields that it means."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discharge.codes import ERRORS
from adapters.discharge.simulator.rules import Wrong
from bridge.testing.simulator.calls import Denied, json_answer


class Refusal(Denied):
    """The platform says no, with a code of its table and the fields that it means."""

    def __init__(self, code: str, wrong: Sequence[Wrong] = (), *, message: str = "") -> None:
        fields = [{"path": one.path, "reason": one.reason} for one in wrong]
        known = ERRORS[code]
        super().__init__(
            json_answer({"code": code, "message": message or known.meaning, "fields": fields}, known.status)
        )
