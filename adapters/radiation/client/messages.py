"""The system's operations as data: port, request and answer, each as a schema from which XML and WSDL follow. INVENTED.

The client writes by it, the simulator reads by it and makes its WSDL of it. What an operation does is not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.radiation.mapping import schema
from bridge.kit.soap.literal import expanded

NAMESPACE = "urn:permit-bridge:invented:rsms:v1"
SERVICE = "/service"
SESSION = "SessionHeader"
"""SOAP header block with the session's token."""
FAULT_DETAIL = "rsmsFault"

Schema = Mapping[str, Any]

FORMS = (
    "radiation-licence-v1",
    "isotope-transfer-v1",
    "isotope-transfer-filing-v1",
    "isotope-offsite-filing-v1",
    "waste-source-filing-v1",
)
"""The schemas of what may be handed in, by business type."""


def _every(names: Sequence[str]) -> Schema:
    """One element for all of them: every field, in one order, of which none but the type is required here.

    What a business type wants is its own schema's to say.
    """
    fields: dict[str, Schema] = {}
    for name in names:
        fields |= {path: part for path, part in expanded(schema(name))["properties"].items() if path not in fields}
    return {
        "type": "object",
        "properties": {**fields, "businessType": {"type": "string"}},
        "required": ["businessType"],
    }


BUSINESS: Schema = _every(FORMS)
WITHDRAWAL: Schema = expanded(schema("radiation-licence-withdraw-v1"))

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_YES: Schema = {"type": "boolean"}


def _object(required: str, optional: str = "", **special: Schema) -> Schema:
    """An object of texts, by the names of its fields in order; `special` says which are no texts."""
    names = [*required.split(), *optional.split()]
    properties = {name: special.get(name, _TEXT) for name in names}
    return {"type": "object", "properties": properties, "required": required.split()}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


HEADER = _object("token")

ATTACHMENT = _object("attachmentId fileName digest")

SUMMARY = _object(
    "companyId businessType dataVersion state",
    "instanceId attachments business",
    dataVersion=_WHOLE,
    attachments=_many(ATTACHMENT),
    business=BUSINESS,
)
"""One business as the system holds it; `business` only in a list, `instanceId` not of one born there."""

ITEM = _object("content", "field")
PAPER = _object("fileType", "title docNo docDate fileName fileId digest")
LICENCE = _object("licenseNo", "licenseStartDate licenseEndDate licenseIssueOrg licenseIssueDate")
APPROVAL = _object("passNo", "passDate passOrg")
"""批准文件 of a transfer."""

CHANGE = _object(
    "id companyId state at",
    "instanceId doPerson opinion reason items licenseInfo passInfo papers",
    items=_many(ITEM),
    licenseInfo=LICENCE,
    passInfo=APPROVAL,
    papers=_many(PAPER),
)
"""One change: what was not said is left out."""

FAULT = _object(
    "code message",
    "retryAfter fields",
    retryAfter=_WHOLE,
    fields=_many(_object("path reason")),
)
"""The detail of a SOAP fault."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `port` is also the end of its path."""

    port: str
    request: Schema
    answer: Schema


OPERATIONS: Mapping[str, Operation] = {
    "login": Operation("auth", _object("account nonce created digest"), _object("token expiresIn", expiresIn=_WHOLE)),
    "uploadAttachment": Operation("business", _object("instanceId fileName digest content"), _object("attachmentId")),
    "submitBusiness": Operation(
        "business",
        _object("business", "attachmentId", business=BUSINESS, attachmentId=_many(_TEXT)),
        SUMMARY,
    ),
    "withdrawBusiness": Operation("business", WITHDRAWAL, SUMMARY),
    "queryBusiness": Operation(
        "query",
        _object("instanceId"),
        _object("", "business attachment", business=_many(SUMMARY), attachment=_many(ATTACHMENT)),
    ),
    "listBusiness": Operation(
        "query",
        _object("", "cursor since until"),
        _object("cursor more", "business", business=_many(SUMMARY), more=_YES),
    ),
    "listChanges": Operation(
        "query", _object("", "cursor"), _object("cursor more", "change", change=_many(CHANGE), more=_YES)
    ),
    "downloadFile": Operation("query", _object("fileId"), _object("fileName digest content")),
}
"""By name. The request is the element of that name, the answer the same with `Response`."""

PORTS = ("auth", "business", "query")
"""`business` changes what the system holds, `query` reads it."""


def path(port: str) -> str:
    """Where a port is called."""
    return f"{SERVICE}/{port}"
