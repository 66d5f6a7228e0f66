"""The mapping to the gateway: what is told, in which words, and that nothing is silently lost."""

from __future__ import annotations

import copy
from pathlib import Path

import jsonschema
import pytest

from adapters.municipal import mapping as municipal_mapping
from adapters.municipal.codes import STATUSES
from adapters.municipal.mapping import mappings, schema
from adapters.municipal.mapping.discharge_permit import APPLY_1
from bridge.catalogue.catalogue import Catalogue
from bridge.kit.mapping.paths import flatten
from bridge.kit.mapping.table import Constant, Each
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

ROOT = Path(municipal_mapping.__file__).parents[3]


@pytest.fixture(scope="module")
def mapping():
    """The newest."""
    return mappings()["discharge-permit", Kind.APPLY, None]


@pytest.fixture(scope="module")
def leaves():
    """All leaves of the form."""
    return Catalogue(ROOT / "schemas").leaves("discharge-permit", 1)


def sources(rows, base=""):
    """All pointers that the table reads, with `*` for positions."""
    for row in rows:
        if isinstance(row, Constant):
            continue
        pointer = base + row.source[1:] if row.source.startswith(".") else row.source
        yield pointer
        if isinstance(row, Each):
            yield from sources(row.rows, f"{pointer}/*")


def test_no_form_leaf_is_silently_lost(leaves):
    """Every leaf of the form is told, or left out with a reason."""
    told = set(sources(APPLY_1.rows))
    covered = (*told, *APPLY_1.left_out)
    lost = [leaf for leaf in leaves if not any(leaf == one or leaf.startswith(f"{one}/") for one in covered)]
    assert lost == []
    stale = [one for one in APPLY_1.left_out if not any(leaf == one or leaf.startswith(f"{one}/") for leaf in leaves)]
    assert stale == []
    assert [one for one in told if one.startswith("/data") and one in APPLY_1.left_out] == []


def test_every_required_field_of_the_target_has_a_source():
    """What the gateway requires, the table writes."""
    targets = {
        f"{one.target}[].{row.target}" if isinstance(one, Each) else one.target
        for one in APPLY_1.rows
        for row in (one.rows if isinstance(one, Each) else (one,))
    }

    def required(part, path):
        for name in part.get("required", ()):
            below = part["properties"][name]
            where = f"{path}.{name}" if path else name
            if below.get("type") == "object":
                yield from required(below, where)
            elif below.get("type") == "array":
                yield from required(below["items"], f"{where}[]")
            else:
                yield where

    assert set(required(schema("discharge-permit-v1"), "")) <= targets


@pytest.mark.parametrize("type_", ["new", "change-basic", "change-other"])
def test_every_valid_form_makes_a_valid_payload(mapping, enter, type_):
    """Samples that pass validation and pre-flight are valid under the target's schema."""
    validator = jsonschema.Draft202012Validator(schema("discharge-permit-v1"))
    for place, document in enumerate(generate("discharge-permit", type=type_, seed=11, count=15)):
        made, _ = enter(document, f"YCL{place:016d}")
        assert list(mapping.preflight(made)) == []
        assert list(validator.iter_errors(mapping.write(made))) == []


def test_fields_are_in_the_gateways_words(mapping, source):
    """Codes, dates and names are those of TARGETS 8.5."""
    told = flatten(mapping.write(source))
    assert {
        "projid/apply.bizNo": "YCL2026112300000012",
        "receive.applicantVO.type": "2",
        "receive.applicantVO.certType": "001",
        "receive.bizType": "1",
        "receive.applyOrigin": "2",
        "receive.affairType": "2",
        "receive.gmtApply": "2026-11-23 09:30:00",
        "receive.promiseTime": 20,
        "receive.promiseTimeUnit": "1",
        "receive.contactVOList[0].role": "1",
        "receive.affFormInfo.pollutantTypes": "废气、废水",
        "receive.affFormInfo.airKeyArea": "1",
        "receive.affFormInfo.tpArea": "0",
        "receive.suffInfoList[0].fetchMode": "2",
    }.items() <= told.items()


def test_the_cards_stay_with_the_decider(mapping, source):
    """Nothing of the permit's cards is told here."""
    spread = copy.deepcopy(source)
    spread["data"]["permit"]["air_outlets"] = [{"no": "DA001", "name": "甄别排放口"}]
    spread["data"]["applicant"]["legal_rep"]["id_no"] = "120101198001010012"
    told = str(mapping.write(spread))
    assert "甄别排放口" not in told
    assert "120101198001010012" not in told


def test_a_rare_ideograph_counts_twice(mapping, source):
    """Lengths are UTF-16 units: 51 ideographs outside the BMP do not fit in 100, 50 do."""
    source["data"]["applicant"]["name"] = "𠮷" * 50
    assert list(mapping.preflight(source)) == []
    source["data"]["applicant"]["name"] = "𠮷" * 51
    (unfit,) = mapping.preflight(source)
    assert unfit.pointer == "/data/applicant/name"
    assert "𠮷" not in unfit.message


def test_a_refused_field_leads_back_to_the_form(mapping):
    """The gateway's path names the box of the entry form, list positions included."""
    assert mapping.to_form("receive.applicantVO.certNo") == "/data/applicant/id_no"
    assert mapping.to_form("receive.contactVOList[2].mobile") == "/data/contacts/2/mobile"
    assert mapping.to_form("receive.suffInfoList[1].attachName") == "/materials/1/name"
    assert mapping.to_form("receive.suffInfoList[1].attachPath") == "/materials/1"


def test_every_lossy_row_says_why():
    """A row that cannot be read back exactly names its loss."""
    silent = [
        row.target
        for one in APPLY_1.rows
        for row in (one.rows if isinstance(one, Each) else (one,))
        if not isinstance(row, Constant) and not row.convert.lossless and not row.loss
    ]
    assert silent == []


def test_status_codes_are_known():
    """The crosswalk of TARGETS 8.6 (d); what is not in it moves nothing."""
    assert {code: STATUSES.state(code).value for code in ("00", "02", "03", "04", "05", "07", "12", "13", "11")} == {
        "00": "received",
        "02": "accepted",
        "03": "correction_requested",
        "04": "reviewing",
        "05": "suspended",
        "07": "not_accepted",
        "12": "refused",
        "13": "withdrawn",
        "11": "served",
    }
    assert STATUSES.state("88") is None
