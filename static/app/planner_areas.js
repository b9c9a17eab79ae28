// The areas of the layer as they are in the draft: those of the edition, and what the draft changed.

// Roads and buildings show through: borders are drawn along them.
const PLAIN = { fillOpacity: 0.35 };
const CHOSEN = { color: "#0b62c4", weight: 2.4, fillColor: "#9cc4ef", fillOpacity: 0.45 };
const CHANGED = { fillColor: "#f3d98b", fillOpacity: 0.5 };

export function createAreas({ data, map, layer, isSeveral, onChosen }) {
  const known = new Map();
  const chosen = new Set();
  const usual = (area) => (area.isChanged ? CHANGED : { ...PLAIN, fillColor: data.colors[0] });
  let look = usual;
  const above = L.featureGroup([], { pane: "draft" }).addTo(map);
  data.areas.codes.forEach((code, i) => {
    add(code, data.areas.names[i], layer.polygons[i], layer.polygons[i].getLatLngs());
  });

  function add(code, name, polygon, base) {
    const area = { code, name, polygon, base, baseName: name, isChanged: false };
    known.set(code, area);
    mark(area);
    polygon.bindTooltip(() => label(area), { sticky: true });
    polygon.on("click", (event) => {
      if (!map.isDrawing) {
        choose(area.code, event.originalEvent.shiftKey || isSeveral());
      }
    });
    return area;
  }

  // Above some thousands of areas they are pixels, and no elements.
  function mark({ code, polygon }) {
    const shape = polygon.getElement && polygon.getElement();
    if (shape) {
      shape.dataset.code = code;
    }
  }

  function label(area) {
    const text = document.createElement("span");
    text.textContent = `${area.name} ${area.code}`;
    return text;
  }

  function choose(code, isMore) {
    const wasChosen = chosen.has(code);
    if (!isMore) {
      chosen.clear();
    }
    if (wasChosen && (isMore || chosen.size === 0)) {
      chosen.delete(code);
    }
    if (!wasChosen) {
      chosen.add(code);
    }
    restyle();
    onChosen();
  }

  function restyle() {
    known.forEach((area) => {
      area.polygon.setStyle({ dashArray: null, ...data.area_style, ...look(area), ...(chosen.has(area.code) ? CHOSEN : {}) });
      if (chosen.has(area.code)) {
        area.polygon.bringToFront();
      }
    });
  }

  function toLatLngs(geometry) {
    const rings = (polygon) => polygon.map((ring) => ring.map(([lon, lat]) => [lat, lon]));
    return geometry.type === "Polygon" ? rings(geometry.coordinates) : geometry.coordinates.map(rings);
  }

  function put({ properties, geometry }) {
    const shape = toLatLngs(geometry);
    let area = known.get(properties.code);
    if (area) {
      area.polygon.setLatLngs(shape);
    } else {
      const polygon = L.polygon(shape, { ...data.area_style, pane: "areas", fillOpacity: 1, smoothFactor: 0.4 });
      area = add(properties.code, properties.name, polygon, null);
    }
    area.name = properties.name;
    area.isChanged = true;
    area.polygon.addTo(map);
    mark(area);
  }

  function end(code) {
    const area = known.get(code);
    if (area) {
      area.polygon.remove();
      chosen.delete(code);
    }
  }

  // What changed on the levels above is drawn over their old lines, which stay to compare with.
  function putAbove(feature) {
    const id = feature.id;
    above.eachLayer((one) => one.options.id === id && above.removeLayer(one));
    const style = { pane: "draft", interactive: false, fill: false, color: "#8a4b08", weight: 2, dashArray: "5 4" };
    above.addLayer(L.polygon(toLatLngs(feature.geometry), { ...style, id }));
  }

  restyle();

  function clear() {
    above.clearLayers();
    known.forEach((area, code) => {
      area.isChanged = false;
      area.name = area.baseName;
      if (area.base) {
        area.polygon.setLatLngs(area.base).addTo(map);
        mark(area);
      } else {
        area.polygon.remove();
        known.delete(code);
        chosen.delete(code);
      }
    });
    restyle();
  }

  return {
    clear,
    // ``still`` are codes that stay chosen, as far as they are there.
    update({ areas, ended, still = [] }) {
      ended.filter((key) => key.layer === data.layer).forEach((key) => end(key.code));
      areas.features.forEach((feature) => {
        if (feature.properties.layer === data.layer) {
          put(feature);
        } else {
          putAbove(feature);
        }
      });
      still.filter((code) => known.has(code)).forEach((code) => chosen.add(code));
      restyle();
    },
    chosen: () => Array.from(chosen).sort(),
    forget(code) {
      chosen.delete(code);
      restyle();
      onChosen();
    },
    name: (code) => (known.has(code) ? known.get(code).name : code),
    select(code) {
      chosen.clear();
      chosen.add(code);
      restyle();
      onChosen();
    },
    // How areas are filled from the next change on; null for as usual.
    showAs(other) {
      look = other || usual;
    },
    // The areas of the edition that the page came with, by code.
    base() {
      const found = Array.from(known).filter(([, area]) => area.base);
      return new Map(found.map(([code, area]) => [code, { name: area.baseName, outline: area.base }]));
    },
    codes: () => Array.from(known.keys()),
    outline: (code) => known.get(code).polygon,
  };
}
