"""Every setting once: its name, type, default and help. Read from `BRIDGE_*` variables and one TOML file.

A variable wins over the file; `__` in a variable's name goes one table deeper (`BRIDGE_RETRY__CAP_SECONDS` is
`cap_seconds` in `[retry]`), and names of targets are lower case here whatever they are there. Secrets are never values
of settings: a setting names the file or the variable that holds one. What does not belong here: what a setting does
(that stands in the room that gets its value), and settings that one adapter alone knows (its manifest declares them).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bridge.errors import SettingsError

PREFIX = "BRIDGE_"

NESTED = "__"

CONFIG = "BRIDGE_CONFIG"
"""The variable that names the TOML file; without it `bridge.toml` in the working folder is read where there is one."""

DEFAULT_CONFIG = "bridge.toml"

NOT_SETTINGS = frozenset({CONFIG, "BRIDGE_DEBUG"})
"""Variables of ours that are read before there are settings."""

INSTALLED = Path(__file__).parent.parent
"""The folder that holds `bridge`, `adapters` and `schemas`, in a clone and installed alike."""

Mode = Literal["write", "observe", "off"]

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda text: str(text).upper())]

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _dashed(modes: Any) -> Any:
    """Modes by matter; a variable's name cannot hold the dash of `discharge-permit`, so an underscore stands for it."""
    if not isinstance(modes, Mapping):
        return modes
    return {str(matter).replace("_", "-"): mode for matter, mode in modes.items()}


PLACE = r"^(file|env):.+$"
"""Where a secret is: `file:/path` or `env:NAME`."""

SecretPlace = Annotated[str, Field(pattern=PLACE)]


class TargetSettings(BaseModel):
    """One target. Beside these it takes what the adapter's manifest declares under `[settings]`."""

    model_config = ConfigDict(frozen=True, extra="allow", coerce_numbers_to_str=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, str]

    url: str | None = Field(default=None, description="对接系统接口地址 (address of the target's interface)")
    mode: Mode = Field(
        default="observe",
        description="write 推送, observe 只读取核对、不写入, off 停用"
        " (write: deliver; observe: read and reconcile, never write; off: leave it alone)",
    )
    modes: Annotated[dict[str, Mode], BeforeValidator(_dashed)] = Field(
        default_factory=dict,
        description="个别事项的模式，优先于 mode；变量名中以下划线代替事项名的连字符"
        " (mode of one matter, before `mode`; in a variable an underscore stands for the dash of a matter's name)",
    )
    secrets: dict[str, SecretPlace] = Field(
        default_factory=dict,
        description="密钥所在：file:/路径 或 env:变量名，不写密钥本身"
        " (where a secret is: file:/path or env:NAME, never the secret itself)",
    )

    def values(self) -> dict[str, str]:
        """The settings that the adapter's manifest may ask for, by name."""
        extra = dict(self.__pydantic_extra__ or {})
        return extra if self.url is None else {"url": self.url, **extra}


class _Group(BaseModel):
    """A table of settings; a name that is not in it is a slip, so it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RetrySettings(_Group):
    """The long schedule of attempts, kept in the database."""

    first_seconds: Seconds = Field(
        default=5,
        description="首次失败后最长多少秒再试，其后逐次加倍，在此范围内随机"
        " (longest wait after the first failure; doubled with each further one; the wait is random within it)",
    )
    cap_seconds: Seconds = Field(
        default=3600,
        description="两次尝试之间最长秒数，也是无响应系统的探测间隔"
        " (longest wait between two attempts; a silent target is probed at least this often)",
    )
    attempts: int = Field(
        default=25,
        ge=1,
        description="连续多少次没有进展即转人工处理 (attempts in a row without progress before a person is asked)",
    )


class PollSettings(_Group):
    """How often targets are asked for news."""

    seconds: Seconds = Field(
        default=60,
        description="bridge work 向每个对接系统查询进展的间隔秒数 (seconds between two polls of a target)",
    )


class HttpSettings(_Group):
    """Calls over HTTP."""

    total_seconds: Seconds = Field(
        default=30,
        description="一次调用从连接到读完答复的最长秒数"
        " (longest time of one call, from connecting to the answer's last byte)",
    )


class ServeSettings(_Group):
    """The door for callbacks."""

    host: str = Field(
        default="127.0.0.1",
        description="bridge serve 监听的地址 (address that `bridge serve` listens on)",
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        description="bridge serve 监听的端口，0 为任一空闲端口 (port that `bridge serve` listens on; 0: any free one)",
    )
    body_limit: int = Field(
        default=1_048_576,
        ge=1024,
        description="一次回调内容的最大字节数 (most bytes of one callback's body)",
    )
    header_seconds: Seconds = Field(
        default=10,
        description="等待一次请求的头部到齐的最长秒数，逾时断开"
        " (longest wait for all headers of a request; then the connection is closed)",
    )


class RepairSettings(_Group):
    """Repairs of differences."""

    approval_above: int = Field(
        default=1000,
        ge=0,
        description="一次修复超过多少条差异须由另一人批准"
        " (more differences than this at once need another person's approval)",
    )


class LedgerSettings(_Group):
    """The ledger's proof."""

    key_file: Path | None = Field(
        default=None,
        description="账本签名密钥，默认为密钥文件旁的 ledger.key (signs checkpoints; by default beside the key file)",
    )
    checkpoint_dir: Path | None = Field(
        default=None,
        description="检查点另存目录，须在数据目录之外，最好在另一台机器上"
        " (folder that checkpoints are written to: outside the data folder, best on another machine)",
    )
    warn_seconds: Seconds = Field(default=86400, description="多少秒无外部检查点即告警 (warn without one outside)")


class Settings(BaseSettings):
    """All settings of one installation. Relative paths are relative to the working folder."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Field(
        default=Path("bridge-data"),
        description="数据目录：数据库、密钥、申请材料 (data folder: database, key, materials)",
    )
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['data_dir']}/bridge.db",
        description="数据库地址，默认为数据目录下的 bridge.db"
        " (database; by default SQLite `bridge.db` in the data folder)",
    )
    key_file: Path = Field(
        default_factory=lambda data: data["data_dir"] / "bridge.key",
        description="密钥文件，默认为数据目录下的 bridge.key；请与数据库分开备份"
        " (key file; by default `bridge.key` in the data folder; back it up apart from the database)",
    )
    schemas_dir: Path = Field(
        default=INSTALLED / "schemas",
        description="事项与登记数据目录，默认随程序安装"
        " (matters and registers; by default those installed with the program)",
    )
    lease_seconds: float = Field(
        default=10,
        ge=1,
        allow_inf_nan=False,
        description="推送进程的租约秒数 (lease of a worker; a dead one's work is taken over when it ends)",
    )
    log_level: LogLevel = Field(
        default="WARNING",
        description="日志级别：DEBUG, INFO, WARNING, ERROR (level from which on events are logged)",
    )
    retry: RetrySettings = Field(default_factory=RetrySettings, description="重试 (retries)")
    poll: PollSettings = Field(default_factory=PollSettings, description="查询进展 (polling)")
    http: HttpSettings = Field(default_factory=HttpSettings, description="HTTP 调用 (calls over HTTP)")
    serve: ServeSettings = Field(default_factory=ServeSettings, description="接收回调 (taking callbacks)")
    repair: RepairSettings = Field(default_factory=RepairSettings, description="差异修复 (repairs)")
    ledger: LedgerSettings = Field(default_factory=LedgerSettings, description="账本 (the ledger)")
    targets: dict[str, TargetSettings] = Field(
        default_factory=dict, description="各对接系统，以适配器名为键 (the targets, by adapter name)"
    )

    @property
    def signing_key_file(self) -> Path:
        """The key that signs checkpoints."""
        return self.ledger.key_file or self.key_file.with_name("ledger.key")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Our two sources, the first before the second."""
        del env_settings, dotenv_settings, file_secret_settings  # they guess types of values, and know no targets
        return init_settings, Variables(settings_cls), File(settings_cls)


class Variables(PydanticBaseSettingsSource):
    """`BRIDGE_*` variables as one tree of texts. An empty variable is one that is not set."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One top-level setting of the tree; part of the base class's promise."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The tree. Raises SettingsError where one variable is both a value and a table."""
        tree: dict[str, Any] = {}
        for name in sorted(variables()):
            *tables, last = name.removeprefix(PREFIX).lower().split(NESTED)
            table = tree
            for step in tables:
                table = table.setdefault(step, {})
                if not isinstance(table, dict):
                    raise SettingsError(name, "与另一个变量冲突 (another variable gives a value here)")
            table[last] = os.environ[name]
        return tree


class File(PydanticBaseSettingsSource):
    """The TOML file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One top-level setting of the file; part of the base class's promise."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Raises SettingsError where the file that `BRIDGE_CONFIG` names is not there, or is no TOML."""
        named = os.environ.get(CONFIG)
        path = Path(named or DEFAULT_CONFIG)
        if not named and not path.is_file():
            return {}
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as exc:
            raise SettingsError(CONFIG, "配置文件不存在或无法读取 (the file is not there or cannot be read)") from exc
        except ValueError as exc:
            raise SettingsError(CONFIG, "配置文件不是有效的 TOML (not a valid TOML file)") from exc
        if unknown := sorted(set(tree) - set(Settings.model_fields)):
            raise SettingsError(CONFIG, f"配置文件中有未知设置 {unknown[0]} (the file has an unknown setting)")
        _refuse_secrets(tree)
        return tree


def _refuse_secrets(tree: Mapping[str, Any]) -> None:
    """Raise SettingsError where the file holds a secret itself, also one that a variable would replace."""
    targets = tree.get("targets")
    for target, own in targets.items() if isinstance(targets, Mapping) else ():
        places = own.get("secrets") if isinstance(own, Mapping) else None
        for name, place in places.items() if isinstance(places, Mapping) else ():
            if not re.match(PLACE, str(place)):
                raise SettingsError(
                    variable("targets", target, "secrets", name), _COMPLAINTS["string_pattern_mismatch"]
                )


def load() -> Settings:
    """The settings in force. Raises SettingsError naming each that is wrong, never with its value."""
    try:
        return Settings()
    except ValidationError as exc:
        problems = [
            (variable(*found["loc"]), _complaint(found["type"], found.get("ctx", {})))
            for found in exc.errors(include_url=False, include_input=False)
            if found["type"] != "default_factory_not_called"
        ]
        (name, message), *others = problems
        rest = "".join(f"\n{other}: {why}" for other, why in others)
        raise SettingsError(name, message + rest) from None


def variable(*steps: object) -> str:
    """The variable of a setting, by the steps to it: `("retry", "attempts")` → `BRIDGE_RETRY__ATTEMPTS`."""
    return PREFIX + NESTED.join(str(step).replace("-", "_").upper() for step in steps if step != "[key]")


def variables() -> Iterator[str]:
    """The names of the `BRIDGE_*` variables that are set and mean settings."""
    for name, value in os.environ.items():
        if name.startswith(PREFIX) and value and name not in NOT_SETTINGS:
            yield name


def unknown_variables() -> list[str]:
    """`BRIDGE_*` variables that name no setting: a slip, or somebody else's. They change nothing."""
    return sorted(
        name for name in variables() if name.removeprefix(PREFIX).lower().split(NESTED)[0] not in Settings.model_fields
    )


def described(model: type[BaseModel] = Settings, *steps: str) -> Iterator[tuple[str, str, str, str]]:
    """Each setting with its variable, type, default and help, for the reference page and `bridge doctor`."""
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from described(inner, *steps, name)
        elif name == "targets":
            yield from described(TargetSettings, *steps, name, "<target>")
        else:
            path = (*steps, name, "<name>") if info.default_factory is dict else (*steps, name)
            yield variable(*path), _type_name(info), _default(info), info.description or ""


def _type_name(info: FieldInfo) -> str:
    """The type of a setting as a person would say it."""
    inner = info.annotation
    if choices := [choice for choice in get_args(inner) if isinstance(choice, str)]:
        return " · ".join(choices)
    names = {int: "integer", float: "number", str: "text", Path: "path"}
    kinds = [names[kind] for kind in (inner, *get_args(inner)) if isinstance(kind, type) and kind in names]
    if get_args(inner)[:1] == (str,) and info.default_factory is dict:
        return " · ".join(get_args(Mode)) if "mode" in (info.description or "") else "file:… · env:…"
    return kinds[0] if kinds else "text"


def _default(info: FieldInfo) -> str:
    """The default of a setting as the reference page shows it; a path of this machine is not shown."""
    if info.default_factory is not None or info.default is None:
        return "–"
    if isinstance(info.default, Path) and info.default.is_absolute():
        return "–"
    return str(info.default)


_COMPLAINTS = {
    "int": "应为整数 (a whole number is wanted)",
    "float": "应为数字 (a number is wanted)",
    "string_pattern_mismatch": "请写 file:/路径 或 env:变量名，不要写密钥本身"
    " (give file:/path or env:NAME, never the secret itself)",
    "string": "应为文本 (a text is wanted)",
    "path": "应为路径 (a path is wanted)",
    "dict": "应为一组设置 (a table of settings is wanted)",
    "model": "应为一组设置 (a table of settings is wanted)",
    "finite_number": "应为有限的数字 (a finite number is wanted)",
    "extra_forbidden": "没有这项设置，请检查拼写 (there is no such setting: check the spelling)",
}
"""What is said of each kind of mistake, by the beginning of its name in pydantic."""


def _complaint(kind: str, context: Mapping[str, Any]) -> str:
    """What is wrong with a setting, in words, without its value."""
    if kind == "literal_error":
        return f"可选 (one of): {context['expected']}"
    for bound, words in (
        ("gt", "应大于 {0} (more than {0})"),
        ("ge", "应不小于 {0} (at least {0})"),
        ("le", "应不大于 {0} (at most {0})"),
    ):
        if bound in context:
            return words.format(context[bound])
    return next((words for start, words in _COMPLAINTS.items() if kind.startswith(start)), "设置有误 (not valid)")
