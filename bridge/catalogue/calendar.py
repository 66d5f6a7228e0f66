"""The working-day calendar: data by year under `registers/calendars/`, never computed from the day of the week alone.

Source: the yearly notices of 国务院办公厅. Days after the last year that is there are provisional.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from bridge.errors import SettingsError


def coverage(root: Path) -> dt.date:
    """The last day of which the calendar knows. Raises SettingsError where there is none."""
    years = [int(path.stem.removeprefix("CN-")) for path in (root / "registers/calendars").glob("CN-*.toml")]
    if not years:
        raise SettingsError("registers/calendars", "没有工作日历 (there is no calendar)")
    return dt.date(max(years), 12, 31)


def is_workday(root: Path, day: dt.date) -> bool:
    """Whether offices work on a day. Raises SettingsError where the year is not covered."""
    path = root / "registers/calendars" / f"CN-{day.year}.toml"
    try:
        year = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(path.name, "没有该年的工作日历 (the calendar does not cover this year)") from exc
    if day in year["workdays"]:
        return True
    return day.weekday() < 5 and not any(span["from"] <= day <= span["to"] for span in year["off"])
