"""证据包核验：只用 Python 标准库，不需要本系统 (checks an evidence pack with Python's standard library alone).

    python verify.py PACK.zip [KEY.pub]     PACK.zip 或解包后的目录 (or its unpacked folder)

The key is in the pack, too; give the one that you hold (KEY.pub), or compare what is printed with it.

Prints each check, then 真实性, 完整性, 可用性, 安全性 (DA/T 70), and leaves with 0 where all hold, else with 1.
Nothing is written anywhere. Other tools can check the same checkpoint: it is a C2SP signed note (Ed25519, RFC 8032)
of a tree of RFC 6962. What does not belong here: anything outside the standard library, and making packs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

GENESIS = "sha256:" + "0" * 64
PROOF = "data/proof/"
TIMELINE = "data/timeline.jsonl"
KEY = f"{PROOF}public-key.txt"
NEEDED = (
    "bagit.txt",
    "bag-info.txt",
    "manifest-sha256.txt",
    "manifest-sm3.txt",
    "tagmanifest-sha256.txt",
    "verify.py",
    "data/application.json",
    "data/report.html",
    TIMELINE,
    f"{PROOF}checkpoint.txt",
    f"{PROOF}inclusion.json",
    f"{PROOF}digests.json",
    KEY,
)
OPEN = (
    ".json",
    ".jsonl",
    ".html",
    ".csv",
    ".txt",
    ".py",
    ".pdf",
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".ofd",
    ".bin",
)
FILES = ("data/materials/", "data/papers/")
"""What people handed in or bodies issued, in whatever format."""
MOST_BYTES = 4 << 30
MADE = "evidence_made"

AUTHENTIC, WHOLE, USABLE, SAFE = "真实性", "完整性", "可用性", "安全性"


class Flaw(Exception):
    """What does not hold: which of the four, and why."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


# --- hash functions -------------------------------------------------------------------------------------------------

_MASK = 0xFFFFFFFF
_START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _left(value: int, by: int) -> int:
    by %= 32
    return (value << by | value >> (32 - by)) & _MASK


def plain_sm3(data: bytes) -> bytes:
    """SM3 by GB/T 32905-2016, for a Python whose OpenSSL has none."""
    tail = b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (len(data) * 8).to_bytes(8, "big")
    whole = data + tail
    state: tuple[int, ...] = _START
    for start in range(0, len(whole), 64):
        words = [int.from_bytes(whole[start + at : start + at + 4], "big") for at in range(0, 64, 4)]
        for at in range(16, 68):
            mixed = words[at - 16] ^ words[at - 9] ^ _left(words[at - 3], 15)
            mixed ^= _left(mixed, 15) ^ _left(mixed, 23)
            words.append(mixed ^ _left(words[at - 13], 7) ^ words[at - 6])
        state = _compressed(state, words)
    return b"".join(word.to_bytes(4, "big") for word in state)


def _compressed(state: tuple[int, ...], words: list[int]) -> tuple[int, ...]:
    """One block of SM3."""
    a, b, c, d, e, f, g, h = state
    for at in range(64):
        first = at < 16
        turned = _left((_left(a, 12) + e + _left(0x79CC4519 if first else 0x7A879D8A, at)) & _MASK, 7)
        ff = a ^ b ^ c if first else a & b | a & c | b & c
        gg = e ^ f ^ g if first else e & f | ~e & _MASK & g
        one = (ff + d + (turned ^ _left(a, 12)) + (words[at] ^ words[at + 4])) & _MASK
        two = (gg + h + turned + words[at]) & _MASK
        a, b, c, d = one, a, _left(b, 9), c
        e, f, g, h = two ^ _left(two, 9) ^ _left(two, 17), e, _left(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """SM3, by OpenSSL where it is there."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        return plain_sm3(data)


HASHES: dict[str, Callable[[bytes], bytes]] = {"sha256": sha256, "sm3": sm3}

# --- Ed25519 (RFC 8032 section 5.1.7) ---------------------------------------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _add(one: _Point, other: _Point) -> _Point:
    """The sum of two points, in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(by: int, point: _Point) -> _Point:
    """A point so many times."""
    total: _Point = (0, 1, 1, 0)
    while by:
        if by & 1:
            total = _add(total, point)
        point, by = _add(point, point), by >> 1
    return total


def _point(data: bytes) -> _Point | None:
    """A point out of its 32 bytes; None where they are none."""
    sign, y = data[31] >> 7, int.from_bytes(data, "little") & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of 64 bytes over a message is the key's."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, first, scalar = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    base = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    if key is None or first is None or base is None or scalar >= _ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _ORDER
    left, right = _times(scalar, base), _add(first, _times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 == (left[1] * right[2] - right[1] * left[2]) % _P


# --- the tree (RFC 9162 section 2.1.3.2) ------------------------------------------------------------------------------


def included(name: str, content: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:  # noqa: PLR0917 - as the standard has it
    """Whether a path proves that an event is number `index` of `size` under the root."""
    if not 0 <= index < size:
        return False
    make = HASHES[name]
    place, last, found = index, size - 1, make(b"\x00" + content)
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = make(b"\x01" + step + found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = make(b"\x01" + found + step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


# --- the pack -------------------------------------------------------------------------------------------------------


def read(place: Path) -> dict[str, bytes]:
    """Every file of a pack by its name, in memory. Raises Flaw where a name or the archive is not safe."""
    if place.is_dir():
        found = {
            one.relative_to(place).as_posix(): one for one in place.rglob("*") if not one.is_dir() or one.is_symlink()
        }
        if links := [name for name, one in found.items() if one.is_symlink()]:
            raise Flaw(SAFE, f"有符号链接 (a symbolic link): {links[0]!r}")
        return {name: one.read_bytes() for name, one in found.items()}
    try:
        with zipfile.ZipFile(place) as pack:
            members = pack.infolist()
            _require_safe(members)
            return {one.filename: pack.read(one) for one in members if not one.is_dir()}
    except FileNotFoundError as exc:
        raise Flaw(USABLE, "没有这个文件 (there is no such file)") from exc
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as exc:
        raise Flaw(WHOLE, "压缩包损坏 (the archive is damaged)") from exc


def _require_safe(members: list[zipfile.ZipInfo]) -> None:
    """Refuse names that would leave the folder or stand twice, and what is no plain file."""
    if len({one.filename for one in members}) != len(members):
        raise Flaw(SAFE, "有重名文件 (two files of one name)")
    if sum(one.file_size for one in members) > MOST_BYTES:
        raise Flaw(SAFE, "解包后过大 (too large when unpacked)")
    for one in members:
        path = PurePosixPath(one.filename)
        if path.is_absolute() or ".." in path.parts or re.search(r'[\\:*?"<>|\x00-\x1f]', one.orig_filename):
            raise Flaw(SAFE, f"文件名不安全 (an unsafe name): {one.filename!r}")
        if stat.S_ISLNK(one.external_attr >> 16):
            raise Flaw(SAFE, f"有符号链接 (a symbolic link): {one.filename!r}")


def check_whole(files: dict[str, bytes]) -> Iterator[str]:
    """Everything that belongs in the pack is there, unchanged, and nothing else."""
    if missing := [name for name in NEEDED if name not in files]:
        raise Flaw(WHOLE, f"缺少文件 (a file is missing): {missing[0]}")
    payload = {name for name in files if name.startswith("data/")}
    for name in ("manifest-sha256.txt", "manifest-sm3.txt"):
        _check_manifest(files, name, payload)
        yield f"{name}：{len(payload)} 个文件一致 (files as listed)"
    _check_manifest(files, "tagmanifest-sha256.txt", set(files) - payload - {"tagmanifest-sha256.txt"})
    yield "tagmanifest-sha256.txt：一致 (as listed)"


def _check_manifest(files: dict[str, bytes], name: str, wanted: set[str]) -> None:
    """One manifest of BagIt (RFC 8493 section 2.1.3)."""
    make = HASHES[name.rpartition("-")[2].removesuffix(".txt")]
    lines = [line.split("  ", 1) for line in files[name].decode("utf-8", "replace").splitlines()]
    told = {line[-1]: line[0] for line in lines}
    if extra := sorted(wanted - set(told)):
        raise Flaw(SAFE, f"清单之外的文件 (a file that is not listed): {extra[0]!r}")
    if missing := sorted(set(told) - wanted):
        raise Flaw(WHOLE, f"清单所列文件缺失 (a listed file is missing): {missing[0]!r}")
    for path in sorted(wanted):
        if make(files[path]).hex() != told[path]:
            raise Flaw(AUTHENTIC, f"文件已被改动 (a file was changed): {path!r}")


def check_authentic(files: dict[str, bytes]) -> Iterator[str]:
    """The events form one chain, each is in the signed tree, and every file is the one that they name."""
    size, roots = _checkpoint(files)
    yield f"检查点签名有效，账本共 {size} 条，公钥 (key, compare it): {files[KEY].decode().strip()}"
    events = files[TIMELINE].split(b"\n")[:-1]
    told = [json.loads(one) for one in events]
    _check_chain(events, told, json.loads(files["data/application.json"])["application"])
    yield f"事件链连续 (the chain has no gap): {len(events)} 条"
    proofs = json.loads(files[f"{PROOF}inclusion.json"])
    if len(proofs) != len(events):
        raise Flaw(WHOLE, "证明与事件数目不符 (not one proof for each event)")
    for content, event, proof in zip(events, told, proofs, strict=True):
        for name, root in roots.items():
            path = [base64.b64decode(step) for step in proof[name]]
            if not included(name, content, event["position"] - 1, size, path, root):
                raise Flaw(AUTHENTIC, f"事件不在账本中 (an event is not in the ledger): {event['position']}")
    yield f"每条事件都在已签名的账本中 (each event is in the signed tree): {'、'.join(roots)}"
    yield from _check_files(files, told)


def _checkpoint(files: dict[str, bytes]) -> tuple[int, dict[str, bytes]]:
    """Size and roots of the checkpoint, its signature checked."""
    body, _, notes = files[f"{PROOF}checkpoint.txt"].decode().partition("\n\n")
    name, mark, key = files[KEY].decode().removesuffix("\n").split("+", 2)
    public = base64.b64decode(key, validate=True)[1:]
    origin, size, root, second, *_ = body.split("\n")
    told = sha256(name.encode() + b"\n\x01" + public)[:4]
    for line in notes.removesuffix("\n").split("\n"):
        dash, signer, value = line.split(" ")
        signature = base64.b64decode(value, validate=True)
        written = base64.b64encode(signature).decode() == value and dash == "—" and told.hex() == mark
        fits = written and signer == origin == name and signature[:4] == told
        if fits and ed25519_holds(public, body.encode() + b"\n", signature[4:]):
            return int(size), {"sha256": base64.b64decode(root), "sm3": base64.b64decode(second.removeprefix("sm3 "))}
    raise Flaw(AUTHENTIC, "检查点签名无效 (the checkpoint's signature does not hold)")


def _check_chain(events: list[bytes], told: list[dict[str, Any]], application: str) -> None:
    """No event of the application is missing, from the first to the making of the pack."""
    previous = GENESIS
    for number, (content, event) in enumerate(zip(events, told, strict=True), start=1):
        if event["sequence"] != number or event["previous"] != previous or event["application"] != application:
            raise Flaw(WHOLE, f"事件缺失、插入或调换 (an event is missing, inserted or moved): {number}")
        previous = "sha256:" + sha256(content).hex()
    if not told or told[-1]["act"] != MADE:
        raise Flaw(WHOLE, "末尾事件缺失 (the last event, of making this pack, is missing)")


def _check_files(files: dict[str, bytes], told: list[dict[str, Any]]) -> Iterator[str]:
    """The files are those that the last event names together, and contents those that earlier ones name by digest."""
    bound = bound_digest({name: one for name, one in files.items() if is_bound(name)})
    if told[-1]["data"]["files_digest"] != bound:
        raise Flaw(AUTHENTIC, "文件与制作证据包的事件不符 (the files are not those that the pack was made with)")
    yield "全部文件与账本所记一致 (all files are those that the ledger names)"
    digests = json.loads(files[f"{PROOF}digests.json"])
    named = {value for event in told for value in event["data"].values() if isinstance(value, str)}
    for one in digests:
        found = "sha256:" + sha256(bytes.fromhex(one["salt"]) + files[one["file"]]).hex()
        if found != one["digest"] or found not in named:
            raise Flaw(AUTHENTIC, f"内容与当时的事件不符 (a content is not what its event named): {one['file']!r}")
    yield f"录入、发送与收到的内容与当时的事件一致 (contents are what their events named): {len(digests)}"


def is_bound(name: str) -> bool:
    """Whether the event of making the pack names a file: all but the proof itself."""
    return name.startswith("data/") and name != TIMELINE and not name.startswith(PROOF)


def bound_digest(files: dict[str, bytes]) -> str:
    """The digest over names and contents together."""
    lines = "".join(f"{sha256(files[name]).hex()}  {name}\n" for name in sorted(files))
    return "sha256:" + sha256(lines.encode()).hex()


def check_usable(files: dict[str, bytes]) -> Iterator[str]:
    """What is read by programs can be read, in open formats."""
    for name, content in files.items():
        if not name.endswith(OPEN) and not name.startswith(FILES):
            raise Flaw(USABLE, f"不是开放格式 (no open format): {name!r}")
        try:
            if name.endswith(".json"):
                json.loads(content)
            elif name.endswith((".jsonl", ".html", ".txt", ".csv")):
                content.decode()
        except ValueError as exc:
            raise Flaw(USABLE, f"无法读取 (it cannot be read): {name!r}") from exc
    yield f"{len(files)} 个文件均可读取 (files can be read)"


def _checked(place: Path, key: bytes | None) -> Iterator[str]:
    """All checks in order; stops at the first that fails. Raises Flaw."""
    files = read(place)
    yield from check_whole(files)
    yield from check_usable(files)
    if key is not None and files[KEY].strip() != key.strip():
        raise Flaw(AUTHENTIC, "不是所给公钥签名的 (not signed with the key that was given)")
    yield from check_authentic(files)


def verify(place: Path, say: Callable[[str], object] = print, key: bytes | None = None) -> bool:
    """Check a pack, under this public key where one is given, and say what was found; whether all holds."""
    flaws: dict[str, str] = {}
    try:
        for line in _checked(place, key):
            say(f"  {line}")
    except Flaw as flaw:
        flaws[flaw.kind] = str(flaw)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        flaws[AUTHENTIC] = "证明无法读取 (the proof cannot be read)"
    for kind in (AUTHENTIC, WHOLE, USABLE, SAFE):
        why = flaws.get(kind, "")
        word = "不通过 FAIL" if kind in flaws else "未完成 NOT DONE" if flaws else "通过 PASS"
        say(f"{kind}：{word} {why}".rstrip())
    return not flaws


def main(words: list[str]) -> int:
    """0 or 1, as the pack holds; 2 for a mistake of use."""
    if len(words) not in {1, 2}:
        sys.stderr.write("用法 (usage): python verify.py PACK.zip [KEY.pub]\n")
        return 2
    return 0 if verify(Path(words[0]), key=Path(words[1]).read_bytes() if words[1:] else None) else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
