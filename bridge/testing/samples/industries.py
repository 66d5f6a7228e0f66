"""Industries as samples of 排污许可 know them: what they make, with what, what leaves their chimneys and drains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry as the samples know it."""

    code: str
    name: str
    what: str
    """What its companies are called after."""
    process: str
    facility: str
    product: tuple[str, str]
    material: str
    air: tuple[str, ...]
    water: tuple[str, ...]
    standard: str


INDUSTRIES = (
    Industry(
        "C2614",
        "有机化学原料制造",
        "化工",
        "合成反应",
        "反应釜",
        ("有机溶剂", "t/a"),
        "甲醇",
        ("非甲烷总烃", "苯", "甲苯"),
        ("化学需氧量", "氨氮"),
        "石油化学工业污染物排放标准 GB 31571-2015",
    ),
    Industry(
        "C3130",
        "钢压延加工",
        "钢铁",
        "热轧",
        "加热炉",
        ("热轧板材", "万t/a"),
        "钢坯",
        ("颗粒物", "二氧化硫", "氮氧化物"),
        ("化学需氧量", "石油类"),
        "轧钢工业大气污染物排放标准 GB 28665-2012",
    ),
    Industry(
        "D4430",
        "热力生产和供应",
        "热力",
        "燃气锅炉供热",
        "燃气锅炉",
        ("热量", "万GJ/a"),
        "软化水",
        ("氮氧化物", "颗粒物"),
        ("化学需氧量",),
        "锅炉大气污染物排放标准 DB12/151-2020",
    ),
    Industry(
        "C1432",
        "速冻食品制造",
        "食品",
        "蒸煮速冻",
        "蒸煮线",
        ("速冻面米制品", "t/a"),
        "面粉",
        ("颗粒物", "氨"),
        ("化学需氧量", "氨氮", "总磷"),
        "污水综合排放标准 DB12/356-2018",
    ),
    Industry(
        "C3360",
        "金属表面处理及热处理加工",
        "电镀",
        "镀锌镀镍",
        "电镀槽",
        ("镀件", "万m2/a"),
        "锌板",
        ("氯化氢", "铬酸雾"),
        ("总镍", "总锌", "六价铬"),
        "电镀污染物排放标准 GB 21900-2008",
    ),
    Industry(
        "D4620",
        "污水处理及其再生利用",
        "水务",
        "生物处理",
        "生化池",
        ("处理后污水", "万t/a"),
        "聚合氯化铝",
        ("氨", "硫化氢"),
        ("化学需氧量", "氨氮", "总氮", "总磷"),
        "城镇污水处理厂污染物排放标准 DB12/599-2015",
    ),
    Industry(
        "C3670",
        "汽车零部件及配件制造",
        "汽车部件",
        "涂装",
        "喷漆室",
        ("保险杠", "万件/a"),
        "水性漆",
        ("非甲烷总烃", "二甲苯", "颗粒物"),
        ("化学需氧量", "石油类"),
        "工业企业挥发性有机物排放控制标准 DB12/524-2020",
    ),
)
