// The layers of a map, one function each; the map's own script calls them.

import { decodePath, decodePolygons, decodeSquare } from "./geometry.js";

// Above so many elements, and so many parts of one element, the browser draws pixels faster.
const SVG_ELEMENTS = 3000;
const SVG_PARTS = 20000;

const REFERENCE_STYLES = {
  water: { fillColor: "#cfe3ee", color: "#a9c8d8", weight: 0.6 },
  building: { fillColor: "#dedbd4", color: "#c9c5bc", weight: 0.5 },
};

const ROAD_STYLES = {
  road_main: { casing: 7, line: 5 },
  road_side: { casing: 4, line: 2.6 },
};

// Of a river that is stored as a line nobody knows how wide it is, pixels.
const RIVER_WIDTH = 5;

function rendererFor(pane, isMany) {
  // what lies around the view is drawn as well: of many not much, which takes its time
  return isMany ? L.canvas({ pane, padding: 0.1 }) : L.svg({ pane, padding: 0.5 });
}

// What an area without a figure is filled with; the page has a pattern of this name.
const NOTHING = { id: "null-hatch", ground: "#f4f4f2", line: "#8b8f94", gap: 7, width: 1.4 };

// A color, or a hatch: the page's pattern in SVG, and the same drawn on a tile for canvas.
function fillOf(color, isCanvas) {
  if (typeof color === "string") {
    return color;
  }
  return isCanvas ? canvasHatch(color) : `url(#${color.id})`;
}

function canvasHatch({ ground, line, gap, width }) {
  const side = Math.round(gap * Math.SQRT2);
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const context = tile.getContext("2d");
  context.fillStyle = ground;
  context.fillRect(0, 0, side, side);
  context.strokeStyle = line;
  context.lineWidth = width;
  context.beginPath();
  // past the corners, so that lines of neighboring tiles meet
  for (const shift of [-side, 0, side]) {
    context.moveTo(shift - 1, side + 1);
    context.lineTo(shift + side + 1, -1);
  }
  context.stroke();
  return context.createPattern(tile, "repeat");
}

export function areaLayer(data) {
  const { paths, classes } = data.areas;
  const renderer = rendererFor("areas", paths.length > SVG_ELEMENTS);
  const isCanvas = renderer instanceof L.Canvas;
  const nothing = fillOf(NOTHING, isCanvas);
  const fills = data.colors.map((color) => fillOf(color, isCanvas));
  const group = L.featureGroup();
  group.polygons = paths.map((path, i) => {
    const style = {
      ...data.area_style,
      renderer,
      pane: "areas",
      smoothFactor: 0.4,
      fillOpacity: 1,
      fillColor: classes[i] < 0 ? nothing : fills[classes[i]],
    };
    return L.polygon(decodePolygons(path, data.origin), style).addTo(group);
  });
  return group;
}

export function borderLayer(data, position) {
  const { paths, style } = data.ancestors[position];
  const lines = paths.map((path) => decodePath(path, data.origin));
  const options = { ...style, pane: "borders", interactive: false, smoothFactor: 0.4, fill: false };
  return L.polyline(lines, { ...options, renderer: L.svg({ pane: "borders", padding: 0.5 }) });
}

export function referenceLayer(data, position) {
  const { kind, polygons, lines } = data.references[position];
  const renderer = rendererFor("reference", polygons.length + lines.length > SVG_PARTS);
  const shared = { renderer, pane: "reference", interactive: false };
  const group = L.layerGroup();
  if (polygons.length) {
    const shapes = polygons.reduce((all, area) => all.concat(decodePolygons(area, data.origin)), []);
    const style = REFERENCE_STYLES[kind] || REFERENCE_STYLES.building;
    L.polygon(shapes, { ...shared, ...style, fillOpacity: 1 }).addTo(group);
  }
  if (lines.length && kind === "water") {
    const river = { color: REFERENCE_STYLES.water.fillColor, weight: RIVER_WIDTH };
    L.polyline(lines.map((line) => decodePath(line, data.origin)), { ...shared, ...river }).addTo(group);
  } else if (lines.length) {
    const road = ROAD_STYLES[kind] || ROAD_STYLES.road_side;
    const shapes = lines.map((line) => decodePath(line, data.origin));
    L.polyline(shapes, { ...shared, color: "#c4bfb4", weight: road.casing }).addTo(group);
    L.polyline(shapes, { ...shared, color: "#ffffff", weight: road.line }).addTo(group);
  }
  return group;
}

export function binLayer(data) {
  const { squares, classes, counts, colors } = data.bins;
  const renderer = L.canvas({ pane: "bins", padding: 0.5 });
  const group = L.featureGroup();
  squares.forEach((square, i) => {
    const style = { renderer, pane: "bins", stroke: false, fillOpacity: 0.85 };
    const corners = decodeSquare(square, data.origin);
    const bin = L.rectangle(corners, { ...style, fillColor: colors[classes[i]] });
    bin.bindTooltip(`${counts[i]} ${data.words.js_issues_unit}`, { sticky: true }).addTo(group);
  });
  return group;
}
