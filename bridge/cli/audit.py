"""`bridge audit`: how the ledger stands, a checkpoint for a place outside, and the check of the whole ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.failure import FAILED, say
from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_line, progress

if TYPE_CHECKING:
    from bridge.ledger.audit import FirstBad
    from bridge.ledger.checkpoint import Checkpoint
    from bridge.storage.outside import Outside
    from bridge.wiring import Bridge

KINDS = {
    "changed": "被改动 (changed)",
    "missing": "缺失 (missing)",
    "inserted": "被插入 (inserted)",
    "reordered": "被调换 (reordered)",
    "truncated": "末尾被截断 (truncated)",
}

TRUST = (
    "检查点只有离开本机才能证明账本没有被整体改写 (only a checkpoint that has left this machine"
    " proves that the ledger was not rewritten as a whole)"
)


def status(as_json: AsJson = False) -> None:
    """账本现状：条数、最近检查点、何时写到外部 (how the ledger stands, and its last checkpoint outside)."""
    with opened() as bridge:
        found = standing(bridge)
    if as_json:
        print_json(found)
        return
    signed, outside = found["checkpoint"], found["outside"]
    print_line(f"记录 (events) {found['events']}，已入树 (in the tree) {found['sealed']}")
    print_line(
        f"最近检查点 (last checkpoint): {signed['at']}，{signed['size']} 条"
        if signed
        else "尚无检查点 (no checkpoint yet)"
    )
    print_line(
        f"最近写到外部 (last outside): {outside['at']}，{outside['size']} 条，{outside['place']}"
        if outside
        else "从未写到外部 (never written outside)"
    )
    if found["warning"]:
        say(f"{found['warning']} ({found['warning_en']})")
    print_line(TRUST)


def checkpoint(
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|DIR",
            help="写到该文件或目录，须在数据目录之外 (where, outside the data folder)",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """签署最新检查点并写到外部 (sign a checkpoint of all events, and write it outside)."""
    with opened() as bridge:
        made = bridge.ledger.checkpoint()
        file = bridge.outside.write(made, output) if output or bridge.outside.folder else None
        key = bridge.ledger.public_key()
    if as_json:
        print_json({**_checkpoint(made[0]), "file": str(file) if file else None, "note": made[1], "public_key": key})
        return
    print_line(f"检查点 (checkpoint): {made[0].size} 条，{file or '未写到外部 (not written outside)'}")
    if file is None:
        typer.echo(made[1], nl=False)
        say("请用 -o 或 BRIDGE_LEDGER__CHECKPOINT_DIR 给出外部位置 (name a place outside by -o or this setting)")


def verify(
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="外部保存的检查点，可多次 (a checkpoint kept outside; may be repeated)",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核验整个账本，指出第一处不符 (check the whole ledger; names the first bad entry)."""
    from bridge.runners.process import settle_in

    with opened() as bridge, progress("核验 (checking)") as bar:
        settle_in()
        task = bar.add_task("", total=None)
        outside = _outside(bridge.outside, checkpoints or [])
        verdict = bridge.ledger.verify(
            outside, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    bad = verdict.first_bad
    if as_json:
        print_json(
            {
                "events": verdict.events,
                "ok": verdict.ok,
                "first_bad": bad and _first_bad(bad),
                "sealed": verdict.sealed,
                "checkpoints": verdict.checkpoints,
                "outside": len(outside),
            }
        )
    elif bad is None:
        print_line(f"完好 (whole): {verdict.events} 条，已比对检查点 (checkpoints compared) {verdict.checkpoints}")
        print_line(TRUST if not outside else f"含外部检查点 (checkpoints from outside) {len(outside)}")
    else:
        until = f"–{bad.until}" if bad.until else ""
        print_line(f"第 {bad.position}{until} 条{KINDS[bad.kind]}，申请 (application): {bad.application or '–'}")
        print_line(f"{bad.why} ({bad.why_en})")
    if bad:
        raise typer.Exit(FAILED)


def standing(bridge: Bridge) -> dict[str, Any]:
    """How the ledger stands, as JSON has it; `doctor` warns by the same words."""
    from bridge.clock import from_micros, rfc3339, to_micros

    found = bridge.ledger.standing()
    now = to_micros(bridge.clock.now())
    exposed = None if found.exposed_since is None else (now - found.exposed_since) / 1_000_000
    late = exposed is not None and exposed > bridge.settings.ledger.warn_seconds
    hours = int((exposed or 0) // 3600)
    outside = None
    if found.outside:
        at, place, size = found.outside
        outside = {"at": rfc3339(from_micros(at)), "age_seconds": (now - at) // 1_000_000, "place": place, "size": size}
    signed = found.checkpoint and {
        **_checkpoint(found.checkpoint),
        "age_seconds": (now - found.checkpoint.at) // 1_000_000,
    }
    return {
        "events": found.events,
        "sealed": found.sealed,
        "checkpoint": signed,
        "outside": outside,
        "exposed_seconds": None if exposed is None else int(exposed),
        "warning": f"有记录已 {hours} 小时没有外部检查点，请执行 bridge audit checkpoint -o" if late else None,
        "warning_en": f"an event has had no checkpoint outside for {hours} hours" if late else None,
    }


def _outside(outside: Outside, files: list[Path]) -> tuple[Checkpoint, ...]:
    """The checkpoints that were named, and the newest of the folder of checkpoints."""
    named = [outside.read(file) for file in files]
    newest = outside.newest()
    return (*named, newest) if newest else tuple(named)


def _checkpoint(made: Checkpoint) -> dict[str, Any]:
    from bridge.clock import from_micros, rfc3339

    return {
        "origin": made.origin,
        "size": made.size,
        "sha256": made.sha256.hex(),
        "sm3": made.sm3.hex(),
        "at": rfc3339(from_micros(made.at)),
    }


def _first_bad(bad: FirstBad) -> dict[str, Any]:
    return {
        "id": bad.position,
        "until": bad.until,
        "application": bad.application,
        "what": bad.kind,
        "why": bad.why,
        "why_en": bad.why_en,
    }
