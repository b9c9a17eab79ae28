// One selected area, shared by the map, every list and the address.

import { decodePolygons } from "./geometry.js";

// A move during the animation of another one is dropped by Leaflet: whoever cleared a selection at
// once would stay where it was. None of these moves is animated.
const AT_ONCE = { animate: false };

// Room for the zoom buttons on the left and the selection bar at the bottom, pixels.
const AROUND_SELECTION = { paddingTopLeft: [60, 40], paddingBottomRight: [40, 110] };

export function createSelection({ data, map, page }) {
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
      const maxZoom = data.fit_zoom + 2.5;
      map.fitBounds(outline.getBounds(), { ...AROUND_SELECTION, ...AT_ONCE, maxZoom });
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
    map.fitBounds(data.bounds, { padding: [10, 10], ...AT_ONCE });
  }

  return {
    select,
    clear,
    restore,
    current: () => current,
    onChange: (listener) => listeners.push(listener),
  };
}

// Links to the selected area's own page, wherever the page has them.
export function linkArea(data, page, i) {
  page.querySelectorAll("a.open-area").forEach((link) => {
    link.hidden = !data.area_url || i < 0;
    if (!link.hidden) {
      link.href = data.area_url.replace("{code}", encodeURIComponent(data.areas.codes[i]));
    }
  });
}

// Only the panel scrolls, never the whole page: the map stays where it is.
function showInTable(page, i) {
  const row = page.querySelector(`.panel [data-index="${i}"]`);
  if (row) {
    row.scrollIntoView({ block: "nearest" });
  }
}

export function connectPicks(page, selection) {
  page.querySelectorAll("[data-index]").forEach((row) => {
    row.addEventListener("click", (event) => {
      if (!event.target.closest("details, a")) {
        selection.select(Number(row.dataset.index), { from: "list" });
      }
    });
  });
}
