"""The tables as the platform wants them (TARGETS 1.2), written down anew: name, type, R where it must have a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Want:
    """What one column wants."""

    type: Literal["v", "n", "d"]
    """Text, whole number, date with time."""
    size: int
    required: bool


def _read(text: str) -> dict[str, Want]:
    """Lines of `name type[size] [R]`."""
    wants: dict[str, Want] = {}
    for line in text.split(","):
        name, type_, *rest = line.split()
        kind: Literal["v", "n", "d"] = "v" if type_[0] == "v" else "n" if type_[0] == "n" else "d"
        wants[name] = Want(kind, int(type_[1:] or 0), rest == ["R"])
    return wants


_HEAD = "row_guid v50 R, project_no v50 R, "
_TAIL = ", cd_operation v2 R, cd_time d R, cd_batch v32 R, data_source v3 R"

PARTS: Mapping[str, tuple[str, Mapping[str, Want]]] = {
    "accept": (
        "up_pro_accept",
        _read(
            _HEAD + "catalog_code v12 R, local_catalog_code v50, task_code v36 R, local_task_code v50,"
            "task_handle_item v50, task_name v1000 R, task_version n R, applyer_name v100 R, applyer_type v2 R,"
            "applyer_page_type v70 R, applyer_page_code v500 R, apply_date d R, apply_type v2 R, legal v100,"
            "contact_name v100, contact_type v6, contact_code v50, contact_mobile v11, zip_code v6, address v1000,"
            "org_name v100 R, org_code v18 R, handle_user_name v100, accept_date d R, accept_doc_no v50,"
            "project_name v1000, project_type v2 R, promise_date d, apply_channel v2, apply_uer_id_code v2000,"
            "region_code v12, sblsh v50" + _TAIL
        ),
    ),
    "process": (
        "up_pro_process",
        _read(
            _HEAD + "event_name v2 R, process_name v1000 R, handle_user_name v100 R, handle_explain v2000 R,"
            "event_start_time d R, event_end_time d R, remark v256" + _TAIL
        ),
    ),
    "result": (
        "up_pro_result",
        _read(
            _HEAD + "handle_user_name v100, result_date d R, result_type v2 R, result_cetr_name v256,"
            "result_cetr_no v2000, result_explain v2000, is_delivery_results v2 R, satisfaction v2, remark v256" + _TAIL
        ),
    ),
    "material": (
        "up_pro_material",
        _read(
            _HEAD + "material_name v200 R, get_type v2 R, get_num v5, material_attach_name v200, remark v1000" + _TAIL
        ),
    ),
    "special": (
        "up_pro_specialprocedure",
        _read(
            _HEAD + "special_type v2 R, special_name v1000 R, special_time d R, special_reason v2000 R,"
            "applyer_user_name v100, end_time d R, result v2000, special_explain v2000, handle_user v100,"
            "remark v256" + _TAIL
        ),
    ),
}
"""Each part of a case: its table and columns, accept first."""

FEEDBACK = """
CREATE TABLE IF NOT EXISTS up_quality_feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT, table_name VARCHAR(64) NOT NULL, row_guid VARCHAR(50) NOT NULL,
    cd_batch VARCHAR(32) NOT NULL, passed INTEGER NOT NULL, reason VARCHAR(2000), column_name VARCHAR(64),
    check_time DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS up_quality_feedback_batch ON up_quality_feedback (cd_batch);
"""

JOURNAL = """
CREATE TABLE IF NOT EXISTS pb_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT, delivery VARCHAR(64) NOT NULL, number VARCHAR(50) NOT NULL,
    project_no VARCHAR(50) NOT NULL, table_name VARCHAR(64) NOT NULL, row_guid VARCHAR(50) NOT NULL,
    place VARCHAR(64) NOT NULL, cd_operation VARCHAR(2) NOT NULL, cd_batch VARCHAR(32) NOT NULL,
    status VARCHAR(8) NOT NULL, written_at DATETIME NOT NULL
);
CREATE INDEX IF NOT EXISTS pb_journal_delivery ON pb_journal (delivery);
CREATE INDEX IF NOT EXISTS pb_journal_batch ON pb_journal (cd_batch);
CREATE INDEX IF NOT EXISTS pb_journal_guid ON pb_journal (row_guid);
CREATE INDEX IF NOT EXISTS pb_journal_number ON pb_journal (number);
"""
"""The bridge's own table, which whoever sets up the front-end database makes (README.md)."""

_TYPES = {"n": "INTEGER", "d": "DATETIME"}


def ddl() -> str:
    """All tables. As in public definitions the only key is `id`; SQLite keeps no lengths, the quality check does."""
    made = []
    for table, wants in PARTS.values():
        columns = ", ".join(f"{name} {_TYPES.get(want.type, f'VARCHAR({want.size})')}" for name, want in wants.items())
        made.append(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns});")
    return "\n".join((*made, FEEDBACK, JOURNAL))
