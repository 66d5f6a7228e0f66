"""The target, simulated: as strict as the real one, and INVENTED."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from adapters._template.mapping import compiled
from bridge.kit.mapping.paths import flatten
from bridge.testing.simulator.calls import Answer, Call, Denied, Handler, Route, json_answer
from bridge.testing.simulator.server import Record, Simulator


class TemplateSimulator(Simulator):
    """Cases by our number, behind a key."""

    target = "_template"

    def routes(self) -> list[Route]:
        """The calls of the README."""
        return [
            Route("PUT", "/cases/{number}", "write", self._with_key(self._put)),
            Route("GET", "/cases/{number}", "read", self._with_key(self._get)),
            Route("GET", "/cases", "read", self._with_key(self._since)),
        ]

    def settings(self, url: str) -> Mapping[str, str]:
        """Its address, mode and key."""
        return {
            self.setting("url"): url,
            self.setting("mode"): "write",
            **dict([self.secret_setting("key")]),
        }

    def records(self) -> Iterable[Record]:
        """One per case."""
        for held in self.store.all("case"):
            fields = held["fields"]
            files = [(file["name"], file["digest"]) for file in fields["files"]]
            yield Record(held["number"], held["id"], held["status"], flatten(fields), files)

    def _with_key(self, handler: Handler) -> Handler:
        """A call that is done only with the key."""

        def guarded(call: Call) -> Answer:
            if call.headers.get("x-key") != self.secret("key"):
                raise Denied(json_answer({"code": "F0"}, 401))
            return handler(call)

        return guarded

    def _put(self, call: Call) -> Answer:
        payload: dict[str, Any] = call.json()
        for refusal in compiled().check(payload):
            raise Denied(json_answer({"code": "F1", "path": refusal.path}, 422))
        number = call.place["number"]
        held = self.store.get("case", number) or {"id": uuid.uuid4().hex, "number": number, "status": "10"}
        self.store.put("case", number, {**held, "fields": payload})
        return json_answer({"id": held["id"], "status": held["status"]})

    def _get(self, call: Call) -> Answer:
        held = self.store.get("case", call.place["number"])
        if held is None:
            raise Denied(json_answer({"code": "F2"}, 404))
        return json_answer(held)

    def _since(self, call: Call) -> Answer:
        place = int(call.query.get("cursor", "0"))
        found = list(self.store.since("case", place, 100))
        return json_answer({"items": [held for _, held in found], "cursor": str(found[-1][0] if found else place)})


SIMULATOR = TemplateSimulator
