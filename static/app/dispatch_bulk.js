// One step for all marked issues: what is possible for every one of them, and what became of each.

import { element, getJson, refill, sendJson } from "./desk_page.js";
import { stepButtons } from "./dispatch_steps.js";

const MOST = 200; // so many are taken in one request

export function createBulk({ data, article, onDone, onStop }) {
  const { words, links } = data;
  let opened = 0; // how often it was opened: an answer that comes late is for nobody

  async function open(items) {
    opened += 1;
    const mine = opened;
    const box = element("div", "bulk-steps");
    box.append(element("h2", "", words.js_dsp_bulk.replace("{n}", items.length)));
    refill(article, box);
    const { steps, seen } = await possible(items);
    if (mine !== opened || !box.isConnected) {
      return;
    }
    if (!steps.length) {
      box.append(element("p", "empty", words.js_dsp_bulk_none));
      return;
    }
    const send = (body, step, form) => take(items, seen, body, step, form);
    const buttons = stepButtons({ data, steps, owner: commonOwner(items), send, onStop });
    box.append(buttons);
    buttons.querySelector("button").focus();
  }

  // What is possible for all, and the event of each that was seen last.
  async function possible(items) {
    let steps = null;
    const seen = new Map();
    for (const some of pieces(items)) {
      const address = new URL(links.steps, document.baseURI);
      some.forEach((item) => address.searchParams.append("issue", item.id));
      const told = await getJson(address.href);
      told.issues.forEach((each) => seen.set(each.id, each.newest_event));
      const names = new Set(told.steps.map((step) => step.name));
      steps = steps ? steps.filter((step) => names.has(step.name)) : told.steps;
    }
    return { steps, seen };
  }

  async function take(items, seen, body, step, form) {
    const results = [];
    for (const some of pieces(items)) {
      const issues = some.map((item) => ({ id: item.id, newest_event: seen.get(item.id) }));
      results.push(...(await sendJson(links.steps, { ...body, issues })).results);
    }
    const refused = results.filter((each) => each.outcome === "refused");
    form.remove();
    const title = step[`title_${data.language}`];
    const done = words.js_dsp_bulk_done.replace("{step}", title);
    const text = done.replace("{n}", results.length - refused.length);
    await onDone(text, refused.map((each) => each.id));
    if (refused.length) {
      tell(title, refused);
    }
  }

  // Those that were refused stay marked, each with its reason.
  function tell(title, refused) {
    const box = element("div", "bulk-steps");
    const head = words.js_dsp_bulk_refused.replace("{step}", title).replace("{n}", refused.length);
    box.append(element("h2", "", head));
    const list = element("ul", "bulk-refused");
    refused.forEach((each) => {
      list.append(element("li", "problem", `${each.id}：${each.problem.detail}`));
    });
    list.setAttribute("role", "alert");
    box.append(list);
    refill(article, box);
  }

  return { open };
}

function commonOwner(items) {
  const names = new Set(items.map(({ chain }) => (chain.length ? chain[chain.length - 1].name : "")));
  return names.size === 1 ? [...names][0] : "";
}

function pieces(items) {
  const found = [];
  for (let i = 0; i < items.length; i += MOST) {
    found.push(items.slice(i, i + MOST));
  }
  return found;
}
