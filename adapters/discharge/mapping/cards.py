"""Cards 2 to 15 of the platform's 申请表 as rows: production, air, water, waste, noise, monitoring, records.

Data only; names as TARGETS 2.4. The envelope, card 1 and the closing cards are in `discharge_permit`.
"""

from __future__ import annotations

from bridge.kit.mapping.converters import codes, dms, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Each, Row

YES_NO = yes_no("是", "否")
DMS = dms()
LIST = joined("；")
MODE = codes({"AUTO": "自动", "MANUAL": "手工"})
MAIN = yes_no("主要排放口", "一般排放口")
OUTLET = codes({"MAIN": "主要排放口", "GENERAL": "一般排放口", "OTHER": "其他"})
MATERIAL = codes({"RAW": "原料", "AUXILIARY": "辅料"})
FORM = codes({"ORGANISED": "有组织", "FUGITIVE": "无组织", "WATER": "废水"})
WASTE = codes({"GENERAL": "一般工业固体废物", "HAZARDOUS": "危险废物"})
WAY = codes({"STORE": "自行贮存", "USE": "自行利用", "DISPOSE": "自行处置", "ENTRUST": "委托处置"})
SIDE = codes({"E": "东", "S": "南", "W": "西", "N": "北"})
SOURCE = codes({"AIR": "废气", "WATER": "废水", "NOISE": "噪声"})
DIRECT = yes_no("直接排放", "间接排放")

YEARS: tuple[AnyRow, ...] = tuple(
    Row(f"第{year}年", f"./yearly/{place}", required=True) for place, year in enumerate("一二三四五")
)
"""Always five columns (TARGETS 2.4)."""

PRODUCTION: tuple[AnyRow, ...] = (
    Each(
        "2",
        "/data/permit/products",
        (
            Row("生产线名称", "./line_name", max_length=100),
            Row("生产线编号", "./line_no", max_length=50),
            Row("产品名称", "./product", required=True, max_length=100),
            Row("生产能力", "./capacity", required=True),
            Row("计量单位", "./unit", required=True, max_length=20),
            Row("设计年生产时间(h)", "./hours"),
        ),
        max_items=500,
    ),
    Each(
        "3",
        "/data/permit/facilities",
        (
            Row("主要生产单元", "./unit", required=True, max_length=100),
            Row("主要工艺", "./process", max_length=100),
            Row("生产设施名称", "./name", required=True, max_length=100),
            Row("生产设施编号", "./mf_no", required=True),
            Each(
                "设施参数",
                "./params",
                (
                    Row("参数名称", "./name", required=True, max_length=100),
                    Row("设计值", "./value", required=True),
                    Row("计量单位", "./unit", max_length=20),
                ),
                max_items=50,
            ),
        ),
        max_items=500,
    ),
    Each(
        "4.原辅材料",
        "/data/permit/raw_materials",
        (
            Row("种类", "./kind", MATERIAL, required=True),
            Row("名称", "./name", required=True, max_length=100),
            Row("年最大使用量", "./max_use", required=True),
            Row("计量单位", "./unit", required=True, max_length=20),
            Row("硫元素占比", "./sulfur"),
            Row("有毒有害成分及占比", "./hazard", max_length=200),
        ),
        max_items=500,
    ),
    Each(
        "4.燃料",
        "/data/permit/fuels",
        (
            Row("燃料名称", "./name", required=True, max_length=100),
            Row("灰分", "./ash"),
            Row("硫分", "./sulfur"),
            Row("挥发分", "./volatile"),
            Row("热值", "./heat"),
            Row("年最大使用量", "./max_use", required=True),
            Row("计量单位", "./unit", required=True, max_length=20),
        ),
        max_items=500,
    ),
    Each(
        "5",
        "/data/permit/nodes",
        (
            Row("生产设施编号", "./mf_no", required=True),
            Row("对应产污环节", "./link", required=True, max_length=100),
            Row("污染物种类", "./pollutant", required=True, max_length=200),
            Row("排放形式", "./form", FORM, required=True),
            Row("污染治理设施编号", "./treatment/no"),
            Row("污染治理设施名称", "./treatment/name", max_length=100),
            Row("污染治理设施工艺", "./treatment/process", max_length=200),
            Row("是否为可行技术", "./treatment/feasible", YES_NO),
            Row("排放口编号", "./outlet_no"),
            Row("排放口类型", "./outlet_kind", OUTLET),
            Row("排放口设置是否符合要求", "./compliant", YES_NO),
        ),
        max_items=500,
    ),
)
"""Cards 2 to 5: what is made, with what, and where it pollutes."""

AIR: tuple[AnyRow, ...] = (
    Each(
        "6",
        "/data/permit/air_outlets",
        (
            Row("排放口编号", "./no", required=True),
            Row("排放口名称", "./name", required=True, max_length=100),
            Row("污染物种类", "./pollutants", LIST, required=True, max_length=1000),
            Row("经度", "./lon", DMS, required=True),
            Row("纬度", "./lat", DMS, required=True),
            Row("排气筒高度(m)", "./height_m", required=True),
            Row("排气筒出口内径(m)", "./diameter_m", required=True),
            Row("排气温度", "./temp_c"),
            Row("排放口类型", "./main", MAIN),
            Each(
                "执行标准",
                "./standards",
                (
                    Row("标准名称", "./name", required=True, max_length=200),
                    Row("浓度限值(mg/Nm3)", "./conc"),
                    Row("速率限值(kg/h)", "./rate"),
                    Row("环评批复要求", "./eia_req", max_length=200),
                    Row("承诺更加严格排放限值", "./stricter", max_length=200),
                ),
                max_items=50,
            ),
        ),
        max_items=500,
    ),
    Each(
        "7",
        "/data/permit/air_limits",
        (
            Row("排放口编号", "./outlet_no", required=True),
            Row("污染物种类", "./pollutant", required=True, max_length=100),
            Row("申请许可排放浓度限值", "./conc"),
            Row("申请许可排放速率限值(kg/h)", "./rate"),
            *YEARS,
        ),
        max_items=500,
    ),
    Each(
        "8",
        "/data/permit/fugitive",
        (
            Row("产污环节", "./link", required=True, max_length=100),
            Row("污染物种类", "./pollutant", required=True, max_length=100),
            Row("主要污染防治措施", "./measures", max_length=500),
            Row("标准名称", "./standard", max_length=200),
            Row("浓度限值", "./limit", required=True),
        ),
        max_items=500,
    ),
    Each(
        "9",
        "/data/permit/air_total",
        (Row("污染物种类", "./pollutant", required=True, max_length=100), *YEARS),
        max_items=500,
    ),
)
"""Cards 6 to 9."""

WATER: tuple[AnyRow, ...] = (
    Each(
        "10",
        "/data/permit/water_outlets",
        (
            Row("排放口编号", "./no", required=True),
            Row("排放口名称", "./name", required=True, max_length=100),
            Row("经度", "./lon", DMS, required=True),
            Row("纬度", "./lat", DMS, required=True),
            Row("排放方式", "./direct", DIRECT, required=True),
            Row("排放去向", "./destination", required=True, max_length=200),
            Row("排放规律", "./pattern", required=True, max_length=200),
            Row("受纳自然水体名称", "./receiving/name", max_length=100),
            Row("受纳水体功能目标", "./receiving/target", max_length=50),
            Row("受纳污水处理厂名称", "./plant/name", max_length=100),
            Each(
                "受纳污水处理厂限值",
                "./plant/limits",
                (
                    Row("污染物种类", "./pollutant", required=True, max_length=100),
                    Row("标准限值", "./limit", required=True),
                ),
                max_items=50,
            ),
            Row("入河排污口编号", "./river_outlet_no", max_length=50),
        ),
        max_items=500,
    ),
    Each(
        "11",
        "/data/permit/water_limits",
        (
            Row("排放口编号", "./outlet_no", required=True),
            Row("污染物种类", "./pollutant", required=True, max_length=100),
            Row("申请排放浓度限值", "./conc"),
            *YEARS,
        ),
        max_items=500,
    ),
)
"""Cards 10 and 11."""

OTHERS: tuple[AnyRow, ...] = (
    Each(
        "12",
        "/data/permit/solid_waste",
        (
            Row("固废名称", "./name", required=True, max_length=100),
            Row("代码", "./code", max_length=50),
            Row("类别", "./kind", WASTE, required=True),
            Row("产生环节", "./origin", max_length=100),
            Row("自行贮存/利用/处置设施", "./way", WAY),
            Row("去向", "./destination", max_length=200),
        ),
        max_items=500,
    ),
    Each(
        "13",
        "/data/permit/noise",
        (
            Row("产噪单元", "./unit", required=True, max_length=100),
            Row("厂界方位", "./side", SIDE, required=True),
            Row("昼间限值", "./day_db", required=True),
            Row("夜间限值", "./night_db", required=True),
        ),
        max_items=500,
    ),
    Each(
        "14",
        "/data/permit/monitoring",
        (
            Row("污染源类别", "./source", SOURCE, required=True),
            Row("排放口编号", "./outlet_no"),
            Row("监测内容", "./content", max_length=500),
            Row("污染物名称", "./pollutant", required=True, max_length=100),
            Row("监测设施", "./mode", MODE, required=True),
            Row("自动监测是否联网", "./networked", YES_NO),
            Row("自动监测仪器名称", "./instrument", max_length=100),
            Row("安装位置", "./place", max_length=200),
            Row("安装运行维护是否符合管理要求", "./compliant", YES_NO),
            Row("手工监测采样方法及个数", "./sampling", max_length=200),
            Row("手工监测频次", "./freq", max_length=100),
            Row("手工测定方法", "./method", max_length=500),
        ),
        max_items=500,
    ),
    Each(
        "15",
        "/data/permit/ledger",
        (
            Row("类别", "./kind", required=True, max_length=100),
            Row("记录内容", "./content", required=True, max_length=2000),
            Row("记录频次", "./freq", required=True, max_length=500),
            Row("记录形式", "./form", required=True, max_length=100),
        ),
        max_items=500,
    ),
)
"""Cards 12 to 15."""
