"""The book is built, its links lead somewhere, and its reference pages are those of the schemas."""

import html.parser
import os
import runpy
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"


class Page(html.parser.HTMLParser):
    """Identifiers and local links of a page."""

    def __init__(self, file):
        super().__init__()
        self.identifiers, self.links = set(), []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.identifiers.add(given.get("id") or given.get("name"))
        for key in ("href", "src"):
            if given.get(key) and "://" not in given[key] and not given[key].startswith(("data:", "mailto:")):
                self.links.append(given[key])


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    mdbook = Path(sys.executable).with_name("mdbook")
    ended = subprocess.run([mdbook, "build", DOCS, "--dest-dir", folder], capture_output=True, text=True)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0 and "WARN" not in said and "ERROR" not in said, said
    return folder


def test_every_page_is_in_the_book(book):
    summary = (DOCS / "SUMMARY.md").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "SUMMARY.md" or f"]({page.name})" in summary, page.name


def test_links_lead_somewhere(book):
    pages = {file: Page(file) for file in book.rglob("*.html")}
    broken = []
    for file, page in pages.items():
        # Of the page that is shown where one is missing, links are from the site's root.
        for link in page.links if file.name != "404.html" else []:
            path, anchor = urldefrag(link)
            target = (file.parent / unquote(path)).resolve() if path else file
            known = target in pages and unquote(anchor) in pages[target].identifiers
            if not target.exists() or anchor and not known:
                broken.append(f"{file.name}: {link}")
    assert not broken, broken
    assert sum(len(page.links) for page in pages.values()) > 1000


@pytest.mark.parametrize("page", ["cohort_reference.md", "design_reference.md"])
def test_the_reference_is_that_of_the_schema(page):
    written = runpy.run_path(str(DOCS / "reference.py"))["page"](page)
    assert (DOCS / page).read_text(encoding="utf-8") == written, "python3 docs/reference.py writes it anew"
