"""Invented persons, companies and files for samples; their numbers pass the check digits and belong to nobody."""

from __future__ import annotations

import base64
import random
from typing import Any

from bridge.model.identity import USCC_ALPHABET, id_card_check, uscc_check

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏"
    "魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺𠮷"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华建文玉兰志红国海燕晓春梅林峰云龙飞雪晨阳㛃"
PLACES = {
    "120101": ("和平区", "南京路", "300041"),
    "120102": ("河东区", "津塘路", "300171"),
    "120103": ("河西区", "解放南路", "300202"),
    "120104": ("南开区", "红旗路", "300110"),
    "120105": ("河北区", "铁东路", "300402"),
    "120106": ("红桥区", "西青道", "300122"),
    "120110": ("东丽区", "津北公路", "300300"),
    "120111": ("西青区", "赛达大道", "300385"),
    "120112": ("津南区", "津沽公路", "300350"),
    "120113": ("北辰区", "京津公路", "300400"),
    "120114": ("武清区", "福源道", "301700"),
    "120115": ("宝坻区", "天宝路", "301800"),
    "120116": ("滨海新区", "第九大街", "300457"),
    "120117": ("宁河区", "津榆公路", "301500"),
    "120118": ("静海区", "静王路", "301600"),
    "120119": ("蓟州区", "京哈公路", "301900"),
}
"""District → name, a street, a postcode."""


def name(dice: random.Random) -> str:
    """A person's name; now and then with a rare ideograph outside the BMP."""
    return dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))


def id_card(dice: random.Random, district: str) -> str:
    """An identity number of the district with a birth date between 1960 and 1999."""
    birth = f"{dice.randint(1960, 1999)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    body = f"{district}{birth}{dice.randint(0, 999):03d}"
    return body + id_card_check(body)


def mobile(dice: random.Random) -> str:
    """A mobile number."""
    return f"1{dice.choice('3456789')}{dice.randint(0, 999_999_999):09d}"


def landline(dice: random.Random) -> str:
    """A number of Tianjin."""
    return f"022-{dice.randint(20_000_000, 89_999_999)}"


def uscc(district: str, seed: int, index: int) -> str:
    """A code that no other seed and index gives, as far as eight characters reach: it is made of both."""
    number = (seed % 27_000) * 1_000_003 + index
    body = ""
    for _ in range(8):
        number, digit = divmod(number, 31)
        body = USCC_ALPHABET[digit] + body
    first = f"91{district}M{body}"[:17]
    return first + uscc_check(first)


def person(dice: random.Random, district: str) -> dict[str, Any]:
    """A legal representative."""
    return {"name": name(dice), "id_type": "ID_CARD", "id_no": id_card(dice, district), "phone": mobile(dice)}


def pdf(text: str) -> str:
    """A small valid PDF of one page that holds an ASCII text, in base64."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, table)
    return base64.b64encode(bytes(out)).decode()
