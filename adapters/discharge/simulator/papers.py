"""文书 and licences that the simulated office issues: small valid PDF files, marked 模拟 in the title and on the page.

What is written in them is the office's business (`office`).
"""

from __future__ import annotations

from collections.abc import Sequence

MARK = "模拟"
LINE = 28
"""Points from line to line."""
TOP = 780


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One page with a title and lines of Chinese text; the font is the reader's own (Adobe-GB1, not embedded)."""
    text = [f"{MARK}（SIMULATED）：不具法律效力", title, *lines]
    shown = "".join(f"<{_hex(one)}> Tj 0 -{LINE} Td " for one in text)
    stream = f"BT /F1 14 Tf 60 {TOP} Td {shown}ET".encode("ascii")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
            b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
        f"<< /Title <FEFF{_hex(f'{MARK} {title}')}> >>".encode("ascii"),
    ]
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, info = len(parts) + 1, len(parts)
    out += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, info, table)
    return bytes(out)


def _hex(text: str) -> str:
    return text.encode("utf-16-be", "replace").hex().upper()
