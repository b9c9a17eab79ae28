"""`geo-service verify`: whether the database still keeps every law that data can break."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.verification.findings import CheckReport, Finding
    from geo_service.services.verification.verifications import Verification, VerificationOptions


def verify(
    context: typer.Context,
    is_quick: Annotated[
        bool,
        typer.Option("--quick", help="略过历史版本、事件和索引文件 / leave out what takes long"),
    ] = False,
    listed: Annotated[
        int, typer.Option(min=1, help="每项最多列出几条 / findings listed of each check")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """核对数据库是否守住每一条规则；只读，有发现则退出码为 1。Verify the database, read-only."""
    from geo_service.services.verification.verifications import VerificationOptions

    desk = terminal(context)
    found = _verified(desk, VerificationOptions(is_quick, listed))
    if as_json:
        desk.json(_as_json(found, is_quick=is_quick))
    else:
        for check in found.checks:
            _tell(desk, check)
        _tell_whole(desk, found, is_quick=is_quick)
    if not found.is_clean:
        raise typer.Exit(1)


def _verified(desk: Terminal, options: "VerificationOptions") -> "Verification":
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=None)

        def show(title: tuple[str, str], done: int, total: int) -> None:
            told = f"{desk.word(*title)} {done:,}" if done else desk.word(*title)
            progress.update(task, description=told, completed=done, total=total or None)

        return desk.verification.verify(desk.caller, options, on_progress=show)


def _tell(desk: Terminal, check: "CheckReport") -> None:
    sign = "✗" if check.found else ("!" if check.warned else "✓")
    if not check.covered and not check.findings and check.left_out:
        sign = "-"
    desk.say(
        f"{sign} {check.title[0]}：{_covered(desk, check)}",
        f"{sign} {check.title[1]}: {_covered(desk, check)}",
    )
    for finding in check.findings:
        desk.say(f"  ✗ {_sentence(finding, 'zh')}", f"  ✗ {_sentence(finding, 'en')}")
    unlisted = check.found + check.warned - len(check.findings)
    if unlisted:
        desk.say(f"  …… 另有 {unlisted} 条同项发现未列出", f"  … {unlisted} more are not listed")
    for note in check.notes:
        desk.say(f"  · {note[0]}", f"  · {note[1]}")
    for reason in check.left_out:
        desk.say(f"  - {reason[0]}", f"  - {reason[1]}")


def _sentence(finding: "Finding", language: str) -> str:
    arrow = " → "
    return finding.text(language) + arrow + finding.advice(language)


def _covered(desk: Terminal, check: "CheckReport") -> str:
    from geo_service.services.verification.sentences import COVERED

    told = [f"{count:,} {desk.word(*COVERED[name])}" for name, count in check.covered.items()]
    if not told:
        return desk.word("未核对", "not verified") if check.left_out else desk.word("无", "none")
    return desk.word("，", ", ").join(told)


def _tell_whole(desk: Terminal, found: "Verification", *, is_quick: bool) -> None:
    total = sum(check.found for check in found.checks)
    if total:
        desk.say(
            f"发现 {total} 处问题；核对没有改动任何数据",
            f"found {total} things wrong; nothing was changed",
        )
    elif is_quick:
        desk.say("简略核对未发现问题", "the quick verification found nothing wrong")
    else:
        desk.say("全部核对未发现问题", "everything was verified, nothing is wrong")


def _as_json(found: "Verification", *, is_quick: bool) -> dict[str, Any]:
    return {
        "is_clean": found.is_clean,
        "is_quick": is_quick,
        "profile": found.profile,
        "checks": [
            {
                "name": check.name,
                "covered": check.covered,
                "found": check.found,
                "warned": check.warned,
                "findings": [_finding_as_json(each) for each in check.findings],
                "notes": [_both(note) for note in check.notes],
                "left_out": [_both(reason) for reason in check.left_out],
            }
            for check in found.checks
        ],
    }


def _finding_as_json(finding: "Finding") -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "is_warning": finding.is_warning,
        "where": dict(finding.where),
        **_both((finding.text("zh"), finding.text("en"))),
        "advice_zh": finding.advice("zh"),
        "advice_en": finding.advice("en"),
    }


def _both(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}
