// Drawing a line or an outline on the map, point by point; and snapping to roads.

import { decodePath } from "./geometry.js";

const SNAP_PIXELS = 9;
const STYLE = { pane: "drawing", color: "#b3261e", weight: 2.5, interactive: false };

export function createLines({ data, map, hint }) {
  const roads = data.references
    .filter((one) => one.kind.startsWith("road"))
    .flatMap((one) => one.lines.map((path) => L.polyline(decodePath(path, data.origin)).getLatLngs()));

  // The nearest place of a road, where one is near; with Alt the pointer itself.
  function snapped(latlng, event) {
    if (event && event.altKey) {
      return latlng;
    }
    const at = map.latLngToLayerPoint(latlng);
    const near = { distance: SNAP_PIXELS, place: null };
    const view = map.getBounds();
    roads.forEach((road) => {
      for (let i = 1; i < road.length; i += 1) {
        if (view.contains(road[i]) || view.contains(road[i - 1])) {
          const [a, b] = [map.latLngToLayerPoint(road[i - 1]), map.latLngToLayerPoint(road[i])];
          const place = L.LineUtil.closestPointOnSegment(at, a, b);
          const distance = place.distanceTo(at);
          if (distance < near.distance) {
            near.distance = distance;
            near.place = place;
          }
        }
      }
    });
    return near.place ? map.layerPointToLatLng(near.place) : latlng;
  }

  // Resolves to [[lon, lat], …], or to null where it was given up.
  function draw({ text, isClosed = false }) {
    const places = [];
    const shape = (isClosed ? L.polygon([], { ...STYLE, fillOpacity: 0.1 }) : L.polyline([], STYLE)).addTo(map);
    map.isDrawing = true;
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("drawing");
    hint.textContent = text;
    return new Promise((resolve) => {
      function click(event) {
        const place = snapped(event.latlng, event.originalEvent);
        const last = places[places.length - 1];
        // a double click is two clicks at one place
        if (!last || map.latLngToLayerPoint(last).distanceTo(map.latLngToLayerPoint(place)) > 2) {
          places.push(place);
        }
        shape.setLatLngs(places);
      }
      function move(event) {
        shape.setLatLngs([...places, snapped(event.latlng, event.originalEvent)]);
      }
      function finish() {
        end(places.length > 1 ? places.map((place) => [place.lng, place.lat]) : null);
      }
      function key(event) {
        if (event.key === "Enter" || event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          if (event.key === "Enter") {
            finish();
          } else {
            end(null);
          }
        }
      }
      function end(found) {
        map.off("click", click).off("mousemove", move).off("dblclick", finish);
        document.removeEventListener("keydown", key, true);
        map.isDrawing = false;
        map.doubleClickZoom.enable();
        map.getContainer().classList.remove("drawing");
        hint.textContent = "";
        shape.remove();
        resolve(found);
      }
      map.on("click", click).on("mousemove", move).on("dblclick", finish);
      document.addEventListener("keydown", key, true);
    });
  }

  return { snapped, draw };
}
