// From the page's data block to what Leaflet draws. Coordinates come as steps of a millionth of a
// degree: the first vertex counted from the origin, each next one from the last, east before north.

export const DEGREES_PER_STEP = 1e-6;

export function readData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

// Leaflet wants latitude before longitude; this is the only place that turns them round.
export function decodePath(path, origin) {
  const vertices = new Array(path.length / 2);
  let [x, y] = origin;
  for (let i = 0; i < path.length; i += 2) {
    x += path[i];
    y += path[i + 1];
    vertices[i / 2] = [y * DEGREES_PER_STEP, x * DEGREES_PER_STEP];
  }
  return vertices;
}

export function decodePolygons(polygons, origin) {
  return polygons.map((rings) => rings.map((ring) => decodePath(ring, origin)));
}

// A square is west, south, east, north.
export function decodeSquare([west, south, east, north], origin) {
  const [x, y] = origin;
  return [
    [(y + south) * DEGREES_PER_STEP, (x + west) * DEGREES_PER_STEP],
    [(y + north) * DEGREES_PER_STEP, (x + east) * DEGREES_PER_STEP],
  ];
}
