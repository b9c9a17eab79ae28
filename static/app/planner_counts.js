// The counts of what a draft would change: all of it where a draft is opened, and with each step what
// changed around it alone; everything else stays as it was told.

import { element, getJson, refill, sendJson } from "./desk_page.js";
import { createImpact } from "./planner_impact.js";

const ENTERED = ["households", "residents"];

const isAt = (key, layer) => key.layer === layer;

export function createCounts({ data, page, address, current, isOpen, ask, onEntered, onTold, tryTo }) {
  const words = data.words;
  const impact = createImpact({ data, page, onCell });
  let known = null; // whose, at which revision, and all that is told

  function parentsOf(areas) {
    const sides = areas.flatMap((area) => [area.before, area.after]);
    return new Set(sides.filter(Boolean).map((facts) => facts.parent));
  }

  // One layer after a step: rows it can have changed are told anew, or no more.
  function joined(layer, old, near, about) {
    const codes = new Set(about.filter((key) => isAt(key, layer)).map((key) => key.code));
    const before = old ? old.areas : [];
    const news = near ? near.areas : [];
    const areas = [...before.filter((area) => !codes.has(area.code)), ...news];
    areas.sort((one, other) => (one.code < other.code ? -1 : 1));
    const anew = parentsOf([...before.filter((area) => codes.has(area.code)), ...news]);
    const here = parentsOf(areas);
    const balance = [
      ...(old ? old.balance : []).filter((one) => !anew.has(one.parent) && here.has(one.parent)),
      ...(near ? near.balance : []),
    ];
    return { layer, areas, balance };
  }

  function join(found) {
    const at = (told, layer) => told.layers.find((one) => one.layer === layer);
    const names = new Set([...known.found.layers, ...found.layers].map((one) => one.layer));
    const layers = [...names].map((layer) => joined(layer, at(known.found, layer), at(found, layer), found.about));
    return { ...found, layers, isAround: true };
  }

  function keep(draft, found) {
    known = { id: draft.id, revision: draft.revision, found };
    impact.show(found);
    onTold(found);
    page.dataset.impact = draft.revision;
  }

  // All of it; it is worth showing only while the draft is what was asked about.
  async function tellWhole() {
    const { id, revision } = current();
    const found = await getJson(`${address("impact")}?limit=0`);
    const draft = current();
    if (draft.id === id && draft.revision === revision) {
      keep(draft, found);
    }
  }

  async function tell(step) {
    const follows = known && known.id === step.draft.id && known.revision === step.draft.revision - 1;
    if (follows && step.impact) {
      keep(step.draft, join(step.impact));
    } else {
      await tellWhole();
    }
  }

  // A number that can be entered is a button; what was entered can be entered again, or taken away.
  function onCell(cell, area, measure) {
    const facts = area.after;
    if (!isOpen() || !facts || !ENTERED.includes(measure)) {
      return;
    }
    const button = element("button", "enter", cell.textContent);
    button.type = "button";
    button.title = words.js_pln_enter;
    button.dataset.code = area.code;
    button.dataset.measure = measure;
    button.addEventListener("click", () => tryTo(() => enter(area.code, measure, facts[measure])));
    refill(cell, button);
  }

  async function enter(code, figure, count) {
    const title = words.js_pln_enter_title.replace("{code}", code).replace("{measure}", words[`js_pln_${figure}`]);
    const values = await ask([{ name: "value", label: title, value: count.value === null ? "" : count.value }]);
    if (!values) {
      return;
    }
    const told = { layer: data.layer, code, figure };
    const asked = new URL(address("figures"), document.baseURI);
    asked.searchParams.set("impact", "true");
    const text = values.value.trim();
    if (text) {
      onEntered(await sendJson(asked.href, { figures: [{ ...told, value: Number(text) }] }, {}, "PUT"));
    } else if (count.basis === "entered") {
      Object.entries(told).forEach(([name, value]) => asked.searchParams.set(name, value));
      onEntered(await sendJson(asked.href, undefined, {}, "DELETE"));
    }
  }

  // What was entered and is of no area any more, as the check says it.
  function tellGone(figures) {
    const gone = figures.filter((one) => one.gone);
    const told = gone.map((one) => `${one.code} ${words[`js_pln_${one.figure}`] || one.figure} ${one.value}`);
    return told.length ? [words.js_pln_gone.replace("{told}", told.join("、"))] : [];
  }

  return { tell, tellWhole, tellGone };
}
