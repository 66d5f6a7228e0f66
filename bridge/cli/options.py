"""Options that several commands have, under one name with one meaning."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.model.delivery import DeliveryState
from bridge.model.delivery import Reason as Why

if TYPE_CHECKING:
    from bridge.ports.store import DeliveryFilter

LONGEST = 500
"""Characters that an actor's name or a reason may have: they are kept for ever."""


def _user() -> str:
    """The operating system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _kept(text: str | None) -> str | None:
    """A text that goes into the ledger: one line, not empty, not endless."""
    if text is None or text == "":
        return text
    if not text.strip() or len(text) > LONGEST or any(ord(one) < 32 or ord(one) == 127 for one in text):
        raise typer.BadParameter(f"应为一行文字，不超过 {LONGEST} 字 (one line of text, at most so many characters)")
    return text.strip()


def _named(text: str) -> str:
    """An actor must have a name."""
    kept = _kept(text)
    if not kept:
        raise typer.BadParameter("请给出操作人 (name who acts)")
    return kept


AsJson = Annotated[bool, typer.Option("--json", help="标准输出为一份 JSON (one JSON document on standard output)")]

Actor = Annotated[
    str,
    typer.Option(
        "--actor",
        default_factory=_user,
        callback=_named,
        show_default="操作系统用户 (the operating system's user)",
        help="操作人，记入日志 (who acts; goes into the event)",
    ),
]

Reason = Annotated[str, typer.Option("--reason", callback=_kept, help="原因，记入日志 (why; goes into the event)")]

DryRun = Annotated[bool, typer.Option("--dry-run", help="只计数，不执行 (count only)")]

Rate = Annotated[
    str | None, typer.Option("--rate", metavar="N[/s]", help="每秒最多几件 (at most so many a second), 例如 5/s")
]

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="推送编号或申请的任一编号 (deliveries, or any number of an application)"),
]

Target = Annotated[str | None, typer.Option("--target", help="对接系统 (a target)")]

States = Annotated[list[DeliveryState] | None, typer.Option("--state", help="状态，可多次 (a state; may be repeated)")]

Because = Annotated[
    Why | None, typer.Option("--because", help="停在该状态的原因，见 bridge list --deliveries (why it stands there)")
]

Matter = Annotated[str | None, typer.Option("--matter", help="事项 (a matter)")]

Everything = Annotated[bool, typer.Option("--all", help="不加其他条件 (no other condition)")]


def per_second(rate: str | None) -> float | None:
    """`5` or `5/s` as a number."""
    if rate is None:
        return None
    try:
        number = float(rate.removesuffix("/s"))
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise typer.BadParameter("--rate 应为正数，例如 5/s (a number per second is wanted)")
    return number


def meant(
    ids: Sequence[str] | None,
    *,
    target: str | None,
    states: Sequence[DeliveryState] | None,
    because: Why | None,
    matter: str | None,
    everything: bool,
) -> DeliveryFilter:
    """The deliveries that an act is for. Nothing named is a slip, unless it was said that all are meant."""
    from bridge.ports.store import DeliveryFilter

    if not (ids or target or states or because or matter or everything):
        raise typer.BadParameter("请给出编号、条件或 --all (give ids, conditions, or --all)")
    return DeliveryFilter(ids=ids or (), target=target, states=states or (), reason=because, matter=matter)


def one_target(argument: str | None, option: str | None) -> str:
    """The target of an act on a target, given as a word or as `--target`."""
    if (argument is None) == (option is None):
        raise typer.BadParameter("请给出一个对接系统 (name one target)")
    return argument or option or ""
