"""What a redraw would change, as the API shows it: of editions, and of whatever is not one yet."""

from dataclasses import asdict

from geo_service.analysis.impact import Balance
from geo_service.api.coverage import ratio_json
from geo_service.api.parameters import JsonObject, moment_text
from geo_service.services.impact.result import (
    AreaFacts,
    Impact,
    LayerImpact,
    OwnerChange,
    OwnerChanges,
    ParentBalance,
    PersonCount,
    TouchedArea,
)


def impact_json(found: Impact) -> JsonObject:
    """Return everything that is known of a redraw before it is published."""
    return {
        "base": found.base,
        "as_of": moment_text(found.as_of_s),
        "layers": [_layer_json(each) for each in found.layers],
        "renoded": found.renoded,
        "owners": None if found.owners is None else _owners_json(found.owners),
        "entries": {
            "total": dict(found.moves_total),
            "listed": [asdict(each) for each in found.moves],
        },
    }


def _layer_json(found: LayerImpact) -> JsonObject:
    coverage = {
        "areas": found.area_coverage,
        "organisation": found.organisation_coverage,
        "work": found.work_coverage,
    }
    return {
        "layer": found.layer,
        "areas": [_area_json(each) for each in found.areas],
        "sums": {
            figure: {**asdict(each), "difference": each.difference}
            for figure, each in found.sums.items()
        },
        "staff_waiting": found.staff_waiting,
        "ground": {"to_nobody_m2": found.to_nobody_m2, "from_nobody_m2": found.from_nobody_m2},
        "balance": [_balance_json(each) for each in found.balances],
        "coverage": {
            name: None if pair is None else _pair(*map(ratio_json, pair))
            for name, pair in coverage.items()
        },
    }


def _area_json(area: TouchedArea) -> JsonObject:
    return {
        "code": area.code,
        "kinds": list(area.kinds),
        **_pair(
            *(None if each is None else _facts_json(each) for each in (area.before, area.after))
        ),
        "members_difference": area.members_difference,
    }


def _facts_json(facts: AreaFacts) -> JsonObject:
    return {
        **asdict(facts),
        "households": _person_json(facts.households),
        "residents": _person_json(facts.residents),
    }


def _person_json(count: PersonCount) -> JsonObject:
    return {"value": count.value, "basis": count.basis, "is_estimated": count.is_estimated}


def _balance_json(found: ParentBalance) -> JsonObject:
    return {
        "parent": found.parent,
        "measure": found.measure,
        **_pair(*(None if e is None else _evenness_json(e) for e in (found.before, found.after))),
    }


def _evenness_json(found: Balance) -> JsonObject:
    return {**asdict(found), "spread": found.spread, "ratio": found.ratio}


def _owners_json(found: OwnerChanges) -> JsonObject:
    return {
        "total": found.total,
        "other_owner": found.other_owner,
        "listed": [_change_json(each) for each in found.listed],
        "decided_kept": found.decided_kept,
        "released": [_change_json(each) for each in found.released],
    }


def _change_json(change: OwnerChange) -> JsonObject:
    return {
        **asdict(change),
        "old": _owner_json(change.old),
        "new": _owner_json(change.new),
        "is_other_owner": change.is_other_owner,
    }


def _owner_json(owner: tuple[str, str] | None) -> JsonObject | None:
    return None if owner is None else {"layer": owner[0], "code": owner[1]}


def _pair(before: object, after: object) -> JsonObject:
    return {"before": before, "after": after}
