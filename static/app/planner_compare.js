// Before and after, side by side on one map: an edition on the left of the divider, another one or
// the draft on the right. What differs is marked by kind.

import { dayOf, element, getJson, refill } from "./desk_page.js";
import { createSwipe } from "./planner_swipe.js";

// The first kind of an area is the one it is drawn as.
const KINDS = {
  added: { color: "#0b4f9e", weight: 2.4, fillColor: "#bcd6f2", fillOpacity: 0.6 },
  removed: { color: "#3b3f44", weight: 2.4, dashArray: "7 4", fillColor: "#b4b8bd", fillOpacity: 0.65 },
  changed: { color: "#8a4b08", weight: 2, fillColor: "#f3d98b", fillOpacity: 0.55 },
  moved: { color: "#5b3f8c", weight: 2, dashArray: "2 4", fillColor: "#d9cdea", fillOpacity: 0.55 },
  renamed: { color: "#0d5a75", weight: 1.6, dashArray: "1 5", fillColor: "#d3e6ec", fillOpacity: 0.55 },
  relisted: { color: "#4a5a00", weight: 2, dashArray: "10 4 2 4", fillColor: "#e4e9bd", fillOpacity: 0.55 },
};
const ABOVE = { interactive: false, fill: false, color: "#8a4b08", weight: 2, dashArray: "5 4" };
const MOST_MARKS = 300;
const PLAIN_OPACITY = 0.35;

export function createCompare({ data, map, page, areas, draftOf, restore, tell }) {
  const words = data.words;
  const bar = page.querySelector(".compare-bar");
  const button = page.querySelector(".compare");
  const selects = { before: bar.querySelector("[name=before]"), after: bar.querySelector("[name=after]") };
  const swipe = createSwipe({
    map,
    left: ["before"],
    right: ["areas", "draft", "drawing"],
    label: words.js_cmp_divider,
  });
  const renderer = L.canvas({ pane: "before", padding: 0.1 });
  const left = L.layerGroup();
  const marks = L.layerGroup();
  let editions = [];
  let asked = null; // what is compared: { before, after } or { before, draft }
  let drawn = { before: null, polygons: new Map() };

  const toLatLngs = (geometry) => {
    const rings = (polygon) => polygon.map((ring) => ring.map(([lon, lat]) => [lat, lon]));
    return geometry.type === "Polygon" ? rings(geometry.coordinates) : geometry.coordinates.map(rings);
  };
  const title = (number) => words.js_cmp_edition.replace("{number}", number);
  const styleOf = (kind) => KINDS[kind] || { fillColor: data.colors[0], fillOpacity: PLAIN_OPACITY };
  const kindOf = (row) => Object.keys(KINDS).find((kind) => row.kinds.includes(kind));

  function address({ before, after, draft }) {
    const path = draft ? data.links.draft_comparison.replace("{id}", draft) : data.links.comparison.replace("{before}", before).replace("{after}", after);
    const found = new URL(path, document.baseURI);
    found.searchParams.set("layer", data.layer);
    found.searchParams.set("shown", data.edition);
    if (draft) {
      found.searchParams.set("before", before);
    }
    return found.href;
  }

  // The left side is one edition whatever is after it: drawn once, and marked anew.
  function drawLeft(before, rows) {
    if (drawn.before !== before) {
      left.clearLayers();
      const base = areas.base();
      rows.filter((row) => row.layer === data.layer).forEach((row) => {
        base.delete(row.code);
        if (row.before) {
          base.set(row.code, { name: row.before.name, outline: toLatLngs(row.before.geometry) });
        }
      });
      drawn = { before, polygons: new Map() };
      base.forEach(({ name, outline }, code) => {
        const polygon = L.polygon(outline, { ...data.area_style, renderer, pane: "before", smoothFactor: 0.4 });
        polygon.bindTooltip(() => element("span", "", `${name} ${code}`), { sticky: true });
        drawn.polygons.set(code, polygon.addTo(left));
      });
    }
    const kinds = new Map(rows.filter((row) => row.layer === data.layer).map((row) => [row.code, kindOf(row)]));
    drawn.polygons.forEach((polygon, code) => {
      polygon.setStyle({ ...data.area_style, dashArray: data.area_style.dashArray || null, ...styleOf(kinds.get(code)) });
      if (kinds.get(code)) {
        polygon.bringToFront();
      }
    });
    left.addTo(map);
  }

  function drawRight(rows) {
    const feature = ({ layer, code, after }) => ({
      id: `${layer}/${code}`,
      properties: { layer, code, name: after.name },
      geometry: after.geometry,
    });
    const own = new Map(rows.filter((row) => row.layer === data.layer).map((row) => [row.code, row]));
    const still = areas.chosen();
    areas.clear();
    areas.showAs((area) => {
      const row = own.get(area.code);
      return styleOf(row && kindOf(row));
    });
    areas.update({
      areas: { features: rows.filter((row) => row.after && (row.layer === data.layer || row.kinds.length)).map(feature) },
      ended: rows.filter((row) => !row.after).map(({ layer, code }) => ({ layer, code })),
      still,
    });
  }

  function drawMarks(rows) {
    marks.clearLayers();
    rows.forEach((row) => {
      if (row.layer !== data.layer && row.before && row.kinds.length) {
        L.polygon(toLatLngs(row.before.geometry), { ...ABOVE, pane: "before" }).addTo(marks);
      }
    });
    const marked = rows.filter((row) => row.layer === data.layer && row.kinds.length).slice(0, MOST_MARKS);
    marked.forEach((row) => {
      const kind = kindOf(row);
      [["before", row.before], ["draft", row.after]].forEach(([pane, side]) => {
        if (side) {
          const icon = L.divIcon({ className: `compare-mark ${kind}`, html: element("b", "", words[`js_cmp_mark_${kind}`]), iconSize: [20, 20] });
          L.marker([side.place[1], side.place[0]], { icon, pane, interactive: false, keyboard: false }).addTo(marks);
        }
      });
    });
    marks.addTo(map);
  }

  function tellLegend(rows) {
    const own = rows.filter((row) => row.layer === data.layer && row.kinds.length);
    const items = Object.keys(KINDS).map((kind) => {
      const found = own.filter((row) => kindOf(row) === kind);
      const item = element("li");
      const look = element("button", kind);
      look.type = "button";
      look.disabled = !found.length;
      look.title = words.js_pln_zoom;
      look.append(element("b", `compare-mark ${kind}`, words[`js_cmp_mark_${kind}`]), ` ${words[`js_cmp_${kind}`]} ${found.length}`);
      look.addEventListener("click", () => zoomTo(found));
      item.append(look);
      return item;
    });
    refill(bar.querySelector(".compare-legend"), ...items);
    bar.querySelector(".compare-none").hidden = own.length > 0;
  }

  function boundsOf(rows) {
    const sides = rows.flatMap((row) => [row.before, row.after]).filter(Boolean);
    const bounds = L.latLngBounds([]);
    sides.forEach((side) => bounds.extend(L.polygon(toLatLngs(side.geometry)).getBounds()));
    return bounds;
  }

  function zoomTo(rows) {
    const bounds = boundsOf(rows);
    if (bounds.isValid()) {
      map.fitBounds(bounds, { padding: [60, 60], maxZoom: 18, animate: false });
    }
  }

  function fillSelects() {
    const newest = editions.slice().reverse();
    const options = () => newest.map((each) => new Option(`${title(each.number)} ${dayOf(each.effective_from)} ${words[`js_edn_${each.state}`]}`, each.number));
    refill(selects.before, ...options());
    const draft = draftOf();
    const own = draft ? [new Option(`${words.js_cmp_draft} ${draft.id} ${draft.name}`, "draft")] : [];
    refill(selects.after, ...own, ...options());
    selects.before.value = asked.before;
    selects.after.value = asked.draft ? "draft" : asked.after;
  }

  async function show(next) {
    const wasOpen = Boolean(asked);
    asked = next;
    const found = await getJson(address(next));
    if (asked !== next) {
      return; // something else was asked for meanwhile
    }
    bar.hidden = false;
    button.setAttribute("aria-pressed", "true");
    fillSelects();
    tellLegend(found.areas);
    map.invalidateSize({ animate: false, pan: false }); // the bar may have got another height
    const differing = found.areas.filter((row) => row.layer === data.layer && row.kinds.length);
    const bounds = boundsOf(differing);
    if (!wasOpen && bounds.isValid() && !map.getBounds().intersects(bounds)) {
      zoomTo(differing);
    }
    drawLeft(found.before, found.areas);
    drawRight(found.areas);
    drawMarks(found.areas);
    const after = found.draft ? `${words.js_cmp_draft} ${found.draft}` : title(found.after);
    const middle = bounds.isValid() ? bounds.getCenter() : null;
    swipe.start(`${words.js_cmp_before} · ${title(found.before)}`, `${words.js_cmp_after} · ${after}`, middle);
    page.dataset.compared = `${found.before}:${found.draft ? `draft${found.draft}@${draftOf().revision}` : found.after}`;
  }

  // Where nobody says what: the draft against what it stands on, else what is in force against what was.
  function usual() {
    const draft = draftOf();
    if (draft) {
      return { before: draft.base_edition, draft: draft.id };
    }
    const now = editions.find((each) => each.number === data.edition);
    if (!now || now.before === null) {
      throw new Error(words.js_cmp_nothing);
    }
    return { before: now.before, after: now.number };
  }

  function leave() {
    asked = null;
    swipe.stop();
    left.remove();
    renderer.remove(); // an empty canvas would take the pointer from the areas beneath it
    marks.remove();
    bar.hidden = true;
    button.setAttribute("aria-pressed", "false");
    delete page.dataset.compared;
    map.invalidateSize({ animate: false, pan: false });
    areas.showAs(null);
  }

  const close = () => restore(leave);

  function choose() {
    const before = Number(selects.before.value);
    const draft = draftOf();
    return show(selects.after.value === "draft" ? { before, draft: draft.id } : { before, after: Number(selects.after.value) });
  }

  const toggle = () => tell(async () => (asked ? close() : show(usual())));
  button.addEventListener("click", toggle);
  bar.querySelector(".close").addEventListener("click", () => {
    tell(close);
    button.focus();
  });
  Object.values(selects).forEach((select) => select.addEventListener("change", () => tell(choose)));

  return {
    toggle,
    open: (before, after) => tell(() => show({ before, after })),
    // While two editions are looked at, the map shows no draft that could be drawn in.
    isOfEditions: () => Boolean(asked) && !asked.draft,
    know(found) {
      editions = found;
    },
    // Before the map shows a draft: what is compared stays only where it is of that one.
    leaveFor(draft) {
      if (asked && asked.draft !== draft) {
        leave();
      }
    },
    // The draft was changed.
    async follow() {
      if (asked && asked.draft) {
        await show({ ...asked });
      }
    },
  };
}
