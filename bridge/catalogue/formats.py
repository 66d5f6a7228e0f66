"""The formats that forms assert: each a check and what a person is told when it fails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bridge.catalogue import causes
from bridge.catalogue.causes import WIDE
from bridge.catalogue.words import Words
from bridge.model import identity

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
REGION = re.compile(r"[1-8][0-9]{5}")
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


def _degrees(limit: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        return bool(DEGREES.fullmatch(text)) and float(text) <= limit

    return check


def formats(districts: Mapping[str, str | None]) -> dict[str, Format]:
    """All formats; `districts` are the codes in force, and retired ones with their successors."""
    district_cause, district_causes = causes.district(districts)
    return {
        "date": Format(
            _is_date,
            ("不是有效日期", "not a date", "请按 2026-11-23 的格式填写。", "Write it as 2026-11-23."),
            causes.date,
            causes.DATE_CAUSES,
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
            causes.uscc,
            causes.USCC_CAUSES,
        ),
        "id-card": Format(
            identity.is_id_card,
            (
                "身份证号码不正确（18 位，含校验位）",
                "not an identity number (18 characters with a check character)",
                "请对照证件逐位核对，末位 X 用大写。",
                "Compare it with the card; a last X is a capital.",
            ),
            causes.id_card,
            causes.ID_CARD_CAUSES,
        ),
        "mobile": Format(
            identity.is_mobile,
            (
                "不是 11 位手机号码",
                "not a mobile number of 11 digits",
                "请只填 11 位数字，不加 86 或空格。",
                "Write 11 digits, without 86 or spaces.",
            ),
            causes.mobile,
            causes.PHONE_CAUSES,
        ),
        "phone": Format(
            identity.is_phone,
            (
                "电话号码格式不正确",
                "not a telephone number",
                "请填手机号码，或区号-号码，例如 022-12345678。",
                "Write a mobile number, or area code and number as 022-12345678.",
            ),
            causes.phone,
            causes.PHONE_CAUSES,
        ),
        "zip": Format(identity.is_zip, ("不是六位邮政编码", "not a postcode", "请填六位数字。", "Write six digits.")),
        "email": Format(
            identity.is_email, ("电子邮箱格式不正确", "not an e-mail address", "请核对邮箱地址。", "Check the address.")
        ),
        "region": Format(
            lambda text: bool(REGION.fullmatch(text)) and districts.get(text) is None,
            (
                "不是六位行政区划代码",
                "not a district code",
                "请填六位代码（GB/T 2260）。",
                "Write six digits (GB/T 2260).",
            ),
            district_cause,
            district_causes,
        ),
        "district": Format(
            lambda text: text in districts and districts[text] is None,
            (
                "不是天津市现行的区代码",
                "not a district of Tianjin in force",
                "塘沽、汉沽、大港及各功能区填 120116；宁河 120117，静海 120118，蓟州 120119。",
                "Former and functional districts take that of their district, for example 120116.",
            ),
            district_cause,
            district_causes,
        ),
        "permit-number": Format(
            identity.is_permit_number,
            (
                "排污许可证编号格式不正确（22 位）",
                "not a permit number (22 characters)",
                "请对照许可证：18 位信用代码、3 位顺序码、1 位字母。",
                "Compare it with the permit: 18 characters of the unit, 3 digits, 1 letter.",
            ),
            causes.permit_number,
            causes.PERMIT_CAUSES,
        ),
        "decimal-lon": Format(
            _degrees(180),
            (
                "不是有效经度",
                "not a longitude",
                "请填十进制度，最多 5 位小数，例如 117.20123。",
                "Write decimal degrees with up to five decimals, for example 117.20123.",
            ),
            causes.longitude,
            causes.DEGREES_CAUSES,
        ),
        "decimal-lat": Format(
            _degrees(90),
            (
                "不是有效纬度",
                "not a latitude",
                "请填十进制度，最多 5 位小数，例如 39.13456。",
                "Write decimal degrees with up to five decimals, for example 39.13456.",
            ),
            causes.latitude,
            causes.DEGREES_CAUSES,
        ),
    }
