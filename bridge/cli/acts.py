"""How operators' acts on deliveries end: what they were for is told, and a number that means nothing is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.cli.output import print_json, print_line
from bridge.errors import NotFound

if TYPE_CHECKING:
    from bridge.ports.store import DeliveryFilter
    from bridge.wiring import Bridge


def require_known(bridge: Bridge, wanted: DeliveryFilter) -> None:
    """Raise NotFound naming each id that is neither a delivery nor any number of an application, or the target."""
    from bridge.ports.store import DeliveryFilter

    if wanted.target is not None:
        bridge.targets[wanted.target]
    if wanted.matter is not None:
        bridge.catalogue.matter(wanted.matter)
    unknown = [id_ for id_ in wanted.ids if not any(bridge.views.deliveries(DeliveryFilter(ids=(id_,), limit=1)))]
    if unknown:
        raise NotFound(f"没有找到 (not found): {'、'.join(unknown)}")


def tell(done: dict[str, int], *, as_json: bool, dry_run: bool = False) -> None:
    """How many were meant, and to how many it was done."""
    if as_json:
        print_json(done)
    elif dry_run:
        print_line(f"符合条件 {done['matched']} 件，未执行 (matched, nothing done)")
    else:
        print_line(f"符合条件 {done['matched']} 件，已执行 {done['done']} 件 (matched, done)")
