// How even the areas under each parent are: there before anything is drawn, and followed as it is.

import { element, getJson, refill } from "./desk_page.js";

const MEASURES = ["households", "workload_h", "open_issues"];

export function createBalance({ data, page, map, areas }) {
  const words = data.words;
  const section = page.querySelector(".balance");
  const body = section.querySelector("tbody");
  const rows = new Map();

  const number = (value) => value.toLocaleString(data.language, { maximumFractionDigits: 0 });
  const times = (ratio) => `×${ratio.toLocaleString(data.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  // Nothing against something has no ratio, and is the least even of all.
  const short = (found) => (found && found.ratio !== null ? times(found.ratio) : found && found.most ? words.js_bal_from_none : "–");

  function cell(found) {
    const line = element("td");
    if (!found || found.count === 0) {
      line.append("–");
      return line;
    }
    const look = element("button", "", short(found));
    look.type = "button";
    look.title = words.js_bal_ends
      .replace("{least}", `${number(found.least)} ${areas.name(found.least_code)}`)
      .replace("{most}", `${number(found.most)} ${areas.name(found.most_code)}`);
    look.addEventListener("click", () => showEnds(found));
    const unknown = found.unknown ? ` ${words.js_bal_unknown.replace("{n}", found.unknown)}` : "";
    line.append(look, element("small", "", `${number(found.least)}–${number(found.most)}${unknown}`));
    return line;
  }

  function showEnds(found) {
    const known = new Set(areas.codes());
    const ends = [found.least_code, found.most_code].filter((code) => known.has(code));
    const bounds = L.latLngBounds([]);
    ends.forEach((code) => bounds.extend(areas.outline(code).getBounds()));
    if (bounds.isValid()) {
      map.fitBounds(bounds, { padding: [80, 80], maxZoom: 18, animate: false });
      areas.select(ends[ends.length - 1]);
    }
  }

  function row(parent, title) {
    const line = element("tr");
    const cells = new Map(MEASURES.map((measure) => [measure, cell(parent.measures[measure])]));
    const head = element("th", "", title);
    head.scope = "row";
    head.title = parent.parent || "";
    line.append(head, element("td", "", number(parent.areas)), ...cells.values());
    rows.set(parent.parent, { line, cells, parent });
    return line;
  }

  const worst = (parent) => {
    const { ratio, most } = parent.measures.workload_h;
    return ratio === null ? (most ? Infinity : -1) : ratio;
  };

  return {
    async load() {
      const asked = new URL(data.links.balance.replace("{number}", data.edition), document.baseURI);
      asked.searchParams.set("layer", data.layer);
      const found = await getJson(asked.href);
      const parents = found.parents.slice().sort((a, b) => (worst(a) < worst(b) ? 1 : -1));
      refill(body, row(found.whole, words.js_bal_whole), ...parents.map((each) => row(each, each.name || words.js_bal_no_parent)));
      rows.delete(null);
      section.querySelector(".empty").hidden = true;
      section.querySelector(".scroll").hidden = false;
      section.dataset.ready = "true";
    },
    // What the draft makes of it stands beside what is, under the parents it touches.
    follow(impact) {
      const layer = impact.layers.find((one) => one.layer === data.layer);
      body.querySelectorAll(".then").forEach((one) => one.remove());
      body.querySelectorAll(".touched").forEach((one) => one.classList.remove("touched"));
      (layer ? layer.balance : []).forEach(({ parent, measure, after }) => {
        const found = rows.get(parent);
        const is = found && found.parent.measures[measure];
        if (found && found.cells.has(measure) && after && after.ratio !== is.ratio) {
          found.line.classList.add("touched");
          found.cells.get(measure).append(element("b", "then", ` → ${short(after)}`));
        }
      });
      const first = body.querySelector(".touched");
      if (first) {
        const box = section.querySelector(".scroll");
        box.scrollTop = first.offsetTop - box.querySelector("thead").offsetHeight;
      }
    },
  };
}
