"""Columns of Arrow as values, whatever file they came from: GDAL hands its tables over as Arrow."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from geo_service.layers.files.disk import unreadable
from geo_service.layers.files.feature_table import plain


def arrow_values(path: Path, name: str, column: Any) -> list[Any]:
    """Return a column as str, int, float or None; see FeatureTable for what becomes text.

    Raises
    ------
    UnreadableFile
        Of ``path``: bytes that are no UTF-8, a day no calendar has, a time zone nobody knows;
        naming the column and the first feature.
    """
    kind = column.type
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError) as error:
        position, reason = _first_unreadable(column)
        raise unreadable(
            path,
            f"第 {position + 1} 个要素的“{name}”无法读取（{reason}）：文字应为 UTF-8，"
            "日期应在公元 1 至 9999 年，时区应有名称；请在原软件里改正后重新导出",
            f"'{name}' of feature {position + 1} cannot be read ({reason}): text has to be UTF-8, "
            "a date in the years 1 to 9999, a time zone a known one; export it again",
        ) from error
    is_plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_string(kind)
    return values if is_plain else [plain(value) for value in values]


def is_bytes(kind: Any) -> bool:
    """Tell whether a type of Arrow holds bytes."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _first_unreadable(column: Any) -> tuple[int, str]:
    position = 0
    while (reason := _failure(column[position])) is None:
        position += 1
    return position, reason


def _failure(cell: Any) -> str | None:
    try:
        cell.as_py()
    except (ValueError, OverflowError) as error:
        return str(error)
    return None
