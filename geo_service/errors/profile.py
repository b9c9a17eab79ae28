"""What can be wrong with a profile."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class InvalidProfile(InvalidInput):
    """A profile that cannot be used, with file, line, key and reason."""

    file: str
    line: int | None
    key: str
    reason_zh: str
    reason_en: str
    zh = "配置 {file} 第 {line} 行 {key}：{reason_zh}"
    en = "profile {file}, line {line}, {key}: {reason_en}"


@dataclass(eq=False)
class UnknownProfile(NotFound):
    """No shipped profile of this name."""

    name: str
    known: "Sequence[str]"
    zh = "没有随产品提供的配置“{name}”；已有：{known}。自己的配置请给出 .toml 文件的路径"
    en = "no shipped profile '{name}'; there are {known}. For a profile of your own give the path of its .toml file"


@dataclass(eq=False)
class ProfileConflict(Conflict):
    """The database was made with another profile whose layers do not fit."""

    stored: str
    given: str
    layers: "Sequence[str]"
    zh = "数据库按配置 {stored} 建立，现在给的是 {given}，其中图层 {layers} 已有数据但新配置没有"
    en = "the database was made with profile {stored}; {given} lacks its layers {layers}, which hold data"
