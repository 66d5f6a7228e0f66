"""The command line put together: every command by its name. The order is that of the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from bridge.cli import (
    adapters,
    amend,
    audit,
    cancel,
    conflicts,
    demo,
    doctor,
    drain,
    evidence,
    handover,
    hold,
    init,
    lineage,
    listing,
    mapping,
    matters,
    park,
    prefill,
    reference,
    release,
    retry,
    sample,
    serve,
    sign,
    simulate,
    status,
    submit,
    template,
    withdraw,
    work,
)

COMMANDS: dict[str, Callable[..., Any]] = {
    "init": init.command,
    "matters": matters.command,
    "lineage": lineage.command,
    "sample": sample.command,
    "prefill": prefill.command,
    "template": template.command,
    "submit": submit.command,
    "amend": amend.command,
    "withdraw": withdraw.command,
    "sign": sign.command,
    "handover": handover.command,
    "drain": drain.command,
    "work": work.command,
    "serve": serve.command,
    "status": status.command,
    "list": listing.command,
    "conflicts": conflicts.command,
    "retry": retry.command,
    "hold": hold.command,
    "release": release.command,
    "park": park.command,
    "cancel": cancel.command,
    "evidence": evidence.command,
    "simulate": simulate.command,
    "demo": demo.command,
    "doctor": doctor.command,
}
"""Each command by its name. Its help is its docstring."""

PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"max_content_width": 120},
}


def build() -> typer.Typer:
    """The application of all commands."""
    app = typer.Typer(
        name="bridge",
        help="一次录：一次录入，送达各系统 (enter a permit application once; it reaches every system that needs it)",
        **PLAIN,
    )
    app.callback()(_before)
    for name, command in COMMANDS.items():
        app.command(name)(command)
    group = typer.Typer(help="已接入的适配器 (what is plugged in)", **PLAIN)
    group.command("list")(adapters.command)
    app.add_typer(group, name="adapters")
    group = typer.Typer(help="字段映射的版本 (versions of mappings)", **PLAIN)
    group.command("diff")(mapping.command)
    app.add_typer(group, name="mapping")
    proof = typer.Typer(help="账本及其证明 (the ledger and its proof)", **PLAIN)
    for command in (audit.status, audit.checkpoint, audit.verify):
        proof.command(command.__name__)(command)
    app.add_typer(proof, name="audit")
    app.command("docs", hidden=True)(reference.command)
    return app


def _version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from importlib.metadata import version

        typer.echo(version("permit-bridge"))
        raise typer.Exit


def _before(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 (version)")
    ] = False,
) -> None:
    """What comes before a command."""
