// The planner desk: one draft, drawn in step by step. The server is the judge; nothing is drawn here
// that it has not done, and every step is stored when the page says so.

import { addWholeButton, connectDefinitions } from "./controls.js";
import { element, getJson, refill, sendForm, sendJson } from "./desk_page.js";
import { createAreas } from "./planner_areas.js";
import { createAsking } from "./planner_asking.js";
import { createBalance } from "./planner_balance.js";
import { createBorders } from "./planner_borders.js";
import { createCounts } from "./planner_counts.js";
import { createCuts } from "./planner_cuts.js";
import { createCompare } from "./planner_compare.js";
import { createEditions } from "./planner_editions.js";
import { addHelp } from "./planner_help.js";
import { createLines } from "./planner_lines.js";
import { createPanel } from "./planner_panel.js";
import { createNotes, createSides } from "./planner_sides.js";
import { createSnapping } from "./planner_snapping.js";

const TOOL_KEYS = { s: "split", m: "merge", g: "give", b: "buildings", n: "recode", e: "parts", l: "along", w: "swap", c: "children" };
const MOST_BESIDE = 60; // neighbors whose borders are snapped to
const SAID = "planner-said"; // what is said across a reload

export function startPlanner({ data, map, areas: layer }) {
  const page = document.getElementById("desk");
  const words = data.words;
  const said = page.querySelector(".said");
  const state = { draft: null, isBusy: false };
  const asked = { draft: 0, borders: 0 }; // how often: of several answers under way the last one counts
  const unlock = page.querySelector("[name=unlock]");
  const several = page.querySelector("[name=several]"); // a finger has no Shift
  const areas = createAreas({ data, map, layer, isSeveral: () => several.checked, onChosen: () => tryTo(showChosen) });
  const snapping = createSnapping({ data, map });
  const lines = createLines({ map, hint: page.querySelector(".hint"), snapping });
  const borders = createBorders({ data, map, snapping, isUnlocked: () => unlock.checked, onDrawn: perform });
  const balance = createBalance({ data, page, map, areas });
  const compare = createCompare({ data, map, page, areas, draftOf: () => state.draft, restore, tell: tryTo });
  const editions = createEditions({ data, page, compare, tell: tryTo, published: tellPublished });
  const panel = createPanel({ data, page, map, fixesOf, fix, declare: (finding) => tryTo(() => declare(finding)) });
  const asking = createAsking({ data, page, areas, borders, lines, perform, piecesOf, moveBuildings, derive });

  const told = { data, page, draft: () => state.draft, onDraft: updateDraft, say, tellFailure };
  const sides = createSides({ ...told, nameOf: areas.name });
  const notes = createNotes({ ...told, address: () => address("draft") });
  const cuts = createCuts({ data, page, map, areas, lines, ask: asking.ask, perform, offerOf, childrenOf });

  const address = (name) => data.links[name].replace("{id}", state.draft ? state.draft.id : "");
  const telling = (name) => `${address(name)}?impact=true`;
  const isOpen = () => Boolean(state.draft) && state.draft.status === "open" && !compare.isOfEditions();

  // Steps are done one after the other: what follows is drawn on what the one before led to.
  async function perform(operation) {
    if (!isOpen() || state.isBusy) {
      return false;
    }
    return change(() => sendJson(telling("operations"), { layer: data.layer, ...operation }, seen()));
  }

  function piecesOf(code, line) {
    return sendJson(address("pieces"), { layer: data.layer, code, line });
  }

  function offerOf(name, told) {
    return sendJson(address(name), { layer: data.layer, ...told });
  }

  function childrenOf(code) {
    const asked = new URL(address("children"), document.baseURI);
    asked.searchParams.set("layer", data.layer);
    asked.searchParams.set("code", code);
    return getJson(asked.href);
  }

  function moveBuildings(told) {
    return change(() => sendJson(telling("buildings"), { layer: data.layer, ...told }, seen()));
  }

  function derive(told) {
    return change(() => sendForm(address("derive"), { layer: data.layer, ...told }, seen()));
  }

  function fixesOf(finding, whole) {
    const asked = new URL(address("fixes"), document.baseURI);
    asked.searchParams.set("finding", finding);
    asked.searchParams.set("revision", state.draft.revision);
    asked.searchParams.set("whole", whole);
    return getJson(asked.href).then((found) => found.fixes);
  }

  // What the check alone finds is looked for again, where the fix was taken from a check.
  async function fix(finding, number, whole) {
    const told = { finding, fix: number, revision: state.draft.revision, whole };
    const checked = page.dataset.check;
    if ((await change(() => sendJson(telling("fixes"), told))) && checked) {
      await tryTo(() => check(checked === "whole"));
    }
  }

  // An enclave is declared for the whole house, not drawn: the draft is only looked at again.
  async function declare(finding) {
    const asked = [{ name: "wording", label: words.js_pln_enclave_wording, value: "" }];
    const values = await asking.ask(asked, words.js_pln_enclave);
    if (values) {
      const place = [finding.lon, finding.lat];
      const told = { layer: finding.layer, wording: values.wording, place, draft: state.draft.id };
      await sendJson(data.links.enclaves, told);
      await open(state.draft.id);
    }
  }

  const counts = createCounts({ data, page, address, current: () => state.draft, isOpen, ask: asking.ask, onEntered: entered, onTold: balance.follow, tryTo });

  // A value was entered: the draft has another revision, and no area is drawn otherwise.
  function entered(told) {
    state.draft = told.draft;
    tellDraft();
    tryTo(() => counts.tell(told));
  }

  const seen = () => ({ "If-Match": `"${state.draft.revision}"` });

  async function change(work) {
    state.isBusy = true;
    const began = performance.now();
    try {
      const step = await work();
      show(step);
      said.textContent = words.js_pln_done.replace("{ms}", Math.round(performance.now() - began));
      said.dataset.kind = "done";
      performance.mark("planner-step");
      return true;
    } catch (error) {
      tellFailure(error);
      return false;
    } finally {
      state.isBusy = false;
      await showChosen().catch(tellFailure);
    }
  }

  // What was done last still stands there when the page came anew for it.
  function sayAgain() {
    const before = window.sessionStorage.getItem(SAID);
    if (before) {
      window.sessionStorage.removeItem(SAID);
      say(before);
    }
  }

  function say(text) {
    said.textContent = text;
    said.dataset.kind = "done";
  }

  // What was written beside the steps counts as a change of the draft, too.
  function updateDraft(values) {
    state.draft = { ...state.draft, ...values };
    tellDraft();
  }

  function tellFailure(error) {
    said.textContent = words.js_pln_failed + error.message;
    said.dataset.kind = "failed";
  }

  function tryTo(work) {
    return work().catch(tellFailure);
  }

  function show(step) {
    state.draft = step.draft;
    delete page.dataset.check;
    areas.update(step);
    panel.show(step, { isOpen: isOpen() });
    tellDraft();
    tryTo(() => counts.tell(step));
    tryTo(compare.follow);
  }

  // The map as it is without anything compared, which is left as soon as the draft can be drawn.
  async function restore(leave) {
    if (state.draft) {
      await open(state.draft.id, leave);
      return;
    }
    leave();
    areas.clear();
    tellDraft();
  }

  function tellDraft() {
    const draft = state.draft;
    page.querySelector(".undo").disabled = !isOpen() || !draft.can_undo;
    page.querySelector(".redo").disabled = !isOpen() || !draft.can_redo;
    page.querySelectorAll("[data-tool]").forEach((button) => {
      button.disabled = !isOpen();
    });
    page.querySelector(".publish").hidden = !isOpen();
    page.querySelector(".unlock").hidden = !isOpen() || !data.locked.length;
    page.dataset.draft = draft ? draft.status : "";
    const line = page.querySelector(".state");
    refill(line);
    if (!draft) {
      return;
    }
    const told = [
      words.js_pln_state
        .replace("{base}", draft.base_edition)
        .replace("{revision}", draft.revision)
        .replace("{n}", draft.done),
    ];
    if (draft.status === "published") {
      told.push(words.js_pln_published.replace("{edition}", draft.edition));
    } else if (draft.status === "discarded") {
      told.push(words.js_pln_discarded);
    }
    line.append(told.join(" · "));
    line.append(" ", Object.assign(element("a", "order", words.js_pln_order), { href: `/desk/planner/drafts/${draft.id}/order?lang=${document.documentElement.lang.slice(0, 2)}`, target: "_blank" }));
    if (isOpen() && draft.base_edition !== data.edition) {
      const rebase = element("button", "rebase", words.js_pln_rebase);
      rebase.type = "button";
      rebase.addEventListener("click", () => tryTo(rebaseDraft));
      line.append(" ", words.js_pln_overtaken.replace("{edition}", data.edition), rebase);
    }
  }

  async function rebaseDraft() {
    await sendJson(address("rebase"), {});
    await open(state.draft.id);
  }

  async function showChosen() {
    const codes = areas.chosen();
    const mine = (asked.borders += 1);
    panel.showChosen(codes.map((code) => ({ code, name: areas.name(code) })), (code) => areas.forget(code));
    tryTo(() => sides.show(codes));
    if (!isOpen() || !codes.length) {
      borders.show([], []);
      snapping.set([]);
      return;
    }
    const own = await bordersOf(codes);
    if (mine !== asked.borders) {
      return;
    }
    borders.show(own, codes);
    snapping.set(own);
    const beside = borders.neighbors().slice(0, MOST_BESIDE);
    const near = beside.length ? await bordersOf(beside) : [];
    if (mine === asked.borders) {
      snapping.set([...own, ...near]);
    }
  }

  async function bordersOf(codes) {
    const asked = new URL(address("borders"), document.baseURI);
    asked.searchParams.set("layer", data.layer);
    codes.forEach((code) => asked.searchParams.append("code", code));
    return (await getJson(asked.href)).features;
  }

  // What is on the map stays there until all of the draft is known.
  async function open(id, leave = () => compare.leaveFor(id)) {
    window.location.hash = `draft=${id}`;
    const mine = (asked.draft += 1);
    const found = ["draft", "areas"].map((name) => getJson(data.links[name].replace("{id}", id)));
    const [draft, drawn] = await Promise.all(found);
    if (mine !== asked.draft) {
      return;
    }
    leave();
    state.draft = draft;
    areas.clear();
    notes.show();
    show(drawn);
    await showChosen();
    await list();
  }

  async function list() {
    const found = await getJson(data.links.drafts);
    const select = page.querySelector("[name=draft]");
    const none = new Option(words.js_pln_no_draft, "");
    refill(
      select,
      none,
      ...found.drafts.map((draft) => {
        const ended = { published: words.js_pln_published, discarded: words.js_pln_discarded }[draft.status];
        const more = ended ? `（${ended.replace("{edition}", draft.edition)}）` : "";
        return new Option(`${draft.id} ${draft.name}${more}`, draft.id);
      }),
    );
    select.value = state.draft ? state.draft.id : "";
  }

  async function begin() {
    const today = new Date().toLocaleDateString("sv");
    const told = words.js_pln_default_name.replace("{date}", today);
    const values = await asking.ask([{ name: "name", label: words.js_pln_new_name, value: told }]);
    if (values) {
      const draft = await sendJson(data.links.drafts, { name: values.name });
      await open(draft.id);
    }
  }

  async function tellChanges() {
    const check = await getJson(address("check"));
    panel.showChanges(check, counts.tellGone(check.figures));
    page.dataset.check = "changed";
    await counts.tellWhole();
  }

  async function check(whole) {
    const revision = state.draft.revision;
    const found = await getJson(`${address("check")}?whole=${whole}`);
    if (state.draft.revision === revision) {
      panel.showFindings(found, whole);
      page.dataset.check = whole ? "whole" : "changed";
    }
  }

  async function publish(form) {
    const told = Object.fromEntries(new FormData(form));
    const body = { reason: told.reason, consulted: told.consulted };
    if (told.effective_from) {
      body.effective_from = told.effective_from;
    }
    if (told.authority || told.document || told.date) {
      body.approval = { authority: told.authority, document: told.document, date: told.date };
    }
    await notes.settled();
    const edition = await sendJson(address("publication"), body);
    tellPublished(edition);
  }

  function tellPublished(edition) {
    say(words.js_pln_published_now.replace("{edition}", edition.number));
    window.sessionStorage.setItem(SAID, said.textContent);
    window.location.reload();
  }

  async function discard() {
    if (window.confirm(words.js_pln_discard_sure)) {
      await sendJson(address("draft"), undefined, {}, "DELETE");
      await open(state.draft.id);
    }
  }

  const undo = () => isOpen() && state.draft.can_undo && change(() => sendJson(telling("undo"), undefined, seen()));
  const redo = () => isOpen() && state.draft.can_redo && change(() => sendJson(telling("redo"), undefined, seen()));
  const tools = { ...asking.tools, ...cuts.tools };
  const useTool = (name) => isOpen() && tryTo(tools[name]);

  page.querySelector(".undo").addEventListener("click", undo);
  page.querySelector(".redo").addEventListener("click", redo);
  page.querySelectorAll("[data-tool]").forEach((button) => {
    button.addEventListener("click", () => useTool(button.dataset.tool));
  });
  page.querySelector(".begin").addEventListener("click", () => tryTo(begin));
  page.querySelector("[name=draft]").addEventListener("change", (event) => {
    if (event.target.value) {
      tryTo(() => open(Number(event.target.value)));
    }
  });
  page.querySelector("[name=layer]").addEventListener("change", (event) => {
    const asked = new URL(window.location.href);
    asked.searchParams.set("layer", event.target.value);
    window.location.href = asked.href;
  });
  unlock.addEventListener("change", () => tryTo(showChosen));
  const publishing = page.querySelector(".publish");
  publishing.addEventListener("toggle", () => publishing.open && tryTo(tellChanges));
  publishing.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    tryTo(() => publish(event.target));
  });
  page.querySelectorAll("[data-check]").forEach((button) => {
    button.addEventListener("click", () => state.draft && tryTo(() => check(button.dataset.check === "whole")));
  });
  page.querySelector(".discard").addEventListener("click", () => tryTo(discard));
  document.addEventListener("keydown", (event) => {
    if (/^(input|select|textarea)$/i.test(event.target.tagName)) {
      return;
    }
    const key = event.key.toLowerCase();
    const isCommand = event.ctrlKey || event.metaKey;
    const tool = TOOL_KEYS[key];
    const keys = isCommand
      ? { z: event.shiftKey ? redo : undo, y: redo }
      : { d: compare.toggle, "?": help, ...(tool && { [key]: () => useTool(tool) }) };
    if (keys[key] && !event.altKey) {
      event.preventDefault();
      keys[key]();
    }
  });
  const help = addHelp(page);
  addWholeButton({ data, map });
  connectDefinitions(page);
  const named = /draft=(\d+)/.exec(window.location.hash);
  tellDraft();
  sayAgain();
  tryTo(balance.load);
  const ready = [editions.load(), named ? open(Number(named[1])) : list()];
  Promise.all(ready).catch(tellFailure).then(() => {
    page.dataset.ready = "true";
  });
}
