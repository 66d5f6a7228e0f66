from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.settings import load, unknown_variables, variable


@pytest.fixture(autouse=True)
def _folder_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder has no bridge.toml but that of the test."""
    monkeypatch.chdir(tmp_path)


def given(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Set variables, without their prefix."""
    for name, value in variables.items():
        monkeypatch.setenv(f"BRIDGE_{name}", value)


def test_defaults_are_those_of_the_contract() -> None:
    """Nothing set: the values that the design fixes."""
    found = load()
    assert found.data_dir == Path("bridge-data")
    assert found.database_url == "sqlite:///bridge-data/bridge.db"
    assert found.key_file == Path("bridge-data/bridge.key")
    assert (found.retry.first_seconds, found.retry.cap_seconds, found.retry.attempts) == (5, 3600, 25)
    assert (found.poll.seconds, found.http.total_seconds, found.lease_seconds) == (60, 30, 10)
    assert found.repair.approval_above == 1000
    assert found.targets == {}
    assert (found.schemas_dir / "matters").is_dir()


def test_variables_reach_every_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Double underscores go one table deeper; a target's upper case becomes lower; texts stay as they are."""
    given(
        monkeypatch,
        DATA_DIR="here",
        RETRY__FIRST_SECONDS="0.5",
        TARGETS__MUNICIPAL__URL="http://127.0.0.1:1",
        TARGETS__MUNICIPAL__APP_KEY="0012",
        TARGETS__MUNICIPAL__MODES__DISCHARGE_PERMIT="write",
        TARGETS__MUNICIPAL__SECRETS__APP_SECRET="env:X",
        LOG_LEVEL="info",
    )
    found = load()
    own = found.targets["municipal"]
    assert found.database_url == "sqlite:///here/bridge.db"
    assert found.retry.first_seconds == 0.5
    assert own.values() == {"url": "http://127.0.0.1:1", "app_key": "0012"}
    assert own.modes == {"discharge-permit": "write"}
    assert (own.mode, own.secrets, found.log_level) == ("observe", {"app_secret": "env:X"}, "INFO")


def test_a_variable_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file gives what no variable gives, table by table."""
    Path("bridge.toml").write_text("[retry]\nattempts = 3\ncap_seconds = 9\n[targets.x]\nport = 7\n", encoding="utf-8")
    given(monkeypatch, RETRY__ATTEMPTS="4", TARGETS__X__URL="u")
    found = load()
    assert (found.retry.attempts, found.retry.cap_seconds) == (4, 9)
    assert found.targets["x"].values() == {"url": "u", "port": "7"}


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable set to nothing is one that is not set."""
    given(monkeypatch, RETRY__ATTEMPTS="")
    assert load().retry.attempts == 25


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETRY__ATTEMPTS", "geheim"),
        ("RETRY__ATTEMPTS", "0"),
        ("RETRY__FIRST_SECONDS", "-7.25"),
        ("HTTP__TOTAL_SECONDS", "nan"),
        ("HTTP__TOTAL_SECONDS", "inf"),
        ("LEASE_SECONDS", "0.125"),
        ("RETRY__FRIST_SECONDS", "5.75"),
        ("POLL", "3.125"),
        ("TARGETS__X__MODE", "geheim"),
        ("TARGETS__X__MODES__DISCHARGE_PERMIT", "geheim"),
        ("TARGETS__X__SECRETS__KEY", "geheim"),
        ("LOG_LEVEL", "geheim"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message names the variable and the cure, Chinese first, never the value."""
    given(monkeypatch, **{name: value})
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.setting == f"BRIDGE_{name}"
    message = str(caught.value).removeprefix(f"BRIDGE_{name}: ")
    assert value not in message
    assert "一" <= message[0] <= "鿿"
    assert "(" in message
    assert caught.value.__cause__ is None


def test_all_bad_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who mends one need not run again to hear of the next."""
    given(monkeypatch, RETRY__ATTEMPTS="x", TARGETS__X__MODE="y")
    with pytest.raises(SettingsError, match=r"(?s)BRIDGE_RETRY__ATTEMPTS.*BRIDGE_TARGETS__X__MODE"):
        load()


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("retry = [", "BRIDGE_CONFIG"),
        ("[retri]\nattempts = 3\n", "BRIDGE_CONFIG"),
        ('[targets.x.secrets]\nkey = "geheim"\n', "BRIDGE_TARGETS__X__SECRETS__KEY"),
    ],
)
def test_a_bad_file_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, setting: str) -> None:
    """No TOML, a table unknown, or a secret in the file, even where a variable replaces it."""
    Path("bridge.toml").write_text(text, encoding="utf-8")
    given(monkeypatch, TARGETS__X__SECRETS__KEY="env:X")
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.setting == setting
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """`BRIDGE_CONFIG` is a promise; bridge.toml in the working folder is only looked for."""
    given(monkeypatch, CONFIG="nowhere.toml")
    with pytest.raises(SettingsError, match="BRIDGE_CONFIG"):
        load()


def test_slips_are_found_and_others_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that means nothing changes nothing, and `doctor` can name it."""
    given(monkeypatch, RETRI__ATTEMPTS="3", DEBUG="1", RETRY__ATTEMPTS="3")
    assert load().retry.attempts == 3
    assert unknown_variables() == ["BRIDGE_RETRI__ATTEMPTS"]


def test_a_value_where_a_table_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two variables that contradict each other are refused by name."""
    given(monkeypatch, RETRY="3", RETRY__ATTEMPTS="3")
    with pytest.raises(SettingsError, match="BRIDGE_RETRY__ATTEMPTS"):
        load()


def test_a_variable_by_its_steps() -> None:
    """The way to a setting is its variable."""
    assert variable("targets", "x", "modes", "discharge-permit") == "BRIDGE_TARGETS__X__MODES__DISCHARGE_PERMIT"
