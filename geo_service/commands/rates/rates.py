"""`geo-service rates`: how the issues of a period are handled, area by area."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import (
    Basis,
    Category,
    FirstDay,
    LastDay,
    Source,
    Terminal,
    chosen,
    day_of,
    terminal,
)

if TYPE_CHECKING:
    from geo_service.governance.rates.rate import Rate
    from geo_service.services.rates.counts import RateQuery, Rates

_ENDINGS = (".csv", ".xlsx")
_RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate")
_COUNTS = ("received", "open", "overdue", "due_soon", "closed", "closed_late")


def tell_rates(
    context: typer.Context,
    layer: Annotated[str, typer.Argument(help="图层，如 grid / layer")],
    first: FirstDay = None,
    last: LastDay = None,
    category: Category = None,
    source: Source = None,
    basis: Basis = "recounted",
    by: Annotated[str, typer.Option(help="report（上报于时段）或 event（发生于时段）")] = "report",
    group: Annotated[str, typer.Option(help="none、category、source、category_source")] = "none",
    tier_hours: Annotated[
        bool, typer.Option("--tier-hours", help="也算各层级用时（中梗阻）")
    ] = False,
    all_types: Annotated[bool, typer.Option("--all-types", help="也计咨询、表扬")] = False,
    printed: Annotated[
        list[str] | None, typer.Option(help="上级或文件所印的层级办结比例，如 station=34.5")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="写入 CSV 或 XLSX 文件")] = None,
) -> None:
    """三率、按时办结、各层级办结与用时、排名，附口径。Rates of handling, with what they rest on."""
    from geo_service.services.rates.counts import BASES, COHORTS, GROUPINGS, RateQuery

    desk = terminal(context)
    query = RateQuery(
        layer=layer,
        first=day_of(first, where="--from"),
        last=day_of(last, where="--to"),
        category=category,
        source=source,
        basis=chosen(basis, BASES, where="--basis"),
        by=chosen(by, COHORTS, where="--by"),
        group=chosen(group, GROUPINGS, where="--group"),
        with_tier_hours=tier_hours,
        with_all_types=all_types,
    )
    found = _told(desk, query) if out is None else _written(desk, query, out)
    for text in printed or []:
        _compare(desk, found, text)


def _written(desk: Terminal, query: "RateQuery", out: Path) -> "Rates":
    chosen(out.suffix, _ENDINGS, where="--out")
    found = desk.services.rate_tables.write(desk.caller, query, out, language=desk.language)
    desk.say(f"已写入 {out}", f"written to {out}")
    return found


def _told(desk: Terminal, query: "RateQuery") -> "Rates":
    found = desk.services.rates.rates(desk.caller, query)
    _tell(desk, found)
    return found


def _tell(desk: Terminal, found: "Rates") -> None:
    from geo_service.services.rates.definitions import DEFINITIONS
    from geo_service.services.rates.rows import rate_rows, total_row, unassigned_rows
    from geo_service.services.rates.tables import (
        definition_notes,
        stamp_notes,
        table_title,
        target_notes,
    )

    titles = [DEFINITIONS[name].title(desk.language) for name in (*_COUNTS, *_RATES)]
    named = [
        *((row, row.name) for row in rate_rows(found)),
        *((row, desk.word("未落格", "without an owner")) for row in unassigned_rows(found)),
        (total_row(found), desk.word("全部", "all")),
    ]
    desk.say(table_title(found, "zh"), table_title(found, "en"))
    desk.table(
        [desk.word("编码", "code"), desk.word("名称", "name"), desk.word("分组", "group"), *titles],
        [
            [
                row.code or "",
                name,
                " ".join(part for part in (row.group.category, row.group.source) if part),
                *(row.counts[each] for each in _COUNTS),
                *(_share(row.rates[f"{each}_appraised"]) for each in _RATES),
            ]
            for row, name in named
        ],
    )
    _tell_tiers(desk, found)
    language = desk.language
    for note in [
        *target_notes(found, language),
        *stamp_notes(found, language),
        *definition_notes(language),
    ]:
        desk.say(note, note)


def _tell_tiers(desk: Terminal, found: "Rates") -> None:
    from geo_service.services.rates.rows import total_row

    total, titles = total_row(found), {tier.name: tier.title_zh for tier in found.tiers}
    for tier, rate in total.settled_rates.items():
        title = titles.get(tier or "", "层级不明")
        line = f"{title} {tier or 'unknown'}  {_share(rate)}"
        if tier is not None and tier in total.tier_hours:
            number, hours = total.tier_hours[tier]
            line += f"  {number} 件 / {hours:,.1f} h"
        desk.say(f"办结于 {line}", f"settled by {line}")


def _share(rate: "Rate") -> str:
    text = rate.percent_text
    return (
        f"— ({rate.denominator})"
        if text is None
        else f"{text}% ({rate.numerator_text}/{rate.denominator})"
    )


def _compare(desk: Terminal, found: "Rates", text: str) -> None:
    """Tell a printed share of a tier beside the computed one."""
    from geo_service.governance.rates.rate import printed_figure
    from geo_service.services.rates.rows import total_row

    tier, _, percent = text.partition("=")
    rates = total_row(found).settled_rates
    known = [name for name in rates if name is not None]
    figure = printed_figure(percent, rates[chosen(tier, known, where="--printed")])
    computed = _share(figure.computed)
    agrees = desk.word("一致", "agrees") if figure.agrees else desk.word("不一致", "differs")
    desk.say(
        f"所印 {tier} {percent}%，计算 {computed}：{agrees}（两者并存，互不覆盖）",
        f"printed {tier} {percent}%, computed {computed}: {agrees} (both are kept)",
    )
