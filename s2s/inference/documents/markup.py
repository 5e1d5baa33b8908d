"""XML elements with attributes and text, in one call."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from s2s.config.visible import visible

_NEVER = re.compile("[\ufffe\uffff]")
"""What XML cannot hold besides control characters."""


def element(parent: Element | None, name: str, text: str = "", /, **attributes: object) -> Element:
    """A new element, the last child of `parent`.

    A `_` at the end of an attribute's name is dropped (`class_`). What XML cannot hold, such as control characters in a
    file's name, is made visible.
    """
    given = {key.rstrip("_"): _clean(str(value)) for key, value in attributes.items()}
    made = Element(name, given) if parent is None else SubElement(parent, name, given)
    made.text = "\n".join(map(_clean, text.split("\n"))) or None
    return made


def document(root: Element, doctype: str = "") -> bytes:
    """The bytes of a document."""
    indent(root)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
    return f"{head}{tostring(root, encoding='unicode')}\n".encode()


def _clean(text: str) -> str:
    return _NEVER.sub("\ufffd", visible(text))
