"""What can be wrong with issues: taking them in, handling them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class IssueNotFound(NotFound):
    """No such issue."""

    id: str
    zh = "没有编号为 {id} 的问题"
    en = "no issue {id}"


@dataclass(eq=False)
class NaturalKeyConflict(Conflict):
    """The same (source, external_id) with other content."""

    source: str
    external_id: str
    fields_changed: "Sequence[str]"
    zh = "来源 {source} 的 {external_id} 已存在，但这些字段不同：{fields_changed}；若要更新请用 on_change=update"
    en = "{external_id} of {source} exists with other {fields_changed}; to update it say on_change=update"


@dataclass(eq=False)
class IdempotencyConflict(InvalidInput):
    """The same Idempotency-Key with other content."""

    key: str
    zh = "Idempotency-Key {key} 已用于另一份内容：请换一个"
    en = "Idempotency-Key {key} was used for other content: choose another"


@dataclass(eq=False)
class ListUnderWay(Conflict):
    """Another process brought the import of the same list further meanwhile."""

    file: str
    zh = "{file} 正由另一个进程导入，由它接着做完：这里到此为止，没有一行会存两次；等它结束后如有需要，再导入一次即可"
    en = "another process is importing {file} and goes on with it: this import ends here, no row is stored twice; import the file again afterwards if need be"


@dataclass(eq=False)
class MissingFacts(InvalidInput):
    """A step in the handling of an issue that needs more to be told."""

    step: str
    missing: "Sequence[str]"
    zh = "{step}还缺：{missing}"
    en = "{step} needs besides: {missing}"


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
class StaleIssue(Conflict):
    """Somebody else has handled the issue since it was read."""

    issue: int
    newest_event: int
    zh = "问题 {issue} 刚刚被别人处理过（最新事件 {newest_event}）：请先看最新状态，再决定"
    en = (
        "issue {issue} was handled by somebody else meanwhile (event {newest_event}): read it again"
    )


@dataclass(eq=False)
class IssueErased(Conflict):
    """The private part of an issue was erased, and the issue is closed: nothing is added to it."""

    issue: int
    zh = "问题 {issue} 已办结，其个人信息已抹除，不再接收附件"
    en = "issue {issue} is closed and what was private of it erased: nothing is attached to it any more"
