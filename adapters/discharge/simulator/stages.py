"""What stands between a draft and its submission: the company's account, 申请前信息公开, the 申请表 printed and signed.

All calls and rules INVENTED but for what TARGETS 2.1 (publicity) and 2.2 (PW-M01) say. By default no signature is asked
for, and an account is open to us at once; the side door's `stages` changes both.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from adapters.discharge.codes import APPLY_TYPES, FORM_DIFFERS, NOT_PUBLIC, NOT_SIGNED
from adapters.discharge.simulator.papers import MARK, pdf
from adapters.discharge.simulator.refusal import Refusal
from adapters.discharge.simulator.rules import Wrong, is_registration
from bridge.clock import CHINA, Clock
from bridge.testing.simulator.server import Illegal, NotBuilt
from bridge.testing.simulator.store import Store

FORM = "排污许可证申请表"
PUBLIC_DAYS = 5
"""Working days for which what is applied for is public before (TARGETS 2.1: MEDIUM); holidays are not known here."""
PUBLISHING = (APPLY_TYPES["new"], APPLY_TYPES["reapply"])
"""Types that are made public first, where the management is 重点管理."""
FROM, TO = "申请前信息公开起", "申请前信息公开止"
WORKING = 5
"""Days of a week that are worked, from Monday."""
ENCRYPTED = re.compile(rb"/Encrypt\s+[0-9]+\s+[0-9]+\s+R|/Encrypt\s*<<")
WAYS = ("open", "ask")


class Stages:
    """The switches, and what each asks of a draft. Everything lies in the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def switch(self, words: Mapping[str, Any]) -> None:
        """`signature` true or false; `accounts` `ask` or `open`; `bind` a company's code. Raises NotBuilt, Illegal."""
        for name, value in words.items():
            if name == "signature" and isinstance(value, bool):
                self._store.put("stage", name, {"on": value})
            elif name == "accounts" and value in WAYS:
                self._store.put("stage", name, {"on": value == "ask"})
            elif name == "bind" and isinstance(value, str):
                self._store.put("bound", value, {})
            elif name in {"signature", "accounts", "bind"}:
                raise Illegal(
                    "signature 应为是或否，accounts 应为 ask 或 open，bind 应为统一社会信用代码 (wrong value)"
                )
            elif value:
                raise NotBuilt

    # -- accounts

    def may_act_for(self, uscc: str) -> bool:
        """Whether a company's account would be open to us: at once, or, where it is asked for, once it is bound."""
        return not self._is_on("accounts") or self._store.get("bound", uscc) is not None

    # -- publicity

    def is_to_be_public(self, content: Mapping[str, Any], published: object) -> bool:
        """Whether the draft must be made public and has not been for the days that it names."""
        if is_registration(content) or content["apply type"] not in PUBLISHING:
            return False
        return content["1"].get("管理类别") == "重点管理" and published != _days(content)

    def publish(self, content: Mapping[str, Any]) -> list[str | None]:
        """The days for which a draft is public. Raises Refusal where they are not named, or too few."""
        first, last = _days(content)
        if first is None or last is None:
            raise Refusal(NOT_PUBLIC, [Wrong(f"19.{FROM}", "重点管理单位应填写申请前信息公开的起止日期")])
        if _working_days(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) < PUBLIC_DAYS:
            raise Refusal(NOT_PUBLIC, [Wrong(f"19.{TO}", f"申请前信息公开应不少于 {PUBLIC_DAYS} 个工作日")])
        return [first, last]

    # -- the signed form

    def asks_signature(self, content: Mapping[str, Any]) -> bool:
        """Whether the 申请表 must be signed; a 排污登记 has none."""
        return self._is_on("signature") and not is_registration(content)

    def form(self, dataid: str, content: Mapping[str, Any]) -> bytes:
        """The 申请表 of a draft: the same content gives the same bytes, any other other ones."""
        mark = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        lines = [
            f"申请编号：{dataid}",
            f"版本：{content['版本']}",
            f"单位名称：{content['1']['单位名称']}",
            f"统一社会信用代码：{content['1']['统一社会信用代码']}",
            f"内容摘要：{mark[:32]}",
            f"　　　　　{mark[32:]}",
            "本单位承诺以上内容真实、准确、完整。",
            "法定代表人（签字）：　　　　　　单位（盖章）：　　　　　　日期：",
        ]
        return pdf(f"{FORM}（含承诺书）（{MARK}）", lines)

    def form_digest(self, dataid: str, content: Mapping[str, Any]) -> str:
        """Which form belongs to a draft now."""
        return "sha256:" + hashlib.sha256(self.form(dataid, content)).hexdigest()

    def take_signed(
        self, dataid: str, content: Mapping[str, Any], *, of: str, name: str, digest: str, data: bytes
    ) -> dict[str, str]:
        """A signed form, to be kept with its draft. Raises Refusal where it is no PDF, or of another form."""
        if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
            raise Refusal("E2005")
        if not data.startswith(b"%PDF-") or ENCRYPTED.search(data):
            raise Refusal("E2009")
        if of != self.form_digest(dataid, content):
            raise Refusal(FORM_DIFFERS, [Wrong("19.守法承诺", "所签的申请表不是由当前草稿生成的")])
        if data == self.form(dataid, content):
            raise Refusal(FORM_DIFFERS, [Wrong("19.守法承诺", "上传的申请表没有签字盖章")])
        return {"fileId": uuid.uuid4().hex, "of": of, "name": name, "digest": self._store.keep_file(data)}

    def has_signed(self, dataid: str, content: Mapping[str, Any], signed: Mapping[str, str] | None) -> bool:
        """Whether what was signed is the form of this very draft."""
        return signed is not None and signed["of"] == self.form_digest(dataid, content)

    def check(
        self,
        dataid: str,
        content: Mapping[str, Any],
        *,
        published: object,
        signed: Mapping[str, str] | None,
        told: str | None,
    ) -> None:
        """Whether it may be handed in; `told` is the signed form that the call names. Raises Refusal."""
        if self.is_to_be_public(content, published):
            raise Refusal(NOT_PUBLIC, [Wrong(f"19.{FROM}", "尚未在平台公开申请信息")])
        last = _days(content)[1]
        if published and last is not None and last >= self._today():
            raise Refusal(NOT_PUBLIC, [Wrong(f"19.{TO}", "申请前信息公开期未满")])
        if not self.asks_signature(content):
            return
        if signed is None or told is None:
            raise Refusal(NOT_SIGNED)
        if told != signed["fileId"] or not self.has_signed(dataid, content, signed):
            raise Refusal(FORM_DIFFERS, [Wrong("19.守法承诺", "所签的申请表不是由当前草稿生成的")])

    def _is_on(self, name: str) -> bool:
        held = self._store.get("stage", name)
        return bool(held and held["on"])

    def _today(self) -> str:
        return self._clock.now().astimezone(CHINA).date().isoformat()


def _days(content: Mapping[str, Any]) -> list[str | None]:
    """First and last day of the publicity, as card 19 names them."""
    card = content.get("19", {})
    return [card.get(FROM), card.get(TO)]


def _working_days(first: dt.date, last: dt.date) -> int:
    """Days from Monday to Friday, both ends counted."""
    return sum((first + dt.timedelta(days=day)).weekday() < WORKING for day in range((last - first).days + 1))
