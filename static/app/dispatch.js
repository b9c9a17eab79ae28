// The dispatch desk: the queue, one chosen issue, and the answer for a place. Keyboard first.

import { createAnswer } from "./dispatch_answer.js";
import { createPointing } from "./dispatch_point.js";
import { createBulk } from "./dispatch_bulk.js";
import { createDecide } from "./dispatch_decide.js";
import { createCase } from "./dispatch_case.js";
import { createList } from "./dispatch_list.js";
import { createNearby } from "./dispatch_nearby.js";
import { timeLeft } from "./dispatch_time.js";
import { element, getJson, refill, sendJson } from "./desk_page.js";
import { addWholeButton, connectDefinitions } from "./controls.js";

const PAGE = 100;
const MOST = 500; // in one answer of the service
const AGAIN_MS = 1500; // however much happens, the queue is not fetched more often

export function startDispatch({ data, map, areas }) {
  const page = document.getElementById("desk");
  const words = data.words;
  const list = page.querySelector(".queue");
  const said = page.querySelector(".said");
  const state = { view: "all", items: [], chosen: null, next: null, marked: new Set() };
  let newest = null; // the load that was begun last
  const marker = createMarker(map);
  const onDone = (text) => {
    said.textContent = text;
    return refresh();
  };
  const pointing = createPointing({ data, map, onDone: reload });
  const decide = createDecide({ data, areas, pointing, onDone: reload });
  const nearby = createNearby({
    data,
    map,
    said,
    onMerged: (id, text) => {
      moveOn(id);
      return onDone(text);
    },
  });
  const card = createCase({ data, nearby, article: page.querySelector(".case"), decide, onDone });
  const bulk = createBulk({
    data,
    article: page.querySelector(".case"),
    onDone: async (text, refused) => {
      await reload(text);
      if (refused.length) {
        card.giveWay(); // to what is told of them
      }
      refused.forEach((id) => state.items.some((item) => item.id === id) && toggle(id));
    },
    onStop: () => tryTo(() => reload("")),
  });
  areas.polygons.forEach((polygon, i) => {
    polygon.bindTooltip(data.areas.names[i], { sticky: true });
  });
  const answer = createAnswer({ data, page, map, marker, nearby, pointing });
  createList({ data, page, map, onStored: refresh, onPlace: answer.at });

  // Views and news may be answered in any order: only the last one asked for is shown, and all
  // that are under way end with it.
  function load({ after = null } = {}) {
    list.setAttribute("aria-busy", "true");
    const mine = read(after)
      .then((found) => {
        if (mine !== newest) {
          return newest;
        }
        state.items = after ? state.items.concat(found.items) : found.items;
        state.next = found.next;
        state.now = Date.parse(found.now);
        return show(found.counts);
      })
      .finally(() => {
        if (mine === newest) {
          list.setAttribute("aria-busy", "false");
        }
      });
    newest = mine;
    return mine;
  }

  // One page more, or all anew that was shown before, however much somebody had asked for.
  async function read(after) {
    if (after) {
      return readPage(PAGE, after);
    }
    const shown = Math.max(PAGE, state.items.length);
    const found = await readPage(Math.min(shown, MOST));
    while (found.next && found.items.length < shown) {
      const more = await readPage(Math.min(shown - found.items.length, MOST), found.next);
      found.items.push(...more.items);
      found.next = more.next;
    }
    return found;
  }

  function readPage(limit, after) {
    const address = new URL(data.links.queue, document.baseURI);
    address.searchParams.set("limit", limit);
    if (state.view !== "all") {
      address.searchParams.set("view", state.view);
    }
    if (after) {
      address.searchParams.set("after", after);
    }
    return getJson(address.href);
  }

  // After a decision the card is drawn anew even if the same issue stays chosen.
  async function reload(text) {
    said.textContent = text;
    state.marked.clear();
    await card.show(null);
    await refresh();
    if (chosen().length) {
      list.focus();
    }
  }

  async function refresh() {
    try {
      await load();
    } catch (error) {
      said.textContent = `${words.js_dsp_failed}${error.message}`;
    }
  }

  function show(counts) {
    page.querySelectorAll("[data-view]").forEach((button) => {
      button.querySelector("b").textContent = counts[button.dataset.view];
    });
    const known = new Set(state.items.map((item) => item.id));
    state.marked.forEach((id) => known.has(id) || state.marked.delete(id));
    const place = list.scrollTop;
    refill(list, ...state.items.map((item) => row(item)));
    list.scrollTop = place;
    page.querySelector(".more").hidden = !state.next;
    if (!state.items.length) {
      list.append(element("li", "empty", words.js_dsp_empty));
    }
    const still = state.items.find((item) => item.id === state.chosen);
    choose(still || state.items[0] || null, { isQuiet: Boolean(still) });
    tellMarked();
  }

  function row(item) {
    const line = element("li", "item");
    line.dataset.id = item.id;
    line.setAttribute("role", "option");
    const box = element("input", "mark");
    box.type = "checkbox";
    box.tabIndex = -1;
    box.checked = state.marked.has(item.id);
    box.setAttribute("aria-label", words.js_dsp_mark);
    box.addEventListener("change", () => toggle(item.id));
    const left = timeLeft(item.next_due, state.now, words);
    const owner = item.chain.length ? item.chain[item.chain.length - 1].name : words.js_dsp_nobody;
    const category = [item.category_major, item.category_minor].filter(Boolean).join("/");
    const about = item.title || item.address || category || item.external_id;
    line.append(
      box,
      element("span", `light ${left.kind}`, `${left.mark} ${left.text}`),
      element("strong", "about", about),
      element("span", "owner", owner),
      element("span", "number", `${item.id} · ${item.external_id}`),
      ...badges(item),
    );
    line.addEventListener("click", (event) => {
      if (event.target !== box) {
        choose(item);
        list.focus();
      }
    });
    return line;
  }

  function badges(item) {
    const titles = data.titles;
    const told = [];
    const add = (text, kind) => told.push(element("span", `badge ${kind}`, text));
    if (item.condition) {
      add(titles.condition[item.condition] || item.condition, "condition");
    }
    if (item.state) {
      add(titles.state[item.state] || item.state, "state");
    }
    if (item.place_status === "unassigned" || item.place_status === "ambiguous") {
      add(words[`js_dsp_${item.place_status}`], "doubt");
    }
    if (item.decision) {
      add(words[`js_dsp_badge_${item.decision}`], item.decision === "questioned" ? "doubt" : "state");
    }
    if (item.rule === "boundary") {
      add(words.js_dsp_boundary, "doubt");
    }
    item.marks.forEach((name) => add(titles.deadline[name] || name, "flag"));
    if (item.returned) {
      add(words.js_dsp_returned, "flag");
    }
    if (item.waited_for) {
      add(`${words.js_dsp_waits} ${item.waited_for}`, "flag");
    }
    return told;
  }

  function choose(item, { isQuiet = false } = {}) {
    state.chosen = item ? item.id : null;
    list.querySelectorAll(".item").forEach((line) => {
      const isChosen = Number(line.dataset.id) === state.chosen;
      line.setAttribute("aria-selected", String(isChosen));
      if (isChosen) {
        line.id = "chosen";
        list.setAttribute("aria-activedescendant", "chosen");
        if (!isQuiet) {
          line.scrollIntoView({ block: "nearest" });
        }
      } else {
        line.removeAttribute("id");
      }
    });
    card.show(item, { isQuiet });
    nearby.show(item, { isQuiet });
    if (item && item.lat !== null && !isQuiet) {
      marker.put([item.lat, item.lon], { isIssue: true });
    } else if (!item || item.lat === null) {
      marker.remove();
    }
  }

  function step(by) {
    const at = state.items.findIndex((item) => item.id === state.chosen);
    const next = state.items[Math.min(state.items.length - 1, Math.max(0, at + by))];
    if (next) {
      choose(next);
    }
  }

  function toggle(id) {
    if (!state.marked.delete(id)) {
      state.marked.add(id);
    }
    const box = list.querySelector(`[data-id="${id}"] .mark`);
    box.checked = state.marked.has(id);
    tellMarked();
  }

  function tellMarked() {
    const button = page.querySelector(".accept-marked");
    button.disabled = state.marked.size === 0;
    page.querySelector(".decide-marked").disabled = state.marked.size === 0;
    page.querySelector(".step-marked").disabled = state.marked.size === 0;
    button.textContent = words.js_dsp_accept_marked.replace("{n}", state.marked.size);
    page.querySelector("[name=every]").checked =
      state.items.length > 0 && state.marked.size === state.items.length;
  }

  async function accept(items) {
    const issues = items.map((item) => ({ id: item.id }));
    const told = await sendJson(data.links.acceptances, { issues });
    const refused = told.results.filter((result) => result.outcome === "refused");
    const done = told.results.length - refused.length;
    said.textContent =
      words.js_dsp_accepted.replace("{n}", done) +
      refused.map((result) => ` ${result.id}：${result.problem.detail}`).join("；");
    state.marked.clear();
    if (done && items.length === 1) {
      moveOn(items[0].id);
    }
    await refresh();
  }

  // The next one is chosen where the chosen one is about to leave the queue.
  function moveOn(id) {
    if (id === state.chosen) {
      const at = state.items.findIndex((item) => item.id === id);
      const next = state.items[at + 1] || state.items[at - 1];
      state.chosen = next ? next.id : null;
    }
  }

  function tryTo(work) {
    work().catch((error) => {
      said.textContent = `${words.js_dsp_failed}${error.message}`;
    });
  }

  const chosen = () => state.items.filter((item) => item.id === state.chosen);
  const KEYS = {
    ArrowDown: () => step(1),
    j: () => step(1),
    ArrowUp: () => step(-1),
    k: () => step(-1),
    PageDown: () => step(10),
    PageUp: () => step(-10),
    Enter: () => chosen().length && tryTo(() => accept(chosen())),
    " ": () => chosen().length && toggle(state.chosen),
    r: () => (state.marked.size ? stepMarked() : card.focusSteps()),
    o: () => (state.marked.size ? decideMarked() : card.focusDecide()),
    m: () => chosen().length && nearby.mergeFirst(),
  };
  list.addEventListener("keydown", (event) => {
    if (event.target === list && KEYS[event.key] && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(input|select|textarea)$/i.test(event.target.tagName);
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      page.querySelector("[name=q]").focus();
    } else if (event.key === "Escape") {
      list.focus();
    }
  });
  page.querySelectorAll("[data-view]").forEach((button) => {
    button.addEventListener("click", () => {
      state.view = button.dataset.view;
      state.marked.clear();
      page.querySelectorAll("[data-view]").forEach((one) => {
        one.setAttribute("aria-pressed", String(one === button));
      });
      refresh();
    });
  });
  page.querySelector(".more").addEventListener("click", () => tryTo(() => load({ after: state.next })));
  page.querySelector("[name=every]").addEventListener("change", (event) => {
    state.marked = new Set(event.target.checked ? state.items.map((item) => item.id) : []);
    list.querySelectorAll(".mark").forEach((box) => {
      box.checked = event.target.checked;
    });
    tellMarked();
  });
  page.querySelector(".accept-marked").addEventListener("click", () => {
    tryTo(() => accept(state.items.filter((item) => state.marked.has(item.id))));
  });
  function decideMarked() {
    const items = state.items.filter((item) => state.marked.has(item.id));
    const box = element("div", "decide");
    card.giveWay();
    refill(page.querySelector(".case"), box);
    decide.open(box, items, null);
  }
  page.querySelector(".decide-marked").addEventListener("click", decideMarked);
  function stepMarked() {
    card.giveWay();
    tryTo(() => bulk.open(state.items.filter((item) => state.marked.has(item.id))));
  }
  page.querySelector(".step-marked").addEventListener("click", stepMarked);
  addWholeButton({ data, map });
  connectDefinitions(page);
  listen({ data, page, onNews: refresh });
  refresh().then(() => {
    page.dataset.ready = "true";
  });
}

function createMarker(map) {
  let dot = null;
  return {
    put(place, { isIssue }) {
      this.remove();
      const style = { radius: 8, weight: 3, color: "#0b62c4", fillColor: "#ffffff", fillOpacity: 1 };
      dot = L.circleMarker(place, { ...style, pane: "places", dashArray: isIssue ? null : "3 3" });
      dot.addTo(map);
      map.setView(place, Math.max(map.getZoom(), 16), { animate: false });
    },
    remove() {
      if (dot) {
        dot.remove();
        dot = null;
      }
    },
  };
}

// News come as server-sent events; the browser connects again by itself when they break off.
function listen({ data, page, onNews }) {
  const live = page.querySelector(".live");
  let waiting = null;
  let last = 0;
  const news = new EventSource(data.links.news);
  news.addEventListener("open", () => {
    live.textContent = data.words.js_dsp_live;
    live.dataset.state = "live";
  });
  news.addEventListener("error", () => {
    live.textContent = data.words.js_dsp_lost;
    live.dataset.state = "lost";
  });
  news.addEventListener("message", () => {
    const rest = Math.max(0, last + AGAIN_MS - Date.now());
    waiting =
      waiting ||
      setTimeout(() => {
        waiting = null;
        last = Date.now();
        onNews();
      }, rest);
  });
}
