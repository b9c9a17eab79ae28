// The hotspot desk: one selection shared by map, list, table and drawer.

import { createDrawer } from "./drawer.js";
import { decodePolygons } from "./geometry.js";
import { labelLayer } from "./labels.js";
import { printable } from "./print.js";
import { makeSortable, walkWithArrows } from "./table.js";

// Room for the zoom buttons on the left and the selection bar at the bottom, pixels.
const AROUND_SELECTION = { paddingTopLeft: [60, 40], paddingBottomRight: [40, 110] };

const MARKS = { up: "▲", down: "▼" };

export function startHotspots({ data, map, areas, bins }) {
  const page = document.getElementById("desk");
  const selection = createSelection({ data, map, page });
  nameLayer(data).addTo(map);
  areas.polygons.forEach((polygon, i) => {
    polygon.bindTooltip(() => tooltip(data, i), { sticky: true, className: "area-tooltip" });
    polygon.on("click", () => selection.select(i, { from: "map" }));
  });
  connectPicks(page, selection);
  connectSelectionBar({ data, page, selection });
  if (bins) {
    connectSwitch({ page, map, areas, bins });
  }
  const table = page.querySelector("table.areas");
  makeSortable(table);
  walkWithArrows(table.tBodies[0]);
  walkWithArrows(page.querySelector(".worst"));
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

function createSelection({ data, map, page }) {
  const outlines = L.layerGroup().addTo(map);
  const indexByCode = new Map(data.areas.codes.map((code, i) => [code, i]));
  const listeners = [];
  let current = -1;

  function draw(i) {
    outlines.clearLayers();
    if (i < 0) {
      return null;
    }
    const rings = decodePolygons(data.areas.paths[i], data.origin);
    const shared = { pane: "selection", interactive: false, fill: false, smoothFactor: 0.4 };
    L.polygon(rings, { ...shared, color: "#ffffff", weight: 6 }).addTo(outlines);
    return L.polygon(rings, { ...shared, color: "#12263f", weight: 3 }).addTo(outlines);
  }

  function select(i, { from } = {}) {
    current = i;
    const outline = draw(i);
    page.querySelectorAll("[data-index]").forEach((row) => {
      const isSelected = Number(row.dataset.index) === i;
      row.classList.toggle("is-selected", isSelected);
      row.querySelectorAll("button.pick").forEach((button) => {
        button.setAttribute("aria-pressed", String(isSelected));
      });
    });
    if (outline && from !== "map") {
      map.fitBounds(outline.getBounds(), { ...AROUND_SELECTION, maxZoom: data.fit_zoom + 2.5 });
    }
    if (i >= 0 && from === "map") {
      showInTable(page, i);
    }
    const address = i < 0 ? " " : `#${encodeURIComponent(data.areas.codes[i])}`;
    history.replaceState(null, "", address === " " ? location.pathname + location.search : address);
    listeners.forEach((listener) => listener(i));
  }

  function restore() {
    data.fit_zoom = map.getZoom();
    let code = "";
    try {
      code = decodeURIComponent(location.hash.slice(1));
    } catch (error) {
      return; // not written by this page
    }
    if (indexByCode.has(code)) {
      select(indexByCode.get(code), { from: "address" });
    }
  }

  function clear() {
    select(-1);
    map.fitBounds(data.bounds, { padding: [10, 10] });
  }

  return {
    select,
    clear,
    restore,
    current: () => current,
    onChange: (listener) => listeners.push(listener),
  };
}

// Only the panel scrolls, never the whole page: the map stays where it is.
function showInTable(page, i) {
  const row = page.querySelector(`.worst [data-index="${i}"], table.areas tr[data-index="${i}"]`);
  if (row) {
    row.scrollIntoView({ block: "nearest" });
  }
}

function connectPicks(page, selection) {
  page.querySelectorAll("[data-index]").forEach((row) => {
    row.addEventListener("click", (event) => {
      if (!event.target.closest("details, a")) {
        selection.select(Number(row.dataset.index), { from: "list" });
      }
    });
  });
}

function areaFacts(data, i) {
  return {
    code: data.areas.codes[i],
    name: data.areas.names[i],
    parent: data.areas.parents[i],
    summary: data.areas.summaries[i],
  };
}

function connectSelectionBar({ data, page, selection }) {
  const bar = page.querySelector(".selection-bar");
  const openButton = bar.querySelector(".open-issues");
  const drawer = data.issues_url
    ? createDrawer({
        element: document.getElementById("drawer"),
        issuesUrl: data.issues_url,
        words: data.words,
      })
    : null;
  openButton.hidden = !drawer;
  openButton.addEventListener("click", () => {
    drawer.open(areaFacts(data, selection.current()), openButton);
  });
  bar.querySelector(".clear-selection").addEventListener("click", () => selection.clear());
  selection.onChange((i) => {
    bar.hidden = i < 0;
    if (drawer) {
      drawer.close();
    }
    if (i >= 0) {
      const area = areaFacts(data, i);
      bar.querySelector(".selection-name").textContent = area.name;
      bar.querySelector(".selection-summary").textContent = `${area.code} · ${area.summary}`;
    }
  });
  page.querySelectorAll("button.issues-of").forEach((button) => {
    button.hidden = !drawer;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      const i = Number(button.closest("[data-index]").dataset.index);
      selection.select(i, { from: "list" });
      drawer.open(areaFacts(data, i), button);
    });
  });
}

function tooltip(data, i) {
  const area = areaFacts(data, i);
  const element = document.createElement("div");
  for (const [tag, text] of [
    ["strong", area.name],
    ["span", [area.code, area.parent].filter(Boolean).join(" · ")],
    ["span", area.summary],
  ]) {
    const line = document.createElement(tag);
    line.textContent = text;
    element.append(line);
  }
  return element;
}

function labelsOf(anchors, texts, isOnDark = []) {
  return anchors
    .map(([lon, lat, halfWidth, halfHeight], i) => {
      return { lon, lat, halfWidth, halfHeight, text: texts[i], isOnDark: isOnDark[i] };
    })
    .filter((label) => label.text);
}

function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 110;
}

function nameLayer(data) {
  const { anchors, classes, short_names: names, verdicts } = data.areas;
  const isOnDark = classes.map((position) => position >= 0 && isDark(data.colors[position]));
  const marks = labelsOf(anchors, verdicts.map((verdict) => MARKS[verdict]), isOnDark);
  const groups = [{ labels: marks, className: "change-mark", size: 13, weight: 400 }];
  data.ancestors.filter((ancestor) => ancestor.is_labelled).forEach((ancestor) => {
    const labels = labelsOf(ancestor.anchors, ancestor.names);
    groups.push({ labels, className: "parent-name", size: 12, weight: 600, mustFit: true });
  });
  const labels = labelsOf(anchors, names, isOnDark);
  groups.push({ labels, className: "area-name", size: 11, weight: 400, mustFit: true });
  return labelLayer(groups);
}

function connectSwitch({ page, map, areas, bins }) {
  page.querySelectorAll("input[name=shown]").forEach((input) => {
    input.addEventListener("change", () => {
      const isHeat = page.querySelector("input[name=shown]:checked").value === "heat";
      page.classList.toggle("shows-heat", isHeat);
      areas.setStyle({ fillOpacity: isHeat ? 0 : 1 });
      if (isHeat) {
        bins.addTo(map);
      } else {
        bins.remove();
      }
    });
  });
}

function addWholeButton({ data, map }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.words.js_whole;
  button.title = data.words.js_whole_title;
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", () => map.fitBounds(data.bounds, { padding: [10, 10] }));
  map.getContainer().querySelector(".leaflet-control-zoom").append(button);
}

// Definitions are <details>, so they open without a script; this keeps them inside the window and
// closes the others.
function connectDefinitions(page) {
  page.querySelectorAll("details.definition").forEach((one) => {
    one.addEventListener("toggle", () => placeInWindow(one));
  });
  const all = Array.from(document.querySelectorAll("details.definition, details.menu"));
  document.addEventListener("click", (event) => {
    all.filter((one) => !one.contains(event.target)).forEach((one) => one.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all.filter((one) => one.open).forEach((one) => {
        one.removeAttribute("open");
        one.querySelector("summary").focus();
      });
    }
  });
}

const GAP = 8; // pixels between a definition and the edge of the window

function placeInWindow(definition) {
  if (!definition.open) {
    return;
  }
  const box = definition.querySelector("div");
  const mark = definition.querySelector("summary").getBoundingClientRect();
  box.style.position = "fixed";
  box.style.right = "auto";
  const left = Math.min(mark.left, window.innerWidth - box.offsetWidth - GAP);
  const below = mark.bottom + 4;
  const isTooLow = below + box.offsetHeight > window.innerHeight - GAP;
  box.style.left = `${Math.max(GAP, left)}px`;
  box.style.top = `${isTooLow ? Math.max(GAP, mark.top - box.offsetHeight - 4) : below}px`;
}
