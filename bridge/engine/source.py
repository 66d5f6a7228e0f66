"""The source of a mapping: the form, the files and the facts of one application as one tree of JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bridge.clock import from_micros, rfc3339
from bridge.contract.mapping import Source
from bridge.model.application import Application, Revision


def source(application: Application, revision: Revision, fixed: Mapping[str, Any], given: Mapping[str, str]) -> Source:
    """The tree for one revision: `fixed` was settled when it was taken in, `given` came from targets since."""
    return {
        "data": revision.data,
        "materials": [asdict(material) for material in revision.materials],
        "facts": {
            "id": application.id,
            "number": application.number,
            "revision": revision.number,
            "matter": application.matter,
            "type": application.type,
            "channel": application.channel,
            "submitted_at": rfc3339(from_micros(application.at)),
            **fixed,
            **given,
        },
    }
