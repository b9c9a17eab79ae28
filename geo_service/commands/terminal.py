"""What every command has at hand: the services, the language, and a place to write."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from geo_service.commands.tables import drawn
from geo_service.errors import InvalidValue, LayerTitles, titled_layer
from geo_service.governance.moment import read_moment
from geo_service.services.callers import LOCAL_ADMINISTRATOR, Caller

if TYPE_CHECKING:
    from geo_service.layers.redraw import Fix
    from geo_service.layers.topology import Defect
    from geo_service.services.service_set import ServiceSet
    from geo_service.services.verification.verifications import VerificationService

FirstDay = Annotated[str | None, typer.Option("--from", help="首日，如 2026-11-01")]
LastDay = Annotated[str | None, typer.Option("--to", help="末日（含）")]
Category = Annotated[str | None, typer.Option(help="事件大类")]
Source = Annotated[str | None, typer.Option(help="来源")]
Basis = Annotated[str, typer.Option(help="recounted 或 kept")]


_ENDLESS = 10_000
"""Characters: what goes into a file or another program is as wide as it needs to be."""


def _console() -> Console:
    return Console(width=get_terminal_size((_ENDLESS, _ENDLESS)).columns)


@dataclass
class Terminal:
    """One run of the command line."""

    language: str
    """``zh`` or ``en``."""
    open_services: Callable[[], "ServiceSet"]
    database_url: str
    """For commands on the database as a whole, which may not open it as a service does."""
    attachment_folder: str
    """As the settings name it; beside the database where it is empty."""
    open_verification: Callable[[], "VerificationService"]
    """Opens the database as it is: nothing is made or brought up to date."""
    caller: Caller = LOCAL_ADMINISTRATOR
    console: Console = field(default_factory=_console)

    @property
    def services(self) -> "ServiceSet":
        """The services, opened when first asked for."""
        if not hasattr(self, "_services"):
            self._services = self.open_services()
        return self._services

    @property
    def verification(self) -> "VerificationService":
        """What verifies the database, opened when first asked for."""
        if not hasattr(self, "_verification"):
            self._verification = self.open_verification()
        return self._verification

    def close(self) -> None:
        """Give back what the services hold, where they were opened."""
        if hasattr(self, "_services"):
            self._services.close()
        if hasattr(self, "_verification"):
            self._verification.close()

    def word(self, zh: str, en: str) -> str:
        """Return the text in the language of the terminal."""
        return en if self.language == "en" else zh

    @property
    def layers(self) -> LayerTitles:
        """What the layers of the profile are called."""
        return self.services.workspace.layers.titles

    def layer(self, key: str) -> str:
        """Return what a layer is called, in the language of the terminal."""
        return titled_layer(key, self.language, self.layers)

    def tell(self, each: "Defect | Fix", mark: str) -> None:
        """Write the sentence of a finding or a fix, after a mark."""
        told = f"{mark} {each.text(self.language, self.layers)}"
        self.say(told, told)

    def say(self, zh: str, en: str) -> None:
        """Write one line; what a file or a name holds is never read as markup."""
        self.console.print(self.word(zh, en), markup=False, highlight=False, soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table; long cells are folded, never cut, and codes stay whole."""
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        self.console.print(drawn(headings, cells, width=self.console.width))

    def json(self, value: Any) -> None:
        """Write a value as JSON, and nothing else."""
        self.console.file.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def terminal(context: typer.Context) -> Terminal:
    """Return the terminal of this run."""
    found = context.obj
    if not isinstance(found, Terminal):
        raise TypeError("the command line was started without its terminal")
    return found


def chosen(value: str, known: Sequence[str], *, where: str) -> str:
    """Return a value that is one of those known; raises InvalidValue."""
    if value not in known:
        raise InvalidValue(where, " 或 ".join(known), " or ".join(known))
    return value


def day_of(text: str | None, *, where: str) -> date | None:
    """Return a typed day; raises InvalidValue."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(where, "日期，如 2026-11-21", "a date such as 2026-11-21") from error


def moment_s(text: str | None, *, where: str) -> int | None:
    """Return seconds since 1970 of a typed date or time; a date means 00:00 Asia/Shanghai."""
    if text is None:
        return None
    try:
        return int(read_moment(text).timestamp())
    except ValueError as error:
        raise InvalidValue(
            where=where,
            expected_zh="日期或时间，如 2026-11-21",
            expected_en="a date or time such as 2026-11-21",
        ) from error
