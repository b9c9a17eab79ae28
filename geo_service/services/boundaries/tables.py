"""Which tables of a file go to which layers, and what is said for each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.errors import InvalidValue, UnreadableFile
from geo_service.layers.files import list_tables
from geo_service.layers.layer import Layer, Layers
from geo_service.services.boundaries.files import BoundaryOptions, attribute_columns

_LISTED = 10


@dataclass(frozen=True)
class TablesAsked:
    """What a door was asked to import, as it was typed.

    ``layers`` hold ``LAYER`` or ``LAYER=TABLE``, and ``table`` names the table of a single layer.
    ``are_all`` adds every table that is called as a layer of the profile. Every other text counts
    for all layers, or as ``LAYER=TEXT`` for one, which then goes before.
    """

    layers: Sequence[str] = ()
    table: str | None = None
    are_all: bool = False
    frame: Sequence[str] = ()
    code: Sequence[str] = ()
    name: Sequence[str] = ()
    parent: Sequence[str] = ()
    attributes: Sequence[str] = ()
    new_codes: Sequence[str] = ()
    is_frame_confirmed: bool = False


@dataclass(frozen=True)
class TablesChosen:
    """How to read each table, in the order of the profile, and which were left (zh, en)."""

    options: Sequence[BoundaryOptions]
    notes: Sequence[tuple[str, str]] = ()


def choose_tables(path: Path, asked: TablesAsked, layers: Layers) -> TablesChosen:
    """Return how to read the tables that were asked for.

    Raises
    ------
    UnknownLayer
        The profile has no such layer.
    InvalidValue
        No layer, or one that is asked for twice; a table for two layers, or two for one.
    UnreadableFile
        No such file, or no such table in it.
    """
    table_by_layer = _asked_tables(asked, layers)
    if len(table_by_layer) == 1 and not asked.are_all:
        [(name, table)] = table_by_layer.items()
        table = _table_of_one(path, table, asked.table)
        return TablesChosen([_options(asked, name, table, table_by_layer)])
    if asked.table is not None:
        raise InvalidValue(
            "table",
            "只用于一个图层的表名；多个图层请写 图层=表",
            "said for one layer alone; of several write LAYER=TABLE",
        )
    return _several(path, asked, table_by_layer, layers)


def _several(
    path: Path, asked: TablesAsked, table_by_layer: Mapping[str, str | None], layers: Layers
) -> TablesChosen:
    tables = list_tables(path)
    named = {
        layer: table or _called(path, layers[layer], tables)
        for layer, table in table_by_layer.items()
    }
    free = [table for table in tables if table not in named.values()]
    others = [layer for layer in layers if layer.name not in named]
    chosen = {**named, **(_called_as_layers(others, free) if asked.are_all else {})}
    if not chosen:
        raise _without(path, "没有与图层同名的表", "no table is called as a layer", tables)
    _check_tables(path, list(chosen.values()), tables)
    options = [
        _options(asked, layer, chosen[layer], chosen, is_optional=layer not in named)
        for layer in layers.names
        if layer in chosen
    ]
    return TablesChosen(options, _left(tables, chosen.values()) if asked.are_all else ())


def _asked_tables(asked: TablesAsked, layers: Layers) -> dict[str, str | None]:
    table_by_layer: dict[str, str | None] = {}
    for text in asked.layers:
        typed, _, table = text.partition("=")
        name = layers[typed.strip()].name
        if name in table_by_layer:
            raise InvalidValue(f"layer {name}", "只写一次的图层", "a layer that is asked for once")
        table_by_layer[name] = table.strip() or None
    if not table_by_layer and not asked.are_all:
        raise InvalidValue(
            "layer",
            "图层名，或 图层=表；要全部同名的表请用 all",
            "a layer or LAYER=TABLE; or say all for every table called as a layer",
        )
    return table_by_layer


def _table_of_one(path: Path, table: str | None, otherwise: str | None) -> str | None:
    if table is None:
        return otherwise
    if otherwise not in {None, table}:
        raise InvalidValue("table", f"{table}，与图层=表一致", f"{table}, as LAYER=TABLE says")
    _check_tables(path, [table], list_tables(path))
    return table


def _called(path: Path, layer: Layer, tables: Sequence[str]) -> str:
    found = _called_as(layer, tables)
    if found is None:
        raise _without(
            path,
            f"没有与图层 {layer.name} 同名的表，请写 {layer.name}=表",
            f"no table is called as the layer {layer.name}; write {layer.name}=TABLE",
            tables,
        )
    return found


def _called_as_layers(layers: Sequence[Layer], tables: Sequence[str]) -> dict[str, str]:
    called = {layer.name: _called_as(layer, tables) for layer in layers}
    return {name: table for name, table in called.items() if table is not None}


def _called_as(layer: Layer, tables: Sequence[str]) -> str | None:
    """Return the table with the name of a layer, else with a title; a zip has it in any folder."""
    for word in (layer.name, layer.title_zh, layer.title_en):
        found = [table for table in tables if table.rpartition("/")[2] == word]
        if len(found) > 1:
            listed = found[:_LISTED]
            raise InvalidValue(
                f"layer {layer.name}",
                f"{layer.name}=表：有 {len(found)} 个表叫 {word}（{'、'.join(listed)}）",
                f"{layer.name}=TABLE: {len(found)} tables are called {word} ({', '.join(listed)})",
            )
        if found:
            return found[0]
    return None


def _check_tables(path: Path, chosen: Sequence[str], tables: Sequence[str]) -> None:
    for table in chosen:
        if table not in tables:
            raise _without(path, f"没有表“{table}”", f"it has no table '{table}'", tables)
        if chosen.count(table) > 1:
            raise InvalidValue(
                f"table {table}", "只给一个图层的表", "a table that goes to one layer"
            )


def _without(path: Path, zh: str, en: str, tables: Sequence[str]) -> UnreadableFile:
    listed = tables[:_LISTED]
    return UnreadableFile(
        path.name, f"{zh}；有：{'、'.join(listed)}", f"{en}; there are: {', '.join(listed)}"
    )


def _left(tables: Sequence[str], taken: Collection[str]) -> list[tuple[str, str]]:
    left = [table for table in tables if table not in taken]
    if not left:
        return []
    listed = left[:_LISTED]
    return [
        (
            f"未读取 {len(left)} 个不与图层同名的表：{'、'.join(listed)}",
            f"{len(left)} tables that are not called as a layer were left: {', '.join(listed)}",
        )
    ]


def _options(
    asked: TablesAsked,
    layer: str,
    table: str | None,
    known: Collection[str],
    *,
    is_optional: bool = False,
) -> BoundaryOptions:
    columns = {
        field: _last(texts, layer, known)
        for field, texts in (("code", asked.code), ("name", asked.name), ("parent", asked.parent))
    }
    return BoundaryOptions(
        layer=layer,
        frame=_last(asked.frame, layer, known),
        table=table,
        columns={field: column for field, column in columns.items() if column},
        attributes=attribute_columns(_said_for(asked.attributes, layer, known)),
        new_codes=_last(asked.new_codes, layer, known),
        is_frame_confirmed=asked.is_frame_confirmed,
        is_optional=is_optional,
    )


def _last(texts: Sequence[str], layer: str, known: Collection[str]) -> str | None:
    return next(reversed(_said_for(texts, layer, known)), None)


def _said_for(texts: Sequence[str], layer: str, known: Collection[str]) -> list[str]:
    """Return what is said for a layer alone, else what is said for all."""
    own, common = [], []
    for text in texts:
        name, sign, said = text.partition("=")
        if not sign or name.strip() not in known:
            common.append(text)
        elif name.strip() == layer:
            own.append(said.strip())
    return own or common
