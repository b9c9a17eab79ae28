"""One issue per shipped profile, from report to closing in the words of its office.

Each step is (words as they are typed, role, what is told with it), ``state`` the one it leads to.
Where ``refused`` is set, this step is tried before and is refused with these words.
"""

from typing import NamedTuple


class Taken(NamedTuple):
    """A step as a dispatcher types it."""

    step: str
    role: str
    told: tuple[str, ...]
    state: str
    is_refused: str = ""


def step(step: str, role: str, state: str, *told: str) -> Taken:
    """Return a step that is taken and leads to a state."""
    return Taken(step, role, told, state)


def refused(step: str, role: str, says: str, *told: str) -> Taken:
    """Return a step that cannot be taken, and the words of the refusal."""
    return Taken(step, role, told, "", says)


UNIT = "unit=示例单位"
HAPPY = ("resolved=已解决", "satisfaction=满意")

WALKS = {
    "generic": [
        step("受理", "派单员", "待分流", "triage=小事"),
        refused("处置", "承办人", "状态为“待分流”的问题不能发生“处置”；现在可以：分流"),
        step("分流", "派单员", "处置中", "tier=网格", UNIT),
        step("先行联系", "承办人", "处置中"),
        step("处置", "承办人", "待反馈"),
        step("反馈", "承办人", "待评价"),
        step("评价", "派单员", "办结", *HAPPY),
    ],
    "n-street": [
        step("登记", "互助站站长", "自议", "triage=小事"),
        refused("流转商议", "网格长", "状态为“自议”的问题不能发生“流转商议”；现在可以：流转共议"),
        step("流转共议", "互助站站长", "共议", "reason=站内议不成"),
        step("流转商议", "网格长", "商议", "reason=需部门到场"),
        step("召集部门", "街道调度员", "商议", "departments=城管、房管"),
        step("部门到场", "网格长", "商议", "department=城管"),
        step("解除召集", "街道调度员", "商议", "department=房管", "reason=与房屋无关"),
        step("议定解决", "街道调度员", "待反馈"),
        step("反馈评价", "互助站站长", "办结", *HAPPY),
    ],
    "x-street": [
        step("登记", "微网格长", "处置中", "triage=小事", "tier=微网格", UNIT),
        step("上报上级", "微网格长", "处置中", "reason=涉及两个小区"),
        step("上报上级", "居民区书记", "处置中", "reason=需片区协调"),
        step("双牵头", "片区领导", "处置中", "unit=示例片区", "reason=条块合议"),
        step("召集执法力量", "街道调度员", "处置中", "departments=城管、公安"),
        step("部门到场", "执法力量", "处置中", "department=城管"),
        step("部门到场", "执法力量", "处置中", "department=公安"),
        step("处置", "片区领导", "待反馈"),
        refused(
            "群众评议", "居民区书记", "状态为“待反馈”的问题不能发生“群众评议”；现在可以：", *HAPPY
        ),
        step("反馈", "居民区书记", "待评议"),
        step("群众评议", "居民区书记", "办结", *HAPPY),
    ],
    "shanghai-grid": [
        step("受理", "网格办受理员", "待指派", "triage=大事"),
        step("先行联系", "网格办受理员", "待指派"),
        refused(
            "联动处置",
            "联动队伍",
            "状态为“待指派”的问题不能发生“联动处置”；现在可以：先行联系、指派",
        ),
        step("指派", "网格办受理员", "联动处置中", "tier=街镇分中心", UNIT),
        step("联动召集", "指挥长", "联动处置中", "departments=公安、交警"),
        step("部门到场", "联动队伍", "联动处置中", "department=公安"),
        step("部门到场", "联动队伍", "联动处置中", "department=交警"),
        step("联动处置", "联动队伍", "待答复"),
        step("答复", "工作站人员", "待测评"),
        step("满意度测评", "网格办受理员", "办结", *HAPPY),
    ],
    "dongcheng-unit-grid": [
        step("信息收集", "监督员", "待立案"),
        step("案卷建立", "值班员", "待派遣"),
        step("任务派遣", "派遣员", "处理中", "tier=街道", UNIT),
        step("任务处理", "专业部门", "待反馈"),
        step("处理反馈", "专业部门", "待核查"),
        refused("结案", "值班员", "状态为“待核查”的问题不能发生“结案”；现在可以：核查、核查不通过"),
        step("核查", "监督员", "待结案"),
        step("结案", "值班员", "结案"),
    ],
    "beijing-whistle": [
        step("受理", "街道调度员", "社区处置", "triage=大事"),
        step("吹哨", "街道调度员", "已吹哨", "departments=城管、公安", "reason=综合执法"),
        step("报到", "部门", "已吹哨", "department=城管"),
        step("处置完毕", "街道调度员", "待评价"),
        refused("街道评价", "街道调度员", "公安", "resolved=已解决"),
        step("报到", "部门", "待评价", "department=公安"),
        step("街道评价", "街道调度员", "办结", "resolved=已解决"),
    ],
    "beijing-12345": [
        step("受理", "坐席", "待派单", "triage=大事"),
        step("派单", "坐席", "待签收", "tier=街道（乡镇）", "unit=示例街道"),
        refused("办理", "承办单位", "状态为“待签收”的问题不能发生“办理”；现在可以：签收"),
        step("签收", "承办单位", "办理中"),
        step("先行联系", "承办单位", "办理中"),
        step("办理", "承办单位", "待反馈"),
        step("反馈", "承办单位", "待回访"),
        step("回访", "回访员", "待办结", "resolved=已解决", "satisfaction=基本满意"),
        step("办结", "回访员", "办结"),
    ],
    "chaoyang-axis": [
        step("受理", "街道派单员", "待分流", "triage=小事"),
        step("分流", "街道派单员", "处置中", "tier=网格", "unit=示例网格"),
        step("上报上级", "网格党支部书记", "待分流", "reason=网格解决不了"),
        refused("处置", "社区党委书记", "状态为“待分流”的问题不能发生“处置”；现在可以：分流"),
        step("分流", "街道派单员", "处置中", "tier=社区", "unit=示例社区"),
        step("处置", "社区党委书记", "待反馈"),
        step("反馈", "社区党委书记", "待评价"),
        step("评价", "街道派单员", "办结", *HAPPY),
    ],
    "community-resize": [
        step("受理", "街道受理员", "待分流", "triage=大事"),
        step("分流", "街道受理员", "处置中", "tier=街道", "unit=示例区划专班"),
        step("处置", "区划专班", "待反馈"),
        refused("评价", "街道受理员", "状态为“待反馈”的问题不能发生“评价”；现在可以：反馈", *HAPPY),
        step("反馈", "区划专班", "待评价"),
        step("评价", "街道受理员", "办结", "resolved=未解决", "satisfaction=不满意"),
    ],
    "red-property": [
        step("报修受理", "社区书记", "待分流", "triage=小事"),
        step("派工", "社区书记", "处置中", "tier=物业企业", "unit=示例物业"),
        refused(
            "业主评价", "社区书记", "状态为“处置中”的问题不能发生“业主评价”；现在可以：", *HAPPY
        ),
        step("提请协商", "物业项目经理", "待分流", "reason=维修资金须业主表决"),
        step("派工", "社区书记", "处置中", "tier=业委会（物管会）", "unit=示例业委会"),
        step("街道吹哨", "街道派单员", "处置中", "departments=房管"),
        step("部门到场", "街道派单员", "处置中", "department=房管"),
        step("处置", "业委会（物管会）", "待反馈"),
        step("反馈", "社区书记", "待评价"),
        step("业主评价", "社区书记", "办结", *HAPPY),
    ],
    "service-circle": [
        step("登记需求", "党群服务中心", "待分流", "triage=小事"),
        refused(
            "提供服务", "阵地站长", "状态为“待分流”的问题不能发生“提供服务”；现在可以：认领派送"
        ),
        step("认领派送", "党群服务中心", "处置中", "tier=阵地", "unit=示例阵地"),
        step("提供服务", "阵地站长", "待反馈"),
        step("反馈", "阵地站长", "待评价"),
        step("评价", "党群服务中心", "办结", *HAPPY),
    ],
}
