// The coverage desk: one selection shared by map, lists and the card with the chain of bodies.

import { addWholeButton, connectDefinitions } from "./controls.js";
import { decodePolygons } from "./geometry.js";
import { isDark, labelLayer, labelsOf } from "./labels.js";
import { printable } from "./print.js";
import { registersOf } from "./registers.js";
import { connectPicks, createSelection, linkArea } from "./selection.js";
import { makeSortable, walkWithArrows } from "./table.js";

const MOST_OPEN = 8; // bodies of one level that a card shows at once

const CHANGE_MARKS = { up: "▲", down: "▼" };

export function startCoverage({ data, map, areas, symbols }) {
  const page = document.getElementById("desk");
  const selection = createSelection({ data, map, page });
  coverageNames(data).addTo(map);
  areas.polygons.forEach((polygon, i) => {
    polygon.bindTooltip(() => coverageTooltip(data, i), { sticky: true, className: "area-tooltip" });
    polygon.on("click", () => selection.select(i, { from: "map" }));
  });
  connectPicks(page, selection);
  connectCard({ data, page, selection });
  connectSymbols({ data, map, page, symbols });
  gapLayer(data).addTo(map);
  const table = page.querySelector("table.areas");
  makeSortable(table);
  walkWithArrows(table.tBodies[0]);
  page.querySelectorAll(".todo ol").forEach((list) => walkWithArrows(list));
  connectDefinitions(page);
  addWholeButton({ data, map });
  printable(map, L.latLngBounds(data.bounds));
  page.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => window.print());
  });
  selection.restore();
  performance.mark("areas-colored");
  page.dataset.ready = "true";
}

// The ground that no site reaches, hatched over the areas' color.
function gapLayer(data) {
  const group = L.layerGroup();
  const renderer = L.svg({ pane: "borders", padding: 0.5 });
  const style = { renderer, pane: "borders", interactive: false, weight: 0.8, color: "#27303a" };
  data.gaps.forEach((gap) => {
    const shape = decodePolygons(gap, data.origin);
    L.polygon(shape, { ...style, fillColor: "url(#fill-gap)", fillOpacity: 1 }).addTo(group);
  });
  return group;
}

function connectSymbols({ data, map, page, symbols }) {
  const state = page.querySelector(".symbol-state");
  page.querySelectorAll(".symbol-switch input").forEach((input) => {
    const layer = symbols[input.name];
    const show = async () => {
      if (!input.checked) {
        layer.remove();
        return;
      }
      state.textContent = data.registers ? "" : data.words.js_cov_loading;
      try {
        await registersOf(data);
        state.textContent = "";
      } catch (error) {
        state.textContent = data.words.js_cov_unread + error.message;
        input.checked = false;
      }
      if (input.checked) {
        layer.addTo(map);
      }
    };
    input.addEventListener("change", show);
    show(); // a browser may keep what was checked before a reload
  });
}

function coverageNames(data) {
  const { anchors, classes, short_names: names, marks } = data.areas;
  const isOnDark = classes.map((position) => {
    const color = position < 0 ? "" : data.colors[position];
    return typeof color === "string" && color !== "" && isDark(color);
  });
  const changed = labelsOf(anchors, marks.map((mark) => CHANGE_MARKS[mark]), isOnDark);
  const groups = [{ labels: changed, className: "change-mark", size: 13, weight: 400 }];
  data.ancestors.filter((ancestor) => ancestor.is_labelled).forEach((ancestor) => {
    const labels = labelsOf(ancestor.anchors, ancestor.names);
    groups.push({ labels, className: "parent-name", size: 12, weight: 600, mustFit: true });
  });
  const labels = labelsOf(anchors, names, isOnDark);
  groups.push({ labels, className: "area-name", size: 11, weight: 400, mustFit: true });
  return labelLayer(groups);
}

function coverageTooltip(data, i) {
  const { codes, names, parents, summaries } = data.areas;
  const element = document.createElement("div");
  addLine(element, "strong", names[i]);
  addLine(element, "span", [codes[i], parents[i]].filter(Boolean).join(" · "));
  addLine(element, "span", summaries[i]);
  return element;
}

function addLine(element, tag, text, className = "") {
  const line = document.createElement(tag);
  line.textContent = text;
  line.className = className;
  element.append(line);
  return line;
}

function connectCard({ data, page, selection }) {
  const bar = page.querySelector(".selection-bar");
  const card = page.querySelector(".card");
  bar.querySelector(".clear-selection").addEventListener("click", () => selection.clear());
  const fill = (i) => fillCard({ data, card, i, isWanted: () => selection.current() === i });
  connectRecord({ data, card, refresh: () => fill(selection.current()) });
  selection.onChange((i) => {
    bar.hidden = card.hidden = i < 0;
    linkArea(data, page, i);
    if (i >= 0) {
      bar.querySelector(".selection-name").textContent = data.areas.names[i];
      bar.querySelector(".selection-summary").textContent =
        `${data.areas.codes[i]} · ${data.areas.summaries[i]}`;
      fill(i);
      card.parentElement.scrollTop = 0;
    }
  });
}

// Who answers for the area and how to reach them, from the lowest body to the highest: what is
// smaller than the area, the area itself, then each level above it.
async function fillCard({ data, card, i, isWanted }) {
  const record = card.querySelector(".record");
  const chain = card.querySelector(".chain");
  card.querySelector(".card-name").textContent = data.areas.names[i];
  chain.textContent = "";
  if (record) {
    record.hidden = true;
  }
  if (!data.registers) {
    addLine(chain, "li", data.words.js_cov_loading);
  }
  try {
    const registers = await registersOf(data);
    if (isWanted()) {
      chain.textContent = "";
      fillChain({ data, chain, registers, i });
      fillRecord({ data, record, registers, bodies: recordedBodies(registers, i) });
    }
  } catch (error) {
    chain.textContent = data.words.js_cov_unread + error.message;
  }
}

function fillChain({ data, chain, registers, i }) {
  const add = (name, bodies) => addLevel({ data, chain, registers, name, bodies });
  registers.below.filter((level) => level.bodies[i].length).forEach((level) => {
    add(level.title, level.bodies[i]).classList.add("is-below");
  });
  add(data.areas.names[i], registers.bodies[i]).classList.add("is-own");
  data.areas.chains.forEach(({ at, names }, level) => {
    if (at[i] >= 0) {
      add(names[at[i]], registers.above[level][at[i]]);
    }
  });
}

// Those of the area itself, then the lowest ones in it.
function recordedBodies(registers, i) {
  const lowest = registers.below.length ? registers.below[0].bodies[i] : [];
  return [...registers.bodies[i], ...lowest];
}

function addLevel({ data, chain, registers, name, bodies }) {
  const level = addLine(chain, "li", "");
  addLine(level, "span", name, "level-name");
  if (!bodies.length) {
    addLine(level, "span", data.words.js_cov_no_body, "no-body");
  }
  let list = level;
  if (bodies.length > MOST_OPEN) {
    list = addLine(level, "details", "", "bodies-below");
    addLine(list, "summary", `${bodies.length} ${data.words.js_cov_bodies_below}`);
  }
  bodies.forEach((position) => addBody(data, list, registers.organisations, position));
  return level;
}

function addBody(data, level, columns, i) {
  const { words } = data;
  const mode = columns.modes[i];
  const body = addLine(level, "div", "", "body");
  const state = columns.lives[i] === 0 ? "is-active" : "is-hollow";
  const isUncounted = mode === "temporary" || mode === "functional";
  addLine(body, "span", columns.symbols[i], `symbol ${state}${mode === "joint" ? " is-joint" : ""}`);
  addLine(body, "strong", columns.names[i]);
  const facts = [
    mode === "joint" && words.js_cov_joint,
    isUncounted && words.js_cov_uncounted,
    columns.stands_for[i] && `${words.js_cov_stands_for} ${columns.stands_for[i]}`,
    `${words.js_cov_last} ${columns.last[i] || words.js_cov_unknown}`,
    columns.posts[i],
    columns.phones[i] && `${words.js_cov_duty} ${columns.phones[i]}`,
  ];
  addLine(body, "span", facts.filter(Boolean).join(" · "), "body-facts");
}

function fillRecord({ data, record, registers, bodies }) {
  if (!record) {
    return; // a saved file records nothing
  }
  const choice = record.querySelector("select");
  choice.textContent = "";
  bodies.forEach((position) => {
    const option = addLine(choice, "option", registers.organisations.names[position]);
    option.value = String(position);
  });
  record.hidden = !data.activities_url || !bodies.length;
  record.querySelector(".record-state").textContent = "";
}

function connectRecord({ data, card, refresh }) {
  const record = card.querySelector(".record");
  if (!record) {
    return;
  }
  const state = record.querySelector(".record-state");
  record.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { organisations } = await registersOf(data);
    const position = Number(record.elements.organisation.value);
    const heldOn = record.elements.held_on.value;
    const failure = await postActivity(data.activities_url, organisations.codes[position], heldOn);
    if (failure) {
      state.textContent = data.words.js_cov_failed + failure;
      return;
    }
    if (heldOn > organisations.last[position]) {
      organisations.last[position] = heldOn;
    }
    await refresh();
    state.textContent = data.words.js_cov_recorded;
  });
}

// Nothing where it was recorded, else why it was not.
async function postActivity(url, organisation, heldOn) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ organisation, held_on: heldOn }),
    });
    return answer.ok ? "" : (await answer.json()).detail;
  } catch (error) {
    return error.message;
  }
}
