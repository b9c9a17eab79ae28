// 四至 of the chosen area, to be written in the office's words: in the draft where the draft changes
// the area, else for the area in force. And why the draft is made, noted in it before it is published.

import { getJson, sendJson } from "./desk_page.js";

export function createSides({ data, page, draft, nameOf, onDraft, say, tellFailure }) {
  const words = data.words;
  const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";
  const section = page.querySelector(".sides");
  const form = section.querySelector("form");
  const automatic = section.querySelector(".automatic");
  let shown = null;
  let asked = 0;

  const isOpen = () => Boolean(draft()) && draft().status === "open";

  function address(name, code) {
    const id = draft() ? draft().id : "";
    return data.links[name]
      .replace("{id}", id)
      .replace("{layer}", encodeURIComponent(data.layer))
      .replace("{code}", encodeURIComponent(code));
  }

  async function read(code) {
    if (isOpen()) {
      const found = await getJson(address("draft_bounds", code));
      if (found.is_redrawn) {
        return { ...found, address: address("draft_bounds", code), tag: found.revision };
      }
    }
    const found = await getJson(address("area_bounds", code));
    return { ...found, address: address("area_bounds", code), tag: found.version };
  }

  // Of several answers that are under way the one asked for last counts.
  async function show(codes) {
    asked += 1;
    const mine = asked;
    if (codes.length !== 1) {
      hide();
      return;
    }
    const found = await read(codes[0]).catch(() => null);
    if (mine === asked) {
      if (found) {
        fill(found);
      } else {
        hide();
      }
    }
  }

  function hide() {
    shown = null;
    section.hidden = true;
  }

  const isTyped = () => form.zh.value !== form.zh.defaultValue || form.en.value !== form.en.defaultValue;

  // What somebody is typing stays while the border is drawn on.
  function fill(found) {
    const isKept = shown && shown.code === found.code && isTyped();
    shown = found;
    section.hidden = false;
    if (!isKept) {
      set(form.zh, found.text.zh);
      set(form.en, found.entered && found.entered.en ? found.entered.en : "");
    }
    section.querySelector(".standing").textContent = found.text[language];
    form.en.placeholder = found.generated.en;
    const whose = found.is_redrawn ? words.js_pln_sides_draft : words.js_pln_sides_area;
    section.querySelector(".whose").textContent = whose
      .replace("{name}", nameOf(found.code))
      .replace("{edition}", found.edition);
    section.querySelector(".note").textContent = note(found);
    automatic.disabled = !found.entered;
  }

  function set(field, text) {
    field.value = text;
    field.defaultValue = text;
  }

  function note({ entered, earlier, generated }) {
    if (entered) {
      const at = new Date(entered.written_at).toLocaleString("sv", { timeZone: "Asia/Shanghai" }).slice(0, 16);
      return words.js_pln_sides_entered.replace("{at}", at).replace("{generated}", generated[language]);
    }
    return earlier ? words.js_pln_sides_earlier.replace("{text}", earlier.zh) : words.js_pln_sides_generated;
  }

  async function send(body, method) {
    const was = shown;
    const found = await sendJson(was.address, body, { "If-Match": `"${was.tag}"` }, method);
    const tag = was.is_redrawn ? found.revision : found.version;
    asked += 1; // what is being read meanwhile is the text of before
    shown = null;
    fill({ ...found, address: was.address, tag });
    if (was.is_redrawn) {
      onDraft({ revision: found.revision });
    }
    say(words.js_pln_sides_kept);
  }

  const keep = () => send({ zh: form.zh.value, en: form.en.value || null }, "PUT");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep().catch(tellFailure);
  });
  automatic.addEventListener("click", () => send(undefined, "DELETE").catch(tellFailure));
  return { show };
}

export function createNotes({ data, page, draft, address, onDraft, say, tellFailure }) {
  const fields = ["reason", "consulted"].map((name) => page.querySelector(`.publish [name=${name}]`));

  let noted = Promise.resolve();
  fields.forEach((field) => {
    field.addEventListener("change", () => {
      if (draft() && draft().status === "open") {
        noted = noted.then(() => note(field)).catch(tellFailure);
      }
    });
  });

  async function note(field) {
    const { revision, reason, consulted } = await sendJson(address(), { [field.name]: field.value }, {}, "PATCH");
    onDraft({ revision, reason, consulted });
    say(data.words.js_pln_noted);
  }

  return {
    settled: () => noted,
    show() {
      fields.forEach((field) => {
        field.value = (draft() && draft()[field.name]) || "";
      });
    },
  };
}
