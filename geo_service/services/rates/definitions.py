"""What every figure is made of (口径), in two languages."""

from collections.abc import Mapping
from typing import NamedTuple


class Definition(NamedTuple):
    """A figure: its title, what it counts or divides, and by what."""

    title_zh: str
    title_en: str
    zh: str
    en: str

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.title_en if language == "en" else self.title_zh

    def text(self, language: str) -> str:
        """Return what it is made of in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


DEFINITIONS: Mapping[str, Definition] = {
    "received": Definition(
        "受理量",
        "received",
        "统计时段内上报的问题，重复件只计原件",
        "issues reported in the period; of duplicates only the original",
    ),
    "duplicates": Definition(
        "重复件",
        "duplicates",
        "统计时段内上报、已并入其他问题的件数，不计入其他各项",
        "reported in the period and merged into another; in no other figure",
    ),
    "excluded": Definition(
        "考核剔除",
        "excluded",
        "有剔除决定的件数；“考核”各率不含，其余照计",
        "left out of the appraisal by a decision; in every figure that is not an appraised rate",
    ),
    "open": Definition("在办", "open", "尚未办结的件数", "not closed yet"),
    "overdue": Definition(
        "超期未办结",
        "overdue",
        "在办且办结时限已过（挂账期间不计）",
        "open, and the deadline is over (not while it stands still)",
    ),
    "due_soon": Definition(
        "临期",
        "due soon",
        "在办且办结时限在 24 小时之内",
        "open, and due within 24 hours",
    ),
    "closed": Definition("办结", "closed", "已办结的件数", "closed"),
    "closed_late": Definition(
        "超期办结",
        "closed late",
        "办结晚于时限，或此前一轮办理超期",
        "closed after the deadline, or late in an earlier run",
    ),
    "response_rate": Definition(
        "响应率",
        "response rate",
        "时限内首次响应的件数 ÷ 已受理件数；未在本系统受理的不计",
        "first response in time / accepted; what was never accepted here is no part of it",
    ),
    "resolution_rate": Definition(
        "解决率",
        "resolution rate",
        "来电人称已解决 ÷ 就是否解决回访到的件数；重办后以最后一次答复为准",
        "callers who say resolved / callers asked; of a reopened issue the last answer",
    ),
    "satisfaction_rate": Definition(
        "满意率",
        "satisfaction rate",
        "各答复按配置权重之和 ÷ 有权重的答复数；未接通、拒评无权重，另列",
        "answers by the weights of the profile / answers that have one; not reached and refused"
        " stand beside",
    ),
    "on_time_rate": Definition(
        "按时办结率",
        "on-time rate",
        "未超期的办结 ÷ 有时限且知道办结时间的办结；考核值中免责的视为按时",
        "closed in time / closed with a deadline and a known time; exempted ones count as in time"
        " in the appraised rate",
    ),
    "discovery_rate": Definition(
        "主动发现率",
        "discovery rate",
        "巡查来源的受理量 ÷ 全部受理量",
        "received from patrols / all received",
    ),
    "settled": Definition(
        "各层级办结",
        "settled by tier",
        "办结时所在层级的件数 ÷ 全部办结；不知层级的另列",
        "closed while with a tier / all closed; an unknown tier stands beside",
    ),
    "tier_hours": Definition(
        "各层级用时",
        "hours by tier",
        "问题在每一层级停留的自然小时之和（含挂账），未离开的算到现在",
        "hours that issues were with each tier (pauses included), those still there until now",
    ),
    "handling_hours": Definition(
        "办理用时（小时）",
        "handling hours",
        "已办结件从上报到办结的自然小时；只看它会掩盖久拖未结的，须与在办时长同看",
        "hours from report to closing of closed issues; read it beside the age of open ones",
    ),
    "open_age_days": Definition(
        "在办时长（天）",
        "age of open ones in days",
        "在办件从上报到现在的自然天数",
        "days since the report of open issues",
    ),
    "rank": Definition(
        "排名",
        "rank",
        "受理量由多到少、各率（考核值）由高到低；并列同名次，无分母的不排",
        "received from the most, appraised rates from the highest; ties share a rank, a null has"
        " none",
    ),
}
