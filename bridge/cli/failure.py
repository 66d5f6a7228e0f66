"""What a person sees when a command cannot do its work, and the exit code that goes with it."""

from __future__ import annotations

import os
import sys
import unicodedata

import typer

from bridge.errors import BridgeError, InvalidApplication, NotFound, SettingsError

DONE, FAILED, USAGE, PARTLY, NOT_FOUND, LOCKED, LATER = 0, 1, 2, 3, 4, 5, 75
"""Exit codes, a contract: 3 is 'some', 75 is 'try again later' (sysexits EX_TEMPFAIL)."""

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that could drive a terminal or forge a line."""


class UsageMistake(BridgeError):
    """用法有误 (the command was not given as it should be)."""


def report(error: BaseException) -> int:
    """Say on standard error what is wrong, never with a traceback; the exit code."""
    if isinstance(error, BrokenPipeError):
        _forget_stdout()
    elif not isinstance(error, SystemExit):
        say(_words(error))
    return _code(error)


def _code(error: BaseException) -> int:
    """The exit code of an error."""
    match error:
        case SystemExit(code=int(code)) | typer.TyperException(exit_code=code):
            return code
        case KeyboardInterrupt() | typer.Abort():
            return INTERRUPTED
        case UsageMistake():
            return USAGE
        case NotFound():
            return NOT_FOUND
        case _:
            return FAILED


def say(text: str) -> None:
    """Some lines on standard error."""
    sys.stderr.write("".join(clean(line) + "\n" for line in text.splitlines()))


def clean(text: str) -> str:
    """One line of text without what could drive a terminal: others' systems choose some of what we print."""
    return "".join("?" if unicodedata.category(one) in UNSAFE else one for one in text)


def _words(error: BaseException) -> str:
    """What is said of an error."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "已中断 (interrupted)"
    if isinstance(error, typer.TyperException):
        path = getattr(getattr(error, "ctx", None), "command_path", "bridge")
        return f"用法有误 (usage): {error.format_message()}\n参见 (see): {path} --help"
    if isinstance(error, BridgeError):
        return _known(error)
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return f"操作系统未能照办 (the system refused): {error.strerror or type(error).__name__}{place}"
    return (
        f"程序出错：{type(error).__name__}。请设置 BRIDGE_DEBUG=1 重试，并将输出告知开发人员\n"
        "(a bug: run it again with BRIDGE_DEBUG=1 and tell the developers what it prints)"
    )


def _known(error: BridgeError) -> str:
    """What is said of an error that we know how to name."""
    if isinstance(error, InvalidApplication):
        return "\n".join(
            f"{one.pointer} {one.label}：{one.message} {one.remedy} ({one.message_en} {one.remedy_en})"
            for one in error.problems
        )
    return f"设置有误 (settings): {error}" if isinstance(error, SettingsError) else str(error)


def _forget_stdout() -> None:
    """Whoever read our output has gone; let the interpreter's last flush go nowhere, too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
