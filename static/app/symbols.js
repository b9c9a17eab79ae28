// Organisations and sites as small discs and squares, gathered where they are many.

const ACTIVE = 0; // as in the page's data: 0 active, 1 overdue, 2 unknown

function badge(text, className) {
  const element = document.createElement("span");
  element.className = `symbol ${className}`;
  element.textContent = text;
  return L.divIcon({ html: element, className: "symbol-at", iconSize: [20, 20] });
}

function symbolClass(mode, life) {
  if (mode === "site") {
    return "symbol-site";
  }
  const isCounted = mode !== "temporary" && mode !== "functional";
  const parts = [life === ACTIVE ? "is-active" : "is-hollow"];
  if (mode === "joint") {
    parts.push("is-joint");
  }
  if (!isCounted) {
    parts.push("is-uncounted");
  }
  return parts.join(" ");
}

export function symbolLayer(data, register) {
  const group = L.markerClusterGroup({
    pane: "symbols",
    clusterPane: "symbols",
    maxClusterRadius: 30,
    showCoverageOnHover: false,
    animate: false,
    iconCreateFunction: (cluster) =>
      badge(String(cluster.getChildCount()), `symbol-many of-${register}`),
  });
  const markers = data.symbols[register].map(([lon, lat, text, mode, life, name, kind]) => {
    const icon = badge(text, symbolClass(mode, life));
    const marker = L.marker([lat, lon], { icon, pane: "symbols", alt: name, keyboard: false });
    return marker.bindTooltip(() => symbolTooltip(name, kind), { className: "area-tooltip" });
  });
  group.addLayers(markers);
  return group;
}

function symbolTooltip(name, kind) {
  const element = document.createElement("div");
  for (const [tag, text] of [["strong", name], ["span", kind]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    element.append(line);
  }
  return element;
}
