"""What can be wrong with a file, a list or its columns."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class EmptyInput(InvalidInput):
    """A file or list without a single record."""

    where: str
    zh = "{where} 里没有任何记录：请检查是否选错了文件"
    en = "{where} holds no records: check that this is the right file"


@dataclass(eq=False)
class UnreadableFile(InvalidInput):
    """A file that is not what it claims to be, or no file at all."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "无法读取 {where}：{reason_zh}"
    en = "cannot read {where}: {reason_en}"


@dataclass(eq=False)
class UnwritableFile(InvalidInput):
    """A file that cannot be written where, or as what, it was asked for."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "无法写入 {where}：{reason_zh}"
    en = "cannot write {where}: {reason_en}"


@dataclass(eq=False)
class NoRoomForFile(UnwritableFile):
    """A file for which the disk has no room; what stood under its name is untouched."""

    zh = "写 {where} 时磁盘写不进去：{reason_zh}。没有留下半个文件，原有的文件未动；请腾出磁盘空间或放宽配额，或换一个位置，再试一次"
    en = "the disk takes no more of {where}: {reason_en}. No half of a file was left, and an older one is untouched; free disk space, raise the quota or write elsewhere, and try again"


@dataclass(eq=False)
class UnknownColumn(InvalidInput):
    """A column was named that the file does not have."""

    column: str
    known: "Sequence[str]"
    zh = "没有名为“{column}”的列；文件中的列：{known}"
    en = "no column '{column}'; the file has: {known}"


@dataclass(eq=False)
class MissingColumn(InvalidInput):
    """A needed column was neither named nor could it be guessed."""

    need: str
    known: "Sequence[str]"
    option: str
    zh = "认不出哪一列是{need}；请用 {option} 指定。文件中的列：{known}"
    en = "cannot tell which column holds {need}; name it with {option}. Columns: {known}"


@dataclass(eq=False)
class SpoiledCodes(InvalidInput):
    """Codes that a spreadsheet made numbers of, so that their last digits are lost."""

    where: str
    column: str
    count: int
    rows: "Sequence[int]"
    example: str
    zh = "{where} 的“{column}”列有 {count} 行的长编码被 Excel 变成了数字（如 {example}；第 {rows} 行），末几位已经丢失，无法找回。请回到原始数据，先把这一列的格式设为“文本”，再填写或导出"
    en = "{count} long codes in column '{column}' of {where} were made numbers by a spreadsheet (such as {example}; rows {rows}), and their last digits are lost. Go back to the original data, format the column as text, then fill it in or export it again"
