"""TOML, written: what the standard library reads but does not write."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ._errors import InputError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dumps(table: Mapping[str, Any]) -> str:
    """A dict as a TOML document, its keys in their order, for that is the order of columns.

    Tables become sections, but those before a value, which are written on its line.
    """
    return "\n".join(_section(table, ())).strip() + "\n"


def _section(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    items = list(table.items())
    values = max((place for place, (_, value) in enumerate(items, 1) if not _is_table(value)), default=0)
    lines = [f"{_key(key)} = {_value(value, (*path, key))}" for key, value in items[:values]]
    if path and (lines or not table):
        lines.insert(0, f"\n[{'.'.join(map(_key, path))}]")
    for key, value in items[values:]:
        lines += _section(value, (*path, str(key)))
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(str(key)) else _text(str(key))


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for the one of a character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any, path: tuple[str, ...]) -> str:
    value = value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value) if math.isfinite(value) else {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
        case str():
            return _text(value)
        case os.PathLike():
            return _text(os.path.abspath(value))
        case Mapping():
            inside = ", ".join(f"{_key(key)} = {_value(item, (*path, key))}" for key, item in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case Sequence():
            return "[" + ", ".join(_value(item, path) for item in value) + "]"
        case _ if hasattr(value, "tolist"):
            return _value(value.tolist(), path)
        case _:
            raise InputError(
                f"`{'.'.join(path)}` is a {type(value).__name__}, which a cohort file cannot hold: {value!r}"
            )
