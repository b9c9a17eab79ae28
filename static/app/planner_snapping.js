// Snapping while somebody draws or drags: to vertices and edges of borders, and to roads. What was
// snapped to is marked on the map; with Alt held nothing is.

import { decodePath } from "./geometry.js";

const SNAP_PIXELS = 9;

// A foot is reckoned in unrounded pixels and laid on the edge in degrees: so it is on it.
function footOn(map, at, [a, b]) {
  const [from, to] = [map.project(a), map.project(b)];
  const [x, y] = [to.x - from.x, to.y - from.y];
  const length = x * x + y * y;
  const part = length ? Math.min(1, Math.max(0, ((at.x - from.x) * x + (at.y - from.y) * y) / length)) : 0;
  return {
    distance: Math.hypot(from.x + part * x - at.x, from.y + part * y - at.y),
    place: L.latLng(a.lat + part * (b.lat - a.lat), a.lng + part * (b.lng - a.lng)),
  };
}

export function createSnapping({ data, map }) {
  const words = data.words;
  const mark = L.marker([0, 0], { pane: "drawing", interactive: false, keyboard: false });
  const roads = data.references
    .filter((one) => one.kind.startsWith("road"))
    .flatMap((one) => one.lines.map((path) => L.polyline(decodePath(path, data.origin)).getLatLngs()));
  const borders = new Map(); // by name, the places of each

  function near(latlng) {
    const at = map.project(latlng);
    const corner = (by) => map.unproject([at.x + by, at.y + by]);
    return { at, view: L.latLngBounds(corner(-SNAP_PIXELS), corner(SNAP_PIXELS)) };
  }

  // The nearest foot of the place on any of some lines, none further than the reach.
  function onEdges(lines, { at, view }) {
    let best = { distance: SNAP_PIXELS, place: null };
    lines.forEach((line) => {
      for (let i = 1; i < line.length; i += 1) {
        if (view.intersects(L.latLngBounds(line[i - 1], line[i]))) {
          const foot = footOn(map, at, [line[i - 1], line[i]]);
          best = foot.distance < best.distance ? foot : best;
        }
      }
    });
    return best;
  }

  function onVertices(lines, { at, view }) {
    let best = { distance: SNAP_PIXELS, place: null };
    lines.forEach((line) => {
      line.filter((vertex) => view.contains(vertex)).forEach((vertex) => {
        const distance = map.project(vertex).distanceTo(at);
        best = distance < best.distance ? { distance, place: vertex } : best;
      });
    });
    return best;
  }

  function show(kind, place) {
    const label = document.createElement("span");
    label.textContent = words[`js_pln_snap_${kind}`];
    mark.setIcon(L.divIcon({ className: `snap-mark ${kind}`, iconSize: [15, 15], html: label }));
    mark.setLatLng(place).addTo(map);
  }

  function taken(found, kind) {
    if (!found.place) {
      return null;
    }
    show(kind, found.place);
    return found.place;
  }

  // Vertices of borders come before their edges and roads, of which the nearer one is taken.
  function drawn(latlng, event) {
    mark.remove();
    if (event && event.altKey) {
      return latlng;
    }
    const here = near(latlng);
    const lines = Array.from(borders.values());
    const vertex = onVertices(lines, here);
    if (vertex.place) {
      return taken(vertex, "vertex");
    }
    const [edge, road] = [onEdges(lines, here), onEdges(roads, here)];
    return (edge.distance <= road.distance ? taken(edge, "edge") : taken(road, "road")) || latlng;
  }

  // A vertex or junction that is dragged: onto some lines, told as `kind`, or a road. No border can
  // be laid onto another one, so near one that is not among the `moved` that is only said.
  function dragged(latlng, event, { onto, kind, moved }) {
    mark.remove();
    if (event && event.altKey) {
      return latlng;
    }
    const here = near(latlng);
    const [own, road] = [onEdges(onto, here), onEdges(roads, here)];
    const place = own.distance <= road.distance ? taken(own, kind) : taken(road, "road");
    if (place) {
      return place;
    }
    const others = Array.from(borders).filter(([name]) => !moved.includes(name)).map(([, line]) => line);
    taken(onEdges(others, here), "beside");
    return latlng;
  }

  return {
    drawn,
    dragged,
    end: () => mark.remove(),
    // Borders as they are in the draft, as GeoJSON lines.
    set(features) {
      borders.clear();
      features.forEach(({ id, geometry }) => {
        borders.set(id, geometry.coordinates.map(([lon, lat]) => L.latLng(lat, lon)));
      });
      map.getContainer().dataset.snaps = borders.size;
    },
  };
}
