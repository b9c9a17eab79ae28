"""Where scripts, styles and images come from: linked from /static, or put into the page."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from geo_service.errors import MissingAssets

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const |let |class )", re.MULTILINE)
_MODULE_SYNTAX = re.compile(r"^\s*(?:import|export)\b.*", re.MULTILINE)
_CSS_ADDRESS = re.compile(r"""url\(\s*(['"]?)(?!data:|#)([^'")]+)\1\s*\)""")
_MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class Assets:
    """The folder that is served as ``/static``: ``app`` is ours, ``vendor`` is built from npm."""

    folder: Path = Path(__file__).resolve().parents[2] / "static"

    @cached_property
    def _vendor_paths(self) -> dict[str, str]:
        manifest = self.folder / "vendor" / "manifest.json"
        if not manifest.is_file():
            raise MissingAssets(path=str(manifest))
        rows = json.loads(manifest.read_text(encoding="utf-8"))
        return {
            f"{row['name']}/{row['file']}": f"vendor/{row['name']}/{row['version']}/{row['file']}"
            for row in rows
        }

    def path(self, name: str) -> str:
        """Return the path under the folder of ``app/…`` or of ``<package>/<file>``.

        Raises
        ------
        MissingAssets
            When it is not there.
        """
        path = name if name.startswith("app/") else self._vendor_paths.get(name, f"vendor/{name}")
        if not (self.folder / path).is_file():
            raise MissingAssets(path=path)
        return path

    def url(self, name: str) -> str:
        """Return the address of an asset on the service itself."""
        return f"/static/{self.path(name)}"

    def text(self, name: str) -> str:
        """Return the text of an asset."""
        return (self.folder / self.path(name)).read_text(encoding="utf-8")

    def style(self, name: str) -> str:
        """Return a style sheet to be put into a page, its images as data addresses."""
        home = (self.folder / self.path(name)).parent

        def inlined(match: re.Match[str]) -> str:
            file = home / match[2]
            encoded = base64.b64encode(file.read_bytes()).decode("ascii")
            return f"url(data:{_MEDIA_TYPES[file.suffix]};base64,{encoded})"

        return _CSS_ADDRESS.sub(inlined, self.text(name))

    def script(self, name: str) -> str:
        """Return a classic script to be put into a page."""
        return inside_script(re.sub(r"\n?//# sourceMappingURL=\S+", "", self.text(name)))

    def classic(self, *entries: str) -> str:
        """Return our ES modules ``entries`` with all they import as one classic script.

        A browser refuses to load modules from ``file://``, so the standalone page needs them in
        one script. Only what our modules use is understood: named imports without renaming and
        exported declarations; top-level names are unique over all modules.

        Raises
        ------
        ValueError
            On any other import or export.
        """
        bodies = []
        modules = (module for entry in entries for module in self._dependencies_first(entry))
        for module in dict.fromkeys(modules):
            body = _EXPORT.sub("", _IMPORT.sub("", self.text(f"app/{module}")))
            if found := _MODULE_SYNTAX.search(body):
                raise ValueError(f"{module}: {found[0].strip()}")
            bodies.append(body)
        return inside_script("\n".join(bodies))

    def _dependencies_first(self, module: str) -> Iterator[str]:
        for imported in _IMPORT.findall(self.text(f"app/{module}")):
            yield from self._dependencies_first(imported)
        yield module


def inside_script(text: str) -> str:
    """Return JavaScript that cannot end the script element that it is put into."""
    return re.sub(r"<(?=/script|!--)", r"\\x3c", text, flags=re.IGNORECASE)
