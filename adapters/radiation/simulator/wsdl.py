"""The simulated system's WSDL 1.1, made of the operations' schemas: document/literal, one port per kind of call.

Lengths and patterns stay out of it: the service checks them and names the field. INVENTED, as the operations are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# only to build elements: nothing is parsed here
from xml.etree import ElementTree as ET

from adapters.radiation.client.messages import (
    FAULT,
    FAULT_DETAIL,
    HEADER,
    NAMESPACE,
    OPERATIONS,
    PORTS,
    SESSION,
    path,
)

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP_BINDING = "http://schemas.xmlsoap.org/wsdl/soap/"
HTTP = "http://schemas.xmlsoap.org/soap/http"
XSD = "http://www.w3.org/2001/XMLSchema"
NAME = "RsmsService"

TYPES = {"integer": "xsd:long", "boolean": "xsd:boolean"}

Schema = Mapping[str, Any]


def wsdl(base: str) -> bytes:
    """The description of the service at `base`, for example `http://127.0.0.1:9103`."""
    for prefix, uri in (("wsdl", WSDL), ("soap", SOAP_BINDING), ("xsd", XSD)):
        ET.register_namespace(prefix, uri)
    # attributes name types and messages by these prefixes, which a writer of elements does not see
    root = ET.Element(
        f"{{{WSDL}}}definitions",
        {"name": NAME, "targetNamespace": NAMESPACE, "xmlns:tns": NAMESPACE},
    )
    _types(root)
    for part in (*OPERATIONS, *(f"{name}Response" for name in OPERATIONS), SESSION, FAULT_DETAIL):
        message = ET.SubElement(root, f"{{{WSDL}}}message", {"name": part})
        name = "session" if part == SESSION else "parameters"
        ET.SubElement(message, f"{{{WSDL}}}part", {"name": name, "element": f"tns:{part}"})
    for port in PORTS:
        _port_type(root, port)
    for port in PORTS:
        _binding(root, port)
    service = ET.SubElement(root, f"{{{WSDL}}}service", {"name": NAME})
    for port in PORTS:
        made = ET.SubElement(service, f"{{{WSDL}}}port", {"name": f"{port}Port", "binding": f"tns:{port}Binding"})
        ET.SubElement(made, f"{{{SOAP_BINDING}}}address", {"location": base + path(port)})
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def xsd() -> ET.Element:
    """The schema of all messages."""
    root = ET.Element(
        f"{{{XSD}}}schema",
        {"targetNamespace": NAMESPACE, "elementFormDefault": "qualified"},
    )
    for name, operation in OPERATIONS.items():
        _element(root, name, operation.request)
        _element(root, f"{name}Response", operation.answer)
    _element(root, SESSION, HEADER)
    _element(root, FAULT_DETAIL, FAULT)
    return root


def _types(root: ET.Element) -> None:
    ET.SubElement(root, f"{{{WSDL}}}types").append(xsd())


def _element(parent: ET.Element, name: str, schema: Schema, **occurs: str) -> None:
    """One element declaration, its type inside it."""
    if schema.get("type") == "array":
        _element(parent, name, schema["items"], **{**occurs, "maxOccurs": "unbounded"})
        return
    if schema.get("type") != "object":
        kind = TYPES.get(schema.get("type", ""), "xsd:string")
        ET.SubElement(parent, f"{{{XSD}}}element", {"name": name, "type": kind, **occurs})
        return
    made = ET.SubElement(parent, f"{{{XSD}}}element", {"name": name, **occurs})
    sequence = ET.SubElement(ET.SubElement(made, f"{{{XSD}}}complexType"), f"{{{XSD}}}sequence")
    for field, inner in schema["properties"].items():
        wanted = field in schema["required"] and not (inner.get("type") == "array" and not inner.get("minItems"))
        _element(sequence, field, inner, **({} if wanted else {"minOccurs": "0"}))


def _port_type(root: ET.Element, port: str) -> None:
    made = ET.SubElement(root, f"{{{WSDL}}}portType", {"name": f"{port}PortType"})
    for name in _of(port):
        operation = ET.SubElement(made, f"{{{WSDL}}}operation", {"name": name})
        ET.SubElement(operation, f"{{{WSDL}}}input", {"message": f"tns:{name}"})
        ET.SubElement(operation, f"{{{WSDL}}}output", {"message": f"tns:{name}Response"})
        ET.SubElement(operation, f"{{{WSDL}}}fault", {"name": FAULT_DETAIL, "message": f"tns:{FAULT_DETAIL}"})


def _binding(root: ET.Element, port: str) -> None:
    made = ET.SubElement(root, f"{{{WSDL}}}binding", {"name": f"{port}Binding", "type": f"tns:{port}PortType"})
    ET.SubElement(made, f"{{{SOAP_BINDING}}}binding", {"style": "document", "transport": HTTP})
    for name in _of(port):
        operation = ET.SubElement(made, f"{{{WSDL}}}operation", {"name": name})
        ET.SubElement(operation, f"{{{SOAP_BINDING}}}operation", {"soapAction": f"{NAMESPACE}/{name}"})
        asked = ET.SubElement(operation, f"{{{WSDL}}}input")
        if port != "auth":
            header = {"message": f"tns:{SESSION}", "part": "session", "use": "literal"}
            ET.SubElement(asked, f"{{{SOAP_BINDING}}}header", header)
        ET.SubElement(asked, f"{{{SOAP_BINDING}}}body", {"use": "literal"})
        ET.SubElement(ET.SubElement(operation, f"{{{WSDL}}}output"), f"{{{SOAP_BINDING}}}body", {"use": "literal"})
        told = ET.SubElement(operation, f"{{{WSDL}}}fault", {"name": FAULT_DETAIL})
        ET.SubElement(told, f"{{{SOAP_BINDING}}}fault", {"name": FAULT_DETAIL, "use": "literal"})


def _of(port: str) -> list[str]:
    """The operations of one port."""
    return [name for name, one in OPERATIONS.items() if one.port == port]
