"""The working-day calendar: data by year under `registers/calendars/`, never computed from the day of the week alone.

Source: the yearly notices of 国务院办公厅. Days after the last year that is there are provisional.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bridge.errors import SettingsError


def coverage(root: Path) -> dt.date:
    """The last day of which the calendar knows. Raises SettingsError where there is none."""
    years = [int(path.stem.removeprefix("CN-")) for path in (root / "registers/calendars").glob("CN-*.toml")]
    if not years:
        raise SettingsError("registers/calendars", "没有工作日历 (there is no calendar)")
    return dt.date(max(years), 12, 31)
