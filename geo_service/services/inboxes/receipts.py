"""What lies beside a list that was taken: the report for programs, for people, and the rejects."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geo_service.errors import GeoServiceError
from geo_service.layers.files import told_as_unwritable, writing_aside
from geo_service.services.issues.files.report import IssueFileReport, report_json, write_rejections

_LISTED = 1000


@dataclass(frozen=True)
class Taken:
    """One list that was taken out of an inbox: where it went, and its report or the error.

    Of two runs over one file, as after a power cut, the second tells what was unchanged.
    """

    name: str
    place: Path
    report: IssueFileReport | None
    error: Exception | None = None

    def text(self, language: str) -> str:
        """Return what became of it in one sentence."""
        is_english = language == "en"
        if self.report is None:
            reason = error_text(self.error, language)
            told = f"{self.name}: not taken in: {reason}", f"{self.name}：没有导入：{reason}"
            return told[0 if is_english else 1]
        done, rejected = self.report, len(self.report.rejections)
        if is_english:
            return (
                f"{self.name}: {done.rows} rows: {done.added} added, {done.updated} updated, "
                f"{done.unchanged} unchanged, {rejected} rejected"
            )
        return (
            f"{self.name}：共 {done.rows} 行：新增 {done.added}，更新 {done.updated}，"
            f"未变 {done.unchanged}，退回 {rejected}"
        )


def error_text(error: Exception | None, language: str) -> str:
    """Return an error's sentence; of one that nobody foresaw, what it is called."""
    if isinstance(error, GeoServiceError):
        return error.text(language)
    kind = type(error).__name__
    return f"unforeseen error {kind}" if language == "en" else f"程序没有料到的错误 {kind}"


def write_receipts(taken: Taken, *, taken_at: str) -> None:
    """Write all of them, each whole and on the disk; raises UnwritableFile."""
    values = {"taken_at": taken_at, "list": taken.place.name, **_values(taken)}
    _write(_beside(taken.place, "report.json"), orjson.dumps(values, option=orjson.OPT_INDENT_2))
    lines = [line for language in ("zh", "en") for line in _lines(taken, taken_at, language)]
    text = "\r\n".join(lines).encode("utf-8-sig")  # as Notepad reads it
    _write(_beside(taken.place, "报告.txt"), text)
    if taken.report and taken.report.rejections:
        rejects = _beside(taken.place, "退回.csv")
        with told_as_unwritable(rejects):
            write_rejections(rejects, taken.report)


def _values(taken: Taken) -> dict[str, Any]:
    if taken.report is not None:
        return {"outcome": "done", **report_json(taken.report, "zh", listed=_LISTED)}
    reason = {language: error_text(taken.error, language) for language in ("zh", "en")}
    return {"outcome": "failed", "file": taken.name, "reason": reason}


def _lines(taken: Taken, taken_at: str, language: str) -> list[str]:
    is_english = language == "en"
    lines = [taken.text(language), f"taken at {taken_at}" if is_english else f"取走时间 {taken_at}"]
    report = taken.report
    if report is None:
        again = "mend it and put it into the folder again", "请改好后重新放入收件文件夹"
        return [*lines, again[0 if is_english else 1], ""]
    columns = ", ".join(f"{k}={v}" for k, v in report.columns.heading_by_field.items())
    lines.append(f"columns: {columns}" if is_english else f"列：{columns}")
    without = (report.without_coordinates, report.without_category)
    lines.append(
        "without coordinates {}, without a category {}".format(*without)
        if is_english
        else "没有坐标 {}，没有分类 {}".format(*without)
    )
    lines += [note[1 if is_english else 0] for note in report.notes]
    lines += [warning.text(language) for warning in report.frame_warnings]
    return [*lines, ""]


def _beside(place: Path, ending: str) -> Path:
    return place.with_name(f"{place.name}.{ending}")


def _write(path: Path, content: bytes) -> None:
    with told_as_unwritable(path), writing_aside(path) as aside:
        aside.write_bytes(content)
