// The card of the chosen issue: whose it is and why, what is due, what happened, what may be done.

import { element, getJson, refill, sendJson } from "./desk_page.js";
import { stepButtons } from "./dispatch_steps.js";
import { localTime } from "./dispatch_time.js";

export function createCase({ data, nearby, article, decide, onDone }) {
  const { words, titles, links } = data;
  let shown = null;
  let request = 0;

  // What somebody is filling in stays when news come; that it is out of date is told when sent.
  async function show(item, { isQuiet = false } = {}) {
    const isSame = Boolean(item && shown && item.id === shown.id);
    const isUnchanged = isSame && JSON.stringify(item) === JSON.stringify(shown);
    if (isQuiet && isSame && (isUnchanged || isFilledIn())) {
      return;
    }
    shown = item;
    request += 1;
    const mine = request;
    article.setAttribute("aria-busy", String(Boolean(item)));
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
    article.setAttribute("aria-busy", "false");
    if (isQuiet && isSame && isFilledIn()) {
      return; // somebody began while this was asked for
    }
    if (response.ok) {
      refill(article, ...parts(item, told, place, deciding, response.headers.get("ETag")));
    } else {
      refill(article, element("p", "empty", told.detail));
    }
  }

  const isFilledIn = () => Boolean(article.querySelector(".step-form, .bulk-steps"));

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

  // What the chosen step needs is sent with the version that was seen.
  function steps(item, told, tag) {
    const owner = item.chain.length ? item.chain[item.chain.length - 1].name : "";
    const send = async (body, step, form) => {
      const headers = tag ? { "If-Match": tag } : {};
      await sendJson(links.events.replace("{id}", item.id), body, headers);
      form.remove();
      await onDone(`${item.id} ${step[`title_${data.language}`]}`);
      await show(shown);
    };
    return stepButtons({ data, steps: told.steps, owner, send, onStop: () => show(shown) });
  }

  return {
    show,
    // What marked issues are asked about stands in the place of the card, also when its answer comes late.
    giveWay() {
      request += 1;
      article.setAttribute("aria-busy", "false");
    },
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
