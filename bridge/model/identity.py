"""Identifiers that others issue: their form and check digits. Pure; ASCII only; a full-width digit is no digit.

Sources: GB 32100-2015 (统一社会信用代码), GB 11643-1999 (公民身份号码), HJ 608-2017 (排污单位编码规则).
What does not belong here: whether a number exists, and what a person is told (`bridge.catalogue`).
"""

from __future__ import annotations

import datetime as dt
import re

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
ID_CHECKS = "10X98765432"

USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
ID_CARD = re.compile(r"[1-9][0-9]{16}[0-9X]")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?")
ZIP = re.compile(r"[0-9]{6}")
PERMIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[0-9]{3}[A-Z]")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")


def is_uscc(text: str) -> bool:
    """GB 32100: 18 characters without I O S V Z, not all zero, check character by weights 3^i mod 31."""
    if not USCC.fullmatch(text) or set(text) == {"0"}:
        return False
    return text[17] == uscc_check(text[:17])


def uscc_check(body: str) -> str:
    """The check character of the first 17; a remainder of 0 gives `0`."""
    total = sum(USCC_ALPHABET.index(one) * weight for one, weight in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def is_id_card(text: str) -> bool:
    """GB 11643: 18 characters with the right check character. Regions and dates are not judged: see `id_card_date`."""
    return bool(ID_CARD.fullmatch(text)) and text[17] == id_card_check(text[:17])


def id_card_check(body: str) -> str:
    """The check character of the first 17 digits."""
    return ID_CHECKS[sum(int(one) * weight for one, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]


def id_card_date(text: str) -> dt.date | None:
    """The birth date in an 18-digit number, or None where it is no date."""
    try:
        return dt.datetime.strptime(text[6:14], "%Y%m%d").date()  # noqa: DTZ007 - a birth date has no zone
    except ValueError:
        return None


def is_mobile(text: str) -> bool:
    """Eleven digits from 13 to 19."""
    return bool(MOBILE.fullmatch(text))


def is_phone(text: str) -> bool:
    """A mobile number, or area code, hyphen, number, and perhaps an extension."""
    return bool(PHONE.fullmatch(text))


def is_zip(text: str) -> bool:
    """Six digits."""
    return bool(ZIP.fullmatch(text))


def is_email(text: str) -> bool:
    """A plain address of ASCII characters."""
    return len(text) <= 254 and bool(EMAIL.fullmatch(text))


def is_permit_number(text: str) -> bool:
    """HJ 608: 18 characters of the unit, three digits of its site (001 on), one letter."""
    return bool(PERMIT.fullmatch(text)) and is_uscc(text[:18]) and text[18:21] != "000"
