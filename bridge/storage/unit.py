"""The unit of work, composed of its parts; each part is a file named after what it speaks of."""

from __future__ import annotations

from bridge.storage.contents import ContentsPart
from bridge.storage.deliveries import DeliveriesPart
from bridge.storage.events import EventsPart
from bridge.storage.inbox import InboxPart
from bridge.storage.papers import PapersPart
from bridge.storage.pump import PumpPart
from bridge.storage.settle import SettlePart
from bridge.storage.steps import StepsPart
from bridge.storage.targets import TargetsPart
from bridge.storage.tree import TreePart


class Unit(
    DeliveriesPart,
    PumpPart,
    SettlePart,
    TargetsPart,
    StepsPart,
    PapersPart,
    InboxPart,
    TreePart,
    ContentsPart,
    EventsPart,
):
    """One transaction, as `bridge.ports.store.UnitOfWork` promises."""
