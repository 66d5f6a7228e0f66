from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bridge import registry
from bridge.clock import SystemClock
from bridge.contract.adapter import Adapter
from bridge.errors import AdapterBug, SettingsError
from bridge.registry import Found, available, build_adapter, read_secret

MANIFEST = (registry.FOLDER / "demo/manifest.toml").read_text(encoding="utf-8")
CREATE = "def create(context):\n    return context\n"


def plant(root: Path, name: str, *, id_: str | None = None, code: str = CREATE, more: str = "") -> Path:
    """An adapter folder like the demonstration's, under another name."""
    folder = root / name
    folder.mkdir(parents=True)
    manifest = MANIFEST.replace('id = "demo"', f'id = "{id_ or name}"').replace("[provenance]", more + "\n[provenance]")
    (folder / "manifest.toml").write_text(manifest, encoding="utf-8")
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    return folder


def build(found: Found, settings: dict[str, str], secrets: dict[str, str], *, strict: bool = True) -> Adapter:
    """Build with the machine's clock."""
    return build_adapter(found, settings, secrets, clock=SystemClock(), total_seconds=3, strict=strict)


def test_folders_are_found_and_templates_are_not(tmp_path: Path) -> None:
    """A folder with a manifest is an adapter, unless its name begins with an underscore."""
    plant(tmp_path, "one")
    plant(tmp_path, "_template")
    (tmp_path / "two").mkdir()
    assert list(available(tmp_path)) == ["one"]


def test_ours_are_there() -> None:
    """The targets of this release and the demonstration are found, without importing their code."""
    assert {"demo", "discharge", "municipal"} <= set(available())


def test_a_manifest_of_another_name_is_refused(tmp_path: Path) -> None:
    """The id is the folder's name."""
    plant(tmp_path, "one", id_="other")
    with pytest.raises(SettingsError, match=r"manifest\.toml"):
        available(tmp_path)


def test_installed_adapters_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that an entry point names is an adapter like a folder; one that is there twice is refused."""
    plant(tmp_path / "site", "installed_one", id_="far")
    monkeypatch.syspath_prepend(tmp_path / "site")
    points = [EntryPoint("far", "installed_one", registry.ENTRY_POINTS)]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points if group == registry.ENTRY_POINTS else [])
    found = available(tmp_path)["far"]
    assert found.package == "installed_one"
    built = build(found, {}, {})
    assert built.manifest.id == "far"
    plant(tmp_path, "far")
    with pytest.raises(SettingsError, match="far"):
        available(tmp_path)


def test_an_entry_point_that_leads_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not there is told by its entry point's name."""
    points = [EntryPoint("far", "no_such_package_here", registry.ENTRY_POINTS)]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points if group else [])
    with pytest.raises(SettingsError, match="far"):
        available(tmp_path)


def test_settings_and_secrets_reach_the_adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values, defaults and secrets from file and variable are what the manifest asked for."""
    wanted = {"settings.url": "", "secrets.a": "", "secrets.b": "", "secrets.c": 'default = ""'}
    more = "".join(f'[{name}]\nhelp = "h"\n{default}\n' for name, default in wanted.items())
    plant(tmp_path / "site", "wanting", more=more)
    monkeypatch.syspath_prepend(tmp_path / "site")
    (tmp_path / "a").write_text("  geheim\n", encoding="utf-8")
    monkeypatch.setenv("WHERE_B", "b-geheim")
    found = Found(available(tmp_path / "site")["wanting"].manifest, "wanting", tmp_path)
    built = build(found, {"url": "u"}, {"a": f"file:{tmp_path}/a", "b": "env:WHERE_B"})
    assert vars_of(built, "settings") == {"url": "u", "behaviour": "works", "seconds": "1"}
    assert vars_of(built, "secrets") == {"a": "geheim", "b": "b-geheim", "c": ""}


def vars_of(built: object, name: str) -> dict[str, str]:
    """What the planted adapter, which is its own context, was given."""
    given: dict[str, str] = getattr(built, name)
    return given


@pytest.mark.parametrize(
    ("settings", "secrets", "named"),
    [
        ({}, {}, "BRIDGE_TARGETS__DISCHARGE__URL"),
        ({"url": "http://x"}, {}, "BRIDGE_TARGETS__DISCHARGE__SECRETS__CLIENT_SECRET"),
        ({"url": "http://x", "ulr": "geheim"}, {}, "BRIDGE_TARGETS__DISCHARGE__ULR"),
        ({"url": "http://x"}, {"key": "geheim"}, "BRIDGE_TARGETS__DISCHARGE__SECRETS__KEY"),
        ({"url": "http://x"}, {"client_secret": "file:nowhere"}, "BRIDGE_TARGETS__DISCHARGE__SECRETS__CLIENT_SECRET"),
        ({"url": "http://x"}, {"client_secret": "env:NOT_SET"}, "BRIDGE_TARGETS__DISCHARGE__SECRETS__CLIENT_SECRET"),
    ],
)
def test_what_is_missing_or_unknown_is_named(settings: dict[str, str], secrets: dict[str, str], named: str) -> None:
    """The variable to mend is named, no value is; without `strict` the adapter is built for its mapping alone."""
    found = available()["discharge"]
    with pytest.raises(SettingsError) as caught:
        build(found, settings, secrets)
    assert caught.value.setting == named
    assert "geheim" not in str(caught.value)
    assert build(found, settings, secrets, strict=False).manifest.id == "discharge"


def test_a_setting_that_an_adapter_refuses_is_named_as_the_operator_wrote_it() -> None:
    """An adapter knows its settings by short names; the operator hears the variable."""
    with pytest.raises(SettingsError) as caught:
        build(available()["demo"], {"behaviour": "dances"}, {})
    assert caught.value.setting == "BRIDGE_TARGETS__DEMO__BEHAVIOUR"


def test_an_adapter_that_fails_to_load_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but a settings error is the adapter's bug, told without a traceback."""
    plant(tmp_path / "site", "broken_one", code="raise ValueError('geheim')\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    manifest = available(tmp_path / "site")["broken_one"].manifest
    with pytest.raises(AdapterBug, match="ValueError") as caught:
        build(Found(manifest, "broken_one", tmp_path), {}, {})
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("place", ["env:NOT_SET", "file:", "file:nowhere", "geheim", ""])
def test_a_place_without_a_secret_is_refused(place: str) -> None:
    """The setting that says the place is named."""
    with pytest.raises(SettingsError, match="THE_SETTING"):
        read_secret("THE_SETTING", place)
