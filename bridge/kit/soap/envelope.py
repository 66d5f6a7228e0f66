"""SOAP 1.1 envelopes: written by a writer, read by a parser that trusts nobody.

An answer is bytes of a stranger: no DOCTYPE, no entity, nothing from outside, a limit on size and depth, UTF-8 alone.
What the elements inside mean does not belong here (`literal`, and the adapter).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# only to build and hold elements: every byte is parsed by defusedxml
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bridge.errors import OutcomeUnknown

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
"""Namespace of SOAP 1.1."""

CONTENT_TYPE = "text/xml; charset=utf-8"
MEDIA_TYPES = frozenset({"text/xml", "application/xml"})

DEEPEST = 64
"""Elements inside each other."""

LONGEST = 40 << 20
"""Bytes of one envelope: a file of 20 MiB in base64, and room for the rest."""

ILLEGAL = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold; and the carriage return, which every reader would turn into a line feed."""

ENCODING = re.compile(rb"\A<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']", re.ASCII)
BOM = b"\xef\xbb\xbf"


class NotAnEnvelope(ValueError):
    """What came is no SOAP envelope that may be read; the message says why, never what."""


class SoapFault(OutcomeUnknown):
    """对方返回 SOAP Fault (the target answered with a fault).

    `name` is the fault code without its prefix (`Client`, `Server`), `text` the fault string, `detail` the element of
    that name or None. Who does not know the code is left with an outcome that is not known.
    """

    def __init__(self, name: str, text: str, detail: ET.Element | None, *, raw: bytes) -> None:
        super().__init__(f"对方返回 SOAP Fault (the target answered with a fault): {name}", code=name, raw=raw)
        self.name, self.text, self.detail = name, text, detail


def legal(text: str) -> bool:
    """Whether XML can carry a text unchanged."""
    return ILLEGAL.search(text) is None


def write(body: ET.Element, headers: Sequence[ET.Element] = ()) -> bytes:
    """The envelope around one element."""
    envelope = ET.Element(f"{{{SOAP}}}Envelope")
    if headers:
        ET.SubElement(envelope, f"{{{SOAP}}}Header").extend(headers)
    ET.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    written: bytes = ET.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written


def fault(name: str, text: str, detail: ET.Element | None = None) -> ET.Element:
    """A fault: for who answers. `name` is `Client` or `Server`."""
    made = ET.Element(f"{{{SOAP}}}Fault")
    ET.SubElement(made, "faultcode").text = f"soap:{name}"
    ET.SubElement(made, "faultstring").text = text
    if detail is not None:
        ET.SubElement(made, "detail").append(detail)
    return made


def read(raw: bytes, content_type: str | None = None) -> tuple[Sequence[ET.Element], ET.Element]:
    """Header blocks and the one element of the body. Raises NotAnEnvelope, SoapFault.

    `content_type` is checked where it is known.
    """
    _check_type(content_type)
    root = parse(raw)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise NotAnEnvelope("根元素不是 SOAP Envelope (the root is no envelope)")
    header, bodies = root.find(f"{{{SOAP}}}Header"), root.findall(f"{{{SOAP}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise NotAnEnvelope("SOAP Body 应有且只有一个元素 (one element is wanted in the body)")
    body = bodies[0][0]
    if body.tag == f"{{{SOAP}}}Fault":
        name = (body.findtext("faultcode") or "").strip().rpartition(":")[2]
        raise SoapFault(name, (body.findtext("faultstring") or "").strip(), body.find("detail"), raw=raw)
    return (() if header is None else tuple(header)), body


def parse(raw: bytes) -> ET.Element:
    """The root of a document. Raises NotAnEnvelope for whatever is not plain, shallow, short XML in UTF-8."""
    if len(raw) > LONGEST:
        raise NotAnEnvelope("XML 过长 (the document is too long)")
    named = ENCODING.match(raw.removeprefix(BOM))
    if named and named[1].lower() not in (b"utf-8", b"utf8"):
        raise NotAnEnvelope("XML 声明的编码不是 UTF-8 (the declared encoding is not UTF-8)")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotAnEnvelope("不是 UTF-8 (not UTF-8)") from None
    parser = DefusedXMLParser(target=_Shallow(), encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(raw)
        root: ET.Element = parser.close()
    except ET.ParseError as exc:
        raise NotAnEnvelope(f"不是完整的 XML (no whole XML): {exc.code}") from None
    except DefusedXmlException as exc:
        raise NotAnEnvelope(f"XML 含有禁止的内容 (forbidden in XML): {type(exc).__name__}") from None
    return root


def _check_type(content_type: str | None) -> None:
    """The media type is XML, and its charset, where it is named, UTF-8. Raises NotAnEnvelope."""
    if content_type is None:
        return
    media_type, *parameters = (one.strip().lower() for one in content_type.split(";"))
    if media_type not in MEDIA_TYPES:
        raise NotAnEnvelope("答复不是 XML (the answer is no XML)")
    named = [one.partition("=")[2].strip("\"' ") for one in parameters if one.startswith("charset")]
    if any(one not in ("utf-8", "utf8") for one in named):
        raise NotAnEnvelope("答复的字符集不是 UTF-8 (the answer's charset is not UTF-8)")


class _Shallow(ET.TreeBuilder):
    """Builds the tree, and stops where it grows too deep."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        """One element more."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotAnEnvelope("XML 嵌套过深 (elements too deep inside each other)")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        """One element less."""
        self._depth -= 1
        return super().end(tag)
