// A list of issues: read and located like intake does, seen on the map, and only then stored.

import { element, refill } from "./desk_page.js";

// Okabe and Ito's colors, told apart by people who see fewer; what is doubtful is also larger.
const RESULTS = [
  ["assigned", "#0072b2", 4],
  ["agreement", "#56b4e9", 4],
  ["decided", "#d55e00", 4],
  ["boundary", "#e69f00", 6],
  ["nearest", "#009e73", 6],
  ["ambiguous", "#cc79a7", 6],
  ["unassigned", "#000000", 6],
];
const MOST_REJECTED = 200;
const MOST_OWNERS = 300;

export function createList({ data, page, map, onStored, onPlace }) {
  const { words, links, language } = data;
  const panel = page.querySelector(".list");
  const form = panel.querySelector("form");
  const result = panel.querySelector(".list-result");
  const said = panel.querySelector(".list-said");
  const dots = L.layerGroup();
  const renderer = L.canvas({ pane: "places" });
  let looked = null;
  let request = 0;

  function open(isOpen) {
    page.classList.toggle("is-listing", isOpen);
    panel.hidden = !isOpen;
    map.invalidateSize({ animate: false });
    if (isOpen) {
      form.querySelector("[name=file]").focus();
    } else {
      drop();
      form.reset();
      page.querySelector(".queue").focus();
    }
  }

  function drop() {
    request += 1; // what is still being read is of no interest any more
    looked = null;
    panel.setAttribute("aria-busy", "false");
    dots.remove();
    dots.clearLayers();
    renderer.remove(); // its canvas would keep the pointer from what lies beneath
    refill(result);
    said.textContent = "";
  }

  // The bytes are kept here, so that what is stored is what was looked at, whatever happens to the
  // file meanwhile; the service keeps nothing of it.
  async function asked() {
    const told = new FormData(form);
    const file = told.get("file");
    told.set("file", new Blob([await file.arrayBuffer()]), file.name);
    ["source", "frame", "sheet"].forEach((name) => told.get(name) || told.delete(name));
    return told;
  }

  async function look() {
    drop();
    const mine = request;
    busy(words.js_dsp_list_reading);
    const sent = await asked();
    const found = await send(links.preview, sent);
    if (mine !== request) {
      return;
    }
    panel.setAttribute("aria-busy", "false");
    said.textContent = "";
    looked = { sent, found };
    refill(result, ...parts(found));
    draw(found);
  }

  async function store() {
    const { sent, found } = looked;
    const buttons = [...panel.querySelectorAll("button")];
    buttons.forEach((button) => {
      button.disabled = true;
    });
    busy(words.js_dsp_list_storing);
    try {
      const stored = await send(links.import_list, sent);
      drop();
      form.reset();
      const isSame = JSON.stringify(stored.counts) === JSON.stringify(found.counts);
      const told = [words.js_dsp_list_stored, countText(stored)];
      said.textContent = [...told, ...(isSame ? [] : [words.js_dsp_list_other])].join(" ");
      onStored();
    } finally {
      panel.setAttribute("aria-busy", "false");
      buttons.forEach((button) => {
        button.disabled = false;
      });
    }
  }

  async function saveRejections() {
    const response = await post(links.preview, looked.sent, "text/csv");
    const link = element("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${looked.found.file.replace(/\.\w+$/, "")}.退回.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async function send(url, body) {
    return (await post(url, body, "application/json")).json();
  }

  async function post(url, body, accept) {
    const headers = { Accept: accept, "Accept-Language": document.documentElement.lang };
    const response = await fetch(url, { method: "POST", headers, body });
    if (!response.ok) {
      const told = await response.json();
      throw new Error(told.detail || String(response.status));
    }
    return response;
  }

  function countText(found) {
    const { added, updated, unchanged, rejected } = found.counts;
    return words.js_dsp_list_counts
      .replace("{rows}", found.rows)
      .replace("{added}", added)
      .replace("{updated}", updated)
      .replace("{unchanged}", unchanged)
      .replace("{rejected}", rejected);
  }

  function parts(found) {
    const told = [element("p", "list-counts", countText(found)), legend(found)];
    const { row } = found.shown;
    if (found.rows_left_out) {
      const text = words.js_dsp_list_shown.replace("{shown}", row.length);
      told.push(note(text.replace("{all}", row.length + found.rows_left_out)));
    }
    told.push(buttons(found), ...notes(found).map(note));
    if (found.rejections.length) {
      told.push(rejections(found));
    }
    told.push(owners(found));
    return told;
  }

  function notes(found) {
    const told = [...found.notes, ...found.frame_warnings.map((each) => `! ${each.text}`)];
    if (found.continued_after_row !== null) {
      told.push(words.js_dsp_list_continued.replace("{row}", found.continued_after_row));
    }
    [
      ["js_dsp_list_nowhere", found.without_coordinates],
      ["js_dsp_list_by_address", found.located_by_address],
      ["js_dsp_list_uncategorized", found.without_category],
      ["js_dsp_list_dropped", found.dropped_columns.length],
    ].forEach(([key, count]) => count && told.push(words[key].replace("{n}", count)));
    if (found.told.length) {
      const said = found.told.map((each) => `${each.title} ${each.rows}`).join(words.js_dsp_list_sep);
      told.push(words.js_dsp_list_told.replace("{words}", said));
    }
    return told;
  }

  function note(text) {
    return element("p", "list-note", text);
  }

  function legend(found) {
    const list = element("ul", "list-legend");
    RESULTS.filter(([name]) => found.results[name]).forEach(([name, color]) => {
      const line = element("li");
      const dot = element("span", "dot");
      dot.style.background = color;
      line.append(dot, `${words[`js_dsp_list_${name}`]} ${found.results[name]}`);
      list.append(line);
    });
    return list;
  }

  function buttons(found) {
    const { added, updated } = found.counts;
    const box = element("p", "list-do");
    const text = words.js_dsp_list_store.replace("{n}", added + updated);
    box.append(button(text, store, "primary"), button(words.js_dsp_list_drop, drop, ""));
    box.querySelector(".primary").disabled = added + updated === 0;
    if (found.counts.rejected) {
      box.append(button(words.js_dsp_list_save_rejected, saveRejections, ""));
    }
    return box;
  }

  function button(text, onClick, className) {
    const made = element("button", className, text);
    made.type = "button";
    made.addEventListener("click", () => tryTo(onClick));
    return made;
  }

  function rejections(found) {
    const box = element("details", "list-rejected");
    box.open = true;
    box.append(element("summary", "", words.js_dsp_list_rejected.replace("{n}", found.counts.rejected)));
    const list = element("ol");
    found.rejections.slice(0, MOST_REJECTED).forEach((each) => {
      const line = element("li");
      line.append(
        element("strong", "", words.js_dsp_list_row.replace("{row}", each.row)),
        ` ${headings(each.field, found.columns)} · ${each.reason[language]}`,
      );
      list.append(line);
    });
    box.append(note(words.js_dsp_list_mend), list);
    const rest = found.counts.rejected - Math.min(found.rejections.length, MOST_REJECTED);
    if (rest) {
      box.append(note(words.js_dsp_list_rest.replace("{n}", rest)));
    }
    return box;
  }

  // The list's own word for a field, as it stands above the column that has to be mended.
  function headings(field, columns) {
    return field.split(", ").map((name) => columns[name] || name).join("、");
  }

  function owners(found) {
    const table = element("table", "list-owners");
    const head = element("tr");
    ["owner", "added", "updated", "unchanged"].forEach((name) => {
      head.append(element("th", "", words[`js_dsp_list_col_${name}`]));
    });
    table.append(head);
    found.owners.slice(0, MOST_OWNERS).forEach((each) => {
      const line = element("tr");
      const name = each.area ? each.area.name : words.js_dsp_nobody;
      line.append(element("th", "", name));
      ["added", "updated", "unchanged"].forEach((kind) => {
        line.append(element("td", "", String(each[kind])));
      });
      table.append(line);
    });
    return table;
  }

  function draw(found) {
    const { row, outcome, result: results, lon, lat, owner } = found.shown;
    const names = new Map(
      found.owners.filter((each) => each.area).map(({ area }) => [`${area.layer}:${area.code}`, area.name]),
    );
    const style = new Map(RESULTS.map(([name, color, radius]) => [name, { color, radius }]));
    const places = [];
    row.forEach((number, i) => {
      if (lon[i] === null) {
        return;
      }
      const { color, radius } = style.get(results[i]);
      const place = [lat[i], lon[i]];
      const look = { renderer, radius, weight: 1, color: "#fff", fillColor: color, fillOpacity: 0.9 };
      const whose = owner[i] ? names.get(owner[i].join(":")) : words.js_dsp_nobody;
      const told = [
        words.js_dsp_list_row.replace("{row}", number),
        words[`js_dsp_list_is_${outcome[i]}`],
        words[`js_dsp_list_${results[i]}`],
        whose,
      ];
      const dot = L.circleMarker(place, look);
      dot.bindTooltip(() => element("span", "", told.join(" · ")));
      dot.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        onPlace(lon[i], lat[i]);
      });
      dots.addLayer(dot);
      if (owner[i]) {
        places.push(place); // one that lies far outside must not make the others small
      }
    });
    dots.addTo(map);
    if (places.length) {
      map.fitBounds(L.latLngBounds(places), { maxZoom: 17, animate: false });
    }
  }

  function busy(text) {
    panel.setAttribute("aria-busy", "true");
    said.textContent = text;
  }

  function tryTo(act) {
    Promise.resolve()
      .then(act)
      .catch((error) => {
        panel.setAttribute("aria-busy", "false");
        said.textContent = `${words.js_dsp_failed}${error.message}`;
      });
  }

  page.querySelector(".open-list").addEventListener("click", () => open(panel.hidden));
  panel.querySelector(".close").addEventListener("click", () => open(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryTo(look);
  });
  form.querySelector("[name=file]").addEventListener("change", (event) => {
    if (event.target.files.length) {
      tryTo(look);
    }
  });
}
