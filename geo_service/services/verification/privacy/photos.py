"""Photos and erasures: rows are what events say, files are whole, what was erased is gone."""

from collections.abc import Sequence
from typing import Any

import orjson

from geo_service.governance.event import ATTACHED, ERASED, PRIVATE_FIELDS
from geo_service.services.attachments.leftovers import GRACE_S
from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.houses import House
from geo_service.storage import attachments

_TOLD = ("hash", "kind", "media_type", "bytes", "width", "height", "role")


class PhotoLaws:
    """What must hold of the photos of any issue, and of one that was erased."""

    def __init__(self, report: CheckReport) -> None:
        self._report = report

    def check(self, issue: Any, events: Sequence[Any], stored: Sequence[Any]) -> None:
        """Check the photos of one issue against its events, and whether it holds what it may."""
        self._report.cover(attachments=len(stored))
        kinds = [event.kind for event in events]
        erased_at = max((i for i, kind in enumerate(kinds) if kind == ERASED), default=-1)
        where = {"table": "issues", "id": issue.id}
        if (erased_at >= 0) != (issue.erased_at_s is not None):
            self._report.add("odd_erasure", where)
        held = [name for name in sorted(PRIVATE_FIELDS) if getattr(issue, name) is not None]
        if issue.erased_at_s is not None and held:
            self._report.add("not_erased", where, names=", ".join(held))
        told = [_payload(each) for each in events[erased_at + 1 :] if each.kind == ATTACHED]
        told_by = {tuple(each.get(name) for name in _TOLD) for each in told}
        kept = {tuple(getattr(row, name) for name in _TOLD): row for row in stored}
        for lost in sorted(map(str, (each[0] for each in told_by - kept.keys()))):
            self._report.add("lost_attachment", where, hash=lost[:12])
        for key in kept.keys() - told_by:
            place = {"table": "attachments", "id": kept[key].id, "issue": issue.id}
            self._report.add("untold_attachment", place)


def check_files(house: House, report: CheckReport) -> None:
    """Check that every photo has its file, whole; tell of files that nobody names any more."""
    files = house.workspace.attachments
    hashes = attachments.every_hash(house.connection)
    report.cover(files=len(hashes))
    for digest in hashes:
        if house.is_quick:
            state = "whole" if files.is_there(digest) else "missing"
        else:
            state = files.state(digest)
        if state != "whole":
            where = {"table": "attachments", "id": digest[:12]}
            report.add(f"{state}_file", where, file=str(files.path(digest)))
    if house.is_quick:
        report.left_out.append(
            (
                "简略核对，只看文件在不在，没有核对内容",
                "a quick verification: files are there, what they hold was not looked at",
            )
        )
        return
    named = set(hashes)
    orphans = sum(digest not in named for digest in files.stored(older_than_s=GRACE_S))
    if orphans:
        report.notes.append(
            (
                f"{orphans} 个文件没有问题引用，每小时的清理会移除（允许）",
                f"{orphans} files are named by no issue; the hourly sweep removes them (allowed)",
            )
        )


def _payload(event: Any) -> dict[str, Any]:
    """Return what an event tells; one that cannot be read is told of by the check of events."""
    try:
        found = orjson.loads(event.payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
