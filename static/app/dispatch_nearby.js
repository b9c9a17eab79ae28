// Possible duplicates near by: of the chosen issue, merged by one key, and around a place.

import { element, getJson, refill, sendJson } from "./desk_page.js";

export function createNearby({ data, map, said, onMerged }) {
  const { words, titles, links } = data;
  const box = element("section", "near");
  box.setAttribute("aria-label", words.js_dsp_near);
  const dots = L.layerGroup().addTo(map);
  let shown = null;
  let offered = null;
  let request = 0;

  // News of the same issue come quietly: what is there stays until the new list is known.
  async function show(item, { isQuiet = false } = {}) {
    const isSame = Boolean(item && item.id === shown);
    if (!isSame || !isQuiet) {
      offered = null;
      refill(box);
      dots.clearLayers();
    }
    shown = item ? item.id : null;
    request += 1;
    const mine = request;
    box.setAttribute("aria-busy", String(Boolean(item)));
    if (!item) {
      return;
    }
    let parts;
    let found = { items: [] };
    try {
      found = await getJson(links.nearby_issue.replace("{id}", item.id));
      parts = listParts(found, mergeButton);
    } catch (error) {
      parts = [element("p", "problem", error.message)];
    }
    if (mine !== request) {
      return; // another one was chosen meanwhile
    }
    offered = firstOpen(found.items);
    box.setAttribute("aria-busy", "false");
    refill(box, ...parts);
    drawDots(found.items);
  }

  // The key takes what is open: into one that is closed nothing is merged without looking.
  function firstOpen(items) {
    const first = items.find((near) => near.merge && near.status === "open");
    return first ? first.merge : null;
  }

  function listParts(found, tail) {
    const reason = found[`reason_${data.language}`];
    if (!found.items.length) {
      return [element("p", "near-reason", `${words.js_dsp_near} · ${reason}`)];
    }
    const key = tail ? firstOpen(found.items) : null;
    const list = element("ol", "near-list");
    found.items.forEach((near) => list.append(line(near, tail, key)));
    const head = element("h3", "", `${words.js_dsp_near} `);
    head.append(element("span", "near-reason", reason));
    const parts = [head, list];
    if (found.left_out) {
      const text = words.js_dsp_near_more.replace("{n}", found.left_out);
      parts.push(element("p", "near-reason", text));
    }
    return parts;
  }

  function line(near, tail, key) {
    const made = element("li");
    const category = [near.category_major, near.category_minor].filter(Boolean).join("/");
    const state = near.status === "closed" ? words.js_dsp_near_closed : titles.state[near.state];
    made.append(
      element("strong", "", `${near.id} ${near.title || near.address || category}`),
      element("span", "near-why", near[`reason_${data.language}`]),
    );
    if (state) {
      made.append(element("span", "badge state", state));
    }
    if (tail && near.merge) {
      made.append(tail(near.merge, near.merge === key));
    }
    return made;
  }

  function mergeButton(merge, isKey) {
    const word = merge.issue === shown ? "js_dsp_near_into" : "js_dsp_near_take";
    const other = merge.issue === shown ? merge.into : merge.issue;
    const button = element("button", "", words[word].replace("{id}", other) + (isKey ? " (M)" : ""));
    button.type = "button";
    const role = titles.role[merge.role] || merge.role;
    button.title = `${titles.step[merge.step] || merge.step} · ${role}`;
    button.addEventListener("click", () => tryTo(() => take(merge)));
    return button;
  }

  async function take(merge) {
    offered = null; // a key that is held down merges once
    const told = await sendJson(
      links.events.replace("{id}", merge.issue),
      { step: merge.step, role: merge.role, issue: merge.into },
      { "If-Match": `"${merge.newest_event}"` },
    );
    const text = words.js_dsp_near_merged.replace("{issue}", merge.issue).replace("{into}", merge.into);
    await onMerged(merge.issue, text);
    const undo = undoing(told);
    if (undo) {
      const button = element("button", "undo", words.js_dsp_near_undo);
      button.type = "button";
      button.addEventListener("click", () => tryTo(() => takeBack(merge, told, undo)));
      said.append(" ", button);
    }
  }

  // What takes a merge back and asks for no more than why.
  function undoing(told) {
    return told.steps.find(
      (step) => step.effect === "unmerge" && !step.reasons.length && String(step.needs) === "reason",
    );
  }

  async function takeBack(merge, told, step) {
    const role = !step.roles.length || step.roles.includes(data.role) ? data.role : step.roles[0];
    const newest = told.events[told.events.length - 1].id;
    await sendJson(
      links.events.replace("{id}", merge.issue),
      { step: step.name, role, reason: words.js_dsp_near_mistake },
      { "If-Match": `"${newest}"` },
    );
    await onMerged(null, words.js_dsp_near_undone.replace("{issue}", merge.issue));
  }

  // What a report from this place may be a duplicate of; the dispatcher narrows it to a category.
  function around({ lon, lat }) {
    const made = element("div", "near near-place");
    const list = element("div");
    const choice = element("select");
    choice.setAttribute("aria-label", words.js_dsp_category);
    choice.append(new Option(words.js_dsp_near_any, ""));
    data.categories.forEach(([name, title]) => choice.append(new Option(title, name)));
    const find = async () => {
      list.setAttribute("aria-busy", "true");
      const address = new URL(links.nearby, document.baseURI);
      address.searchParams.set("lon", lon);
      address.searchParams.set("lat", lat);
      if (choice.value) {
        address.searchParams.set("category", choice.value);
      }
      try {
        const found = await getJson(address.href);
        refill(list, ...listParts(found, null));
        drawDots(found.items);
      } catch (error) {
        refill(list, element("p", "problem", error.message));
      }
      list.setAttribute("aria-busy", "false");
    };
    choice.addEventListener("change", find);
    made.append(choice, list);
    find();
    return made;
  }

  function drawDots(items) {
    dots.clearLayers();
    items.forEach((near) => {
      const style = { radius: 5, weight: 2, color: "#7a5200", fillColor: "#f5c451", fillOpacity: 1 };
      const dot = L.circleMarker([near.lat, near.lon], { ...style, pane: "places" });
      const text = element("span", "", `${near.id} · ${near[`reason_${data.language}`]}`);
      dot.bindTooltip(text).addTo(dots);
    });
  }

  function tryTo(work) {
    work().catch((error) => {
      said.textContent = `${words.js_dsp_failed}${error.message}`;
    });
  }

  return {
    box,
    show,
    around,
    mergeFirst() {
      if (offered) {
        const merge = offered;
        tryTo(() => take(merge));
      } else {
        said.textContent = words.js_dsp_near_no_key;
      }
    },
  };
}
