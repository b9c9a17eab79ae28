// The hotspot desk: one selection shared by map, list, table and drawer.

import { addWholeButton, connectDefinitions } from "./controls.js";
import { createDrawer } from "./drawer.js";
import { isDark, labelLayer, labelsOf } from "./labels.js";
import { printable } from "./print.js";
import { connectPicks, createSelection, linkArea } from "./selection.js";
import { makeSortable, walkWithArrows } from "./table.js";

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
    linkArea(data, page, i);
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
