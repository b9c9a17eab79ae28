// The coverage desk: one selection shared by map, lists and the card with the chain of bodies.

import { addWholeButton, connectDefinitions } from "./controls.js";
import { decodePolygons } from "./geometry.js";
import { isDark, labelLayer, labelsOf } from "./labels.js";
import { printable } from "./print.js";
import { connectPicks, createSelection, linkArea } from "./selection.js";
import { makeSortable, walkWithArrows } from "./table.js";

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
  connectSymbols({ map, page, symbols });
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

function connectSymbols({ map, page, symbols }) {
  page.querySelectorAll(".symbol-switch input").forEach((input) => {
    const layer = symbols[input.name];
    const show = () => (input.checked ? layer.addTo(map) : layer.remove());
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
  const record = card.querySelector(".record");
  if (record) {
    connectRecord({ data, record, refresh: () => fillCard({ data, card, record, i: selection.current() }) });
  }
  selection.onChange((i) => {
    bar.hidden = card.hidden = i < 0;
    linkArea(data, page, i);
    if (i >= 0) {
      bar.querySelector(".selection-name").textContent = data.areas.names[i];
      bar.querySelector(".selection-summary").textContent =
        `${data.areas.codes[i]} · ${data.areas.summaries[i]}`;
      fillCard({ data, card, record, i });
      card.parentElement.scrollTop = 0;
    }
  });
}

// The area itself first, then each level above it: who answers for it, and how to reach them.
function fillCard({ data, card, record, i }) {
  card.querySelector(".card-name").textContent = data.areas.names[i];
  const chain = card.querySelector(".chain");
  chain.textContent = "";
  addLevel(data, chain, data.areas.names[i], data.areas.bodies[i]);
  data.areas.chains.forEach((level) => {
    const at = level.at[i];
    if (at >= 0) {
      addLevel(data, chain, level.names[at], level.bodies[at]);
    }
  });
  if (record) {
    fillRecord({ data, record, bodies: data.areas.bodies[i] });
  }
}

function addLevel(data, chain, name, bodies) {
  const level = addLine(chain, "li", "");
  addLine(level, "span", name, "level-name");
  if (!bodies.length) {
    addLine(level, "span", data.words.js_cov_no_body, "no-body");
  }
  bodies.forEach((position) => addBody(data, level, data.organisations[position]));
}

function addBody(data, level, [, name, symbol, mode, life, last, post, phone]) {
  const body = addLine(level, "div", "", "body");
  const isHollow = life !== 0;
  addLine(body, "span", symbol, `symbol ${isHollow ? "is-hollow" : "is-active"}${mode === "joint" ? " is-joint" : ""}`);
  addLine(body, "strong", name);
  const { words } = data;
  const facts = [`${words.js_cov_last} ${last || words.js_cov_unknown}`];
  if (mode === "joint") {
    facts.unshift(words.js_cov_joint);
  }
  if (mode === "temporary" || mode === "functional") {
    facts.unshift(words.js_cov_uncounted);
  }
  if (post) {
    facts.push(post);
  }
  if (phone) {
    facts.push(`${words.js_cov_duty} ${phone}`);
  }
  addLine(body, "span", facts.join(" · "), "body-facts");
}

function fillRecord({ data, record, bodies }) {
  const choice = record.querySelector("select");
  choice.textContent = "";
  bodies.forEach((position) => {
    const option = addLine(choice, "option", data.organisations[position][1]);
    option.value = String(position);
  });
  record.hidden = !data.activities_url || !bodies.length;
  record.querySelector(".record-state").textContent = "";
}

function connectRecord({ data, record, refresh }) {
  const state = record.querySelector(".record-state");
  record.addEventListener("submit", async (event) => {
    event.preventDefault();
    const organisation = data.organisations[Number(record.elements.organisation.value)];
    const heldOn = record.elements.held_on.value;
    const failure = await postActivity(data.activities_url, organisation[0], heldOn);
    if (failure) {
      state.textContent = data.words.js_cov_failed + failure;
      return;
    }
    if (heldOn > organisation[5]) {
      organisation[5] = heldOn;
    }
    refresh();
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
