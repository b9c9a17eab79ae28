// The card of the chosen issue: whose it is and why, what is due, what happened, what may be done.

import { element, getJson, refill, sendJson } from "./desk_page.js";
import { localTime } from "./dispatch_time.js";

export function createCase({ data, nearby, article, decide, onDone }) {
  const { words, titles, links } = data;
  let shown = null;
  let request = 0;

  // What somebody is filling in stays when news come; that it is out of date is told when sent.
  async function show(item, { isQuiet = false } = {}) {
    const isSame = Boolean(item && shown && item.id === shown.id);
    const isUnchanged = isSame && JSON.stringify(item) === JSON.stringify(shown);
    if (isQuiet && isSame && (isUnchanged || article.querySelector(".step-form"))) {
      return;
    }
    shown = item;
    request += 1;
    const mine = request;
    if (!item) {
      refill(article, element("p", "empty", words.js_dsp_empty));
      return;
    }
    if (!isSame) {
      refill(article, element("p", "empty", item.title || item.external_id)); // no key meets the former card
    }
    const address = links.events.replace("{id}", item.id);
    const [response, place] = await Promise.all([
      fetch(address, { headers: { Accept: "application/json" } }),
      item.lat === null ? null : located(item),
    ]);
    const told = await response.json();
    const deciding = await decide.part(item, place);
    if (mine !== request) {
      return; // another one was chosen meanwhile
    }
    if (response.ok) {
      refill(article, ...parts(item, told, place, deciding, response.headers.get("ETag")));
    } else {
      refill(article, element("p", "empty", told.detail));
    }
  }

  async function located(item) {
    const address = new URL(links.locate, document.baseURI);
    address.searchParams.set("lon", item.lon);
    address.searchParams.set("lat", item.lat);
    address.searchParams.set("frame", "EPSG:4490");
    if (item.accuracy_m) {
      address.searchParams.set("accuracy_m", item.accuracy_m);
    }
    try {
      return await getJson(address.href);
    } catch (error) {
      return null; // the card is as good without the reason; the queue says whose it is
    }
  }

  function parts(item, told, place, deciding, tag) {
    const category = [item.category_major, item.category_minor].filter(Boolean).join(" / ");
    const state = titles.state[told.standing.state] || told.standing.state;
    const head = element("header", "case-head");
    head.append(
      element("h2", "", item.title || category || item.external_id),
      element("span", "badge state", state),
    );
    const chain = item.chain.map((area) => area.name).join(" › ") || words.js_dsp_nobody;
    const facts = element("dl", "facts");
    fact(facts, words.js_dsp_owner, chain);
    if (place) {
      fact(facts, words.js_dsp_reason, place.families[0][`reason_${data.language}`]);
    }
    fact(facts, words.js_dsp_category, category);
    fact(facts, words.js_dsp_address, item.address);
    fact(facts, words.js_dsp_reported, localTime(item.reported_at));
    fact(facts, words.js_dsp_unit, told.standing.unit);
    const asked = [deadlines(told), offered(told), deciding, history(told)];
    return [head, facts, nearby.box, ...asked, steps(item, told, tag)];
  }

  function fact(facts, name, value) {
    if (value) {
      facts.append(element("dt", "", name), element("dd", "", value));
    }
  }

  function deadlines(told) {
    const list = element("ul", "deadlines");
    told.deadlines.forEach((each) => {
      const title = titles.deadline[each.name] || each.name;
      const due = each.due ? localTime(each.due) : words.js_dsp_no_due;
      const said = [
        each.is_provisional && words.js_dsp_provisional,
        each.is_paused && words.js_dsp_paused,
        each.ended && words[each.ended_late ? "js_dsp_ended_late" : "js_dsp_ended"],
      ];
      const text = [`${title} ${due}`, ...said.filter(Boolean)].join(" · ");
      list.append(element("li", each.ended ? "ended" : "", text));
    });
    return list;
  }

  function offered(told) {
    const texts = told.proposal.map(({ step, unit }) => [titles.step[step], unit].filter(Boolean).join(" → "));
    const text = texts.length ? `${words.js_dsp_offered}${texts.join("，")}` : words.js_dsp_not_offered;
    return element("p", "offered", text);
  }

  function history(told) {
    const box = element("details", "history");
    box.append(element("summary", "", `${words.js_dsp_history} ${told.events.length}`));
    const list = element("ol");
    told.events.forEach((event) => {
      const name = event.kind === "step" ? event.payload.step : event.kind;
      const title = titles.step[name] || words[`js_dsp_event_${name}`] || name;
      const role = titles.role[event.payload.role] || "";
      const told = ["condition", "responded", "resolved", "satisfaction"]
        .filter((fact) => event.payload[fact])
        .map((fact) => titles[fact][event.payload[fact]] || event.payload[fact]);
      const more = [role, event.payload.unit, event.payload.reason, ...told].filter(Boolean).join(" · ");
      list.append(element("li", "", `${localTime(event.at)} ${title} ${more}`));
    });
    box.append(list);
    return box;
  }

  function steps(item, told, tag) {
    const box = element("div", "steps");
    told.steps.forEach((step) => {
      const button = element("button", "", step[`title_${data.language}`]);
      button.type = "button";
      button.addEventListener("click", () => open(item, step, tag, box));
      box.append(button);
    });
    return box;
  }

  // A form for what the step needs; it is sent with the version that was seen.
  function open(item, step, tag, box) {
    const form = element("form", "step-form");
    form.append(element("h3", "", step[`title_${data.language}`]));
    const roles = step.roles.length ? step.roles : Object.keys(titles.role);
    form.append(choice("role", words.js_dsp_role, roles.map((name) => [name, titles.role[name]])));
    [...step.needs, ...step.may].forEach((name) => {
      form.append(field(name, step, item, step.needs.includes(name)));
    });
    const send = element("button", "primary", words.js_dsp_do);
    send.type = "submit";
    const stop = element("button", "", words.js_dsp_cancel);
    stop.type = "button";
    stop.addEventListener("click", () => show(shown));
    const problem = element("p", "problem");
    problem.setAttribute("role", "alert");
    form.append(send, stop, problem);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      try {
        const headers = tag ? { "If-Match": tag } : {};
        await sendJson(links.events.replace("{id}", item.id), told(form, step), headers);
        form.remove();
        await onDone(`${item.id} ${step[`title_${data.language}`]}`);
        await show(shown);
      } catch (error) {
        problem.textContent = error.message;
        send.disabled = false;
      }
    });
    refill(box, form);
    const first = form.querySelector("input, select:not([name=role])");
    (first || send).focus();
  }

  function told(form, step) {
    const body = { step: step.name };
    new FormData(form).forEach((value, name) => {
      if (value === "") {
        return;
      }
      body[name] = name === "departments" ? value.split(/[、,，]/) : value;
      if (name === "issue") {
        body[name] = Number(value);
      }
    });
    return body;
  }

  function field(name, step, item, isNeeded) {
    const label = words[`js_dsp_fact_${name}`] || name;
    const options = {
      reason: step.reasons.map((each) => [each.name, each[`title_${data.language}`]]),
      tier: Object.entries(titles.tier),
      condition: Object.entries(titles.condition),
      triage: ["public", "shared", "private"].map((key) => [key, words[`js_dsp_triage_${key}`]]),
      resolved: ["yes", "no"].map((key) => [key, words[`js_dsp_resolved_${key}`]]),
      satisfaction: ["satisfied", "mostly_satisfied", "dissatisfied", "not_reached", "refused"].map(
        (key) => [key, words[`js_dsp_${key}`]],
      ),
    }[name];
    if (options && options.length) {
      return choice(name, label, isNeeded ? options : [["", "–"], ...options]);
    }
    const owner = item.chain.length ? item.chain[item.chain.length - 1].name : "";
    const box = element("label", "field");
    const input = element("input");
    input.name = name;
    input.required = isNeeded;
    input.maxLength = 200;
    input.value = name === "unit" ? owner : "";
    if (name === "until") {
      input.placeholder = "2026-12-01";
    }
    box.append(element("span", "", label), input);
    return box;
  }

  function choice(name, label, options) {
    const box = element("label", "field");
    const select = element("select");
    select.name = name;
    options.forEach(([value, text]) => select.append(new Option(text, value)));
    if (name === "role" && options.some(([value]) => value === data.role)) {
      select.value = data.role;
    }
    box.append(element("span", "", label), select);
    return box;
  }

  return {
    show,
    focusDecide() {
      const button = article.querySelector(".decide .open");
      if (button) {
        button.click();
      }
    },
    focusSteps() {
      const first = article.querySelector(".steps button");
      if (first) {
        first.focus();
      }
    },
  };
}
