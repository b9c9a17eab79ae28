"""Whether what is known of an entry, all fields together, can be so."""

from collections.abc import Mapping
from typing import Any

from geo_service.governance.issue import RowError
from geo_service.governance.organisations.register import LIAISON, ORGANISATION, Entry

_SEVERAL_AREAS = {"joint", "temporary", "functional"}


def contradiction(entry: Entry) -> RowError | None:
    """Return why an entry cannot be as it is, with the field at fault; None where it can.

    Asked of what is known once a told row is laid over what was known before: a list that tells one
    field may contradict another that it does not tell.
    """
    is_organisation = entry.register == ORGANISATION.name
    checks = [_days(entry), _staff(entry.details)]
    checks += [_organisation(entry)] if is_organisation else [_nowhere(entry)]
    return next((each for each in checks if each is not None), None)


def _days(entry: Entry) -> RowError | None:
    if entry.founded_s is None or entry.dissolved_s is None:
        return None
    if entry.dissolved_s > entry.founded_s:
        return None
    return RowError("dissolved", "不晚于成立日期", "is not after the founding")


def _staff(details: Mapping[str, Any]) -> RowError | None:
    staff, members = details.get("staff"), details.get("staff_members")
    if staff is None or members is None or members <= staff:
        return None
    return RowError("staff_members", "多于站员总数", "is more than the staff")


def _nowhere(entry: Entry) -> RowError | None:
    if entry.x is not None or entry.areas or entry.register == LIAISON.name:
        return None
    return RowError(
        "area", "既没有区域编码也没有坐标，不知道在哪里", "names neither an area nor a place"
    )


def _organisation(entry: Entry) -> RowError | None:
    details = entry.details
    if details.get("parent") == entry.code:
        return RowError("parent", "上级是它自己", "is the organisation itself")
    if len(entry.areas) > 1 and details.get("mode") not in _SEVERAL_AREAS:
        return RowError(
            "mode",
            "对应多个区域的只能是联合、临时或功能型组织",
            "stands for several areas, which joint, temporary and functional ones may only",
        )
    meeting_s = details.get("last_meeting")
    if meeting_s is None:
        return None
    if entry.founded_s is not None and meeting_s < entry.founded_s:
        return RowError("last_meeting", "早于成立日期", "is before the founding")
    if entry.dissolved_s is not None and meeting_s > entry.dissolved_s:
        return RowError("last_meeting", "晚于撤销日期", "is after the dissolution")
    return None
