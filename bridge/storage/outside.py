"""Checkpoints outside the data folder: another disk, a share, a mailbox's spool. What left cannot be rewritten here.

In a folder there is one file a day and ledger, always the newest of its day, beside the public key. Before a newer
one is written the newest that lies there must still agree with the ledger: a ledger that was cut or rewritten is
found, and its witness is left alone. What does not belong here: signing (`keeper`).
"""

from __future__ import annotations

import os
from pathlib import Path

from bridge.clock import CHINA, from_micros
from bridge.errors import SettingsError, StoreError
from bridge.ledger.checkpoint import LONGEST, BadCheckpoint, Checkpoint
from bridge.storage.keeper import Keeper
from bridge.storage.sealing import sync_folder

SETTING = "BRIDGE_LEDGER__CHECKPOINT_DIR"

SHORT = 8
"""Characters of the installation's id in names of files: several ledgers may share a folder."""


class OutsideDisagrees(StoreError):
    """外部检查点与账本不符，请运行 bridge audit verify (a checkpoint outside does not agree with the ledger)."""


class Outside:
    """Where checkpoints of one ledger go."""

    def __init__(self, keeper: Keeper, folder: Path | None, data_dir: Path) -> None:
        """`folder` None: nowhere by itself. Raises SettingsError where it lies in the data folder."""
        self.keeper, self.folder, self._data_dir = keeper, folder, data_dir
        if folder is not None:
            self._require_outside(folder, SETTING)

    def upkeep(self, *, end: bool) -> None:
        """The keeper's upkeep; and what it signed is written to the folder, where there is one.

        Raises as `write`, and as `Keeper.upkeep`.
        """
        made = self.keeper.upkeep(end=end)
        if self.folder is None:
            return
        if made is None and end:
            made = self._unwritten()
        if made is not None:
            self.write(made)

    def write(self, made: tuple[Checkpoint, str], place: Path | None = None) -> Path:
        """Write a checkpoint to a folder (None: the one of the settings), or to a file of any name; the file.

        Raises OutsideDisagrees where what lies there is not this ledger's past, SettingsError where the place is in
        the data folder or is not there, StoreError where it cannot be written to.
        """
        if place is None:
            place = self.folder
            if place is None or not place.is_dir():  # never made here: a share that is not mounted has no folder
                raise SettingsError(SETTING, "目录不存在，是否未挂载 (there is no such folder: is it mounted?)")
        self._require_outside(place, "-o")
        checkpoint, text = made
        try:
            if place.is_dir():
                file = self._of_day(place, checkpoint)
                self._require_agreement(sorted(place.glob(f"checkpoint-{self._name()}-*.txt")))
                _write(place / f"ledger-{self._name()}.pub", f"{self.keeper.public_key()}\n".encode())
            else:
                file = place
                self._require_agreement([file])
            _write(file, text.encode())
            sync_folder(file.parent)
        except OSError as exc:
            message = f"检查点无法写出：{exc.strerror} (the checkpoint cannot be written outside): {place}"
            raise StoreError(message) from exc
        self.keeper.witnessed(checkpoint, str(file.absolute()))
        return file

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that lies in the folder. Raises BadCheckpoint, SettingsError, StoreError."""
        if self.folder is None or not self.folder.is_dir():
            return None
        files = sorted(self.folder.glob(f"checkpoint-{self._name()}-*.txt"))
        return self.read(files[-1]) if files else None

    def read(self, file: Path) -> Checkpoint:
        """The checkpoint of a file. Raises BadCheckpoint, SettingsError, StoreError."""
        try:
            with file.open("rb") as opened:
                text = opened.read(LONGEST + 1).decode()
        except OSError as exc:
            raise StoreError(f"检查点文件无法读取 (a checkpoint cannot be read): {file}") from exc
        except UnicodeDecodeError as exc:
            raise BadCheckpoint("不是检查点文件 (not a checkpoint)") from exc
        return self.keeper.read_checkpoint(text)

    def _unwritten(self) -> tuple[Checkpoint, str] | None:
        """The newest checkpoint, where nothing outside is as new."""
        standing = self.keeper.standing()
        if standing.checkpoint is None or (standing.outside and standing.outside[2] >= standing.checkpoint.size):
            return None
        return self.keeper.checkpoint()

    def _require_agreement(self, files: list[Path]) -> None:
        """Raise OutsideDisagrees where the last of some files is there and not this ledger's past."""
        if not files or not files[-1].exists():
            return
        try:
            before = self.read(files[-1])
        except BadCheckpoint as exc:
            raise OutsideDisagrees(f"{exc}: {files[-1]}") from exc
        if not self.keeper.agrees(before):
            raise OutsideDisagrees

    def _require_outside(self, place: Path, name: str) -> None:
        if place.resolve().is_relative_to(self._data_dir.resolve()):
            message = "检查点应写到数据目录之外 (a checkpoint belongs outside the data folder)"
            raise SettingsError(name, message)

    def _of_day(self, folder: Path, checkpoint: Checkpoint) -> Path:
        day = from_micros(checkpoint.at).astimezone(CHINA)
        return folder / f"checkpoint-{self._name()}-{day:%Y%m%d}.txt"

    def _name(self) -> str:
        return self.keeper.origin.rpartition("/")[2][:SHORT]


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)
