"""The formats that forms assert: each a check and what a person is told when it fails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bridge.catalogue.words import Words
from bridge.model import identity

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
REGION = re.compile(r"[1-8][0-9]{5}")
DMS_SIGNS = frozenset("°′″'\"度分秒")
DEGREES = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Format:
    """One format: an ASCII text that passes `check`."""

    check: Callable[[str], bool]
    words: Words
    """What is told where nothing better is known."""
    cause: Callable[[str], str] = lambda _text: ""
    """Which of `causes` a text is that fails."""
    causes: Mapping[str, Words] = field(default_factory=dict)

    def explain(self, text: str) -> Words:
        """Why a text fails, without the text."""
        told = self.causes.get(self.cause(text))
        if told is None:
            return self.words if text.isascii() else WIDE
        return told


WIDE: Words = (
    "含有全角或非英文字符",
    "full-width or other characters that are not ASCII",
    "请切换到半角英文输入法重新填写。",
    "Type it again in ASCII.",
)
_CASE: Words = ("字母须大写", "letters are capitals", "请改用大写字母。", "Write capitals.")
_CHECK: Words = (
    "校验位不符，可能有一位填错",
    "the check character does not fit; perhaps one character is wrong",
    "请对照证件逐位核对。",
    "Compare it with the certificate, character by character.",
)
USCC_CAUSES: Mapping[str, Words] = {
    "case": _CASE,
    "check": _CHECK,
    "length": (
        "应为 18 位",
        "18 characters are wanted",
        "请填统一社会信用代码，不填 15 位注册号，中间不留空格。",
        "Write the unified code, not the registration number of 15 digits, without spaces.",
    ),
    "letters": (
        "含有代码中不会出现的字符",
        "a character that such a code never has",
        "代码只用数字和大写字母，且不含 I O S V Z；请核对是否把 0 写成了 O、把 1 写成了 I。",
        "It has digits and capitals without I O S V Z; look for O in place of 0 and I in place of 1.",
    ),
}
DEGREES_CAUSES: Mapping[str, Words] = {
    "dms": (
        "填成了度分秒",
        "degrees, minutes and seconds were entered",
        "请换算为十进制度：度 + 分÷60 + 秒÷3600，例如 117.20123。",
        "Write decimal degrees: degrees + minutes/60 + seconds/3600, for example 117.20123.",
    ),
}
ID_CARD_CAUSES: Mapping[str, Words] = {
    "case": ("末位 x 须大写", "a last x is a capital", "请改为 X。", "Write X."),
    "check": _CHECK,
    "length": (
        "应为 18 位",
        "18 characters are wanted",
        "请填现行 18 位号码，15 位旧号码已停用，中间不留空格。",
        "Write the number of 18 characters without spaces; old ones of 15 are no longer in use.",
    ),
}


def _is_date(text: str) -> bool:
    if not DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    if not DATE_TIME.fullmatch(text):
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _degrees_problem(text: str) -> str:
    """Whether degrees are written with minutes and seconds."""
    return "dms" if DMS_SIGNS.intersection(text) else ""


def _degrees(limit: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        return bool(DEGREES.fullmatch(text)) and float(text) <= limit

    return check


def formats(districts: Mapping[str, str | None]) -> dict[str, Format]:
    """All formats; `districts` are the codes in force, and retired ones with their successors."""
    return {
        "date": Format(
            _is_date, ("不是有效日期", "not a date", "请按 2026-11-23 的格式填写。", "Write it as 2026-11-23.")
        ),
        "date-time": Format(
            _is_date_time,
            (
                "不是有效时间",
                "not an instant",
                "请按 2026-11-23T09:30:00+08:00 的格式填写。",
                "Write it as 2026-11-23T09:30:00+08:00.",
            ),
        ),
        "uscc": Format(
            identity.is_uscc,
            (
                "统一社会信用代码不正确（18 位，含校验位）",
                "not a unified social credit code (18 characters with a check character)",
                "请对照营业执照逐位核对：半角、大写，不含 I O S V Z。",
                "Compare it with the licence: ASCII capitals, without I O S V Z.",
            ),
            identity.uscc_problem,
            USCC_CAUSES,
        ),
        "id-card": Format(
            identity.is_id_card,
            (
                "身份证号码不正确（18 位，含校验位）",
                "not an identity number (18 characters with a check character)",
                "请对照证件逐位核对，末位 X 用大写。",
                "Compare it with the card; a last X is a capital.",
            ),
            identity.id_card_problem,
            ID_CARD_CAUSES,
        ),
        "mobile": Format(
            identity.is_mobile,
            (
                "不是 11 位手机号码",
                "not a mobile number of 11 digits",
                "请只填 11 位数字，不加 86 或空格。",
                "Write 11 digits, without 86 or spaces.",
            ),
        ),
        "phone": Format(
            identity.is_phone,
            (
                "电话号码格式不正确",
                "not a telephone number",
                "请填手机号码，或区号-号码，例如 022-12345678。",
                "Write a mobile number, or area code and number as 022-12345678.",
            ),
        ),
        "zip": Format(identity.is_zip, ("不是六位邮政编码", "not a postcode", "请填六位数字。", "Write six digits.")),
        "email": Format(
            identity.is_email, ("电子邮箱格式不正确", "not an e-mail address", "请核对邮箱地址。", "Check the address.")
        ),
        "region": Format(
            lambda text: bool(REGION.fullmatch(text)),
            (
                "不是六位行政区划代码",
                "not a district code",
                "请填六位代码（GB/T 2260）。",
                "Write six digits (GB/T 2260).",
            ),
        ),
        "district": Format(
            lambda text: text in districts and districts[text] is None,
            (
                "不是天津市现行的区代码",
                "not a district of Tianjin in force",
                "塘沽、汉沽、大港及各功能区填 120116；宁河 120117，静海 120118，蓟州 120119。",
                "Former and functional districts take that of their district, for example 120116.",
            ),
        ),
        "permit-number": Format(
            identity.is_permit_number,
            (
                "排污许可证编号格式不正确（22 位）",
                "not a permit number (22 characters)",
                "请对照许可证：18 位信用代码、3 位顺序码、1 位字母。",
                "Compare it with the permit: 18 characters of the unit, 3 digits, 1 letter.",
            ),
        ),
        "decimal-lon": Format(
            _degrees(180),
            (
                "不是有效经度",
                "not a longitude",
                "请填十进制度，最多 5 位小数，例如 117.20123。",
                "Write decimal degrees with up to five decimals, for example 117.20123.",
            ),
            _degrees_problem,
            DEGREES_CAUSES,
        ),
        "decimal-lat": Format(
            _degrees(90),
            (
                "不是有效纬度",
                "not a latitude",
                "请填十进制度，最多 5 位小数，例如 39.13456。",
                "Write decimal degrees with up to five decimals, for example 39.13456.",
            ),
            _degrees_problem,
            DEGREES_CAUSES,
        ),
    }
