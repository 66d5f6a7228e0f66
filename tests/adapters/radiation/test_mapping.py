"""The mapping tables of 辐射安全许可: what is told, under which name, and that it can be read back."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.radiation.mapping import TABLES, mappings, schema
from adapters.radiation.mapping.radiation_licence import SCOPE
from adapters.radiation.mapping.shared import ACTIVITY
from bridge.contract.manifest import read_manifest
from bridge.errors import Refused
from bridge.kit.mapping.converters import OutsideDomain
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

APPLY = ("radiation-licence", Kind.APPLY, None)

GOLDEN = {
    "businessType": "LICENSE_APPLY",
    "instanceId": "01963a5c-0000-7000-8000-000000000001",
    "dataVersion": 1,
    "requestNo": "YCL2026112300000015",
    "companyName": "天津海晏试验医院",
    "companyKind": "事业单位",
    "organizationCode": "91120116MA05000011",
    "industryType": "Q8411",
    "registedAddr": "天津市滨海新区试验路1号",
    "registedDistrict": "120116",
    "registedPostcode": "300457",
    "contactPerson": "测试丁",
    "contactPhone": "13900000003",
    "legalPerson": "测试甲",
    "legalIdType": "111",
    "legalIdCode": "120101198001010012",
    "legalPersonPhone": "13900000001",
    "siteSeq": "001",
    "siteName": "天津海晏试验医院本部",
    "siteAddr": "天津市滨海新区试验路2号",
    "siteDistrict": "120116",
    "sitePostcode": "300457",
    "longitude": "117.70123",
    "latitude": "39.01234",
    "producibleNuclideCategories": "",
    "saleableNuclideCategories": "",
    "usableNuclideCategories": "3,5",
    "producibleRadialsetCategories": "",
    "saleableRadialsetCategories": "1",
    "usableRadialsetCategories": "2,3",
    "radialProduceSaleI": "1",
    "nonsealCategories": "102",
    "nonsealActiveType": "使用",
    "medicalUseI": "γ刀治疗",
    "petOwnUse": "制备F-18药物自用",
    "radialDepartments[0].deptName": "放射科",
    "radialDepartments[0].address": "天津市滨海新区试验路2号",
    "radialDepartments[0].principal": "测试戊",
    "radialDepartments[0].workSite[0]": "CT室",
    "radialDepartments[0].workSite[1]": "后装治疗室",
    "radialDepartments[1].deptName": "核医学科",
    "radialDepartments[1].address": "天津市滨海新区试验路2号",
    "radialDepartments[1].principal": "测试己",
    "radialDepartments[1].workSite[0]": '核素操作室 <1> & "2"',
    "nuclideActiveRange[0].activeType": "使用",
    "nuclideActiveRange[0].nuclideName": "Ir-192",
    "nuclideActiveRange[0].nuclideCategory": "3",
    "nuclideActiveRange[0].totalActivity": "3.7E+11",
    "nuclideActiveRange[0].nuclideCount": "1",
    "nuclideActiveRange[0].workSite": "后装治疗室",
    "nuclideActiveRange[1].activeType": "使用",
    "nuclideActiveRange[1].nuclideName": "Am-241/Be",
    "nuclideActiveRange[1].nuclideCategory": "5",
    "nuclideActiveRange[1].totalActivity": "1E+0",
    "nuclideActiveRange[1].nuclideCount": "12",
    "nuclideActiveRange[1].workSite": "CT室",
    "radialActiveRange[0].activeType": "使用",
    "radialActiveRange[0].deviceName": "CT机",
    "radialActiveRange[0].specAndModel": "模拟-64排",
    "radialActiveRange[0].deviceType": "3",
    "radialActiveRange[0].deviceCount": "2",
    "radialActiveRange[0].workSite": "CT室",
    "radialActiveRange[0].useType": "诊断",
    "radialActiveRange[0].voltage": "140",
    "radialActiveRange[0].amperemeter": "800",
    "radialActiveRange[0].power": "100",
    "radialActiveRange[0].state": "在用",
    "radialActiveRange[1].activeType": "使用",
    "radialActiveRange[1].deviceName": "血管造影机",
    "radialActiveRange[1].specAndModel": "模拟-A30",
    "radialActiveRange[1].deviceType": "2",
    "radialActiveRange[1].deviceCount": "1",
    "radialActiveRange[1].workSite": "CT室",
    "radialActiveRange[1].particleEnergy": "6",
    "radialActiveRange[1].state": "拟购",
    "nonsealActiveRange[0].nuclideName": "Tc-99m",
    "nonsealActiveRange[0].siteLevel": "102",
    "nonsealActiveRange[0].dayMaxValue": "7.4E+8",
    "nonsealActiveRange[0].yearMaxValue": "1.85E+11",
    "nonsealActiveRange[0].workSite": '核素操作室 <1> & "2"',
    "departName": "辐射安全管理科",
    "managers[0].name": "测试辛",
    "managers[0].sex": "男",
    "managers[0].job": "科长",
    "managers[0].major": "核技术",
    "managers[0].duty": "日常管理",
    "managers[0].fullOrPart": "专职",
    "managers[0].nuclearEngeer": "0",
    "managers[1].name": "测试壬",
    "managers[1].sex": "女",
    "managers[1].job": "工程师",
    "managers[1].major": "放射医学",
    "managers[1].duty": "剂量档案",
    "managers[1].fullOrPart": "兼职",
    "managers[1].nuclearEngeer": "1",
    "radialWorkers[0].name": "测试癸",
    "radialWorkers[0].personIdType": "111",
    "radialWorkers[0].personIdCode": "120101198001010012",
    "radialWorkers[0].degree": "本科",
    "radialWorkers[0].major": "医学影像技术",
    "radialWorkers[0].workPosition": "操作",
    "radialWorkers[0].examKind": "网上考核",
    "radialWorkers[0].examCategory": "医用X射线诊断",
    "radialWorkers[0].trainNo": "模拟-FS2400001",
    "radialWorkers[0].beginTrainDate": "2024-03-05",
    "radialWorkers[0].endTrainDate": "2029-03-04",
    "radialWorkers[0].doseRecord": "1",
    "radialWorkers[1].name": "测试子",
    "radialWorkers[1].personIdType": "414",
    "radialWorkers[1].personIdCode": "E12345678",
    "radialWorkers[1].degree": "博士",
    "radialWorkers[1].major": "物理",
    "radialWorkers[1].workPosition": "质控",
    "radialWorkers[1].examKind": "自主考核",
    "radialWorkers[1].beginTrainDate": "2025-06-01",
    "radialWorkers[1].endTrainDate": "2030-05-31",
    "radialWorkers[1].doseRecord": "0",
    "instruments[0].name": "X-γ辐射剂量率仪",
    "instruments[0].model": "模拟-R1",
    "instruments[0].amount": "2",
    "instruments[0].buyDate": "2020-05-15",
    "instruments[0].state": "正常",
    "instruments[1].name": "表面污染监测仪",
    "instruments[1].model": "模拟-S2",
    "instruments[1].amount": "1",
    "instruments[1].state": "送检",
    "protectGoods[0].name": "铅衣",
    "protectGoods[0].model": "0.5mmPb",
    "protectGoods[0].amount": "4",
    "protectGoods[1].name": "个人剂量计",
    "protectGoods[1].amount": "12",
    "wasteCapability": "衰变池两级",
    "attachments[0].fileName": "法人证书.pdf",
    "attachments[0].fileType": "FS-M02",
    "attachments[1].fileName": "环境影响评价文件.pdf",
    "attachments[1].fileType": "FS-M03",
    "commitment": "1",
    "commitVersion": "2024-07",
    "commitTime": "2026-11-20 10:30:00",
    "commitPerson": "测试甲",
}
"""Every leaf that goes out for the source, but digests and sizes of files."""


def test_every_leaf_goes_out_as_it_should(source):
    """The whole payload, leaf by leaf; nothing more."""
    written = flatten(mappings()[APPLY].write(source))
    left = {path: value for path, value in written.items() if not re.search(r"\.(digest|size)$", path)}
    assert left == GOLDEN


def test_a_correction_is_the_whole_application_again(source):
    """AMEND writes what APPLY writes, under its later revision."""
    later = {**source, "facts": {**source["facts"], "revision": 2}}
    amended = mappings()["radiation-licence", Kind.AMEND, None].write(later)
    assert amended == {**mappings()[APPLY].write(source), "dataVersion": 2}


def test_a_withdrawal_tells_nothing_of_the_form(source):
    """Id, reason and time; it waits for the withdrawal, and a reason that nobody gave is left out."""
    mapping = mappings()["radiation-licence", Kind.WITHDRAW, None]
    assert list(mapping.missing(source)) == ["withdrawal"]
    facts = {**source["facts"], "withdrawal": {"at": "2026-11-25T09:00:00+08:00"}}
    assert mapping.write({**source, "facts": facts}) == {
        "instanceId": source["facts"]["id"],
        "withdrawTime": "2026-11-25 09:00:00",
    }


def test_every_sample_is_valid_at_the_target(enter):
    """What a person can enter passes pre-flight and makes a payload that the target's schema takes."""
    mapping = mappings()[APPLY]
    validator = jsonschema_rs.Draft202012Validator(dict(schema("radiation-licence-v1")))
    for document in generate("radiation-licence", seed=11, count=150):
        source, _ = enter(document, "01963a5c-0000-7000-8000-000000000001")
        assert list(mapping.preflight(source)) == []
        assert [str(error) for error in validator.iter_errors(mapping.write(source))] == []


def test_each_box_of_the_scope_is_traced_both_ways():
    """A refusal of one list of categories leads to one box, and that box to that list."""
    mapping = mappings()[APPLY]
    for theirs, ours in {
        "producibleNuclideCategories": "produce_sources",
        "saleableNuclideCategories": "sell_sources",
        "usableNuclideCategories": "use_sources",
        "producibleRadialsetCategories": "produce_devices",
        "saleableRadialsetCategories": "sell_devices",
        "usableRadialsetCategories": "use_devices",
    }.items():
        assert mapping.to_form(theirs) == f"{SCOPE}/{ours}"
        assert theirs in mapping.to_target(f"{SCOPE}/{ours}")
    assert mapping.to_form("nuclideActiveRange[1].nuclideCategory") == "/data/permit/sources/1/scope"
    assert mapping.to_form("radialActiveRange[0].deviceType") == "/data/permit/devices/0/scope"


@given(st.integers(1, 10**18 - 1))
def test_becquerels_come_back(number):
    """Scientific notation loses no digit, and is as the schema wants it."""
    written = ACTIVITY.to(str(number))
    assert ACTIVITY.back(written) == str(number)
    assert re.fullmatch(schema("radiation-licence-v1")["$defs"]["activity"]["pattern"], written)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1E+3", "", "１", 5, None])
def test_other_numbers_are_outside(value):
    """Only a whole number of Bq, as a text without a sign, is in the domain."""
    with pytest.raises(OutsideDomain):
        ACTIVITY.to(value)


@pytest.mark.parametrize("value", ["1.5E+0", "3.7e+11", "37E+10", "3.7E11", "1", None])
def test_other_notations_are_not_read(value):
    """What is not as it is written is not read, and no fraction of a Bq is."""
    with pytest.raises(OutsideDomain):
        ACTIVITY.back(value)


def test_a_code_that_is_not_in_the_table_is_refused_by_field(source):
    """A type of another matter is refused at its field, in the form's words."""
    source["facts"]["type"] = "move-in"
    with pytest.raises(Refused):
        mappings()[APPLY].write(source)


def test_every_table_has_its_schema():
    """And each is of a matter that the manifest names."""
    for table in TABLES:
        assert schema(table.target_schema)["$id"] == table.target_schema
        assert table.matter in read_manifest(Path("adapters/radiation/manifest.toml")).schemas
