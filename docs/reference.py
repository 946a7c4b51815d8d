"""Writes the reference pages of the book, every key of cohort and design files, from their JSON schemas.

usage: python3 docs/reference.py
"""

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIMPLE = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
PLURAL = {
    "text": "texts",
    "number": "numbers",
    "whole number": "whole numbers",
    "fraction": "fractions",
    "table": "tables",
    "text or table": "texts or tables",
    "list of fractions": "lists of fractions",
    "list of text, text, fraction": "lists of two names and a fraction",
}
PAGES = {
    "cohort_reference.md": (
        "cohorts/schema.json",
        "Every key of a cohort file",
        "A cohort file is TOML. `name` and `model` are needed, and `patients` with `[regimen]` or a data set; everything else is\n"
        "as wanted. Times and doses are text with units (`\"21 day\"`, `\"0.4 mg/kg\"`); a fraction is a number or a percentage\n"
        "(`0.2`, `\"20 %\"`). Where a heading says `NAME`, the name is your own. A key that is needed within its table is in\n"
        "**bold**. Small complete files are in the [recipes](recipes.md).",
    ),
    "design_reference.md": (
        "designs/schema.json",
        "Every key of a design file",
        "A design file has a name, `[patients]`, and one table with the settings of its kind. What each design does, and its\n"
        "paper, is in [Virtual dose escalations](escalation.md#designs). A key that is needed within its table is in **bold**.",
    ),
}


class Page:
    """A schema as sections: one for each table, in the order in which keys name them."""

    def __init__(self, schema):
        self.schema = schema
        self.places = {}  # heading of the section of each definition
        self.open = []  # path, heading and definition of sections that are still to be written

    def resolved(self, node):
        """A node without `null`, and its definition's name if it is a reference."""
        options = [option for option in node.get("anyOf", []) if option != {"type": "null"}]
        if len(options) == 1:
            node = options[0]
        name = node["$ref"].rsplit("/", 1)[1] if "$ref" in node else None
        return (self.schema["$defs"][name] if name else node), name

    def value(self, node):
        """What a key's value is, in words."""
        node, name = self.resolved(node)
        if name == "Fraction":
            return "fraction"
        if "oneOf" in node:
            return "one of"
        if "anyOf" in node:
            return " or ".join(dict.fromkeys(self.option(option) for option in node["anyOf"]))
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        kind = next(kind for kind in kinds if kind != "null")
        if kind == "array":
            return self.list_of(node)
        if kind == "object":
            entries = node.get("additionalProperties")
            return f"{self.value(entries)}, for each name" if entries and not node.get("properties") else "table"
        return SIMPLE[kind]

    def option(self, option):
        node, _ = self.resolved(option)
        if option.get("description") == "An expression.":
            return "expression"
        return "table" if node.get("type") == "object" else self.value(option)

    def list_of(self, node):
        if "prefixItems" in node:
            return "list of " + ", ".join(self.value(item) for item in node["prefixItems"])
        items = PLURAL.get(self.value(node["items"]), self.value(node["items"]))
        return f"two {items}" if node.get("maxItems") == 2 else f"list of {items}"

    def table(self, node):
        """The definition of a table within a value, and in what: a `map` of names, a `list`, or nothing."""
        node, name = self.resolved(node)
        if node.get("type") == "object" and "properties" in node:
            return name, node, ""
        for option in node.get("anyOf", []):
            inner, inner_name = self.resolved(option)
            if "properties" in inner:
                return inner_name or name, inner, ""
        for within, inner in (("map", node.get("additionalProperties")), ("list", node.get("items"))):
            if isinstance(inner, dict):
                found = self.table(inner)
                if found:
                    return found[0], found[1], within
        return None

    def heading(self, path, within):
        path = path + ".NAME" if within == "map" else path
        return f"[[{path}]]" if within == "list" else f"[{path}]"

    def row(self, key, node, path, needed):
        meaning = [" ".join(node.get("description", "").split())]
        target, _ = self.resolved(node)
        for choice in target.get("oneOf", []):
            meaning.append(f"`\"{choice['const']}\"`: {choice.get('description', '')}")
        found = self.table(node)
        if found:
            name, _, within = found
            place = f"{path}.{key}" if path else key
            if name not in self.places:
                self.places[name] = self.heading(place, within)
                self.open.append((place + (".NAME" if within == "map" else ""), self.places[name], found))
            heading = self.places[name]
            meaning.append(f"See [`{heading}`](#{anchor(heading)}).")
        name = f"**`{key}`**" if key in needed else f"`{key}`"
        text = "<br>".join(part for part in meaning if part).replace("|", "\\|")
        return f"| {name} | {self.value(node)} | {text} |"

    def rows(self, node, path):
        needed = node.get("required", [])
        rows = [self.row(key, value, path, needed) for key, value in node["properties"].items()]
        entries = node.get("additionalProperties")
        if isinstance(entries, dict):
            rows.append(self.row("NAME", {**entries, "description": self.table(entries)[1].get("description", "")}, path, []))
        return ["| key | value | meaning |", "|---|---|---|", *rows]

    def write(self):
        lines = self.rows(self.schema, "")
        # A table's own tables follow it.
        while self.open:
            path, heading, (name, node, _) = self.open.pop(0)
            later, self.open = self.open, []
            about = self.schema["$defs"].get(name, node).get("description", "")
            lines += ["", f"{'##' if path.removesuffix('.NAME').count('.') == 0 else '###'} `{heading}`", "", " ".join(about.split()), ""]
            lines += self.rows(node, path)
            self.open += later
        return lines


def anchor(heading):
    """The identifier that GitHub and mdBook give a heading."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in "-_")


def page(name):
    schema, title, introduction = PAGES[name]
    lines = Page(json.loads((ROOT / schema).read_text(encoding="utf-8"))).write()
    made = f"Made by `docs/reference.py` from `{schema}`, which the program writes from the types that read the files."
    return "\n".join([f"# {title}", "", introduction, "", made, "", *lines, ""])


if __name__ == "__main__":
    for name in PAGES:
        (ROOT / "docs" / name).write_text(page(name), encoding="utf-8")
