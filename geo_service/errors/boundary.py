"""What can be wrong with layers, areas, agreements and the editions that hold them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.errors.error import Conflict, GeoServiceError, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class UnknownLayer(InvalidInput):
    """A layer that the profile does not have."""

    layer: str
    known: "Sequence[str]"
    zh = "没有图层“{layer}”；当前配置的图层：{known}"
    en = "no layer '{layer}'; the profile has: {known}"


@dataclass(eq=False)
class UnknownParent(InvalidInput):
    """Areas whose parent does not exist."""

    layer: str
    codes: "Sequence[str]"
    parents: "Sequence[str]"
    zh = "图层 {layer} 中 {codes} 的上级 {parents} 不存在：请先导入上级，或用 --parent 指定上级列"
    en = "in layer {layer}, the parents {parents} of {codes} do not exist: import the parents first, or name the column with --parent"


@dataclass(eq=False)
class UnclearParent(InvalidInput):
    """Areas that lie in no single parent by at least the share that is asked for."""

    layer: str
    codes: "Sequence[str]"
    shares: "Sequence[float]"
    needed_share: float
    zh = "图层 {layer} 中 {codes} 在最大上级内的面积占比只有 {shares}（要求 {needed_share}）：请用 --parent 指定上级列，或先核对边界"
    en = "in layer {layer}, {codes} lie in their largest parent only by {shares} (needed: {needed_share}): name the column with --parent or check the borders"


@dataclass(eq=False)
class AreaNotFound(NotFound):
    """No such area in the edition that was asked for."""

    layer: str
    code: str
    edition: int
    zh = "第 {edition} 版的图层 {layer} 里没有编码 {code}"
    en = "layer {layer} of edition {edition} has no area {code}"


@dataclass(eq=False)
class AgreementNotFound(NotFound):
    """No such border agreement."""

    number: int
    zh = "没有编号为 {number} 的边界约定：用 geo-service agreements list 查看"
    en = "no border agreement {number}: see geo-service agreements list"


@dataclass(eq=False)
class EditionNotFound(NotFound):
    """No such edition, or none in force at the time that was asked for."""

    asked: str
    zh = "没有符合 {asked} 的网格版本：用 geo-service editions list 查看已有版本"
    en = "no edition matches {asked}: see geo-service editions list"


@dataclass(eq=False)
class CodeInUse(Conflict):
    """A code that is used twice, or belonged to another place."""

    layer: str
    codes: "Sequence[str]"
    zh = "图层 {layer} 中编码重复：{codes}"
    en = "layer {layer} uses codes more than once: {codes}"


@dataclass(eq=False)
class StaleEdition(Conflict):
    """Another edition was published while this one was prepared."""

    base: int
    current: int
    zh = "准备期间发布了第 {current} 版（本次基于第 {base} 版）：请重试"
    en = "edition {current} was published meanwhile (this was prepared on {base}): try again"


@dataclass(eq=False)
class PendingConflict(Conflict):
    """A pending edition changes the same areas."""

    edition: int
    areas: "Sequence[str]"
    zh = "第 {edition} 版尚未生效，也改动了这些区域：{areas}。请先处理它，或把生效日期定在它之后"
    en = "edition {edition} is pending and changes the same areas: {areas}. Settle it first, or take effect after it"


@dataclass(eq=False)
class DemonstrationRefused(Conflict):
    """Demo data would be mixed with boundaries that are not the demo's."""

    edition: int
    reason: str
    zh = "数据库里已有边界（第 {edition} 版：{reason}），不会混入虚构的演示数据：请换一个数据库（GEO_SERVICE_DATABASE_URL）"
    en = "the database holds boundaries (edition {edition}: {reason}); fictional data is not mixed in: use another database (GEO_SERVICE_DATABASE_URL)"


@dataclass(eq=False)
class TopologyBroken(GeoServiceError):
    """The edition would not be a clean coverage; carries every defect."""

    count: int
    defects: "Sequence[Any]"
    zh = "边界有 {count} 处缺陷，未存入任何内容：见缺陷清单，或加 --repair"
    en = "the boundaries have {count} defects, nothing was stored: see the list, or use --repair"


@dataclass(eq=False)
class CoverageOverlap(GeoServiceError):
    """Areas that must not overlap do: whose a point is there has no answer (degrees)."""

    layer: str
    codes: "Sequence[str]"
    lon: float
    lat: float
    zh = "图层 {layer} 的 {codes} 在 ({lon:.7f}, {lat:.7f}) 附近重叠，无法判定归属：请重新导入改好的边界"
    en = "{codes} of layer {layer} overlap near ({lon:.7f}, {lat:.7f}), so places there have no single owner: import mended boundaries"
