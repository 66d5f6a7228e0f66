"""Which of our fields becomes which field of the target. Data only."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson

from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.table import Each, Row, Table
from bridge.model.delivery import Kind

APPLY_1 = Table(
    matter="discharge-permit",
    kind=Kind.APPLY,
    version=1,
    target_schema="example-v1",
    length_unit="characters",
    rows=(
        Row("number", "/facts/number", required=True, max_length=50),
        Row("name", "/data/applicant/name", required=True, max_length=100),
        Row("address", "/data/applicant/registered_address", max_length=200),
        Each(
            "files",
            "/materials",
            (Row("name", "./name", required=True, max_length=200), Row("digest", "./digest", required=True)),
            max_items=100,
        ),
    ),
    left_out=dict.fromkeys(
        (
            "/data/applicant/kind",
            "/data/applicant/id_type",
            "/data/applicant/id_no",
            "/data/applicant/legal_rep",
            "/data/applicant/principal",
            "/data/applicant/region_code",
            "/data/applicant/zip",
            "/data/applicant/industry_code",
            "/data/applicant/industry_name",
            "/data/applicant/sso_id",
            "/data/site",
            "/data/contacts",
            "/data/authorization",
            "/data/current_licence",
            "/data/change",
            "/data/reapply",
            "/data/reissue",
            "/data/cancellation",
            "/data/permit",
            "/data/delivery",
            "/data/consent",
        ),
        "该系统不需要 (the target does not want it)",
    ),
)


@cache
def compiled() -> CompiledMapping:
    """The one mapping, compiled once."""
    schema = Path(__file__).parent / "schemas" / f"{APPLY_1.target_schema}.json"
    return CompiledMapping(APPLY_1, orjson.loads(schema.read_bytes()))
