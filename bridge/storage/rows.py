"""How rows become the model's records, for every part that reads them."""

from __future__ import annotations

from typing import Any, TypeAlias

from bridge.model.application import Application, MaterialRef
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import Delivery, DeliveryState, Kind, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.storage import tables as t
from bridge.storage.part import AnyRow

APPLICATION = tuple(
    t.applications.c[name]
    for name in (
        "id",
        "number",
        "case_number",
        "reference",
        "matter",
        "type",
        "state",
        "revision",
        "form_version",
        "body",
        "district",
        "hall",
        "channel",
        "origin",
        "entered_by",
        "at",
        "recorded_at",
    )
)
"""The columns of an `Application`, in its order."""

DELIVERY = tuple(
    t.deliveries.c[name]
    for name in (
        "id",
        "application",
        "revision",
        "target",
        "kind",
        "order",
        "event",
        "state",
        "reason",
        "next_at",
        "attempts",
        "failures",
        "mapping_version",
        "made_at",
        "changed_at",
    )
)
"""The columns of a `Delivery`, in its order."""

COUNTERPART = tuple(
    t.counterparts.c[name]
    for name in ("application", "target", "number", "status", "status_raw", "last_contact", "said_at")
)
"""The columns of a `Counterpart`, in its order."""

_STATES = {state.value: state for state in ApplicationState}
_DELIVERY_STATES = {state.value: state for state in DeliveryState}
_KINDS = {kind.value: kind for kind in Kind}
_REASONS: dict[str | None, Reason | None] = {None: None, **{reason.value: reason for reason in Reason}}

Values: TypeAlias = "AnyRow | tuple[Any, ...]"
"""A row, or the like of one."""


def application(row: Values) -> Application:
    """The application of a row of APPLICATION."""
    values: list[Any] = [*row[:6], _STATES[row[6]], *row[7:17]]
    return Application(*values)


def delivery(row: Values) -> Delivery:
    """The delivery of a row of DELIVERY."""
    kind, state, reason = _KINDS[row[4]], _DELIVERY_STATES[row[7]], _REASONS[row[8]]
    values: list[Any] = [*row[:4], kind, *row[5:7], state, reason, *row[9:15]]
    return Delivery(*values)


def counterpart(row: Values) -> Counterpart:
    """The counterpart of a row of COUNTERPART."""
    status = None if row[3] is None else _STATES[row[3]]
    return Counterpart(row[0], row[1], row[2], status, row[4], row[5], row[6])


def material(value: dict[str, Any]) -> MaterialRef:
    """The file that sealed JSON names."""
    return MaterialRef(**value)
