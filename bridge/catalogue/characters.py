"""Characters that no box may hold: they cannot be seen, or cannot be stored, and would make two texts look alike.

Refused are the C0 and C1 controls (but line feed and tab), lone surrogates, zero-width characters, direction marks,
line and paragraph separators, soft hyphens, tags, the replacement character and noncharacters. A carriage return is
refused too: XML and forms rewrite it, and what a target then holds would differ from what was entered.
"""

from __future__ import annotations

import re

REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffd-\uffff\U000e0000-\U000e007f]"
)


def is_clean(text: str) -> bool:
    """Whether no character is refused. What Python calls printable never is, and that is told much faster."""
    return text.isprintable() or not REFUSED.search(text)


def shown(name: str, limit: int = 100) -> str:
    """A name that somebody sent, fit to be shown: cut, and without characters that are refused."""
    return REFUSED.sub("\N{REPLACEMENT CHARACTER}", name[:limit])
