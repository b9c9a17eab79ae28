// The borders of the chosen areas, drawn by handles: dots are vertices, small ones between them make
// new vertices, squares are junctions and take every border that ends there with them.

const LINE = { pane: "drawing", color: "#0b62c4", weight: 3, interactive: false };
const LOCKED = { ...LINE, color: "#6b6459", dashArray: "2 6" };
const MOST_HANDLES = 400;
const SLIDES = 0.95; // of the way to the next vertex

export function createBorders({ data, map, snapping, isUnlocked, onDrawn }) {
  const group = L.layerGroup().addTo(map);
  const handles = L.layerGroup().addTo(map);
  let borders = [];
  let codes = [];

  function show(features, chosen) {
    group.clearLayers();
    codes = chosen;
    borders = features.map((feature) => {
      const sides = [...feature.properties.left, ...feature.properties.right];
      const isLocked = !isUnlocked() && sides.some((key) => data.locked.includes(key.layer));
      const places = feature.geometry.coordinates.map(([lon, lat]) => L.latLng(lat, lon));
      const line = L.polyline(places, isLocked ? LOCKED : LINE).addTo(group);
      const own = sides.find((key) => key.layer === data.layer && chosen.includes(key.code));
      return { id: feature.id, feature, sides, isLocked, places, line, code: own && own.code };
    });
    showHandles();
  }

  function showHandles() {
    handles.clearLayers();
    const view = map.getBounds().pad(0.1);
    const drawn = borders.filter((border) => !border.isLocked && border.code);
    const count = drawn.reduce((sum, one) => sum + one.places.filter((at) => view.contains(at)).length, 0);
    if (count > MOST_HANDLES) {
      return;
    }
    const junctions = new Map();
    borders.forEach((border) => {
      const ends = border.feature.properties.is_closed ? [] : [0, border.places.length - 1];
      ends.forEach((i) => {
        const key = border.feature.geometry.coordinates[i].join();
        const found = junctions.get(key) || { place: border.places[i], ends: [], isLocked: false, code: null };
        found.ends.push({ border, i });
        found.isLocked = found.isLocked || border.isLocked;
        found.code = found.code || border.code;
        found.at = border.feature.geometry.coordinates[i];
        junctions.set(key, found);
      });
    });
    drawn.forEach((border) => {
      const last = border.places.length - 1;
      for (let i = 0; i < last; i += 1) {
        const isInside = i > 0 || border.feature.properties.is_closed;
        if (isInside && view.contains(border.places[i])) {
          addVertex(border, i);
        }
        addBetween(border, i, view);
      }
    });
    junctions.forEach((junction) => {
      if (!junction.isLocked && junction.code && view.contains(junction.place)) {
        addJunction(junction);
      }
    });
  }

  function handle(place, kind, title) {
    const icon = L.divIcon({ className: `handle ${kind}`, iconSize: kind === "between" ? [9, 9] : [13, 13] });
    const marker = L.marker(place, { icon, draggable: true, pane: "drawing", title, keyboard: false });
    return marker.addTo(handles);
  }

  // Coordinates go back as they came: what was not moved keeps its bits.
  const coordinates = (border) => border.feature.geometry.coordinates.map((place) => [...place]);
  const placeOf = (latlng) => [latlng.lng, latlng.lat];

  function addVertex(border, i) {
    const marker = handle(border.places[i], "vertex");
    const isClosed = border.feature.properties.is_closed && i === 0;
    const last = border.places.length - 1;
    const ends = [border.places[i > 0 ? i - 1 : last - 1], border.places[i + 1]];
    const targets = { onto: [ends], kind: "straight", moved: [border.id] };
    marker.on("drag", (event) => {
      const at = snapping.dragged(marker.getLatLng(), event.originalEvent, targets);
      const places = border.places.slice();
      places[i] = at;
      if (isClosed) {
        places[places.length - 1] = at;
      }
      border.line.setLatLngs(places);
    });
    marker.on("dragend", () => {
      snapping.end();
      const moved = border.line.getLatLngs()[i];
      const line = coordinates(border);
      line[i] = placeOf(moved);
      if (isClosed) {
        line[line.length - 1] = placeOf(moved);
      }
      send(border, line);
    });
    marker.on("contextmenu", () => {
      const line = coordinates(border).filter((_, at) => at !== i);
      send(border, line);
    });
  }

  function addBetween(border, i, view) {
    const [a, b] = [border.places[i], border.places[i + 1]];
    const middle = L.latLng((a.lat + b.lat) / 2, (a.lng + b.lng) / 2);
    const isShort = map.latLngToLayerPoint(a).distanceTo(map.latLngToLayerPoint(b)) < 26;
    if (isShort || !view.contains(middle)) {
      return;
    }
    const marker = handle(middle, "between");
    const targets = { onto: [[a, b]], kind: "along", moved: [border.id] };
    marker.on("drag", (event) => {
      const at = snapping.dragged(marker.getLatLng(), event.originalEvent, targets);
      border.line.setLatLngs([...border.places.slice(0, i + 1), at, ...border.places.slice(i + 1)]);
    });
    marker.on("dragend", () => {
      snapping.end();
      const line = coordinates(border);
      line.splice(i + 1, 0, placeOf(border.line.getLatLngs()[i + 1]));
      send(border, line);
    });
  }

  function addJunction(junction) {
    const marker = handle(junction.place, "junction");
    let to = junction.place;
    // short of its end: two vertices do not become one
    const beside = ({ border, i }) => {
      const [a, b] = [border.places[i], border.places[i > 0 ? i - 1 : 1]];
      return [a, L.latLng(a.lat + SLIDES * (b.lat - a.lat), a.lng + SLIDES * (b.lng - a.lng))];
    };
    const moved = junction.ends.map(({ border }) => border.id);
    const targets = { onto: junction.ends.map(beside), kind: "along", moved };
    marker.on("drag", (event) => {
      to = snapping.dragged(marker.getLatLng(), event.originalEvent, targets);
      junction.ends.forEach(({ border, i }) => {
        const places = border.line.getLatLngs().slice();
        places[i] = to;
        border.line.setLatLngs(places);
      });
    });
    marker.on("dragend", () => {
      snapping.end();
      onDrawn({ kind: "move-junction", code: junction.code, place: junction.at, to: placeOf(to) });
    });
  }

  function send(border, line) {
    onDrawn({ kind: "reshape", code: border.code, border: border.id, line });
  }

  map.on("zoomend moveend", showHandles);

  return {
    show,
    // The areas of the layer beside the chosen ones.
    neighbors() {
      const beside = borders.flatMap((border) => border.sides).filter((key) => key.layer === data.layer);
      return Array.from(new Set(beside.map((key) => key.code))).filter((code) => !codes.includes(code)).sort();
    },
  };
}
