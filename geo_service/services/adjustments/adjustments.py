"""网格调整 of a period: as a workbook, as lists, as a page, and as files to print."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from geo_service.errors import LimitExceeded
from geo_service.layers.files import Sheet, write_workbook, writing_aside
from geo_service.maps.adjustments.view import NoticeName, PackChoice, PackView
from geo_service.maps.assets import Assets
from geo_service.maps.change_order.view import OrderFoot
from geo_service.services.adjustments.notices import NoticeBoard
from geo_service.services.adjustments.pack import Pack, PackQuery, layers_with_ground, pack_of
from geo_service.services.adjustments.tables import pack_tables
from geo_service.services.areas.ground import KnownSurroundings
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.callers import Caller
from geo_service.services.coverage.picture import picture_of
from geo_service.services.organisations.register_tables import Table, write_table
from geo_service.services.page_facts import PageFacts, is_fictional, root_areas
from geo_service.services.workspaces import Workspace

MOST_SHEETS = 300
"""So many sheets are in one page or file; a folder takes any number, a file each."""
_NAMED = 3


class AdjustmentService:
    """What the editions of a period changed, for those who keep lists and those who post sheets."""

    def __init__(
        self,
        workspace: Workspace,
        facts: PageFacts,
        surroundings: KnownSurroundings,
        buildings: BuildingKnowledge,
    ) -> None:
        self._workspace = workspace
        self._facts = facts
        self._surroundings = surroundings
        self._buildings = buildings

    def tables(self, _caller: Caller, query: PackQuery) -> Mapping[str, Table]:
        """Return the tables by their names: changes, codes, buildings, sums.

        Raises
        ------
        EditionNotFound, UnknownLayer, InvalidValue
            There is no such edition or layer, the layer is one of lines, or the period is unclear.
        InvalidPeriod
            Nothing changed, no edition was in force before, or the period ends before it begins.
        """
        with self._pack(query) as pack:
            pack.refuse_unchanged()
            notes = self._facts.notices(query.language)
            return pack_tables(pack, notes, query.language)

    def write_workbook(self, caller: Caller, query: PackQuery, path: Path) -> Mapping[str, int]:
        """Write all tables as one workbook; return how many rows each has; raises as `tables`."""
        return write_tables(path, self.tables(caller, query))

    def write_lists(self, caller: Caller, query: PackQuery, folder: Path) -> Mapping[str, int]:
        """Write each table as a list (CSV) into a folder; raises as `tables`."""
        found = self.tables(caller, query)
        for table in found.values():
            with writing_aside(folder / f"{table.title}.csv") as aside:
                write_table(aside, table)
        return {table.title: len(table.rows) for table in found.values()}

    def page(self, _caller: Caller, query: PackQuery, choice: PackChoice) -> str:
        """Return the pack as a page; where nothing changed it says so.

        Where there are more sheets than MOST_SHEETS it says that, and shows the tables alone.

        Raises
        ------
        EditionNotFound, UnknownLayer, InvalidValue, InvalidPeriod, AreaNotFound
            As `tables` but for a period without change; no area has the code of the parent.
        """
        from geo_service.maps.adjustments.page import render_pack  # jinja2 loads when asked for

        with self._pack(query) as pack:
            return render_pack(self._view(pack, choice), assets=self._assets)

    def draw(self, _caller: Caller, query: PackQuery, path: Path) -> int:
        """Write the pack as files that need nothing else; return how many sheets are in them.

        A path that ends in ``.html`` is one file, any other a folder: cover and tables in one file,
        each sheet in one of its own, one after the other, so that there may be any number.

        Raises
        ------
        As `page`, InvalidPeriod where nothing changed and not every sheet was asked for, and
        LimitExceeded where one file would hold more than MOST_SHEETS sheets.
        """
        with self._pack(query) as pack:
            if not query.is_every:
                pack.refuse_unchanged()
            if path.suffix == ".html":
                _refuse_many(pack)
                self._draw_file(pack, path)
            else:
                self._draw_folder(pack, path)
            return len(pack.sheet_codes)

    @property
    def _assets(self) -> Assets:
        return Assets(self._facts.static_folder)

    def _draw_file(self, pack: Pack, path: Path) -> None:
        from geo_service.maps.adjustments.page import render_pack

        html = render_pack(self._view(pack), assets=self._assets, is_standalone=True)
        _write(path, html)

    def _draw_folder(self, pack: Pack, folder: Path) -> None:
        from geo_service.maps.adjustments.page import render_notice, render_tables

        view, assets = self._view(pack), self._assets
        title = "Tables" if view.language == "en" else "网格调整总表"
        _write(folder / f"{title}.html", render_tables(view, assets=assets))
        for each in view.names:
            html = render_notice(view, view.notice(each.code), assets=assets)
            _write(folder / _file_name(each), html)

    @contextmanager
    def _pack(self, query: PackQuery) -> Iterator[Pack]:
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            read = partial(self._surroundings.read, connection)
            yield pack_of(workspace, connection, query, read, self._buildings)

    def _view(self, pack: Pack, choice: PackChoice | None = None) -> PackView:
        changes, language = pack.changes, pack.query.language
        roots = root_areas(changes.workspace, changes.connection, changes.period.after)
        return PackView(
            language=language,
            place="、".join(roots.names[:_NAMED]),
            period=pack.period,
            rows=pack.rows,
            sums=pack.sums,
            passing=changes.passing,
            layer=pack.layer,
            names=_names(pack),
            notice=_board(pack).notice,
            foot=OrderFoot(
                data_until_s=min(changes.workspace.now_s(), changes.period.until_s),
                map_unit=self._facts.map_unit,
                review_number=self._facts.review_number,
                is_fictional=is_fictional(roots),
                notices=self._facts.notices(language),
            ),
            choice=choice or PackChoice(),
            is_without_sheets=len(pack.sheet_codes) > MOST_SHEETS,
        )

    def layer_choices(self, language: str) -> list[tuple[str, str]]:
        """Return name and title of the layers whose areas can have a sheet."""
        return [(each.name, each.title(language)) for each in layers_with_ground(self._workspace)]


def write_tables(path: Path, tables: Mapping[str, Table]) -> Mapping[str, int]:
    """Write tables as the sheets of one workbook; return how many rows each has."""
    with writing_aside(path) as aside:
        write_workbook(
            aside,
            [
                Sheet(each.title, each.notes, each.headings, each.rows, each.text_columns)
                for each in tables.values()
            ],
        )
    return {table.title: len(table.rows) for table in tables.values()}


def _refuse_many(pack: Pack) -> None:
    if len(pack.sheet_codes) > MOST_SHEETS:
        raise LimitExceeded(
            "一份文件里的公示单数（请用 parent 按上级分开，或用 draw adjustments --out 文件夹）",
            "the number of sheets in one file (ask for one parent, or draw into a folder)",
            requested=len(pack.sheet_codes),
            limit=MOST_SHEETS,
        )


def _names(pack: Pack) -> list[NoticeName]:
    locator = pack.changes.locators[1]
    areas = locator.areas(pack.layer.name)
    above = locator.areas(pack.layer.parent) if pack.layer.parent else None
    names = {} if above is None else dict(zip(above.codes, above.names, strict=True))
    found = []
    for code in pack.sheet_codes:
        at = areas.position_by_code[code]
        change = pack.changed.get(code)
        kinds = change.kinds if change else ()
        found.append(
            NoticeName(code, areas.names[at], names.get(areas.parents[at] or "", ""), kinds)
        )
    return found


def _board(pack: Pack) -> NoticeBoard:
    changes, now_s = pack.changes, pack.changes.workspace.now_s()
    picture = picture_of(
        changes.workspace,
        changes.connection,
        changes.period.after,
        changes.locators[1],
        min(now_s, changes.period.until_s),
        now_s,
    )
    return NoticeBoard(
        changes=changes,
        picture=picture,
        placed=pack.placed,
        around=pack.around,
        layer=pack.layer.name,
        language=pack.query.language,
        changed=pack.changed,
    )


def _file_name(each: NoticeName) -> str:
    """Return a name of a file that any system takes."""
    told = f"{each.code}_{each.name}"
    return (
        "".join(
            "_" if letter in '\\/:*?"<>|' or ord(letter) < ord(" ") else letter for letter in told
        )
        + ".html"
    )


def _write(path: Path, html: str) -> None:
    with writing_aside(path) as aside:
        aside.write_text(html, encoding="utf-8")
