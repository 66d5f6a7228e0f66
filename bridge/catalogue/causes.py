"""Why a text is not of a format: for each format the usual causes, how one is told from another, and their words.

What belongs here: causes of the formats in `formats`, in one word each, with what a person is told. What does not: the
checks themselves (`bridge.model.identity`), and boxes that have a pattern instead of a format (`slips`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bridge.catalogue.words import Words
from bridge.model import identity

WIDE: Words = (
    "含有全角或非英文字符",
    "full-width or other characters that are not ASCII",
    "请切换到半角英文输入法重新填写。",
    "Type it again in ASCII.",
)
_CASE: Words = ("字母须大写", "letters are capitals", "请改用大写字母。", "Write capitals.")
_SPACE: Words = ("中间有空格", "there is a space in it", "请删去空格，中间不留空格。", "Write it without spaces.")
_CHECK: Words = (
    "校验位不符，可能有一位填错",
    "the check character does not fit; perhaps one character is wrong",
    "请对照证件逐位核对。",
    "Compare it with the certificate, character by character.",
)

TWINS = {"I": "数字 1", "O": "数字 0", "S": "数字 5", "V": "字母 U", "Z": "数字 2"}
"""Letters that no unified code has (GB 32100), and what is likely meant."""
TWINS_EN = {"I": "the digit 1", "O": "the digit 0", "S": "the digit 5", "V": "the letter U", "Z": "the digit 2"}

USCC_CAUSES: Mapping[str, Words] = {
    "case": _CASE,
    "check": _CHECK,
    "space": _SPACE,
    "old": (
        "填成了 15 位注册号",
        "this is a registration number of 15 digits",
        "注册号已停用，不填 15 位注册号；请填营业执照上的 18 位统一社会信用代码。",
        "Write the unified code of 18 characters from the licence; registration numbers are no longer in use.",
    ),
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
    **{
        letter: (
            f"含有字母 {letter}，代码中没有这个字母",
            f"the letter {letter}, which no such code has",
            f"代码不含 I O S V Z；请核对是否把{meant} 写成了 {letter}。",
            f"It never has I O S V Z; look whether {TWINS_EN[letter]} was written as {letter}.",
        )
        for letter, meant in TWINS.items()
    },
}
ID_CARD_CAUSES: Mapping[str, Words] = {
    "wide": WIDE,
    "case": ("末位 x 须大写", "a last x is a capital", "请改为 X。", "Write X."),
    "check": _CHECK,
    "space": _SPACE,
    "old": (
        "填成了 15 位旧号码",
        "this is an old number of 15 digits",
        "15 位号码已停用，请填现行身份证上的 18 位号码。",
        "Write the number of 18 characters from the card in force; old ones are no longer in use.",
    ),
    "length": (
        "应为 18 位",
        "18 characters are wanted",
        "请填现行 18 位号码，15 位旧号码已停用，中间不留空格。",
        "Write the number of 18 characters without spaces; old ones of 15 are no longer in use.",
    ),
    "letters": (
        "含有号码中不会出现的字符",
        "a character that such a number never has",
        "前 17 位都是数字，末位是数字或 X；请核对是否把 0 写成了 O、把 1 写成了 I。",
        "It has 17 digits and a digit or X; look for O in place of 0 and I in place of 1.",
    ),
}
ID_CARD_DOUBTS: Mapping[str, Words] = {
    "region": (
        "身份证号码前 6 位不是已知的地区",
        "the first six digits of the identity number are no district that is known",
        "请对照证件核对前 6 位；确认无误可继续。",
        "Compare them with the card; go on if they are right.",
    ),
    "birth": (
        "身份证号码第 7 至 14 位不是可能的出生日期",
        "the 7th to 14th digits of the identity number are no possible birth date",
        "请对照证件核对出生日期；确认无误可继续。",
        "Compare the birth date with the card; go on if it is right.",
    ),
}
PERMIT_CAUSES: Mapping[str, Words] = {
    "case": _CASE,
    "space": _SPACE,
    "length": (
        "应为 22 位",
        "22 characters are wanted",
        "请对照许可证填写完整：18 位信用代码、3 位顺序码、1 位字母。",
        "Write it as on the permit: 18 characters of the unit, 3 digits, 1 letter.",
    ),
    "unit": (
        "前 18 位不是有效的统一社会信用代码",
        "the first 18 characters are no unified social credit code",
        "请对照许可证逐位核对前 18 位。",
        "Compare the first 18 characters with the permit.",
    ),
}
PHONE_CAUSES: Mapping[str, Words] = {
    "prefix": ("号码前有 86", "there is 86 before the number", "请去掉 86 或 +86。", "Take 86 or +86 away."),
    "gaps": (
        "号码中有空格、括号或多余的连字符",
        "spaces, brackets or hyphens in the number",
        "手机号码只填 11 位数字，不留空格；固定电话写作 022-12345678。",
        "Write 11 digits of a mobile without spaces, or a telephone as 022-12345678.",
    ),
    "landline": (
        "这是固定电话，不是 11 位手机号码",
        "this is a telephone, not a mobile number of 11 digits",
        "请填手机号码；固定电话填在固定电话一栏。",
        "Write a mobile number here, and the telephone in its own box.",
    ),
    "area": (
        "固定电话缺少区号或连字符",
        "the area code or its hyphen is missing",
        "请写作区号-号码，例如 022-12345678。",
        "Write area code and number as 022-12345678.",
    ),
    "length": (
        "手机号码不是 11 位",
        "a mobile number has 11 digits",
        "请逐位核对。",
        "Compare it digit by digit.",
    ),
}
DATE_CAUSES: Mapping[str, Words] = {
    "calendar": (
        "日历上没有这一天",
        "there is no such day",
        "请核对月份和日期。",
        "Check month and day.",
    ),
    "time": (
        "本栏只填日期，不填时间",
        "a date without a time is wanted",
        "请按 2026-11-23 的格式填写。",
        "Write it as 2026-11-23.",
    ),
}
DEGREES_CAUSES: Mapping[str, Words] = {
    "dms": (
        "填成了度分秒",
        "degrees, minutes and seconds were entered",
        "请换算为十进制度：度 + 分÷60 + 秒÷3600，例如 117.20123。",
        "Write decimal degrees: degrees + minutes/60 + seconds/3600, for example 117.20123.",
    ),
    "comma": (
        "小数点写成了逗号",
        "a comma in place of the decimal point",
        "小数点请用半角“.”，例如 117.20123。",
        "Write the decimal point as ., for example 117.20123.",
    ),
    "side": (
        "填写了方位字母或文字",
        "a letter or word of the direction was entered",
        "请只填数字，不加 E、N、东经、北纬。",
        "Write the number alone, without E or N.",
    ),
    "decimals": (
        "小数超过 5 位",
        "more than five decimals",
        "请四舍五入保留 5 位小数，例如 117.20123。",
        "Round it to five decimals, for example 117.20123.",
    ),
    "exchanged": (
        "纬度不会大于 90，可能与经度填反",
        "no latitude is above 90; perhaps longitude and latitude are exchanged",
        "请核对并对调经度（约117）和纬度（约39）。",
        "Check and exchange longitude (about 117) and latitude (about 39).",
    ),
}
NAME_FOR_CODE: Words = (
    "填成了名称，应填六位代码",
    "a name was entered; a code of six digits is wanted",
    "请填所在行政区的代码；天津经开区、保税区、高新区、东疆、生态城等功能区填 120116。",
    "Write the code of the district; functional zones of Binhai take 120116.",
)

_DMS = re.compile(r"[°′″'\"度分秒:]|[0-9] +[0-9]")
_PACKED = re.compile(r"[0-9]{6,7}(\.[0-9]*)?")
"""`1171230`: degrees, minutes and seconds in one."""
_NUMBER = re.compile(r"[0-9]+\.[0-9]{6,}")
_LANDLINE = re.compile(r"(0[0-9]{2,3})?[2-8][0-9]{6,7}")


def uscc(text: str) -> str:
    """Which of `USCC_CAUSES`."""
    found = identity.uscc_problem(text)
    if any(one.isspace() for one in text):
        return "space"
    if found == "length" and len(text) == 15 and text.isdigit():
        return "old"
    if found == "letters":
        return next((one for one in text if one in TWINS), "letters")
    return found


def id_card(text: str) -> str:
    """Which of `ID_CARD_CAUSES`."""
    found = identity.id_card_problem(text)
    if found and any(one.isspace() for one in text):
        return "space"
    return "old" if found == "length" and len(text) == 15 and text.isdigit() else found


def permit_number(text: str) -> str:
    """Which of `PERMIT_CAUSES`."""
    if any(one.isspace() for one in text):
        return "space"
    if not text.isascii():
        return ""
    if text != text.upper():
        return "case"
    if len(text) != 22:
        return "length"
    return "" if identity.is_uscc(text[:18]) else "unit"


def mobile(text: str) -> str:
    """Which of `PHONE_CAUSES` for a box that takes mobile numbers only."""
    return _phone(text, identity.is_mobile, alone="landline")


def phone(text: str) -> str:
    """Which of `PHONE_CAUSES` for a box that takes both."""
    return _phone(text, identity.is_phone, alone="area")


def _phone(text: str, takes: Callable[[str], bool], alone: str) -> str:
    """`alone` is what a telephone without hyphen or area code is there."""
    if not text.isascii():
        return ""
    digits = re.sub(r"[ ()+-]", "", text)
    bare = re.sub(r"^(00)?86", "", digits)
    if bare != digits and (takes(bare) or _LANDLINE.fullmatch(bare)):
        return "prefix"
    if takes(digits):
        return "gaps"
    if _LANDLINE.fullmatch(digits):
        return alone if re.fullmatch("[0-9-]+", text) or alone == "landline" else "gaps"
    return "length" if re.fullmatch("1[0-9]+", digits) else ""


def date(text: str) -> str:
    """Which of `DATE_CAUSES`."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return "calendar"
    return "time" if re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text) else ""


def longitude(text: str) -> str:
    """Which of `DEGREES_CAUSES`."""
    if _DMS.search(text) or _PACKED.fullmatch(text):
        return "dms"
    if re.search("[,，]", text):
        return "comma"
    if re.search("[A-Za-z东西南北经纬]", text):
        return "side"
    return "decimals" if _NUMBER.fullmatch(text) else ""


def latitude(text: str) -> str:
    """Which of `DEGREES_CAUSES`; a latitude above 90 is a longitude."""
    return longitude(text) or ("exchanged" if re.fullmatch(r"1[0-9]{2}(\.[0-9]+)?", text) else "")


def district(successors: Mapping[str, str | None]) -> tuple[Callable[[str], str], Mapping[str, Words]]:
    """How causes of district codes are told, and their words: a retired one names its successor."""
    retired: dict[str, Words] = {
        code: (
            "该区划代码已停用",
            "this district code is no longer in force",
            f"请改填 {successor}。",
            f"Write {successor}.",
        )
        for code, successor in successors.items()
        if successor is not None
    }

    def cause(text: str) -> str:
        return text if text in retired else "name" if re.search("[一-鿿]", text) else ""

    return cause, {**retired, "name": NAME_FOR_CODE}
