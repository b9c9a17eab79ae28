// Saying whose issues are: for the chosen one or all marked ones, picked by name, code or on the map.

import { element, getJson, refill, sendJson } from "./desk_page.js";
import { localTime } from "./dispatch_time.js";

const MOST_NAMES = 2000; // more of them in one list would freeze an old browser

export function createDecide({ data, areas, pointing, onDone }) {
  const { words, links } = data;
  let picking = null; // the form that a click on the map fills in

  const names = element("datalist");
  names.id = "area-names";
  if (data.areas.codes.length <= MOST_NAMES) {
    data.areas.codes.forEach((code, i) => names.append(new Option(data.areas.names[i], code)));
  }
  document.body.append(names);
  areas.polygons.forEach((polygon, i) => {
    polygon.on("click", (event) => {
      if (picking && picking.isConnected) {
        L.DomEvent.stop(event);
        fill(picking, data.areas.codes[i]);
      }
    });
  });

  function fill(form, code) {
    form.elements.code.value = code;
    tellName(form);
    form.elements.reason.focus();
  }

  function tellName(form) {
    const at = data.areas.codes.indexOf(form.elements.code.value.trim());
    form.querySelector(".area-name").textContent = at < 0 ? "" : data.areas.names[at];
  }

  // What was decided of the chosen issue, and the button that decides.
  async function part(item, place) {
    const box = element("div", "decide");
    if (item.decision) {
      const told = await getJson(links.owner.replace("{id}", item.id));
      box.append(...decided(told.decision, item, box));
    }
    const button = element("button", "open", words.js_dsp_decide);
    button.type = "button";
    button.addEventListener("click", () => open(box, [item], place));
    box.append(button, ...pointing.part(item));
    return box;
  }

  function decided(decision, item, box) {
    const who = [data.titles.role[decision.role], localTime(decision.decided_at)].join(" ");
    const why = [decision[`reason_${data.language}`], decision.cites].filter(Boolean).join(" ");
    const parts = [element("p", "decided", `${words.js_dsp_decided}${why}（${who}）`)];
    if (!decision.is_standing) {
      parts.push(element("p", "problem", words.js_dsp_area_gone.replace("{code}", decision.code)));
    } else if (decision.is_questioned) {
      parts.push(element("p", "problem", words.js_dsp_place_moved));
    }
    const button = element("button", "", words.js_dsp_undecide);
    button.type = "button";
    button.addEventListener("click", () => tryTo(box, () => withdraw(item)));
    return [...parts, button];
  }

  async function withdraw(item) {
    const address = new URL(links.owner.replace("{id}", item.id), document.baseURI);
    address.searchParams.set("role", data.role);
    await sendJson(address.href, undefined, {}, "DELETE");
    await onDone(`${item.id} ${words.js_dsp_undecide}`);
  }

  function open(box, items, place) {
    const form = element("form", "step-form decide-form");
    const many = items.length > 1 ? ` · ${items.length}` : "";
    form.append(element("h3", "", `${words.js_dsp_decide}${many}`), candidates(form, place));
    const code = field("code", words.js_dsp_area, element("input"));
    const input = code.querySelector("input");
    input.required = true;
    input.maxLength = 100;
    input.placeholder = words.js_dsp_pick;
    input.setAttribute("list", names.id);
    input.addEventListener("input", () => tellName(form));
    code.append(element("span", "area-name"));
    const cites = field("cites", words.js_dsp_cites, element("input"));
    cites.querySelector("input").maxLength = 200;
    form.append(
      code,
      field("reason", words.js_dsp_fact_reason, choices(Object.entries(data.titles.decision))),
      cites,
      ...buttons(form, box, items),
    );
    picking = form;
    refill(box, form);
    input.focus();
  }

  // The two sides of a border, or all that a circle reaches, are one click away.
  function candidates(form, place) {
    const line = element("p", "candidates");
    near(place).forEach(({ code, text }) => {
      const button = element("button", "", text);
      button.type = "button";
      button.addEventListener("click", () => fill(form, code));
      line.append(button);
    });
    return line;
  }

  function near(place) {
    const [family] = place ? place.families : [];
    if (!family) {
      return [];
    }
    const { border, candidates: shares, chain, meeting } = family;
    const told = new Map();
    const add = (link, more) => {
      if (link && link.code && link.layer === data.layer && !told.has(link.code)) {
        told.set(link.code, [link.name || link.code, more].filter(Boolean).join(" "));
      }
    };
    shares.forEach((each) => add(each, `${Math.round(each.share * 100)}%`));
    chain.forEach((link) => add(link));
    meeting.forEach((link) => add(link));
    add(border && border.neighbor, border && `${border.distance_m.toFixed(1)} m`);
    return [...told].map(([code, text]) => ({ code, text }));
  }

  function buttons(form, box, items) {
    const send = element("button", "primary", words.js_dsp_do);
    send.type = "submit";
    const stop = element("button", "", words.js_dsp_cancel);
    stop.type = "button";
    stop.addEventListener("click", () => {
      picking = null;
      onDone("");
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      tryTo(form, () => decide(form, items));
    });
    return [send, stop];
  }

  async function decide(form, items) {
    const told = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    const body = { ...told, layer: data.layer, role: data.role };
    body.issues = items.map((item) => ({ id: item.id }));
    const { results } = await sendJson(links.decisions, body);
    const refused = results.filter((each) => each.outcome === "refused");
    if (refused.length === results.length) {
      throw new Error(refused[0].problem.detail);
    }
    picking = null;
    form.remove();
    const said = words.js_dsp_decided_many.replace("{n}", results.length - refused.length);
    await onDone(said + refused.map((each) => ` ${each.id}：${each.problem.detail}`).join("；"));
  }

  function tryTo(box, work) {
    work().catch((error) => {
      box.querySelectorAll("[role=alert]").forEach((old) => old.remove());
      const problem = element("p", "problem", error.message);
      problem.setAttribute("role", "alert");
      box.append(problem);
    });
  }

  return { part, open };
}

function field(name, label, control) {
  const box = element("label", "field");
  control.name = name;
  box.append(element("span", "", label), control);
  return box;
}

function choices(options) {
  const select = element("select");
  options.forEach(([value, text]) => select.append(new Option(text, value)));
  return select;
}
