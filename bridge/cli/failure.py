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
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else FAILED
        case KeyboardInterrupt() | typer.Abort():
            say("已中断 (interrupted)")
            return INTERRUPTED
        case BrokenPipeError():
            _forget_stdout()
            return FAILED
        case typer.TyperException():
            return _usage(error)
        case _:
            say(_words(error))
    match error:
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
    match error:
        case InvalidApplication():
            return "\n".join(
                f"{one.pointer} {one.label}：{one.message} {one.remedy} ({one.message_en} {one.remedy_en})"
                for one in error.problems
            )
        case SettingsError():
            return f"设置有误 (settings): {error}"
        case BridgeError():
            return str(error)
        case OSError():
            place = f": {error.filename}" if error.filename else ""
            return f"文件或网络操作失败 (the system refused): {error.strerror or type(error).__name__}{place}"
        case _:
            return (
                f"程序出错：{type(error).__name__}。请设置 BRIDGE_DEBUG=1 重试，并将输出告知开发人员\n"
                "(a bug: run it again with BRIDGE_DEBUG=1 and tell the developers what it prints)"
            )


def _usage(error: typer.TyperException) -> int:
    """A mistake in the words of a command; where to read on."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "bridge"
    say(f"用法有误 (usage): {error.format_message()}\n参见 (see): {path} --help")
    return error.exit_code


def _forget_stdout() -> None:
    """Whoever read our output has gone; let the interpreter's last flush go nowhere, too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
