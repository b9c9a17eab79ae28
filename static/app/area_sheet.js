// The page of one area: its map among its neighbors. Everything on it stands on the page as text.

import { labelLayer, labelsOf } from "./labels.js";

const OWN_STYLE = { color: "#12263f", weight: 3, dashArray: null, fillOpacity: 0.75 };
const OTHER_STYLE = { fillOpacity: 0 };

export function startAreaSheet({ data, map, areas, symbols }) {
  const page = document.getElementById("sheet");
  areas.polygons.forEach((polygon, i) => {
    const isOwn = i === data.own;
    polygon.setStyle(isOwn ? OWN_STYLE : OTHER_STYLE);
    polygon.bindTooltip(() => sheetTooltip(data, i), { sticky: true, className: "area-tooltip" });
    if (!isOwn) {
      polygon.on("click", () => location.assign(data.areas.pages[i]));
    }
  });
  areas.polygons[data.own].bringToFront();
  sheetNames(data).addTo(map);
  symbols.forEach((layer) => layer.addTo(map));
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => window.print());
  });
  page.dataset.ready = "true";
}

function sheetNames(data) {
  const { anchors, names, short_names: short } = data.areas;
  const own = labelsOf([anchors[data.own]], [names[data.own]]);
  const others = labelsOf(anchors, short.map((name, i) => (i === data.own ? "" : name)));
  return labelLayer([
    { labels: own, className: "parent-name", size: 12, weight: 600, mustFit: true },
    { labels: others, className: "area-name", size: 11, weight: 400 },
  ]);
}

function sheetTooltip(data, i) {
  const element = document.createElement("div");
  for (const [tag, text] of [["strong", data.areas.names[i]], ["span", data.areas.codes[i]]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    element.append(line);
  }
  return element;
}
