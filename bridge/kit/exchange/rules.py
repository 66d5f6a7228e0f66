"""What an installation says of its front-end database: address, spelling of names, empty texts, characters, lengths.

What does not belong here: the tables (`columns`), and checking a row by these rules (`fitting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, cast, get_args

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bridge.errors import SettingsError
from bridge.kit.exchange.columns import Column

Naming = Literal["snake", "camel", "upper"]
"""`row_guid`, `RowGuid` or `ROW_GUID`."""
Empty = Literal["null", "text"]
"""An empty text is written as NULL, or as an empty text. Read, both are the same: Oracle makes NULL of `''`."""
Charset = Literal["utf8", "utf8mb4"]
"""MySQL's `utf8` keeps three bytes a character: none outside of the basic plane."""
LengthUnit = Literal["characters", "utf8", "gb18030"]
"""How a column's size is counted: in characters, or in bytes of UTF-8 or GB 18030 (Oracle, unless told otherwise)."""

Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Rules:
    """How the database wants names and texts."""

    naming: Naming = "snake"
    empty: Empty = "null"
    charset: Charset = "utf8mb4"
    length_unit: LengthUnit = "characters"

    def column(self, column: Column) -> str:
        """A column's name there."""
        if self.naming == "upper":
            return column.name.upper()
        if self.naming == "camel":
            return column.camel or "".join(part.capitalize() for part in column.name.split("_"))
        return column.name

    def table(self, name: str) -> str:
        """A table's name there. CamelCase is known of columns only."""
        return name.upper() if self.naming == "upper" else name


def read_rules(settings: Mapping[str, str]) -> Rules:
    """The rules in an adapter's settings `naming`, `empty`, `charset`, `length_unit`; one that is "" has its default.

    Raises SettingsError naming the one that has an unknown value.
    """
    return Rules(
        naming=cast("Naming", _choice(settings, "naming", get_args(Naming), Rules().naming)),
        empty=cast("Empty", _choice(settings, "empty", get_args(Empty), Rules().empty)),
        charset=cast("Charset", _choice(settings, "charset", get_args(Charset), Rules().charset)),
        length_unit=cast("LengthUnit", _choice(settings, "length_unit", get_args(LengthUnit), Rules().length_unit)),
    )


def _choice(settings: Mapping[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    """One setting with a fixed set of values."""
    value = settings.get(name) or default
    if value not in known:
        raise SettingsError(name, f"可选 (one of): {'、'.join(known)}")
    return value


def read_address(url: str, password: str = "") -> URL | None:
    """The address of the database, the password put in; None where there is no address: for a mapping alone.

    Raises SettingsError naming `url` where it is no such address, or carries a password: that is a secret.
    """
    if not url:
        return None
    try:
        address = make_url(url)
    except ArgumentError as exc:
        message = (
            "地址应形如 mysql+pymysql://用户@主机/库 或 sqlite:////路径 (like dialect+driver://user@host/database)"
        )
        raise SettingsError("url", message) from exc
    if address.password is not None:
        message = "地址中不得写密码，请放入 secrets.password (no password in the address: it is a secret)"
        raise SettingsError("url", message)
    return address.set(password=password) if password else address
