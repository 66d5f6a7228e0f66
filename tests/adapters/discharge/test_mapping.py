"""The mapping table of 排污许可: what is told, where, and that nothing is lost in silence."""

from __future__ import annotations

import re

import pytest

from adapters.discharge.mapping import mappings, schema
from adapters.discharge.mapping.discharge_permit import TABLES
from bridge.errors import Refused
from bridge.kit.mapping.paths import flatten
from bridge.kit.mapping.table import Constant, Each
from bridge.model.delivery import Kind

APPLY = ("discharge-permit", Kind.APPLY, None)


def written(source):
    """The payload's leaves by their paths."""
    return flatten(mappings()[APPLY].write(source))


def sources(rows, base=""):
    """Every pointer that a row reads, positions as `*`."""
    for row in rows:
        if isinstance(row, Constant):
            continue
        pointer = base + row.source[1:] if row.source.startswith(".") else row.source
        if isinstance(row, Each):
            yield from sources(row.rows, f"{pointer}/*")
        else:
            yield re.sub(r"/[0-9]+(?=/|$)", "/*", pointer)


def leaves(value, pointer=""):
    """Every leaf of a document, positions as `*`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{pointer}/*")
    else:
        yield pointer


@pytest.mark.parametrize(
    ("path", "value"),
    {
        "外部编号": "YCL2026112300000015",
        "apply type": "首次申请",
        "1.单位名称": "天津海晏试验化工有限公司",
        "1.统一社会信用代码": "91120116MA05000011",
        "1.注册地址": "天津市滨海新区试验路1号",
        "1.生产经营场所地址": "天津市滨海新区试验路2号",
        "1.行业类别": "C2614",
        "1.中心经度": "117°42′04.43″",
        "1.中心纬度": "39°00′44.42″",
        "1.法定代表人": "测试甲",
        "1.技术负责人": "测试丙",
        "1.固定电话": "022-66666667",
        "1.移动电话": "13900000002",
        "1.管理类别": "重点管理",
        "1.大气重点控制区": "是",
        "1.总磷控制区": "否",
        "1.总氮控制区": "是",
        "1.是否有环评审批文件": "是",
        "1.环评批复文号": "津环审〔2019〕1号",
        "1.是否有违规项目认定或备案文件": "否",
        "2[0].生产能力": "5000",
        "3[0].生产设施编号": "MF0001",
        "3[0].设施参数[0].设计值": "10",
        "5[0].污染治理设施编号": "TA001",
        "6[0].排气筒高度(m)": "25",
        "6[0].污染物种类": "非甲烷总烃；SO2",
        "7[0].第三年": "1.200",
        "7[0].第五年": "/",
        "10[0].排放方式": "间接排放",
        "14[0].监测设施": "自动",
        "14[1].监测设施": "手工",
        "18[0].type": "PWXKZFILE",
        "18[1].name": "自行监测方案.pdf",
        "19.守法承诺": "是",
        "account.Telephone": "13900000001",
    }.items(),
)
def test_fields_are_those_of_the_cards(source, path, value):
    """Each field stands on its card, under the platform's own name, in the platform's own form."""
    assert written(source)[path] == value


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("reapply", "XZXKTYPE_A,TYPEI"),
        ("change-basic", "XZXKTYPE_C,TYPEC,TYPEC_2"),
        ("change-other", "XZXKTYPE_A,TYPEC,TYPEC_1"),
        ("renew", "XZXKTYPE_D,TYPED"),
        ("reissue", "补办"),
        ("cancel", "注销"),
    ],
)
def test_apply_types_are_the_platforms_codes(source, type_, value):
    """A change carries the platform's own type code."""
    source["facts"]["type"] = type_
    assert written(source)["apply type"] == value


def test_the_least_that_is_asked_for_is_enough(source):
    """A source without anything optional gives a payload that is valid too, with `/` where nobody was named."""
    permit = {name: source["data"]["permit"][name] for name in ("tier", "is_rectify", "main_pollutant_categories")}
    source["data"]["permit"] = {**permit, "production_started": False}
    source["data"]["contacts"] = source["data"]["contacts"][:1]
    del source["data"]["contacts"][0]["phone"], source["data"]["site"]["park"]["name"]
    source["data"]["site"]["park"]["in_park"] = False
    fields = written(source)
    assert (fields["1.技术负责人"], fields["1.固定电话"], fields["1.移动电话"]) == ("/", "/", "13900000001")
    assert fields["1.是否有环评审批文件"] == fields["1.是否有总量分配文件"] == "否"


def test_no_leaf_is_lost_in_silence(source, samples):
    """Every leaf of whatever people enter is told, or stands in `left_out` with its reason."""
    entered = {leaf for one in [source, *samples] for leaf in leaves({"data": one["data"]})}
    assert len(entered) > 100
    for table in TABLES:
        assert all(table.left_out.values())
        told = [*sources(table.rows), *table.left_out]
        assert [leaf for leaf in entered if not any(leaf == one or leaf.startswith(f"{one}/") for one in told)] == []


def test_every_sample_fits(samples, enter):
    """What passes as an application needs no change for this target, and its payload is valid."""
    mapping = mappings()[APPLY]
    sizes = []
    for place, one in enumerate(samples):
        entered, _ = enter(one, f"N{place}")
        assert mapping.preflight(entered) == []
        sizes.append(len(flatten(mapping.write(entered))))
    assert max(sizes) > 600


def test_nothing_is_both_told_and_left_out():
    """A reason to leave something out stands only where it is left out."""
    for table in TABLES:
        told = list(sources(table.rows))
        assert [one for one in told for out in table.left_out if one == out or one.startswith(f"{out}/")] == []


def test_every_required_field_of_the_platform_has_a_source():
    """What the target schema requires comes from a row that is required, or that writes something in any case."""
    required = set(schema("discharge-permit-v1")["properties"]["1"]["required"])
    rows = {row.target: row for row in TABLES[0].rows if row.target.startswith("1.")}
    for name in required:
        row = rows[f"1.{name}"]
        assert row.required or row.absent == "否", name


def test_limits_of_the_table_are_those_of_the_schema():
    """A length that the table allows is one that the target schema allows, so that pre-flight misses nothing."""

    def compare(rows, node):
        for row in rows:
            inner = node
            for step in row.target.split("."):
                inner = inner["properties"][step]
            if isinstance(row, Each):
                assert row.max_items == inner["maxItems"], row.target
                compare(row.rows, inner["items"])
            elif not isinstance(row, Constant) and "maxLength" in inner:
                assert row.max_length is not None, row.target
                assert row.max_length <= inner["maxLength"], row.target

    for table in TABLES:
        compare(table.rows, schema(table.target_schema))


def test_a_refused_field_is_traced_to_its_box():
    """The platform's path leads back to the box of the form, row by row."""
    mapping = mappings()[APPLY]
    assert mapping.to_form("1.单位名称") == "/data/applicant/name"
    assert mapping.to_form("6[2].排气筒高度(m)") == "/data/permit/air_outlets/2/height_m"
    assert mapping.to_form("7[1].第四年") == "/data/permit/air_limits/1/yearly/3"
    assert mapping.to_form("3[0].设施参数[4].设计值") == "/data/permit/facilities/0/params/4/value"
    assert mapping.to_form("18[1].name") == "/materials/1/name"
    assert "6[2].排气筒高度(m)" in mapping.to_target("/data/permit/air_outlets/2/height_m")


def test_what_does_not_fit_is_found_before_it_is_sent(source):
    """A text that is too long is named by its box in pre-flight, and the payload is not made."""
    source["data"]["applicant"]["name"] = "长" * 101
    mapping = mappings()[APPLY]
    assert {one.pointer for one in mapping.preflight(source)} == {"/data/applicant/name"}
    with pytest.raises(Refused):
        mapping.write(source)


def test_a_payload_outside_the_schema_names_its_field(source):
    """Cards are named by digits; a value that only the schema forbids is still named by its own path."""
    source["data"]["permit"]["start_date"] = "2020/06/01"
    with pytest.raises(Refused) as refused:
        mappings()[APPLY].write(source)
    assert [one.path for one in refused.value.fields] == ["1.投产日期"]
