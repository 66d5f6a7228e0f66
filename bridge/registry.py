"""Finds adapters and builds them: folders under `adapters/` by their manifest, installed ones by an entry point.

Finding reads manifests only; an adapter's code is imported when it is built. What does not belong here: which targets
an installation uses and in which mode (its settings and its matters' routes say so; `wiring` brings them together).
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from bridge.clock import Clock
from bridge.contract.adapter import Adapter, AdapterContext
from bridge.contract.manifest import Manifest, Setting, read_manifest
from bridge.errors import AdapterBug, SettingsError

ENTRY_POINTS = "permit_bridge.adapters"
"""The group in which an installed package names its adapter: `<id> = "<package>"`, a package with `manifest.toml`."""

FOLDER = Path(__file__).parent.parent / "adapters"

MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Found:
    """One adapter that is there, not yet imported."""

    manifest: Manifest
    package: str
    """The package with `create`."""
    folder: Path

    def create(self, context: AdapterContext) -> Adapter:
        """Import its code and build it. Raises SettingsError where a setting does not suit it; AdapterBug."""
        try:
            adapter: Adapter = importlib.import_module(self.package).create(context)
        except SettingsError as exc:
            if exc.setting.startswith("BRIDGE_"):
                raise
            raise SettingsError(_variable(self.manifest.id, exc.setting), str(exc).partition(": ")[2]) from exc
        except Exception as exc:
            message = f"适配器 {self.manifest.id} 无法装载 (the adapter cannot be loaded): {type(exc).__name__}"
            raise AdapterBug(message) from exc
        return adapter


def available(folder: Path = FOLDER) -> dict[str, Found]:
    """Every adapter that is there, by id. Folders whose name begins with `_` are templates.

    Raises SettingsError naming the manifest that is wrong, whose id is not its folder's name, or that is there twice.
    """
    found: dict[str, Found] = {}
    for one in [*_folders(folder), *_installed()]:
        name = one.manifest.id
        if name in found:
            raise SettingsError(str(one.folder), f"适配器 {name} 重复 (this adapter is there twice)")
        found[name] = one
    return found


def build_adapter(
    found: Found,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    clock: Clock,
    total_seconds: float,
    strict: bool = True,
) -> Adapter:
    """Build an adapter from values of settings and places of secrets (`file:/path`, `env:NAME`).

    Raises SettingsError naming the variable that is missing, unknown, or leads to no secret. With `strict` false it is
    built from what there is, for its mapping alone.
    """
    context = AdapterContext(
        manifest=found.manifest,
        settings=_settings(found.manifest, settings, strict=strict),
        secrets=_secrets(found.manifest, secrets) if strict else {one.name: "" for one in found.manifest.secrets},
        clock=clock,
        total_seconds=total_seconds,
    )
    return found.create(context)


def _folders(folder: Path) -> Iterator[Found]:
    """Adapters that are folders of ours."""
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        if not manifest.parent.name.startswith("_"):
            yield _read(manifest.parent, f"{folder.name}.{manifest.parent.name}", manifest.parent.name)


def _installed() -> Iterator[Found]:
    """Adapters that came as packages."""
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        spec = importlib.util.find_spec(point.module)
        if spec is None or not spec.submodule_search_locations:
            message = f"入口 {ENTRY_POINTS} 指向的包不存在 (its entry point leads to no package)"
            raise SettingsError(point.name, message)
        yield _read(Path(next(iter(spec.submodule_search_locations))), point.module, point.name)


def _read(folder: Path, package: str, name: str) -> Found:
    """One adapter by its manifest, whose id must be `name`."""
    manifest = read_manifest(folder / MANIFEST)
    if manifest.id != name:
        message = f"清单中的 id 应为 {name} (its id must be the name of its folder or entry point)"
        raise SettingsError(str(folder / MANIFEST), message)
    return Found(manifest, package, folder)


def _settings(manifest: Manifest, given: Mapping[str, str], *, strict: bool) -> dict[str, str]:
    """The values by the manifest, defaults filled in. A target that needs no address may be given one all the same."""
    known = {setting.name for setting in manifest.settings}
    values = {setting.name: setting.default for setting in manifest.settings} | dict(given)
    for name in sorted(set(given) - known - {"url"}) if strict else ():
        message = (
            f"适配器 {manifest.id} 没有这项设置，可用：{'、'.join(sorted(known))} (no such setting of the adapter)"
        )
        raise SettingsError(_variable(manifest.id, name), message)
    for setting in manifest.settings if strict else ():
        if values[setting.name] is None:
            raise _missing(_variable(manifest.id, setting.name), setting)
    return {name: value or "" for name, value in values.items()}


def _secrets(manifest: Manifest, places: Mapping[str, str]) -> dict[str, str]:
    """The secrets that the manifest declares, each read from its place."""
    known = {secret.name for secret in manifest.secrets}
    if unknown := sorted(set(places) - known):
        message = (
            f"适配器 {manifest.id} 没有这项密钥，可用：{'、'.join(sorted(known))} (the adapter has no such secret)"
        )
        raise SettingsError(_variable(manifest.id, "secrets", unknown[0]), message)
    values: dict[str, str] = {}
    for secret in manifest.secrets:
        variable = _variable(manifest.id, "secrets", secret.name)
        if secret.name in places:
            values[secret.name] = read_secret(variable, places[secret.name])
        elif secret.default is None:
            raise _missing(variable, secret)
        else:
            values[secret.name] = secret.default
    return values


def read_secret(variable: str, place: str) -> str:
    """The secret at `file:/path` (white space around it is not part of it) or `env:NAME`.

    Raises SettingsError naming `variable`, the setting that says the place, where there is none.
    """
    kind, _, where = place.partition(":")
    if kind == "env":
        secret = os.environ.get(where, "")
    elif kind == "file":
        try:
            secret = Path(where).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(variable, "密钥文件不存在或无法读取 (the secret's file cannot be read)") from exc
    else:
        raise SettingsError(variable, "请写 file:/路径 或 env:变量名 (give file:/path or env:NAME)")
    if not secret:
        raise SettingsError(variable, "所指的密钥为空 (there is no secret at the place it names)")
    return secret


def _missing(variable: str, setting: Setting) -> SettingsError:
    """The error for a setting that must be given."""
    return SettingsError(variable, f"缺少设置，请补充 (missing, give it): {setting.help}")


def _variable(target: str, *steps: str) -> str:
    """The variable of one setting of a target."""
    return "__".join(["BRIDGE_TARGETS", target.upper(), *(step.upper() for step in steps)])
