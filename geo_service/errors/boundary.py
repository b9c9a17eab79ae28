"""What can be wrong with layers, areas, agreements and the editions that hold them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from geo_service.errors.error import Conflict, GeoServiceError, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class UnknownLayer(InvalidInput):
    """A layer that the profile does not have."""

    layer: str
    known: "Sequence[str]"
    asks_for_a_key: ClassVar[bool] = True
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
class EnclaveNotFound(NotFound):
    """No such enclave."""

    id: int
    zh = "没有编号为 {id} 的飞地声明：用 geo-service enclaves list 查看"
    en = "no enclave {id} is declared: see geo-service enclaves list"


@dataclass(eq=False)
class NoHoleThere(InvalidInput):
    """The union of a root layer has no hole at a place."""

    layer: str
    lon: float
    lat: float
    zh = "{lon}, {lat} 处没有被 {layer} 围住的无主地：检查结果里“空洞”一条写明了位置"
    en = "{layer} encloses no free ground at {lon}, {lat}: the check says where each hole is"


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
class RevertConflict(Conflict):
    """What an edition changed was changed again since, or cannot be undone on its own."""

    edition: int
    areas: "Sequence[str]"
    zh = "不能单独撤回第 {edition} 版：这些区域后来又有改动，或单独撤回后边界不再完整：{areas}。请先撤回后来的版本，或用 restore 恢复到某一版"
    en = "edition {edition} cannot be undone on its own: these areas were changed again since, or their borders would not fit any more: {areas}. Revert the later edition first, or restore an earlier one"


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


@dataclass(eq=False)
class UnknownArea(NotFound):
    """No such area in what is being redrawn."""

    layer: str
    code: str
    zh = "正在调整的图层 {layer} 里没有编码 {code}：它可能已被拆分、合并或停用"
    en = "layer {layer}, as it is being redrawn, has no area {code}: it may have been split, merged or retired"


@dataclass(eq=False)
class UnknownBorder(NotFound):
    """No such piece of border, or no junction at such a place."""

    border: str
    zh = "没有边界段或交会点 {border}：边界在此期间可能已变，请重新读取"
    en = "there is no border or junction {border}: borders may have changed meanwhile, read them again"


@dataclass(eq=False)
class UnfitLine(InvalidInput):
    """A drawn line or outline that cannot be used for what it was drawn for."""

    where: str
    reason_zh: str
    reason_en: str
    lon: float
    lat: float
    zh = "在 {where} 上画的线不能用：{reason_zh}（位置 {lon:.6f}, {lat:.6f}）"
    en = "the line drawn on {where} cannot be used: {reason_en} (at {lon:.6f}, {lat:.6f})"


@dataclass(eq=False)
class PiecesUnnamed(InvalidInput):
    """A split that makes another number of parts than codes were given."""

    where: str
    pieces: int
    codes: int
    zh = "这条线把 {where} 分成 {pieces} 块，但给了 {codes} 个编码：每块一个编码；原编码由 keep 指定的一块保留，不算在内"
    en = "the line parts {where} into {pieces}, but {codes} codes were given: one for each part, less the one that keep lets hold the old code"


@dataclass(eq=False)
class NotAdjacent(InvalidInput):
    """Areas that share no border."""

    layer: str
    codes: "Sequence[str]"
    zh = "图层 {layer} 的 {codes} 没有共同边界（只碰到一个点不算）：只能合并或划给相邻的区域"
    en = "{codes} of layer {layer} share no border (to touch in a point is not enough): only neighbors can be merged or given ground"


@dataclass(eq=False)
class BordersCross(InvalidInput):
    """Borders that would cross, touch or run over each other."""

    layer: str
    codes: "Sequence[str]"
    lon: float
    lat: float
    zh = "这样改，图层 {layer} 中 {codes} 的边界会相交、相碰或压盖（位置 {lon:.6f}, {lat:.6f}）：什么都没有改，请避开那里"
    en = "this would let borders of {codes} in layer {layer} cross, touch or overlap (at {lon:.6f}, {lat:.6f}): nothing was changed, keep clear of that place"


@dataclass(eq=False)
class WrongParent(InvalidInput):
    """A parent that an area cannot have: itself, one below it, or one of another layer."""

    layer: str
    code: str
    parent_layer: str
    parent: str
    zh = "{layer} {code} 的上级不能是 {parent_layer} {parent}：上级须是上一层图层里的另一个区域"
    en = "{parent_layer} {parent} cannot be the parent of {layer} {code}: a parent is an area of the layer above"


@dataclass(eq=False)
class NoFreeGround(InvalidInput):
    """A place or outline without ground that could be given."""

    layer: str
    lon: float
    lat: float
    zh = "图层 {layer} 在位置 {lon:.6f}, {lat:.6f} 没有可划的空地：那里已有归属，或不在范围内"
    en = "layer {layer} has no free ground at {lon:.6f}, {lat:.6f} to give: the place has an owner, or lies outside"


@dataclass(eq=False)
class CodeRetired(Conflict):
    """A code that was given before, and is not given to another place."""

    layer: str
    code: str
    zh = "图层 {layer} 的编码 {code} 曾经用过，已停用，不再给别的地方：请换一个新编码；要恢复原样请用回退"
    en = "code {code} of layer {layer} was in use once and is retired: choose a new code; to bring the area back, roll back"


@dataclass(eq=False)
class HasChildren(Conflict):
    """An outline that is the union of other areas, and changes only with them."""

    layer: str
    code: str
    zh = "{layer} {code} 由下级区域拼成，不能单独改：请改它的下级，或调整下级的归属"
    en = "{layer} {code} is made of areas below it and cannot be changed apart: change those, or their parent"


@dataclass(eq=False)
class NothingLeft(Conflict):
    """An area that would be left without ground."""

    layer: str
    code: str
    zh = "这样改，{layer} {code} 就没有地了：若要取消它，请合并或停用"
    en = "this would leave {layer} {code} without ground: to do away with it, merge or retire it"


@dataclass(eq=False)
class OutsideParent(Conflict):
    """Ground that a parent would have to give away, and does not have."""

    layer: str
    code: str
    zh = "要动的地不全在上级 {layer} {code} 之内，上级无法跟着调整：请先按检查清单理顺上下级关系"
    en = "the ground does not lie wholly in its parent {layer} {code}, which therefore cannot follow: first put right what the check says of parents"


@dataclass(eq=False)
class CodesExhausted(Conflict):
    """A scheme whose numbers below a prefix have all been given."""

    prefix: str
    digits: int
    needed: int
    zh = "前缀 {prefix} 之下的 {digits} 位顺序号不够用：还需要 {needed} 个，用过的编码不再给别的地方。请先增设上级区域，或改配置中的编码规则"
    en = "below the prefix {prefix} the {digits} digits hold no {needed} more numbers, and codes are never given again: add a parent area, or change the code scheme of the profile"


@dataclass(eq=False)
class NoBalancedParts(InvalidInput):
    """An area for which no lines were found that part it as asked."""

    layer: str
    code: str
    wanted: int
    reason_zh: str
    reason_en: str
    zh = "没有找到把 {layer} {code} 均分成 {wanted} 块的线：{reason_zh}"
    en = "no lines were found that part {layer} {code} into {wanted} balanced parts: {reason_en}"


@dataclass(eq=False)
class BuildingNotAdjacent(NotAdjacent):
    """A building whose ground does not reach the area that it should go to."""

    building: str
    zh = "楼栋“{building}”周围的地与接收的区域不相连（图层 {layer}，{codes}）：请连同中间的楼栋一起划，或换相邻的区域"
    en = "the ground around building '{building}' does not border on the area that should get it (layer {layer}, {codes}): move the buildings between them too, or choose a neighbor"


@dataclass(eq=False)
class BuildingsNotInArea(InvalidInput):
    """Buildings to move that are not known, or do not stand in the area they should leave."""

    layer: str
    code: str
    buildings: "Sequence[str]"
    zh = "{layer} {code} 里没有这些楼栋，或名称重复：{buildings}"
    en = "{layer} {code} has no such buildings, or several of one name: {buildings}"


@dataclass(eq=False)
class BuildingsCutOff(Conflict):
    """Buildings that stay, and would be parted from the rest of their area."""

    layer: str
    code: str
    buildings: "Sequence[str]"
    zh = "这样划，{layer} {code} 的 {buildings} 会与其余部分断开：请把它们一起划，或换一组楼栋"
    en = "this would part {buildings} from the rest of {layer} {code}: move them too, or choose other buildings"
