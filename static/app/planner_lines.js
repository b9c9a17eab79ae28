// Drawing a line or an outline on the map, point by point.

const STYLE = { pane: "drawing", color: "#b3261e", weight: 2.5, interactive: false };

export function createLines({ map, hint, snapping }) {
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
        const place = snapping.drawn(event.latlng, event.originalEvent);
        const last = places[places.length - 1];
        // a double click is two clicks at one place
        if (!last || map.latLngToLayerPoint(last).distanceTo(map.latLngToLayerPoint(place)) > 2) {
          places.push(place);
        }
        shape.setLatLngs(places);
      }
      function move(event) {
        shape.setLatLngs([...places, snapping.drawn(event.latlng, event.originalEvent)]);
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
        snapping.end();
        resolve(found);
      }
      map.on("click", click).on("mousemove", move).on("dblclick", finish);
      document.addEventListener("keydown", key, true);
    });
  }

  return { draw };
}
