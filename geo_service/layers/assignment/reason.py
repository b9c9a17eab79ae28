"""The one sentence of reason that comes with every answer, in Chinese and English."""

from geo_service.layers.assignment.agreed import Cited
from geo_service.layers.assignment.answer import Answer
from geo_service.layers.assignment.border import FARTHEST_M
from geo_service.layers.assignment.rule import AMBIGUOUS, BOUNDARY, NEAREST, UNASSIGNED
from geo_service.layers.locator import ChainLink


def reason(answer: Answer, language: str) -> str:
    """Return the sentence in ``zh`` or ``en``."""
    parts = [_of_rule(answer, language)]
    if answer.status == AMBIGUOUS:
        parts.append(_of_circle(answer, language))
    return "；".join(parts) if language == "zh" else "; ".join(parts)


def _of_rule(answer: Answer, language: str) -> str:
    if answer.metric_frame is None:
        return "没有坐标，无法落格" if language == "zh" else "no coordinates, so no owner"
    if answer.rule == UNASSIGNED or answer.owner is None:
        return _of_nobody(answer, language)
    owner = _named(answer, answer.owner, language)
    if answer.agreement is not None:
        return _of_agreement(answer.agreement, owner, language)
    sentence = {NEAREST: _of_nearest, BOUNDARY: _of_boundary}.get(answer.rule, _of_inside)
    return sentence(answer, owner, language)


def _of_agreement(cited: Cited, owner: str, language: str) -> str:
    agreement, distance_m = cited
    meters, codes = f"{distance_m:.1f}", (agreement.first_code, agreement.second_code)
    if language == "zh":
        words = f"：{agreement.wording}" if agreement.wording else ""
        return (
            f"点离 {'、'.join(codes)} 的公共边界 {meters} 米，"
            f"在约定的 {agreement.within_m:g} 米之内，"
            f"按边界约定（{agreement.document}{words}）归{owner}"
        )
    words = f": {agreement.wording}" if agreement.wording else ""
    return (
        f"{meters} m from the common border of {' and '.join(codes)}, within the agreed "
        f"{agreement.within_m:g} m; by border agreement ({agreement.document}{words}) "
        f"it belongs to {owner}"
    )


def _of_nearest(answer: Answer, owner: str, language: str) -> str:
    meters = f"{answer.nearest.distance_m:.1f}" if answer.nearest else "0"
    if language == "zh":
        return f"点在所有区域之外，离最近的{owner} {meters} 米，就近归入"
    return f"outside every area, {meters} m from the nearest: {owner}"


def _of_boundary(answer: Answer, owner: str, language: str) -> str:
    codes = [link.code or "" for link in answer.meeting]
    if language == "zh":
        return f"点正好在 {'、'.join(codes)} 的公共边界上，暂归编码最小的{owner}（系统暂定·待裁定）"
    return f"exactly on the border of {', '.join(codes)}; provisionally the lowest code: {owner}"


def _of_inside(answer: Answer, owner: str, language: str) -> str:
    if answer.border is None:
        return f"点在{owner}之内" if language == "zh" else f"inside {owner}"
    meters, neighbor = f"{answer.border.distance_m:.1f}", answer.border.neighbor
    if language == "zh":
        behind = f"对面是{neighbor.name}（{neighbor.code}）" if neighbor else "界外无区域"
        return f"点在{owner}之内，离最近的边界 {meters} 米，{behind}"
    behind = f"{neighbor.name} ({neighbor.code})" if neighbor else "no area"
    return f"inside {owner}, {meters} m from the nearest border, behind it {behind}"


def _of_nobody(answer: Answer, language: str) -> str:
    near = answer.nearest
    if near is None:
        if language == "zh":
            return f"点不在任何区域内，{FARTHEST_M / 1000:g} 公里以内也没有区域"
        return f"no area covers the point, and none lies within {FARTHEST_M / 1000:g} km"
    meters, tolerance = f"{near.distance_m:.1f}", f"{answer.deciding.nearest_m:g}"
    if language == "zh":
        return (
            f"点不在任何区域内，离最近的{near.area.name}（{near.area.code}）{meters} 米，"
            f"超出就近归入的 {tolerance} 米"
        )
    return (
        f"no area covers the point; the nearest, {near.area.name} ({near.area.code}), lies "
        f"{meters} m away, beyond the tolerance of {tolerance} m"
    )


def _of_circle(answer: Answer, language: str) -> str:
    share = next((each.share for each in answer.candidates if each.area == answer.owner), 0.0)
    if language == "zh":
        return (
            f"精度 {answer.accuracy_m:g} 米的圆内它只占 {share:.0%}，"
            f"不足 {answer.certain_share:.0%}，归属待定"
        )
    return (
        f"of the circle of {answer.accuracy_m:g} m it holds only {share:.0%}, "
        f"less than {answer.certain_share:.0%}: ambiguous"
    )


def _named(answer: Answer, owner: ChainLink, language: str) -> str:
    title = answer.deciding.title(language)
    if language == "zh":
        return f"{title}{owner.name}（{owner.code}）"
    return f"{title} {owner.name} ({owner.code})"
