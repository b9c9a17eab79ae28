// Organisations and sites as small discs and squares, gathered where they are many.

import { fromNorth, placesOf, registersOf } from "./registers.js";

const ACTIVE = 0; // as in the page's data: 0 active, 1 overdue, 2 unknown
const MOST_MARKERS = 2000; // above, browsers get slow: squares of the map tell how many they hold
const SQUARE = 64; // pixels

function badge(text, className) {
  const element = document.createElement("span");
  element.className = `symbol ${className}`;
  element.textContent = text;
  return L.divIcon({ html: element, className: "symbol-at", iconSize: [20, 20] });
}

function symbolClass(mode, life) {
  if (mode === undefined) {
    return "symbol-site";
  }
  const isCounted = mode !== "temporary" && mode !== "functional";
  const parts = [life === ACTIVE ? "is-active" : "is-hollow"];
  if (mode === "joint") {
    parts.push("is-joint");
  }
  if (!isCounted) {
    parts.push("is-uncounted");
  }
  return parts.join(" ");
}

export function symbolLayer(data, register) {
  return new SymbolLayer(data, register);
}

const SymbolLayer = L.Layer.extend({
  initialize(data, register) {
    this._data = data;
    this._register = register;
  },
  onAdd(map) {
    this._shown = L.layerGroup().addTo(map);
    registersOf(this._data).then((registers) => {
      this._columns = registers[this._register];
      this._places = this._places || placesOf(this._columns);
      this._draw();
    });
  },
  onRemove() {
    this._shown.remove();
    this._shown = null;
  },
  getEvents() {
    return { moveend: this._redraw };
  },
  // Few are gathered once for all scales; of many only those in view are there.
  _redraw() {
    if (this._places && this._places.at.length > MOST_MARKERS) {
      this._draw();
    }
  },
  _draw() {
    if (!this._shown) {
      return; // taken away before the registers came
    }
    const { at } = this._places;
    const seen = at.length > MOST_MARKERS ? this._inView() : Array.from(at.keys());
    this._shown.clearLayers();
    this._shown.addLayer(seen.length > MOST_MARKERS ? this._counts(seen) : this._gathered(seen));
  },
  _inView() {
    const view = this._map.getBounds().pad(0.1);
    const [west, east] = [view.getWest(), view.getEast()].map((lon) => (lon + 180) / 360);
    const [top, bottom] = [view.getNorth(), view.getSouth()].map(fromNorth);
    const { across, down } = this._places;
    const seen = [];
    across.forEach((x, k) => {
      if (x >= west && x <= east && down[k] >= top && down[k] <= bottom) {
        seen.push(k);
      }
    });
    return seen;
  },
  _gathered(seen) {
    const group = L.markerClusterGroup({
      pane: "symbols",
      clusterPane: "symbols",
      maxClusterRadius: 30,
      showCoverageOnHover: false,
      animate: false,
      iconCreateFunction: (cluster) => this._many(cluster.getChildCount()),
    });
    return group.addLayers(seen.map((k) => this._marker(k)));
  },
  _marker(k) {
    const { names, symbols, modes = [], lives = [], kinds } = this._columns;
    const i = this._places.at[k];
    const icon = badge(symbols[i], symbolClass(modes[i], lives[i]));
    const options = { icon, pane: "symbols", alt: names[i], keyboard: false };
    const marker = L.marker(this._places.latlng(k), options);
    return marker.bindTooltip(() => symbolTooltip(names[i], kinds[i]), { className: "area-tooltip" });
  },
  _counts(seen) {
    const map = this._map;
    const perSquare = map.options.crs.scale(map.getZoom()) / SQUARE;
    const { across, down } = this._places;
    const squares = new Map();
    seen.forEach((k) => {
      const key = Math.floor(across[k] * perSquare) * 1e7 + Math.floor(down[k] * perSquare);
      const square = squares.get(key);
      if (square) {
        square.push(k);
      } else {
        squares.set(key, [k]);
      }
    });
    return L.layerGroup(Array.from(squares.values(), (inside) => this._square(inside)));
  },
  // A square that holds one alone shows it; its place is among those it tells of.
  _square(inside) {
    if (inside.length === 1) {
      return this._marker(inside[0]);
    }
    const middle = this._places.latlng(inside[Math.floor(inside.length / 2)]);
    const icon = this._many(inside.length);
    const marker = L.marker(middle, { icon, pane: "symbols", keyboard: false });
    return marker.on("click", () => this._map.setView(middle, this._map.getZoom() + 2));
  },
  _many(count) {
    return badge(String(count), `symbol-many of-${this._register}`);
  },
});

function symbolTooltip(name, kind) {
  const element = document.createElement("div");
  for (const [tag, text] of [["strong", name], ["span", kind]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    element.append(line);
  }
  return element;
}
