"""Builds the site: the handbook at /, rustdoc at /rustdoc. Fails on a broken link. Run by `make docs`.

Pages in docs/ are plain Markdown whose links also work in a repository browser. This script copies them
to a staging folder, points links that leave docs/ to a place inside the site, adds the navigation of
SUMMARY.md, runs Sphinx, and checks every link and anchor of the result.
"""

import argparse
import html
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
# Documents of the repository's root that are pages of the site, too.
ROOT_PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"]
CRATES = {"api": "keyward_api", "core": "keyward_core", "migrations": "keyward_migrations", "worker": "keyward_worker"}

FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
SUMMARY_LINE = re.compile(r"^( *)- \[([^\]]+)\]\(([^)]+)\)$")


class Builder:
    def __init__(self, stage: Path, site: Path):
        self.stage, self.site = stage, site
        self.errors: list[str] = []
        self.files: set[Path] = set()

    def staged(self, source: Path) -> Path | None:
        """Where a file of the repository is in the staging folder; none if it is not a page."""
        if source.is_relative_to(DOCS):
            return source.relative_to(DOCS)
        if source.parent == ROOT and source.name in ROOT_PAGES:
            return Path("project") / source.name.lower()
        return None

    def link(self, source: Path, target: str) -> tuple[str, bool]:
        """The target of a link as the staged page needs it, and whether Sphinx must leave it alone."""
        path, _, fragment = target.partition("#")
        if not path or urlsplit(target).scheme:
            return target, False
        wanted = Path(os.path.normpath(source.parent / path))
        if not wanted.is_file():
            self.errors.append(f"{source.relative_to(ROOT)}: {target} is not a file")
            return target, False
        here = self.staged(source).parent
        page = self.staged(wanted)
        suffix = f"#{fragment}" if fragment else ""
        if page and page.suffix in (".md", ".svg", ".png"):
            return os.path.relpath(page, here) + suffix, False
        if page:
            self.files.add(wanted)
            return os.path.relpath(page, here) + suffix, True
        inside = wanted.relative_to(ROOT)
        if inside.suffix == ".rs" and len(inside.parts) > 2 and inside.parts[1] == "src" and inside.parts[0] in CRATES:
            page = Path("rustdoc/src", CRATES[inside.parts[0]], *inside.parts[2:-1], f"{inside.name}.html")
        else:
            self.files.add(wanted)
            page = Path("files", f"{inside}.txt")
        return os.path.relpath(page, here), True

    def page(self, source: Path) -> str:
        """The text of a page with its links as the site needs them."""

        def replace(match: re.Match) -> str:
            bang, text, target = match.groups()
            to, is_raw = self.link(source, target)
            if is_raw and not bang:
                return f'<a href="{html.escape(to)}">{text}</a>'
            return f"{bang}[{text}]({to})"

        # Links may span lines; code is left alone.
        blocks, is_code = [[]], False
        for line in source.read_text().splitlines(keepends=True):
            if FENCE.match(line):
                is_code = not is_code
                if is_code:
                    blocks.append([])
                blocks[-1].append(line)
                if not is_code:
                    blocks.append([])
            else:
                blocks[-1].append(line)
        texts = ["".join(block) for block in blocks]
        return "".join(text if FENCE.match(text) else LINK.sub(replace, text) for text in texts)

    def navigation(self) -> dict[Path, str]:
        """What SUMMARY.md adds to which staged page: hidden tables of contents."""
        parts: list[tuple[str, list[str]]] = []
        children: dict[str, list[str]] = {}
        parent = None
        for line in (DOCS / "SUMMARY.md").read_text().splitlines():
            if line.startswith("# "):
                parts.append((line[2:], []))
            elif match := SUMMARY_LINE.match(line):
                indent, title, target = match.groups()
                page = self.staged(Path(os.path.normpath(DOCS / target)))
                if page is None or not (DOCS / target).is_file():
                    self.errors.append(f"docs/SUMMARY.md: {target} is not a page")
                    continue
                name = f"/{page.with_suffix('')}"
                entry = f"{title} <{name}>"
                if indent:
                    children.setdefault(parent, []).append(entry)
                elif name != "/index":
                    parts[-1][1].append(entry)
                    parent = name

        def toctree(names: list[str], caption: str = "") -> str:
            option = f":caption: {caption}\n" if caption else ""
            return "\n```{toctree}\n:hidden:\n" + option + "\n" + "\n".join(names) + "\n```\n"

        added = {Path("index.md"): "".join(toctree(names, caption) for caption, names in parts if names)}
        added |= {Path(f"{name[1:]}.md"): toctree(names) for name, names in children.items()}
        return added

    def copy(self) -> None:
        """Fills the staging folder."""
        shutil.rmtree(self.stage, ignore_errors=True)
        added = self.navigation()
        sources = [path for path in DOCS.rglob("*") if path.is_file()]
        sources = [path for path in sources if not path.is_relative_to(DOCS / "site") and path.name != "SUMMARY.md"]
        for source in sources + [ROOT / name for name in ROOT_PAGES]:
            to = self.stage / self.staged(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".md":
                orphan = "---\norphan: true\n---\n\n" if source == ROOT / "README.md" else ""
                to.write_text(orphan + self.page(source) + added.get(self.staged(source), ""))
            else:
                shutil.copy(source, to)
        # Pages that only the repository shows.
        for source in (ROOT / ".github").rglob("*.md"):
            for match in LINK.finditer(source.read_text()):
                path = match.group(3).partition("#")[0]
                if path and not urlsplit(path).scheme and not (source.parent / path).is_file():
                    self.errors.append(f"{source.relative_to(ROOT)}: {path} is not a file")

    def sphinx(self) -> None:
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
        command += ["-c", str(DOCS / "site"), "-d", str(self.stage.parent / "doctrees"), str(self.stage), str(self.site)]
        if subprocess.run(command).returncode:
            self.errors.append("Sphinx found mistakes; paths above are those of the staging folder")

    def extras(self, rustdoc: Path | None) -> None:
        """Adds what is not made by Sphinx."""
        for source in self.files:
            page = self.staged(source)
            to = self.site / (page or f"files/{source.relative_to(ROOT)}.txt")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, to)
        if rustdoc:
            shutil.copytree(rustdoc, self.site / "rustdoc", dirs_exist_ok=True)
            crates = [path.parent.name for path in sorted(rustdoc.glob("keyward_*/index.html"))]
            items = "".join(f'<li><a href="{crate}/index.html">{crate}</a></li>' for crate in crates)
            (self.site / "rustdoc/index.html").write_text(
                '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                "<title>Keyward: rustdoc</title><style>:root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;"
                "max-width:40rem;margin:2rem auto;padding:0 1rem}</style><h1>Crates of Keyward</h1>"
                f'<ul>{items}</ul><p><a href="../index.html">Handbook</a></p></html>\n'
            )

    def check(self, has_rustdoc: bool) -> int:
        """Checks every link of every page of the handbook; returns how many."""
        pages: dict[Path, Page] = {}

        def load(path: Path) -> Page:
            if path not in pages:
                pages[path] = Page(path)
            return pages[path]

        count = 0
        for path in sorted(self.site.rglob("*.html")):
            name = path.relative_to(self.site)
            if name.parts[0] in ("rustdoc", "_static"):
                continue
            page = load(path)
            self.errors += [f"{name}: loads {url} from outside" for url in page.loads if urlsplit(url).netloc]
            for url in page.links + page.loads:
                parts = urlsplit(url)
                if parts.scheme or parts.netloc:
                    continue
                count += 1
                target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
                if target.is_dir():
                    target /= "index.html"
                if target.is_relative_to(self.site / "rustdoc") and not has_rustdoc:
                    continue
                if not target.is_file():
                    self.errors.append(f"{name}: {url} leads nowhere")
                elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in load(target).ids:
                    self.errors.append(f"{name}: {url} has no such anchor")
        return count


class Page(HTMLParser):
    """The links, the loaded resources and the anchors of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = {"", "top"}
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if attributes.get("src"):
            self.loads.append(attributes["src"])
        if href := attributes.get("href"):
            (self.loads if tag == "link" and attributes.get("rel") != "canonical" else self.links).append(href)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for staged files")
    parser.add_argument("--site", type=Path, required=True, help="folder of the site")
    parser.add_argument("--rustdoc", type=Path, help="folder of `cargo doc`; without it links there are not checked")
    args = parser.parse_args()
    builder = Builder((args.work / "stage").resolve(), args.site.resolve())
    shutil.rmtree(builder.site, ignore_errors=True)
    builder.copy()
    builder.sphinx()
    builder.extras(args.rustdoc)
    count = builder.check(args.rustdoc is not None)
    if builder.errors:
        sys.exit("\n".join(builder.errors))
    print(f"{builder.site / 'index.html'}: {count} links checked")


if __name__ == "__main__":
    main()
