"""What a mapping may count on at its place of a route: who says which state, what rules the form has, which files come.

What belongs here: reading it off the catalogue, for the proofs (`bridge.kit.mapping.proof`). What does not: the proofs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.matters import Matter, conditions
from bridge.contract.manifest import Manifest
from bridge.kit.mapping.facts import source_shape
from bridge.kit.mapping.proof import Finding, prove
from bridge.kit.mapping.scenes import TYPE, FormRule
from bridge.kit.mapping.table import Table, When
from bridge.model.delivery import Kind
from bridge.model.lifecycle import DECISIONS, MOVES, ApplicationState

WITH_STEP = frozenset({Kind.PROGRESS, Kind.DECISION, Kind.WITHDRAW})
"""Kinds that tell of a step."""


def proven(
    catalogue: Catalogue, manifest: Manifest, table: Table, schema: Mapping[str, Any], waits: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What the static proof finds of a table at its target.

    `waits` are the facts that its mapping waits for, as `PayloadMapping.missing` names them for an empty source.
    """
    matter = catalogue.matter(table.matter)
    waited = [ApplicationState(one) for one in waits if one in set(ApplicationState)]
    source = source_shape(
        catalogue.form(matter.name, matter.form).schema,
        [one.id for one in matter.types],
        codes=[one.code for one in matter.materials],
        least_materials=sum(not one.when and not one.optional for one in matter.materials),
        states=[*told_states(matter, manifest.id, table.kind), *(one.value for one in waited)],
        file_bytes=manifest.limits.file_bytes,
    )
    present = {f"/facts/{name}" for name in waits}
    present |= {f"/facts/states/{one.value}" for one in waited}
    if waited:
        present.add("/facts/steps")
    if table.kind in WITH_STEP:
        present.add("/facts/step")
    if table.kind is Kind.WITHDRAW:
        present.add("/facts/withdrawal")
    return prove(table, schema, source, present=present, rules=list(form_rules(matter)))


def told_states(matter: Matter, target: str, kind: Kind) -> list[str]:
    """The states that a delivery of this kind to a target may tell of: other systems' word, after its own beginning."""
    if kind is Kind.WITHDRAW:
        return [ApplicationState.WITHDRAWN.value]
    after = next((one.after for one in matter.route if one.target == target), None)
    later = set(ApplicationState) if after is None else _following(after)
    owned = [ApplicationState(name) for name in matter.owners if name in set(ApplicationState)]
    told = [one for one in owned if one in later and matter.owners[one.value] != target]
    if kind in {Kind.PROGRESS, Kind.DECISION}:
        told = [one for one in told if (one in DECISIONS) == (kind is Kind.DECISION)]
    return [one.value for one in told]


def _following(state: ApplicationState) -> set[ApplicationState]:
    """All states that may ever follow."""
    found: set[ApplicationState] = set()
    todo = [state]
    while todo:
        for one in MOVES.get(todo.pop(), ()):
            if one not in found:
                found.add(one)
                todo.append(one)
    return found


def form_rules(matter: Matter) -> Iterator[FormRule]:
    """What rules across fields say of what must or must not be there; rules about rows of lists are left out."""
    for rule in matter.rules:
        if rule.kind in {"required_when", "forbidden_when"} and rule.severity == "error" and "*" not in rule.pointer:
            wanted = conditions(rule.values.get("when", ()))
            if all("*" not in one.pointer for one in wanted):
                whens = tuple(When(TYPE if one.pointer == "/type" else one.pointer, one.values) for one in wanted)
                yield FormRule(rule.pointer, rule.kind == "required_when", whens)
