"""What can be wrong with one value, or with how much was asked for."""

from dataclasses import dataclass

from geo_service.errors.error import GeoServiceError, InvalidInput


@dataclass(eq=False)
class InvalidValue(InvalidInput):
    """One value that cannot be read as what its place asks for."""

    where: str
    expected_zh: str
    expected_en: str
    zh = "{where} 应为{expected_zh}"
    en = "{where} must be {expected_en}"


@dataclass(eq=False)
class RefusedValue(InvalidInput):
    """One field or row that cannot be taken, with the reason in whole words."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "{where} 不能存入：{reason_zh}"
    en = "{where} cannot be taken: {reason_en}"


@dataclass(eq=False)
class InvalidCursor(InvalidInput):
    """A paging cursor that this service did not give out."""

    cursor: str
    zh = "翻页标记“{cursor}”无效：请从第一页重新取"
    en = "invalid cursor '{cursor}': start again from the first page"


@dataclass(eq=False)
class LimitExceeded(GeoServiceError):
    """More was asked for than one request may take."""

    what_zh: str
    what_en: str
    requested: int
    limit: int
    zh = "{what_zh}为 {requested}，超过上限 {limit}"
    en = "{what_en} is {requested}, above the limit of {limit}"
