"""`geo-service index`: build, list, verify."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.places.indexes import EditionIndex

_STATES_ZH = {
    "missing": "还没有，用到时建",
    "usable": "可用",
    "intact": "完好",
    "damaged": "损坏",
    "unusable": "不能用",
}
_STATES_EN = {"missing": "none yet, built when needed"}

_MB = 1e6

app = typer.Typer(help="归属索引文件 / index files", no_args_is_help=True)


@app.command("build")
def build_index(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Option("--edition", help="版本号，默认现行版本 / default: in force")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """建好一个版本的索引文件；已有且完好则不动。Build the index file of an edition."""
    desk = terminal(context)
    index, is_new = desk.services.indexes.build(desk.caller, number)
    if as_json:
        desk.json({**_as_json(index), "is_new": is_new})
    elif is_new:
        desk.say(
            f"第 {index.edition} 版的索引已建好：{index.path}（{_size(index)}）",
            f"built the index of edition {index.edition}: {index.path} ({_size(index)})",
        )
    else:
        desk.say(
            f"第 {index.edition} 版的索引已有且完好：{index.path}",
            f"edition {index.edition} has an intact index: {index.path}",
        )


@app.command("list")
def list_indexes(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """列出各版本的索引文件。List the index files."""
    desk = terminal(context)
    folder = desk.services.indexes.folder(desk.caller)
    total = sum(each.size for each in folder.others)
    if as_json:
        others = {"files": len(folder.others), "bytes": total}
        indexes = [_as_json(index) for index in folder.indexes]
        desk.json({"folder": str(folder.path), "indexes": indexes, "others": others})
        return
    desk.say(f"文件夹 {folder.path}", f"folder {folder.path}")
    _table(desk, folder.indexes)
    if folder.others:
        desk.say(
            f"另有 {len(folder.others)} 个不属于这些版本的文件，共 {total / _MB:.1f} MB，"
            "久不使用会自动删除",
            f"{len(folder.others)} more files of other boundaries, {total / _MB:.1f} MB; "
            "those unused for long are removed by themselves",
        )


@app.command("verify")
def verify_indexes(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Option("--edition", help="版本号，默认全部 / default: every edition")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """逐字节核对索引文件；有损坏则退出码为 1。Read index files whole and compare checksums."""
    desk = terminal(context)
    indexes = desk.services.indexes.verify(desk.caller, number)
    bad = [index for index in indexes if index.state in {"damaged", "unusable"}]
    if as_json:
        desk.json({"indexes": [_as_json(index) for index in indexes]})
    else:
        _table(desk, indexes)
        for index in bad:
            desk.say(
                f"! 重建：geo-service index build --edition {index.edition}，然后重启服务",
                f"! mend it: geo-service index build --edition {index.edition}, then restart the "
                "service",
            )
    if bad:
        raise typer.Exit(1)


def _table(desk: Terminal, indexes: "list[EditionIndex]") -> None:
    desk.table(
        [
            desk.word("版本", "edition"),
            desk.word("状态", "state"),
            desk.word("大小", "size"),
            desk.word("最近使用", "last used"),
            desk.word("文件", "file"),
        ],
        [
            (index.edition, _state(desk, index), _size(index), _used(index), index.path.name)
            for index in indexes
        ],
    )


def _state(desk: Terminal, index: "EditionIndex") -> str:
    state = desk.word(_STATES_ZH[index.state], _STATES_EN.get(index.state, index.state))
    details = ", ".join(index.damaged)
    if index.reason:
        details = desk.word(*index.reason)
    return desk.word(f"{state}：{details}", f"{state}: {details}") if details else state


def _size(index: "EditionIndex") -> str:
    return f"{index.stored.size / _MB:.1f} MB" if index.stored else ""


def _used(index: "EditionIndex") -> str:
    if index.stored is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(index.stored.used_at_s + 8 * 3600))


def _as_json(index: "EditionIndex") -> dict[str, Any]:
    zh, en = index.reason or (None, None)
    return {
        "edition": index.edition,
        "state": index.state,
        "file": str(index.path),
        "bytes": index.stored.size if index.stored else None,
        "last_used_s": int(index.stored.used_at_s) if index.stored else None,
        "damaged_sections": list(index.damaged),
        "reason_zh": zh,
        "reason_en": en,
    }
