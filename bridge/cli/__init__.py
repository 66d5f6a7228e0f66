"""The third door: one file per command. Parsing and printing belong here; what a command does is in the rooms below.

`main` is where errors become words and exit codes. No traceback reaches a person (BRIDGE_DEBUG=1 shows it).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> None:
    """Run one command by its words (those of this process unless told) and leave with its exit code."""
    from bridge.cli.failure import report

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal's encoding may lack a rare character; that ends nothing
    given = list(sys.argv[1:] if words is None else words) or ["--help"]
    try:
        code = _run(given)
        sys.stdout.flush()
    except BaseException as error:
        if os.environ.get("BRIDGE_DEBUG") == "1":
            raise
        code = report(error)
    sys.exit(code)


def _run(words: list[str]) -> int:
    """Run a command; its exit code."""
    from bridge.cli.app import build
    from bridge.cli.failure import DONE, INTERRUPTED, UsageMistake, say

    try:
        " ".join(words).encode()
    except UnicodeEncodeError:
        raise UsageMistake("命令行含有不是 UTF-8 的字节 (the words are not UTF-8)") from None
    code = build()(words, prog_name="bridge", standalone_mode=False)
    if code == INTERRUPTED:
        say("已中断 (interrupted)")
    return code if isinstance(code, int) else DONE
