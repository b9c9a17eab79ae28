// Before printing, the map is drawn anew in the size of its frame on the sheet, so that nothing is
// cut and lines stay lines; afterwards everything is put back.

// CSS pixels of the frame that print.css makes 391 mm by 212 mm, on A3 landscape.
const SHEET = { width: 1477, height: 801 };

export function printable(map, whole) {
  const container = map.getContainer();
  let seen = null;

  function resize(width, height) {
    container.style.width = width;
    container.style.height = height;
    map.invalidateSize({ animate: false, pan: false });
  }

  window.addEventListener("beforeprint", () => {
    seen = { bounds: map.getBounds(), center: map.getCenter(), zoom: map.getZoom() };
    document.documentElement.classList.add("is-printing");
    resize(`${SHEET.width}px`, `${SHEET.height}px`);
    const shown = seen.bounds.contains(whole) ? whole : seen.bounds;
    map.fitBounds(shown, { animate: false, padding: [24, 24] });
    // Leaflet draws canvases in the next animation frame, which comes after the print.
    map.eachLayer((layer) => layer instanceof L.Canvas && layer._redraw());
  });

  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("is-printing");
    resize("", "");
    if (seen) {
      map.setView(seen.center, seen.zoom, { animate: false });
    }
  });
}
