"""The target's codes, each with its own meaning. INVENTED."""

from __future__ import annotations

from bridge.kit.codes import Code, CodeTable
from bridge.model.lifecycle import ApplicationState

STATUSES = CodeTable(
    {
        "10": Code("已收到", ApplicationState.RECEIVED),
        "20": Code("已受理", ApplicationState.ACCEPTED),
    }
)
"""Status of a case."""

REFUSALS: dict[str, str] = {
    "F1": "数据项不正确",
}
"""Codes that say: not taken as it stands."""
