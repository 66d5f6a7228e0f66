"""Wiring: the only room that knows concrete classes. `build(settings)` plugs everything together; nothing is global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, SystemClock
from bridge.engine.accept import Acceptance
from bridge.engine.amend import Amendments
from bridge.engine.checking import Checker
from bridge.engine.handover import Handovers
from bridge.engine.hearing import Hearing
from bridge.engine.inbox import Inbox
from bridge.engine.operate import Operators
from bridge.engine.prefill import Prefill
from bridge.engine.rehearsal import Rehearsal
from bridge.engine.signing import Signing
from bridge.engine.targets import Mode, Target, Targets
from bridge.engine.views import Views
from bridge.errors import SettingsError
from bridge.ports.liveness import Liveness
from bridge.ports.materials import Materials
from bridge.ports.store import Store
from bridge.registry import available, build_adapter
from bridge.settings import Settings, TargetSettings
from bridge.storage.engine import SqlStore
from bridge.storage.evidence import EvidencePacks
from bridge.storage.keeper import Keeper
from bridge.storage.locks import WorkerLocks
from bridge.storage.materials import SealedMaterials
from bridge.storage.outside import Outside
from bridge.storage.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Bridge:
    """Everything, plugged together."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    store: Store
    materials: Materials
    liveness: Liveness
    targets: Targets
    acceptance: Acceptance
    amendments: Amendments
    hearing: Hearing
    inbox: Inbox
    operators: Operators
    prefill: Prefill
    rehearsal: Rehearsal
    signing: Signing
    handovers: Handovers
    views: Views
    ledger: Keeper
    outside: Outside
    evidence: EvidencePacks

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


def build(settings: Settings, *, clock: Clock | None = None, targets: Targets | None = None) -> Bridge:
    """Plug everything together over an initialised data folder; over other `targets` than the settings', if given.

    Raises SettingsError naming the setting, also where `bridge init` has not been run; StoreError.
    """
    clock = clock or SystemClock()
    catalogue = Catalogue(settings.schemas_dir, clock)
    targets = build_targets(settings, catalogue, clock) if targets is None else targets
    keyring = Keyring.load(settings.key_file)
    store = SqlStore(settings.database_url, keyring, clock)
    try:
        keeper = Keeper(store, settings.signing_key_file, clock)
        materials = SealedMaterials(settings.data_dir / "materials", keyring)
        checker = Checker(catalogue=catalogue, targets=targets, materials=materials, clock=clock)
        hearing = Hearing(catalogue, targets, clock)
        return Bridge(
            settings=settings,
            clock=clock,
            catalogue=catalogue,
            store=store,
            materials=materials,
            liveness=WorkerLocks(settings.data_dir / "workers"),
            targets=targets,
            acceptance=Acceptance(store=store, catalogue=catalogue, targets=targets, checker=checker, clock=clock),
            amendments=Amendments(checker, store=store, catalogue=catalogue, targets=targets, clock=clock),
            hearing=hearing,
            inbox=Inbox(store, hearing, targets, clock),
            operators=Operators(store, targets, clock),
            prefill=Prefill(store, catalogue, clock),
            rehearsal=Rehearsal(store, catalogue, targets),
            handovers=Handovers(store, catalogue, targets, clock),
            signing=Signing(store, materials, targets, clock),
            views=Views(store, catalogue, targets, clock),
            ledger=keeper,
            outside=Outside(keeper, settings.ledger.checkpoint_dir, settings.data_dir),
            evidence=EvidencePacks(store, materials, keeper, clock),
        )
    except BaseException:
        store.close()
        raise


def build_targets(settings: Settings, catalogue: Catalogue, clock: Clock) -> Targets:
    """The targets of all routes, and any other that the settings name. Raises SettingsError for a name unknown."""
    plugged = available()
    routed = {step.target for matter in catalogue.matters() for step in matter.route}
    if unknown := sorted(set(settings.targets) - set(plugged)):
        name = unknown[0]
        known = "、".join(sorted(plugged))
        raise SettingsError(
            f"BRIDGE_TARGETS__{name.upper()}",
            f"没有名为 {name} 的适配器，已安装：{known} (no such adapter; installed: {known})",
        )
    return Targets(
        {
            name: _target(name, settings.targets.get(name, TargetSettings.model_validate({})), settings, clock)
            for name in sorted(routed | set(settings.targets))
            if name in plugged
        }
    )


def _target(name: str, own: TargetSettings, settings: Settings, clock: Clock) -> Target:
    """One target. Where a setting is missing it is there for its mapping, and says why no call can be made."""
    found = available()[name]
    values = own.values()
    build_it = partial(build_adapter, found, clock=clock, total_seconds=settings.http.total_seconds)
    try:
        return Target(build_it(values, own.secrets), _mode(own))
    except SettingsError as missing:
        return Target(build_it({}, {}, strict=False), _mode(own), unusable=missing)


def _mode(own: TargetSettings) -> Callable[[str], Mode]:
    """The mode by matter: its own, else the target's."""
    return lambda matter: Mode(own.modes.get(matter, own.mode))
