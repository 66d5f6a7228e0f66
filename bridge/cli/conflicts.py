"""`bridge conflicts`: where a target says what only another may say, both sides."""

from __future__ import annotations

from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_list, print_table

COLUMNS = {
    "number": "收件编号",
    "target": "系统",
    "ours_label": "本系统状态",
    "theirs_label": "对方状态",
    "theirs_raw": "对方代码",
    "since": "自何时",
}


def command(as_json: AsJson = False) -> None:
    """列出相互矛盾的状态：对方说了应由别的系统说的话 (a target says what only another may say; nothing was changed).

    JSON: [{"application","number","target","field","ours","theirs","theirs_raw","since"}].
    """
    with opened() as bridge:
        found = bridge.views.conflicts()
        if as_json:
            print_list(found)
        else:
            print_table(list(COLUMNS.values()), ([one[name] for name in COLUMNS] for one in found))
