// Names and change marks on the map: only where they fit, and never over each other.

const NUDGES = [0, 14, -14, 7, -7, 26, -26]; // pixels up or down, as far as the area reaches

const PRINT_SCALE = 1.3;

const measuring = document.createElement("canvas").getContext("2d");

function overlaps(box, placed) {
  return placed.some(
    (other) =>
      box.left < other.right &&
      other.left < box.right &&
      box.top < other.bottom &&
      other.top < box.bottom,
  );
}

function boxAround(x, y, width, height) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

// Each group: {labels: [{lat, lon, halfWidth, halfHeight, text, isOnDark}], className, size, weight,
// mustFit}; sizes are pixels, and earlier groups come first.
export function labelLayer(groups) {
  return new LabelLayer(groups);
}

const LabelLayer = L.Layer.extend({
  initialize(groups) {
    this._groups = groups;
  },
  onAdd(map) {
    this._container = L.DomUtil.create("div", "map-labels", map.getPane("labels"));
    this._container.setAttribute("aria-hidden", "true");
    this._draw();
  },
  onRemove() {
    this._container.remove();
  },
  getEvents() {
    return { moveend: this._draw, zoomstart: this._clear, resize: this._draw };
  },
  _clear() {
    this._container.textContent = "";
  },
  _draw() {
    this._clear();
    const placed = [];
    const view = this._map.getBounds().pad(0.1);
    const scale = document.documentElement.classList.contains("is-printing") ? PRINT_SCALE : 1;
    const family = getComputedStyle(this._container).fontFamily;
    for (const group of this._groups) {
      const size = group.size * scale;
      measuring.font = `${group.weight} ${size}px ${family}`;
      for (const label of group.labels) {
        if (view.contains([label.lat, label.lon])) {
          this._place(label, group, { size, placed });
        }
      }
    }
  },
  _place(label, group, { size, placed }) {
    const at = this._map.latLngToLayerPoint([label.lat, label.lon]);
    const edge = this._map.latLngToLayerPoint([label.lat + label.halfHeight, label.lon + label.halfWidth]);
    const width = measuring.measureText(label.text).width + 4;
    const height = size + 3;
    const free = at.y - edge.y - height / 2;
    if (group.mustFit && (free < 0 || width > 2 * (edge.x - at.x))) {
      return;
    }
    const nudges = NUDGES.filter((nudge) => Math.abs(nudge) <= Math.max(0, free));
    const boxes = nudges.map((nudge) => boxAround(at.x, at.y + nudge, width, height));
    const box = boxes.find((candidate) => !overlaps(candidate, placed));
    if (box) {
      placed.push(box);
      this._container.append(this._element(label, group, { size, box }));
    }
  },
  _element(label, group, { size, box }) {
    const element = document.createElement("span");
    element.className = label.isOnDark ? `${group.className} on-dark` : group.className;
    element.textContent = label.text;
    element.style.font = `${group.weight} ${size}px/${size + 3}px var(--sans)`;
    element.style.left = `${Math.round(box.left + 2)}px`;
    element.style.top = `${Math.round(box.top)}px`;
    return element;
  },
});

export function labelsOf(anchors, texts, isOnDark = []) {
  return anchors
    .map(([lon, lat, halfWidth, halfHeight], i) => {
      return { lon, lat, halfWidth, halfHeight, text: texts[i], isOnDark: isOnDark[i] };
    })
    .filter((label) => label.text);
}

export function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 110;
}
