"""Browser files from a folder, each with the word how long a browser may keep it."""

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class CachedFiles(StaticFiles):
    """Static files with one Cache-Control for all of them."""

    def __init__(self, folder: Path, cache_control: str) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._cache_control = cache_control

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or that it did not change."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = self._cache_control
        return answer
