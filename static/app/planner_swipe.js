// The divider between before and after: dragged with mouse or finger, moved with arrow keys. What is
// on either side of it is cut off by CSS, so that nothing is drawn anew while it moves.

import { element } from "./desk_page.js";

const STEP = 0.02;
const LEAP = 0.1;
const KEYS = { ArrowLeft: -STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowUp: STEP, PageDown: -LEAP, PageUp: LEAP };
const ENDS = { Home: 0, End: 1 };

// The panes on the left and on the right are named; titles tell which side is what.
export function createSwipe({ map, left, right, label }) {
  const divider = element("div", "swipe");
  const grip = element("div", "swipe-grip");
  const titles = [element("span", "swipe-title before"), element("span", "swipe-title after")];
  grip.tabIndex = 0;
  const told = { role: "slider", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-orientation": "horizontal" };
  Object.entries(told).forEach(([name, value]) => grip.setAttribute(name, value));
  divider.append(titles[0], grip, titles[1]);
  let share = 0.5;
  let frame = 0;

  function place() {
    frame = 0;
    const size = map.getSize();
    const [from, to] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
    const x = Math.round(size.x * share);
    const cut = (west, east) => `rect(${from.y}px, ${east}px, ${to.y}px, ${west}px)`;
    left.forEach((name) => (map.getPane(name).style.clip = cut(from.x, from.x + x)));
    right.forEach((name) => (map.getPane(name).style.clip = cut(from.x + x, to.x)));
    divider.style.transform = `translateX(${x}px)`;
    grip.setAttribute("aria-valuenow", Math.round(share * 100));
  }

  function move(to) {
    share = Math.min(1, Math.max(0, to));
    frame = frame || requestAnimationFrame(place);
  }

  function drag(event) {
    const box = map.getContainer().getBoundingClientRect();
    move((event.clientX - box.left) / box.width);
  }

  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.focus();
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", drag);
  });
  ["pointerup", "pointercancel"].forEach((name) => {
    grip.addEventListener(name, () => grip.removeEventListener("pointermove", drag));
  });
  grip.addEventListener("keydown", (event) => {
    if (event.key in KEYS || event.key in ENDS) {
      event.preventDefault();
      event.stopPropagation(); // arrows move the map otherwise
      move(event.key in ENDS ? ENDS[event.key] : share + KEYS[event.key]);
    }
  });
  L.DomEvent.disableClickPropagation(grip);

  return {
    // At a place on the map, as far as that is in view.
    start(before, after, at) {
      if (at && !divider.isConnected) {
        const x = map.latLngToContainerPoint(at).x / map.getSize().x;
        share = x > 0 && x < 1 ? x : 0.5;
      }
      titles.forEach((one, i) => (one.textContent = [before, after][i]));
      if (!divider.isConnected) {
        map.getContainer().append(divider);
        map.on("move zoomend viewreset resize", place);
      }
      place();
    },
    stop() {
      divider.remove();
      map.off("move zoomend viewreset resize", place);
      [...left, ...right].forEach((name) => (map.getPane(name).style.clip = ""));
    },
  };
}
