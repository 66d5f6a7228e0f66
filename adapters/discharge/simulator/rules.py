"""What the simulated platform checks before it takes an application: its schema, and what holds between cards.

Strict on purpose, as the real platform's pre-checks are (TARGETS 2.5); the rules between cards are those of
TARGETS 2.1, 2.3 and 8.7. HTTP, accounts and duplicates are not here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from adapters.discharge.codes import APPLY_TYPES, CANCELLATIONS, CHANGES, REGISTER_TYPES, WITHOUT_CARDS

FIRST = (APPLY_TYPES["new"], REGISTER_TYPES["register"])
"""Types that name nothing that was issued before."""

CARD_1 = ("管理类别", "是否投产", "是否需改正", "是否有环评审批文件", "主要污染物类别")
"""What card 1 of a permit must say where cards are handed in at all."""
OUTLET = re.compile(r"D[AW][0-9]{3}")
DMS = re.compile(r"([0-9]{1,3})°([0-9]{1,2})′([0-9]{1,2}\.[0-9]{2})″")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
TOTAL_BYTES = 200 << 20

REASONS = {
    "maxLength": "超过最大长度 {limit} 个字符",
    "maxItems": "超过最多 {limit} 行",
    "minItems": "至少填写 {limit} 行",
    "minLength": "不能为空",
    "enum": "不在代码表内",
    "const": "不在代码表内",
    "pattern": "格式不正确",
    "type": "数据类型不正确",
}
"""What each rule of the schema says when it is broken."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that is not taken: its path in the payload, and why."""

    path: str
    reason: str


class Schema:
    """The platform's schema of one form, compiled."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema))
        account = {**schema["properties"]["account"], "$defs": schema["$defs"]}
        self._account = jsonschema_rs.Draft202012Validator(account)

    def check(self, content: Any) -> list[Wrong]:
        """All that the schema forbids, each at its field."""
        return [_wrong(error, content, "") for error in self._validator.iter_errors(content)]

    def check_account(self, asked: Any) -> list[Wrong]:
        """All that the schema forbids in the block by which an account is asked for."""
        return [_wrong(error, asked, "account") for error in self._account.iter_errors(asked)]


def _wrong(error: jsonschema_rs.ValidationError, content: Any, prefix: str) -> Wrong:
    """A schema error in the platform's words; the value never goes into them."""
    at = prefix
    for step in error.instance_path:
        if isinstance(content, list):
            at, content = f"{at}[{step}]", content[int(step)]
        else:
            at, content = below(at, str(step)), content[str(step)]
    kind = error.kind.as_dict()
    if error.kind.name == "required":
        return Wrong(below(at, kind["property"]), "必填项未填")
    if error.kind.name == "additionalProperties":
        return Wrong(below(at, kind["unexpected"][0]), "没有该数据项")
    return Wrong(at, REASONS.get(error.kind.name, "数据项不正确").format(limit=kind.get("limit", "")))


def below(path: str, name: str) -> str:
    """The path of a field inside what `path` names."""
    return f"{path}.{name}" if path else name


def check_business(content: Mapping[str, Any], *, knows_permit: Callable[[str], bool]) -> list[Wrong]:
    """All that contradicts itself in content that is valid under the schema.

    `knows_permit` tells whether the platform has issued a permit number.
    """
    return [
        *_unit(content),
        *_dates(content, ""),
        *_positions(content),
        *_references(content),
        *_before(content, knows_permit),
        *_change(content),
        *_parts(content),
        *_files(content),
    ]


def is_uscc(code: str) -> bool:
    """Whether the check character is right (GB 32100-2015)."""
    if len(code) != 18 or any(char not in USCC_ALPHABET for char in code):
        return False
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(code, USCC_WEIGHTS, strict=False))
    return USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def _unit(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Card 1 in itself, and against the account block."""
    card = content["1"]
    if not is_uscc(card["统一社会信用代码"]):
        yield Wrong("1.统一社会信用代码", "校验码不正确")
    if card["统一社会信用代码"] != content["account"]["SocietyCode"]:
        yield Wrong("account.SocietyCode", "与申请单位的统一社会信用代码不一致")
    for flag, needs in (
        ("是否投产", "投产日期"),
        ("是否位于工业园区", "工业园区名称"),
        ("是否有环评审批文件", "环评批复文号"),
        ("是否有违规项目认定或备案文件", "违规项目认定或备案文号"),
        ("是否有总量分配文件", "总量分配计划"),
    ):
        if card.get(flag) == "是" and not card.get(needs):
            yield Wrong(f"1.{needs}", f"{flag}为“是”时必填")


def _dates(value: Any, at: str) -> Iterator[Wrong]:
    """Every date and time, wherever it stands, is one of the calendar."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _dates(inner, below(at, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _dates(inner, f"{at}[{place}]")
    elif isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:]{8})?", value):
        try:
            dt.datetime.fromisoformat(value)
        except ValueError:
            yield Wrong(at, "日期不存在")


def _positions(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Longitude and latitude, of the site and of every outlet, lie in China and are well formed."""
    card = content["1"]
    yield from _position(card, "1.", "中心经度", "中心纬度")
    for number in ("6", "10"):
        for place, row in enumerate(content.get(number, ())):
            yield from _position(row, f"{number}[{place}].", "经度", "纬度")


def _position(row: Row, at: str, lon: str, lat: str) -> Iterator[Wrong]:
    """One pair; China lies within 73° to 136° E and 3° to 54° N."""
    for name, low, high in ((lon, 73, 136), (lat, 3, 54)):
        match = DMS.fullmatch(row[name])
        if not match or int(match[2]) > 59 or float(match[3]) >= 60 or not low <= int(match[1]) < high:
            yield Wrong(at + name, "经纬度超出范围")


def _references(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Numbers are given once, and whatever is referred to exists (TARGETS 8.7, 6)."""
    yield from _doubled(content.get("6", ()), "6", "排放口编号")
    yield from _doubled(content.get("10", ()), "10", "排放口编号")
    yield from _doubled(content.get("3", ()), "3", "生产设施编号")
    outlets = {row["排放口编号"] for card in ("6", "10") for row in content.get(card, ())}
    facilities = {row["生产设施编号"] for row in content.get("3", ())}
    for card in ("5", "7", "11", "14"):
        for place, row in enumerate(content.get(card, ())):
            outlet = row.get("排放口编号")
            if outlet and OUTLET.fullmatch(outlet) and outlet not in outlets:
                yield Wrong(f"{card}[{place}].排放口编号", "排放口在卡片 6、10 中不存在")
    for place, row in enumerate(content.get("5", ())):
        if row["生产设施编号"] not in facilities:
            yield Wrong(f"5[{place}].生产设施编号", "生产设施在卡片 3 中不存在")


def _doubled(rows: Sequence[Row], card: str, name: str) -> Iterator[Wrong]:
    """Rows whose number another row has already."""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row[name] in seen:
            yield Wrong(f"{card}[{place}].{name}", "编号重复")
        seen.add(row[name])


def is_registration(content: Mapping[str, Any]) -> bool:
    """Whether it is a 排污登记, and no application for a permit."""
    return content.get("apply type") in REGISTER_TYPES.values()


def number_before(content: Mapping[str, Any]) -> str | None:
    """The permit or registration that it names; None where it names none."""
    change = content.get("变更") or {}
    number: str | None = change.get("原登记编号" if is_registration(content) else "原排污许可证编号")
    return number


def _before(content: Mapping[str, Any], knows_permit: Callable[[str], bool]) -> Iterator[Wrong]:
    """All but a first application name what the platform issued before; a first one names nothing."""
    if content["apply type"] in FIRST:
        if "变更" in content:
            yield Wrong("变更", "首次申请不应填写变更信息")
        return
    name = "原登记编号" if is_registration(content) else "原排污许可证编号"
    number = number_before(content)
    if number is None:
        yield Wrong(f"变更.{name}", "首次申请以外必填")
    elif not knows_permit(number):
        yield Wrong(f"变更.{name}", "编号不存在")


def _change(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """What each type must say in the block 变更, and nothing that belongs to another type."""
    type_, change = content["apply type"], content.get("变更", {})
    asked = {
        CHANGES: ("变更原因", "变更日期", "变更事项"),
        (APPLY_TYPES["reapply"],): ("重新申请情形", "重新申请理由"),
        (APPLY_TYPES["reissue"],): ("补领原因", "遗失或损毁日期", "补领说明"),
        CANCELLATIONS: ("注销原因", "注销理由"),
    }
    for types, names in asked.items():
        for name in names:
            if type_ in types and name not in change:
                yield Wrong(f"变更.{name}", "此申请类型必填")
            elif type_ not in types and name in change:
                yield Wrong(f"变更.{name}", "与申请类型不符")


def _parts(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """补领 and 注销 hand in no cards; all others do."""
    if is_registration(content):
        if content["apply type"] in WITHOUT_CARDS and "16" in content:
            yield Wrong("16", "注销不应填写登记内容")
        if content["apply type"] not in WITHOUT_CARDS and "16" not in content:
            yield Wrong("16", "必填项未填")
    elif content["apply type"] not in WITHOUT_CARDS:
        yield from (Wrong(f"1.{name}", "必填项未填") for name in CARD_1 if name not in content["1"])
    else:
        yield from (Wrong(str(card), "此申请类型不填写卡片") for card in range(2, 16) if content.get(str(card)))


def _files(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Attachments: all together within the limit."""
    if sum(file.get("大小", 0) for file in content["18"]) > TOTAL_BYTES:
        yield Wrong("18", "附件总大小超过限制")
