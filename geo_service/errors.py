"""The words for what can go wrong; knows no HTTP.

GeoServiceError
├── InvalidInput        EmptyInput · UnreadableFile · UnwritableFile · UnknownColumn ·
│                       MissingColumn · InvalidValue · RefusedValue ·
│                       InvalidGeometry · InvalidCoordinates · UnknownFrame · UnsupportedFrame ·
│                       MissingFrame · FrameContradiction · InvalidProfile · InvalidPeriod · InvalidCursor ·
│                       UnknownLayer · UnknownParent · UnclearParent · IdempotencyConflict · SpoiledCodes ·
│                       DamagedBackup · MixedDates · LayerWithoutLadder · MissingFacts ·
│                       TargetNotAllowed · UnknownHost · NotAPhoto · DamagedPhoto
├── NotFound            AgreementNotFound · AreaNotFound · EditionNotFound · EntryNotFound ·
│                       IssueNotFound · SheetNotFound · UnknownProfile · WebhookNotFound · AttachmentNotFound
├── Conflict            CodeInUse · NaturalKeyConflict · StaleEdition ·
│                       PendingConflict · DemonstrationRefused · ProfileConflict · IllegalTransition ·
│                       DatabaseNotEmpty · NewerBackup · ListUnderWay · DepartmentsMissing · StaleIssue ·
│                       StepTooLate · NotAdmitted · WebhookExists · AttachmentsMissing ·
│                       PhotoOnOtherSide · IssueErased · SheetUnchanged
├── TopologyBroken      carries the defects
├── CoverageOverlap     two areas of a nested layer hold the same ground
├── Forbidden           NotLoopback · ForeignOrigin
├── LimitExceeded       carries what was asked, the amount and the limit
├── AttachmentDamaged   a stored file is gone, or is not what was stored
├── ExternalReference   a rendered page that would load something from outside: our own mistake
└── Unavailable         StorageUnavailable (ImportInterrupted · DiskFull · DatabaseReadOnly ·
                        OutcomeUnknown) · DatabaseUnfit · PortTaken · MissingAssets ·
                        AttachmentsUnwritable
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class GeoServiceError(Exception):
    """The root; every subclass takes facts and writes its own sentence in two languages."""

    zh: ClassVar[str] = "出错了"
    en: ClassVar[str] = "something went wrong"
    place: str = ""
    """Which of several things that came together it is about; set on the error itself."""

    @property
    def facts(self) -> dict[str, Any]:
        """The facts by name, as they were given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # every concrete error is a dataclass

    def text(self, language: str = "zh") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        comma = ", " if language == "en" else "、"
        facts = {name: _written(fact, comma) for name, fact in self.facts.items()}
        said = (self.en if language == "en" else self.zh).format(**facts)
        if not self.place:
            return said
        return f"{self.place}: {said}" if language == "en" else f"{self.place}：{said}"

    def __str__(self) -> str:
        """Return the English sentence, for logs and tracebacks."""
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        """Come out of another process with every fact; an exception by itself keeps none."""
        return _made_again, (type(self), self.facts), vars(self)


def _made_again(kind: type[GeoServiceError], facts: dict[str, Any]) -> GeoServiceError:
    return kind(**facts)


def _written(fact: Any, comma: str) -> Any:
    return comma.join(map(str, fact)) if isinstance(fact, list | tuple) else fact


class InvalidInput(GeoServiceError):
    """What was sent cannot be used as sent."""


class NotFound(GeoServiceError):
    """What was asked for does not exist."""


class Conflict(GeoServiceError):
    """What was asked for contradicts what is stored."""


class Forbidden(GeoServiceError):
    """The caller may not do this."""


class Unavailable(GeoServiceError):
    """A thing the service stands on is not there now."""


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
class DamagedBackup(InvalidInput):
    """A backup that is no longer what was written."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "备份 {where} 不能用：{reason_zh}"
    en = "the backup {where} cannot be used: {reason_en}"


@dataclass(eq=False)
class NotAPhoto(InvalidInput):
    """A file that was sent as a photo is something else."""

    where: str
    found_zh: str
    found_en: str
    zh = "{where} 不是能收的照片，而是{found_zh}：请上传 JPEG、PNG 或 WebP"
    en = "{where} is no photo that is taken, but {found_en}: send JPEG, PNG or WebP"


@dataclass(eq=False)
class DamagedPhoto(InvalidInput):
    """A photo cannot be decoded to its end."""

    where: str
    found_zh: str
    found_en: str
    zh = "{where} 看上去是{found_zh}，但内容不完整或已损坏，解不出来：请重新拍摄或重新传一次"
    en = "{where} begins as {found_en}, but is cut off or damaged and cannot be decoded: take it or send it again"


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


@dataclass(eq=False)
class InvalidValue(InvalidInput):
    """One value that cannot be read as what its place asks for."""

    where: str
    expected_zh: str
    expected_en: str
    zh = "{where} 应为{expected_zh}"
    en = "{where} must be {expected_en}"


@dataclass(eq=False)
class MissingFacts(InvalidInput):
    """A step in the handling of an issue that needs more to be told."""

    step: str
    missing: "Sequence[str]"
    zh = "{step}还缺：{missing}"
    en = "{step} needs besides: {missing}"


@dataclass(eq=False)
class TargetNotAllowed(InvalidInput):
    """A webhook that would go where the operator lets nothing go."""

    target: str
    addresses: "Sequence[str]"
    zh = "不允许向 {target} 发送（它的地址：{addresses}）：请管理员把它列入 GEO_SERVICE_WEBHOOK_TARGETS；内网和本机的地址须列出网段"
    en = "nothing may be sent to {target} (its addresses: {addresses}): the operator must list it in GEO_SERVICE_WEBHOOK_TARGETS, addresses of the intranet and of this machine by their network"


@dataclass(eq=False)
class UnknownHost(InvalidInput):
    """A host name that has no address here and now."""

    host: str
    zh = "解析不了主机名 {host}：请检查拼写和本机的 DNS 或 hosts"
    en = "the host name {host} cannot be resolved: check its spelling and this machine's DNS or hosts"


@dataclass(eq=False)
class RefusedValue(InvalidInput):
    """One field or row that cannot be taken, with the reason in whole words."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "{where} 不能存入：{reason_zh}"
    en = "{where} cannot be taken: {reason_en}"


@dataclass(eq=False)
class InvalidGeometry(InvalidInput):
    """A geometry that cannot be an area, with the reason and the place."""

    where: str
    reason: str
    lon: float | None = None
    lat: float | None = None
    zh = "{where} 的图形无效：{reason}（位置 {lon}, {lat}）"
    en = "invalid geometry in {where}: {reason} (at {lon}, {lat})"


@dataclass(eq=False)
class InvalidCoordinates(InvalidInput):
    """Coordinates that are not finite or outside what their frame can hold."""

    where: str
    x: float
    y: float
    reason_zh: str
    reason_en: str
    zh = "{where} 的坐标 ({x}, {y}) 不能用：{reason_zh}"
    en = "coordinates ({x}, {y}) of {where} cannot be used: {reason_en}"


@dataclass(eq=False)
class UnknownFrame(InvalidInput):
    """A frame name nobody knows."""

    frame: str
    zh = "不认识坐标系“{frame}”：请用 EPSG 编号（如 EPSG:4490）、GCJ02 或 BD09"
    en = "unknown frame '{frame}': use an EPSG code (such as EPSG:4490), GCJ02 or BD09"


@dataclass(eq=False)
class UnsupportedFrame(InvalidInput):
    """A frame that is known but cannot be converted honestly."""

    frame: str
    reason_zh: str
    reason_en: str
    zh = "坐标系 {frame} 不能直接转换：{reason_zh}"
    en = "frame {frame} cannot be converted: {reason_en}"


@dataclass(eq=False)
class MissingFrame(InvalidInput):
    """Coordinates came without a frame; the evidence is empty or what their outlines look like."""

    where: str
    evidence_zh: str = ""
    evidence_en: str = ""
    zh = "{where} 没有注明坐标系。它是 CGCS2000（EPSG:4490）、WGS 84（EPSG:4326）、高德/腾讯的 GCJ02，还是百度的 BD09？请用 --frame 注明{evidence_zh}"
    en = "{where} names no frame. Is it CGCS2000 (EPSG:4490), WGS 84 (EPSG:4326), GCJ02 (Amap, Tencent) or BD09 (Baidu)? Say so with --frame{evidence_en}"


@dataclass(eq=False)
class FrameContradiction(InvalidInput):
    """The declared frame and the evidence do not agree."""

    where: str
    declared: str
    evidence_zh: str
    evidence_en: str
    zh = "{where} 声明为 {declared}，但{evidence_zh}"
    en = "{where} is declared as {declared}, but {evidence_en}"


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
class InvalidPeriod(InvalidInput):
    """A period that ends before it starts, or cannot be read."""

    value: str
    reason_zh: str
    reason_en: str
    zh = "统计时段 {value} 无效：{reason_zh}"
    en = "invalid period {value}: {reason_en}"


@dataclass(eq=False)
class InvalidCursor(InvalidInput):
    """A paging cursor that this service did not give out."""

    cursor: str
    zh = "翻页标记“{cursor}”无效：请从第一页重新取"
    en = "invalid cursor '{cursor}': start again from the first page"


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
class MixedDates(InvalidInput):
    """A ratio of two counts of different days that nobody asked for."""

    numerator: int
    numerator_day: str
    denominator: int
    denominator_day: str
    zh = "分子 {numerator}（{numerator_day}）与分母 {denominator}（{denominator_day}）不是同一天的数，不能相除；确需如此请明确注明"
    en = "the numerator {numerator} ({numerator_day}) and the denominator {denominator} ({denominator_day}) are of different days: no ratio, unless asked for explicitly"


@dataclass(eq=False)
class LayerWithoutLadder(InvalidInput):
    """Coverage of a layer for which the profile names no bodies."""

    layer: str
    known: "Sequence[str]"
    zh = "配置没有写明图层 {layer} 由哪类党组织对应（bodies），不能计算覆盖；已写明的有：{known}"
    en = "the profile names no bodies for the layer {layer}, so it has no coverage; layers with bodies: {known}"


@dataclass(eq=False)
class AgreementNotFound(NotFound):
    """No such border agreement."""

    number: int
    zh = "没有编号为 {number} 的边界约定：用 geo-service agreements list 查看"
    en = "no border agreement {number}: see geo-service agreements list"


@dataclass(eq=False)
class AreaNotFound(NotFound):
    """No such area in the edition that was asked for."""

    layer: str
    code: str
    edition: int
    zh = "第 {edition} 版的图层 {layer} 里没有编码 {code}"
    en = "layer {layer} of edition {edition} has no area {code}"


@dataclass(eq=False)
class EditionNotFound(NotFound):
    """No such edition, or none in force at the time that was asked for."""

    asked: str
    zh = "没有符合 {asked} 的网格版本：用 geo-service editions list 查看已有版本"
    en = "no edition matches {asked}: see geo-service editions list"


@dataclass(eq=False)
class EntryNotFound(NotFound):
    """No such organisation, unit, facility, asset or liaison on that day."""

    register: str
    code: str
    zh = "台账 {register} 在所问日期没有编码为 {code} 的条目"
    en = "the register {register} has no entry {code} on the day asked for"


@dataclass(eq=False)
class IssueNotFound(NotFound):
    """No such issue."""

    id: str
    zh = "没有编号为 {id} 的问题"
    en = "no issue {id}"


@dataclass(eq=False)
class WebhookNotFound(NotFound):
    """No such webhook."""

    name: str
    zh = "没有名为“{name}”的推送"
    en = "no webhook {name}"


@dataclass(eq=False)
class AttachmentNotFound(NotFound):
    """An issue has no such attachment, or no longer."""

    issue: int
    hash: str
    zh = "问题 {issue} 没有附件 {hash}（或已抹除）"
    en = "issue {issue} has no attachment {hash}, or no longer"


@dataclass(eq=False)
class SheetNotFound(NotFound):
    """No sheet was signed under this number."""

    number: int
    zh = "没有第 {number} 号签发表"
    en = "no sheet was signed under number {number}"


@dataclass(eq=False)
class SheetUnchanged(Conflict):
    """A correction that would say what the signed sheet says."""

    number: int
    zh = "本期已签发第 {number} 号，数字没有变化，不必更正"
    en = "sheet {number} of this period was signed, and no figure has changed since"


@dataclass(eq=False)
class UnknownProfile(NotFound):
    """No shipped profile of this name."""

    name: str
    known: "Sequence[str]"
    zh = "没有随产品提供的配置“{name}”；已有：{known}。自己的配置请给出 .toml 文件的路径"
    en = "no shipped profile '{name}'; there are {known}. For a profile of your own give the path of its .toml file"


@dataclass(eq=False)
class IllegalTransition(Conflict):
    """An event that cannot follow what happened to the issue before."""

    kind: str
    state: str
    legal: "Sequence[str]"
    zh = "状态为“{state}”的问题不能发生“{kind}”；现在可以：{legal}"
    en = "of an issue that is '{state}', '{kind}' is not possible; possible now: {legal}"


@dataclass(eq=False)
class DepartmentsMissing(Conflict):
    """An issue cannot be closed while a department that was summoned has not come."""

    departments: "Sequence[str]"
    zh = "还不能办结：{departments}已被吹哨，既未报到也未解除"
    en = "it cannot be closed: {departments} summoned, and neither come nor released"


@dataclass(eq=False)
class StepTooLate(Conflict):
    """A step in the handling of an issue that may be done within a time alone, which is over."""

    step: str
    since: str
    zh = "现在不能{step}：时限已于 {since} 届满"
    en = "{step} is not possible any more: the time for it was over on {since}"


@dataclass(eq=False)
class NotAdmitted(Conflict):
    """A duty that the law gives a department, handed to a body of residents (事项准入)."""

    category: str
    tier: str
    department: str
    zh = "“{category}”是职能部门的法定职责（{department}），不得交{tier}办理：请派往主管部门"
    en = "'{category}' is by law the duty of a department ({department}), not of {tier}: send it there"


@dataclass(eq=False)
class AttachmentsMissing(Conflict):
    """A step wants photos or records that were not attached."""

    step_zh: str
    step_en: str
    missing: "Sequence[str]"
    missing_zh: "Sequence[str]"
    zh = "还不能{step_zh}：缺少{missing_zh}的照片；先上传，再办理（重办或改派之前传的不算）"
    en = "{step_en} is not possible yet: no photo of kind {missing} is attached; attach it first (those from before it was reopened or assigned anew do not count)"


@dataclass(eq=False)
class PhotoOnOtherSide(Conflict):
    """One photo cannot show a place both before and after it was dealt with."""

    issue: int
    attached_as: str
    attached_as_zh: str
    zh = "这张照片已作为“{attached_as_zh}”存入，不能再当作处置前后另一边的照片"
    en = "this photo is attached as '{attached_as}': it cannot stand on the other side of what was done"


@dataclass(eq=False)
class IssueErased(Conflict):
    """The private part of an issue was erased, and the issue is closed: nothing is added to it."""

    issue: int
    zh = "问题 {issue} 已办结，其个人信息已抹除，不再接收附件"
    en = "issue {issue} is closed and what was private of it erased: nothing is attached to it any more"


@dataclass(eq=False)
class StaleIssue(Conflict):
    """Somebody else has handled the issue since it was read."""

    issue: int
    newest_event: int
    zh = "问题 {issue} 刚刚被别人处理过（最新事件 {newest_event}）：请先看最新状态，再决定"
    en = (
        "issue {issue} was handled by somebody else meanwhile (event {newest_event}): read it again"
    )


@dataclass(eq=False)
class WebhookExists(Conflict):
    """The name of a webhook that is there already."""

    name: str
    zh = "已有名为“{name}”的推送：请换一个名字，或先删除它"
    en = "there is a webhook {name} already: choose another name, or remove it first"


@dataclass(eq=False)
class CodeInUse(Conflict):
    """A code that is used twice, or belonged to another place."""

    layer: str
    codes: "Sequence[str]"
    zh = "图层 {layer} 中编码重复：{codes}"
    en = "layer {layer} uses codes more than once: {codes}"


@dataclass(eq=False)
class NaturalKeyConflict(Conflict):
    """The same (source, external_id) with other content."""

    source: str
    external_id: str
    fields_changed: "Sequence[str]"
    zh = "来源 {source} 的 {external_id} 已存在，但这些字段不同：{fields_changed}；若要更新请用 on_change=update"
    en = "{external_id} of {source} exists with other {fields_changed}; to update it say on_change=update"


@dataclass(eq=False)
class ListUnderWay(Conflict):
    """Another process brought the import of the same list further meanwhile."""

    file: str
    zh = "{file} 正由另一个进程导入，由它接着做完：这里到此为止，没有一行会存两次；等它结束后如有需要，再导入一次即可"
    en = "another process is importing {file} and goes on with it: this import ends here, no row is stored twice; import the file again afterwards if need be"


@dataclass(eq=False)
class IdempotencyConflict(InvalidInput):
    """The same Idempotency-Key with other content."""

    key: str
    zh = "Idempotency-Key {key} 已用于另一份内容：请换一个"
    en = "Idempotency-Key {key} was used for other content: choose another"


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
class ProfileConflict(Conflict):
    """The database was made with another profile whose layers do not fit."""

    stored: str
    given: str
    layers: "Sequence[str]"
    zh = "数据库按配置 {stored} 建立，现在给的是 {given}，其中图层 {layers} 已有数据但新配置没有"
    en = "the database was made with profile {stored}; {given} lacks its layers {layers}, which hold data"


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
class NotLoopback(Forbidden):
    """Binding to anything but loopback while there is no access control."""

    host: str
    zh = "演示模式·未启用权限：只能监听本机（127.0.0.1），不能监听 {host}"
    en = "no access control yet: only loopback (127.0.0.1) may be bound, not {host}"


@dataclass(eq=False)
class ForeignOrigin(Forbidden):
    """A write that comes from another site, or a request for another host."""

    header: str
    value: str
    zh = "拒绝来自外站的请求（{header}: {value}）"
    en = "refused: the request comes from elsewhere ({header}: {value})"


@dataclass(eq=False)
class LimitExceeded(GeoServiceError):
    """More was asked for than one request may take."""

    what_zh: str
    what_en: str
    requested: int
    limit: int
    zh = "{what_zh}为 {requested}，超过上限 {limit}"
    en = "{what_en} is {requested}, above the limit of {limit}"


@dataclass(eq=False)
class AttachmentDamaged(GeoServiceError):
    """The file of an attachment is gone, or its bytes are not those that were stored."""

    hash: str
    zh = "附件 {hash} 的文件丢失或已损坏：请从备份中取回附件文件夹里的同名文件，并运行 geo-service verify"
    en = "the file of attachment {hash} is gone or damaged: take the file of this name in the attachment folder from a backup, and run geo-service verify"


@dataclass(eq=False)
class ExternalReference(GeoServiceError):
    """A rendered page that would load something from outside; a mistake of ours, never of the user."""

    where: str
    address: str
    zh = "页面未输出：{where} 引用了外部地址 {address}，而本系统不得加载任何外部内容"
    en = "page refused: {where} refers to the outside address {address}; nothing may be loaded from outside"


@dataclass(eq=False)
class StorageUnavailable(Unavailable):
    """The database cannot be read or written now."""

    reason: str
    zh = "数据库暂时不可用：{reason}。这一步没有写入任何内容，可稍后重试"
    en = "the database is not available: {reason}. This step wrote nothing; try again later"


@dataclass(eq=False)
class ImportInterrupted(StorageUnavailable):
    """The database went away in the middle of a list whose first rows were stored already."""

    rows_done: int
    zh = "数据库暂时不可用：{reason}。前 {rows_done} 行已处理完毕并保留；稍后把同一文件再导入一次，会从中断处继续"
    en = "the database is not available: {reason}. The first {rows_done} rows are done and stay; import the same file again later, it goes on where it stopped"


@dataclass(eq=False)
class DiskFull(StorageUnavailable):
    """The database has no room for what is to be written."""

    zh = "数据库所在的磁盘写不进去：{reason}。这一步没有写入任何内容；请腾出磁盘空间或放宽配额，服务不用重启，再试一次即可"
    en = "the disk of the database takes no more: {reason}. This step wrote nothing; free disk space or raise the quota and try again, the service needs no restart"


@dataclass(eq=False)
class DatabaseReadOnly(StorageUnavailable):
    """The database may only be read now."""

    zh = "数据库目前只能读、不能写：{reason}。这一步没有写入任何内容；请检查文件和磁盘的写权限（PostgreSQL 请检查是否连到备库），恢复后服务不用重启"
    en = "the database can only be read now: {reason}. This step wrote nothing; look at the permissions of the file and its disk (with PostgreSQL, whether it is a standby); the service needs no restart afterwards"


@dataclass(eq=False)
class OutcomeUnknown(StorageUnavailable):
    """The database went away while it was committing."""

    zh = "数据库在提交时断开：{reason}。无法确定这一步是否已写入；原样再发一次，已写入的会被认出，不会存两次"
    en = "the database went away while it committed: {reason}. Whether this step was written is not known; send the same again, what was written is recognized and not stored twice"


@dataclass(eq=False)
class DatabaseNotEmpty(Conflict):
    """A database that was to be filled as a whole holds something already."""

    table: str
    zh = "目标数据库不是空的（{table} 表里已有数据）：请换一个新建的空库，什么都没有写入"
    en = (
        "the target database is not empty (there are rows in {table}): name a new, empty one;"
        " nothing was written"
    )


@dataclass(eq=False)
class NewerBackup(Conflict):
    """A backup that a later version of the service made, which may hold what this one loses."""

    where: str
    version: str
    zh = "备份 {where} 由较新的版本 {version} 制作：请先把本系统升级到该版本，再恢复"
    en = (
        "the backup {where} was made by a newer version, {version}: upgrade this service to it"
        " first, then restore"
    )


@dataclass(eq=False)
class DatabaseUnfit(Unavailable):
    """The database server, or the database on it, cannot hold what is stored."""

    reason_zh: str
    reason_en: str
    zh = "这个数据库不能用：{reason_zh}"
    en = "this database cannot be used: {reason_en}"


@dataclass(eq=False)
class AttachmentsUnwritable(Unavailable):
    """The folder of attachments takes nothing now."""

    where: str
    reason: str
    zh = "附件文件夹 {where} 写不进去：{reason}。附件没有存入；请检查磁盘空间和写权限，服务不用重启，再试一次即可"
    en = "the attachment folder {where} cannot be written to: {reason}. Nothing was attached; look at disk space and permissions and try again, the service needs no restart"


@dataclass(eq=False)
class PortTaken(Unavailable):
    """Another program listens on the port."""

    host: str
    port: int
    zh = "端口 {port} 已被占用：换一个，例如 PORT=8001 make demo"
    en = "port {port} is taken: choose another, for instance PORT=8001 make demo"


@dataclass(eq=False)
class MissingAssets(Unavailable):
    """The browser assets were not built."""

    path: str
    zh = "缺少浏览器资源 {path}：请先运行 make assets"
    en = "browser assets are missing ({path}): run make assets first"
