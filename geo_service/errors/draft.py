"""What can go wrong with drafts: values that are not there, not open, or were overtaken."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class DraftNotFound(NotFound):
    """No draft has this number."""

    id: str
    zh = "没有编号为 {id} 的草案"
    en = "there is no draft {id}"


@dataclass(eq=False)
class DraftClosed(Conflict):
    """A draft that was published or put aside and is not changed any more."""

    id: int
    state: str
    zh = "草案 {id} 已不能改动（状态 {state}）：请另建草案"
    en = "draft {id} is not changed any more (it is {state}): begin another one"


@dataclass(eq=False)
class StaleDraft(Conflict):
    """Somebody else changed the same areas in the draft since it was read."""

    id: int
    revision: int
    areas: "Sequence[str]"
    zh = "草案 {id} 在此期间被别人改动（现为修订 {revision}），涉及 {areas}：请重新读取后再试"
    en = "draft {id} was changed meanwhile (revision {revision} now) at {areas}: read it, try again"


@dataclass(eq=False)
class AreaNotRedrawn(Conflict):
    """四至 of an area are written in a draft where the draft changes it."""

    id: int
    layer: str
    code: str
    zh = "草案 {id} 没有改动 {layer} {code}：要改它现行的四至，请直接改（areas），不必经过草案"
    en = (
        "draft {id} does not change {layer} {code}: to reword the bounds text that it has now, "
        "write it for the area itself"
    )


@dataclass(eq=False)
class StaleBoundsText(Conflict):
    """Somebody else wrote the 四至 of an area, or another edition took effect, since it was read."""

    layer: str
    code: str
    zh = "{layer} {code} 的四至在此期间被别人改过，或现行版本已更新：请重新读取后再改"
    en = "the bounds text of {layer} {code}, or the edition in force, is another one: read it again"


@dataclass(eq=False)
class NothingToUndo(Conflict):
    """No step of a draft is left in the asked direction."""

    id: int
    way: str
    zh = "草案 {id} 没有可以 {way} 的步骤"
    en = "draft {id} has no step left to {way}"


@dataclass(eq=False)
class DraftOvertaken(Conflict):
    """The boundaries that a draft stands on are no longer those in force at its date."""

    id: int
    base: int
    current: int
    zh = "草案 {id} 基于第 {base} 版，而那时施行的是第 {current} 版：请先变基（rebase）到它上面"
    en = (
        "draft {id} stands on edition {base}, but edition {current} is the one in force then: "
        "rebase it first"
    )


@dataclass(eq=False)
class RebaseConflict(Conflict):
    """Areas that a draft touches were changed by editions published since."""

    id: int
    current: int
    areas: "Sequence[str]"
    zh = "草案 {id} 和第 {current} 版改动了同样的区域：{areas}。请在新版上重新绘制这些区域"
    en = "draft {id} and edition {current} changed the same areas: {areas}. Redraw them on it"


@dataclass(eq=False)
class EmptyDraft(Conflict):
    """A draft that changes nothing is not published."""

    id: int
    zh = "草案 {id} 和它所基于的版本没有不同，没有可发布的内容"
    en = "draft {id} does not differ from the edition it stands on: there is nothing to publish"


@dataclass(eq=False)
class ApprovalMissing(InvalidInput):
    """A statutory border was moved, and nobody is named who approved it."""

    layer: str
    areas: "Sequence[str]"
    zh = (
        "图层 {layer} 是法定界线，这次会改动 {areas}："
        "发布须填写批准机关、批准文号和批准日期；或撤销这些改动"
    )
    en = (
        "layer {layer} has statutory borders and {areas} would change: name who approved it, "
        "by which document and when; or undo these changes"
    )


@dataclass(eq=False)
class EnteredFigureNotFound(NotFound):
    """No such value was entered in the draft."""

    id: int
    area: str
    figure: str
    zh = "草案 {id} 没有为 {area} 录入 {figure}"
    en = "in draft {id} no {figure} was entered for {area}"
