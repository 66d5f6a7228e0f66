"""Cards 1 to 15 of a sample plant, built line by line so that every reference between cards holds."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from bridge.testing.samples.industries import Industry

CARDS = (
    "products",
    "facilities",
    "raw_materials",
    "fuels",
    "nodes",
    "air_outlets",
    "air_limits",
    "fugitive",
    "air_total",
    "water_outlets",
    "water_limits",
    "solid_waste",
    "noise",
    "monitoring",
    "ledger",
)


def permit(dice: random.Random, industry: Industry, *, kind: str, key: bool, lines: int) -> dict[str, Any]:
    """Cards 1 to 15, for a plant of so many lines."""
    started = kind != "new" or dice.random() < 0.7
    cards: dict[str, Any] = {
        "tier": "KEY" if key else "SIMPLE",
        "is_rectify": False,
        "production_started": started,
        "main_pollutant_categories": ["AIR", "WATER"],
        "air_form": "BOTH",
        "water_form": "间断排放，排放期间流量不稳定",
        "standards_names": [industry.standard],
        "eia_docs": [
            {
                "no": f"津环函〔{dice.randint(2010, 2025)}〕{dice.randint(1, 199)}号",
                "date": "2019-05-20",
                "kind": "REPORT",
            }
        ],
        "total_control": [],
        "confidential": {"yes": False},
        **{card: [] for card in CARDS},
    }
    if started:
        cards["start_date"] = f"20{dice.randint(10, 24)}-0{dice.randint(1, 9)}-15"
    if key and kind in ("new", "reapply"):
        cards["publicity"] = {"from": "2026-08-03", "to": "2026-08-12"}
    for line in range(1, lines + 1):
        _add_line(dice, industry, cards, line)
    _add_water(dice, industry, cards)
    _add_totals(cards, industry)
    _add_rest(dice, industry, cards)
    return cards


def _add_line(dice: random.Random, industry: Industry, permit: dict[str, Any], line: int) -> None:
    """One production line: product, facility, materials, its node and its chimney."""
    mf, outlet = f"MF{line:04d}", f"DA{line:03d}"
    product, unit = industry.product
    permit["products"].append(
        {
            "line_name": f"{line}号生产线",
            "line_no": f"L{line:02d}",
            "product": product,
            "capacity": f"{dice.randint(1, 500)}.{dice.randint(1, 9)}",
            "unit": unit,
            "hours": str(dice.choice((2400, 4800, 7200, 8000))),
        }
    )
    permit["facilities"].append(
        {
            "unit": f"{industry.process}单元",
            "process": industry.process,
            "name": f"{line}号{industry.facility}",
            "mf_no": mf,
            "params": [{"name": "设计处理能力", "value": f"{dice.randint(1, 99)}.5", "unit": "t/h"}],
        }
    )
    material = {"kind": "RAW", "name": industry.material, "max_use": f"{dice.randint(10, 9000)}", "unit": "t/a"}
    if dice.random() < 0.3:
        material["sulfur"] = "0.02"
    permit["raw_materials"].append(material)
    permit["nodes"].append(
        {
            "mf_no": mf,
            "link": industry.process,
            "pollutant": industry.air[0],
            "form": "ORGANISED",
            "treatment": {"name": "废气处理设施", "no": f"TA{line:03d}", "process": "吸附浓缩+燃烧", "feasible": True},
            "outlet_no": outlet,
            "outlet_kind": "MAIN" if line == 1 else "GENERAL",
            "compliant": True,
        }
    )
    permit["air_outlets"].append(
        {
            "no": outlet,
            "name": f"{line}号排气筒",
            **position(dice),
            "height_m": str(dice.choice((15, 25, 45))),
            "diameter_m": f"0.{dice.randint(3, 9)}",
            "temp_c": str(dice.choice((20, 60, 120))),
            "pollutants": list(industry.air),
            "main": line == 1,
            "standards": [{"name": industry.standard, "conc": str(dice.choice((20, 50, 100)))}],
        }
    )
    for pollutant in industry.air:
        permit["air_limits"].append(
            {
                "outlet_no": outlet,
                "pollutant": pollutant,
                "conc": str(dice.choice((10, 20, 50))),
                "rate": f"{dice.randint(0, 9)}.{dice.randint(1, 9)}",
                "yearly": _years(dice),
            }
        )
        permit["monitoring"].append(_monitoring(dice, "AIR", outlet, pollutant))


def _add_water(dice: random.Random, industry: Industry, permit: dict[str, Any]) -> None:
    """The outlet of the plant's water, direct or to a plant."""
    direct = industry.code == "D4620" or dice.random() < 0.2
    outlet: dict[str, Any] = {
        "no": "DW001",
        "name": "厂区总排口",
        **position(dice),
        "direct": direct,
        "destination": "直接进入江河等水环境" if direct else "进入城市污水处理厂",
        "pattern": "间断排放",
    }
    if direct:
        outlet["receiving"] = {"name": "海河", "target": "Ⅴ类"}
        outlet["river_outlet_no"] = f"TJ-{dice.randint(1000, 9999)}"
    else:
        limits = [{"pollutant": one, "limit": str(dice.choice((1, 8, 30)))} for one in industry.water]
        outlet["plant"] = {"name": "津南污水处理厂", "limits": limits}
    permit["water_outlets"].append(outlet)
    node = {"mf_no": "MF0001", "link": "清洗", "pollutant": industry.water[0], "form": "WATER", "outlet_no": "DW001"}
    permit["nodes"].append(node)
    for pollutant in industry.water:
        limit = {"outlet_no": "DW001", "pollutant": pollutant, "conc": str(dice.choice((5, 30, 500)))}
        permit["water_limits"].append({**limit, "yearly": _years(dice)})
        permit["monitoring"].append(_monitoring(dice, "WATER", "DW001", pollutant))


def _add_totals(permit: dict[str, Any], industry: Industry) -> None:
    """The plant's totals: what its outlets add up to, so that card 9 agrees with card 7."""
    for pollutant in industry.air:
        rows = [one["yearly"] for one in permit["air_limits"] if one["pollutant"] == pollutant]
        sums = [sum((Decimal(row[year]) for row in rows if row[year] != "/"), Decimal(0)) for year in range(5)]
        years = ["/" if all(row[year] == "/" for row in rows) else str(sums[year]) for year in range(5)]
        permit["air_total"].append({"pollutant": pollutant, "yearly": years})
        permit["total_control"].append(
            {"pollutant": pollutant, "amount": str(sums[0]), "doc_no": "津环总量〔2024〕18号"}
        )


def _add_rest(dice: random.Random, industry: Industry, permit: dict[str, Any]) -> None:
    """Fugitive emissions, fuel, waste, noise, records."""
    permit["fugitive"].append(
        {
            "link": "厂界",
            "pollutant": industry.air[0],
            "measures": "车间密闭，负压收集",
            "standard": industry.standard,
            "limit": "2.0",
        }
    )
    if dice.random() < 0.5:
        permit["fuels"].append(
            {"name": "天然气", "sulfur": "0.01", "heat": "35.5", "max_use": str(dice.randint(1, 900)), "unit": "万m3/a"}
        )
    permit["solid_waste"].append(
        {
            "name": "废活性炭",
            "code": "900-039-49",
            "kind": "HAZARDOUS",
            "origin": "废气治理",
            "way": "ENTRUST",
            "destination": "委托有资质单位处置",
        }
    )
    permit["noise"] += [
        {"unit": "风机", "side": side, "day_db": "65", "night_db": "55"} for side in "ESWN"[: dice.randint(1, 4)]
    ]
    permit["ledger"].append(
        {"kind": "生产设施运行管理信息", "content": "运行参数、原辅料用量", "freq": "每日", "form": "电子台账+纸质台账"}
    )


def _monitoring(dice: random.Random, source: str, outlet: str, pollutant: str) -> dict[str, Any]:
    row: dict[str, Any] = {"source": source, "outlet_no": outlet, "content": "浓度、流量", "pollutant": pollutant}
    if dice.random() < 0.3:
        return {
            **row,
            "mode": "AUTO",
            "networked": True,
            "instrument": "在线监测仪",
            "place": "排放口",
            "compliant": True,
        }
    return {**row, "mode": "MANUAL", "sampling": "非连续采样 3个", "freq": "1次/季", "method": "按相应国家标准方法"}


def _years(dice: random.Random) -> list[str]:
    """Five years; some are not applied for."""
    amount = f"{dice.randint(0, 40)}.{dice.randint(1, 99):02d}"
    return [amount] * 3 + (["/"] * 2 if dice.random() < 0.2 else [amount] * 2)


def position(dice: random.Random) -> dict[str, str]:
    """A place in Tianjin, to five decimals."""
    return {"lon": f"117.{dice.randint(0, 79_999):05d}", "lat": f"39.{dice.randint(0, 89_999):05d}"}
