// What every desk has around its map: the button for the whole map, and definitions.

export function addWholeButton({ data, map }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.words.js_whole;
  button.title = data.words.js_whole_title;
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", () => map.fitBounds(data.bounds, { padding: [10, 10], animate: false }));
  map.getContainer().querySelector(".leaflet-control-zoom").append(button);
}

// Definitions are <details>, so they open without a script; this keeps them inside the window and
// closes the others.
export function connectDefinitions(page) {
  page.querySelectorAll("details.definition").forEach((one) => {
    one.addEventListener("toggle", () => placeInWindow(one));
  });
  const all = Array.from(document.querySelectorAll("details.definition, details.menu"));
  document.addEventListener("click", (event) => {
    all.filter((one) => !one.contains(event.target)).forEach((one) => one.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all.filter((one) => one.open).forEach((one) => {
        one.removeAttribute("open");
        one.querySelector("summary").focus();
      });
    }
  });
}

const GAP = 8; // pixels between a definition and the edge of the window

function placeInWindow(definition) {
  if (!definition.open) {
    return;
  }
  const box = definition.querySelector("div");
  const mark = definition.querySelector("summary").getBoundingClientRect();
  box.style.position = "fixed";
  box.style.right = "auto";
  const left = Math.min(mark.left, window.innerWidth - box.offsetWidth - GAP);
  const below = mark.bottom + 4;
  const isTooLow = below + box.offsetHeight > window.innerHeight - GAP;
  box.style.left = `${Math.max(GAP, left)}px`;
  box.style.top = `${isTooLow ? Math.max(GAP, mark.top - box.offsetHeight - 4) : below}px`;
}
