"""Identifiers that others issue: their form and check digits. Pure; ASCII only; a full-width digit is no digit.

Sources: GB 32100-2015 (统一社会信用代码), GB 11643-1999 (公民身份号码), HJ 608-2017 (排污单位编码规则).
A `…_problem` function gives the first thing that is wrong as a short code, `""` where nothing is.
What does not belong here: whether a number exists, and what a person is told (`bridge.catalogue`).
"""

from __future__ import annotations

import datetime as dt
import re
from operator import mul
from typing import Literal

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
ID_CHECKS = "10X98765432"

REGIONS = re.compile(r"1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]")
"""GB/T 2260: first two digits of provinces; 81, 82 and 83 are the residence permits of 港澳台居民."""

USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
ID_CARD = re.compile(r"[1-9][0-9]{16}[0-9X]")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?")
ZIP = re.compile(r"[0-9]{6}")
PERMIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[0-9]{3}[A-Z]")
OUTLET = re.compile(r"D[AW][0-9]{3}")
FACILITY = re.compile(r"MF[0-9]{4}")
TREATMENT = re.compile(r"T[AWNS][0-9]{3}")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")

NumberProblem = Literal["", "wide", "case", "length", "letters", "zero", "check"]
"""Not ASCII; lower case; too short or long; a character that it never has; all zeros; the check character."""


def uscc_problem(text: str) -> NumberProblem:
    """GB 32100: 18 characters without I O S V Z, not all zero, check character by weights 3^i mod 31."""
    if not text.isascii():
        return "wide"
    if text != text.upper():
        return "case"
    if len(text) != 18:
        return "length"
    if not USCC.fullmatch(text):
        return "letters"
    if text == "0" * 18:
        return "zero"
    return "" if text[17] == uscc_check(text[:17]) else "check"


def is_uscc(text: str) -> bool:
    """Whether `text` is a 统一社会信用代码 by form and check character."""
    return not uscc_problem(text)


def uscc_check(body: str) -> str:
    """The check character of the first 17; a remainder of 0 gives `0`."""
    total = sum(map(mul, map(USCC_ALPHABET.index, body), USCC_WEIGHTS))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def id_card_problem(text: str) -> NumberProblem:
    """GB 11643: 17 digits and a check character. Region and date are not judged here: see `id_card_doubt`.

    Cards of 港澳台居民 (81, 82, 83) and of foreigners (9…) have the same form.
    """
    if not text.isascii():
        return "wide"
    if text.endswith("x"):
        return "case"
    if len(text) != 18:
        return "length"
    if not ID_CARD.fullmatch(text):
        return "letters"
    return "" if text[17] == id_card_check(text[:17]) else "check"


def is_id_card(text: str) -> bool:
    """Whether `text` is an 18-character identity number by form and check character."""
    return not id_card_problem(text)


def id_card_check(body: str) -> str:
    """The check character of the first 17 digits."""
    return ID_CHECKS[sum(map(mul, map(int, body), ID_WEIGHTS)) % 11]


def id_card_doubt(text: str, today: dt.date) -> Literal["", "region", "birth"]:
    """What is unusual about a number that is right by form: a reason to ask, never to refuse."""
    if text[0] != "9" and not REGIONS.match(text):
        return "region"
    birth = id_card_date(text)
    if birth is None or not today.year - 130 <= birth.year or birth > today:
        return "birth"
    return ""


def id_card_date(text: str) -> dt.date | None:
    """The birth date in an 18-character number, or None where it is no date."""
    try:
        return dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
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
    """HJ 608: 18 characters of the unit, three digits of its site (001 on), one letter that is a mark, no check."""
    return bool(PERMIT.fullmatch(text)) and is_uscc(text[:18]) and text[18:21] != "000"


def is_outlet(text: str) -> bool:
    """HJ 608: an outlet to air (`DA001`) or water (`DW001`)."""
    return bool(OUTLET.fullmatch(text)) and not text.endswith("000")


def is_facility(text: str) -> bool:
    """HJ 608: a production facility (`MF0001`)."""
    return bool(FACILITY.fullmatch(text)) and not text.endswith("0000")


def is_treatment(text: str) -> bool:
    """HJ 608: a treatment facility of air, water, noise or solid waste (`TA001`, `TW001`, `TN001`, `TS001`)."""
    return bool(TREATMENT.fullmatch(text)) and not text.endswith("000")
