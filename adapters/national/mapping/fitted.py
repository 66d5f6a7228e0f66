"""A mapping that also knows the front-end database: what it cannot keep is found at entry, in the form's words.

What does not belong here: the columns (`rows`), and the check as such (`bridge.kit.exchange.fitting`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.national.client.tables import Tables
from bridge.contract.mapping import Source, Unfit
from bridge.kit.exchange.fitting import misfits
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.table import Table
from bridge.kit.mapping.writing import Unwritable
from bridge.model.delivery import Kind

WITHDRAWAL = "withdrawal"


class FittedMapping(CompiledMapping):
    """One mapping for one installation."""

    def __init__(self, table: Table, schema: Mapping[str, Any], tables: Tables, rules: Rules, *, begun: str) -> None:
        super().__init__(table, schema)
        self._begun = begun
        self._tables, self._rules = tables, rules

    def missing(self, source: Source) -> Sequence[str]:
        """Facts that must exist first: an accept row waits for the decider's word too, a withdrawal for its own.

        That word is 受理, or 备案 of what is filed: nothing is told before it.
        """
        missing = set(super().missing(source))
        facts, kind = source["facts"], self.table.kind
        if kind in (Kind.APPLY, Kind.AMEND) and self._begun not in facts.get("states", {}):
            missing.add(self._begun)
        if kind is Kind.WITHDRAW and WITHDRAWAL not in facts:
            missing.add(WITHDRAWAL)
        if kind in (Kind.PROGRESS, Kind.DECISION) and "step" not in facts:
            missing.add("step")
        return sorted(missing)

    def preflight(self, source: Source) -> Sequence[Unfit]:
        """What the platform cannot take, and what the front-end database of this installation cannot keep."""
        found = [unfit for unfit in super().preflight(source) if _is_entered(unfit.pointer)]
        known = {unfit.pointer for unfit in found}
        for unfit in self._kept_badly(source):
            if unfit.pointer not in known:
                known.add(unfit.pointer)
                found.append(unfit)
        return found

    def _kept_badly(self, source: Source) -> Iterator[Unfit]:
        """Characters and lengths of what people entered, as the database counts them."""
        try:
            payload = self._write(source, source)
        except Unwritable:
            return  # said already, by its box
        for part, content in payload.items():
            rows = content if isinstance(content, list) else [content]
            for place, row in enumerate(rows):
                for misfit in misfits(self._tables.parts[part], row, self._rules):
                    if misfit.column not in row:
                        continue  # a fact that is not there yet, such as the number of the case
                    at = f"{part}[{place}]" if isinstance(content, list) else part
                    pointer = self.to_form(f"{at}.{misfit.column}")
                    if pointer is not None and _is_entered(pointer):
                        yield Unfit(pointer, misfit.message, misfit.message_en, misfit.remedy, misfit.remedy_en)


def _is_entered(pointer: str) -> bool:
    """Whether a person can mend it: a fact or an id is nobody's entry."""
    return pointer.startswith(("/data/", "/materials")) and not pointer.endswith("/id")
