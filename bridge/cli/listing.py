"""`bridge list`: applications, or with --deliveries deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bridge.cli.opened import opened
from bridge.cli.options import AsJson, Because, Ids, Matter, Target
from bridge.cli.output import print_list, print_table
from bridge.model.delivery import DeliveryState, Reason
from bridge.model.lifecycle import ApplicationState

if TYPE_CHECKING:
    from bridge.wiring import Bridge

APPLICATION_COLUMNS = {
    "number": "收件编号",
    "case_number": "办件编号",
    "matter": "事项",
    "type": "类型",
    "label": "状态",
    "submitted_at": "提交时间",
}
DELIVERY_COLUMNS = {
    "delivery": "推送编号",
    "number": "收件编号",
    "target": "系统",
    "kind": "种类",
    "label": "状态",
    "reason": "原因",
    "attempts": "次数",
    "next_try": "下次尝试",
}


def command(
    ids: Ids = None,
    deliveries: Annotated[bool, typer.Option("--deliveries", help="列出推送而不是申请 (deliveries)")] = False,
    target: Target = None,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="状态；推送可多次 (a state; may be repeated for deliveries)")
    ] = None,
    because: Because = None,
    matter: Matter = None,
    limit: Annotated[int | None, typer.Option("--limit", help="最多几条 (at most)", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """列出申请或推送 (applications, or deliveries); --target, --because 和编号只用于 --deliveries."""
    if not deliveries and (ids or target or because or len(state or ()) > 1):
        raise typer.BadParameter("编号、--target、--because、多个 --state 只用于 --deliveries (only for deliveries)")
    with opened() as bridge:
        if deliveries:
            rows = _deliveries(bridge, ids or [], target, state or [], because, matter, limit)
        else:
            wanted = _state(ApplicationState, state[0]) if state else None
            rows = bridge.views.applications(matter=matter, state=wanted, limit=limit)
        if as_json:
            print_list(rows)
        else:
            columns = DELIVERY_COLUMNS if deliveries else APPLICATION_COLUMNS
            print_table(list(columns.values()), ([row[name] for name in columns] for row in rows))


def _deliveries(
    bridge: Bridge,
    ids: list[str],
    target: str | None,
    states: list[str],
    because: Reason | None,
    matter: str | None,
    limit: int | None,
) -> Iterator[dict[str, Any]]:
    """The deliveries that are meant."""
    from bridge.cli.acts import require_known
    from bridge.ports.store import DeliveryFilter

    wanted = DeliveryFilter(
        ids=ids,
        target=target,
        states=[_state(DeliveryState, one) for one in states],
        reason=because,
        matter=matter,
        limit=limit,
    )
    require_known(bridge, wanted)
    return bridge.views.deliveries(wanted)


State = TypeVar("State", DeliveryState, ApplicationState)


def _state(kind: type[State], text: str) -> State:
    """A state by its name. Raises a usage error naming the known ones."""
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"--state 可选 (one of): {'、'.join(kind)}") from None
