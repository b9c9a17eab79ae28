// The tools that need more than a drag: what they ask for, and the operation that they become.

import { element, refill } from "./desk_page.js";

const BESIDE_M = 1.5;

export function createAsking({ data, page, areas, borders, lines, perform, piecesOf, moveBuildings, derive }) {
  const words = data.words;
  const form = page.querySelector(".ask");

  // Resolves to the values by name, or to null where it was given up.
  function ask(fields, title = "", { content = [], yes: agreed = words.js_pln_do } = {}) {
    form.hidden = false;
    const inputs = fields.map((field) => {
      const label = element("label", field.type === "checkbox" ? "tick" : "", field.label);
      const input = element(field.options ? "select" : "input");
      input.name = field.name;
      ["type", "min", "max", "step"].filter((name) => name in field).forEach((name) => {
        input[name] = field[name];
      });
      (field.options || []).forEach(([value, text]) => input.append(new Option(text, value)));
      if (field.value !== undefined) {
        input.value = field.value;
      }
      Object.assign(input, field.as || {});
      label.append(input);
      if (field.onInput) {
        field.onInput(input);
      }
      return label;
    });
    const yes = element("button", "primary", agreed);
    const no = element("button", "", words.js_pln_cancel);
    no.type = "button";
    refill(form, element("strong", "", title), ...inputs, ...content, yes, no);
    const first = form.querySelector("input, select") || yes;
    first.focus();
    if (first.select) {
      first.select();
    }
    return new Promise((resolve) => {
      function end(values) {
        form.onsubmit = null;
        form.onkeydown = null;
        form.hidden = true;
        resolve(values);
      }
      form.onsubmit = (event) => {
        event.preventDefault();
        end(Object.fromEntries(new FormData(form)));
      };
      // a handler that returns false would keep every key from being typed
      form.onkeydown = (event) => {
        if (event.key === "Escape") {
          end(null);
        }
      };
      no.onclick = () => end(null);
    });
  }

  function theOne() {
    const chosen = areas.chosen();
    if (chosen.length !== 1) {
      throw new Error(words.js_pln_choose_one);
    }
    return chosen[0];
  }

  // Codes that continue the numbers of those with the same beginning, in the same width.
  function nextCodes(code, count) {
    const [, head, digits] = /^(.*?)(\d{1,3})$/.exec(code) || [null, code, ""];
    const width = digits.length || 2;
    const used = areas.codes().filter((one) => one.startsWith(head) && /^\d+$/.test(one.slice(head.length)));
    const highest = Math.max(0, ...used.map((one) => Number(one.slice(head.length))));
    return Array.from({ length: count }, (_, i) => head + String(highest + 1 + i).padStart(width, "0"));
  }

  // A place on one side of a drawn line, near the middle of what lies inside the area.
  function beside(code, line, side) {
    const bounds = areas.outline(code).getBounds();
    const inside = [];
    for (let i = 1; i < line.length; i += 1) {
      for (let part = 0; part <= 50; part += 1) {
        const at = line[i - 1].map((from, k) => from + ((line[i][k] - from) * part) / 50);
        if (bounds.contains([at[1], at[0]])) {
          inside.push({ at, way: [line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]] });
        }
      }
    }
    const middle = inside[Math.floor(inside.length / 2)] || { at: line[0], way: [1, 0] };
    const perLat = 1 / 111_000;
    const perLon = perLat / Math.cos((middle.at[1] * Math.PI) / 180);
    const [x, y] = [middle.way[0] / perLon, middle.way[1] / perLat];
    const step = (BESIDE_M / Math.hypot(x, y)) * (side === "left" ? 1 : -1);
    return [middle.at[0] - y * step * perLon, middle.at[1] + x * step * perLat];
  }

  async function split() {
    const code = theOne();
    const line = await lines.draw({ text: words.js_pln_hint_split });
    if (!line) {
      return;
    }
    const pieces = (await piecesOf(code, line)).features;
    const proposed = pieces.map((piece) => piece.properties.code);
    const sides = [
      ["", words.js_pln_keep_none],
      ["left", words.js_pln_keep_left],
      ["right", words.js_pln_keep_right],
    ];
    const values = await ask(
      [
        { name: "keep", label: words.js_pln_keep, options: pieces.length === 2 ? sides : sides.slice(0, 1) },
        { name: "codes", label: words.js_pln_codes, value: proposed.join(" ") },
      ],
      `${words.js_pln_op_split} ${code}：${words.js_pln_pieces.replace("{n}", pieces.length)}`,
    );
    if (values) {
      const codes = values.codes.split(/[\s,，]+/).filter(Boolean);
      const operation = { kind: "split", code, line, codes };
      if (values.keep) {
        operation.keep = beside(code, line, values.keep);
        operation.codes = codes.slice(0, pieces.length - 1);
      }
      await perform(operation);
    }
  }

  async function merge() {
    const codes = areas.chosen();
    if (codes.length < 2) {
      throw new Error(words.js_pln_choose_two);
    }
    const options = codes.concat(nextCodes(codes[0], 1)).map((code) => [code, code]);
    const values = await ask([{ name: "into", label: words.js_pln_into, options }], codes.join(" + "));
    if (values && (await perform({ kind: "merge", codes, into: values.into }))) {
      areas.select(values.into);
    }
  }

  // What lies in an outline goes to a neighbor.
  async function drawnFor(text, does, finish) {
    const code = theOne();
    const near = borders.neighbors();
    const outline = await lines.draw({ text, isClosed: true });
    if (!outline) {
      return;
    }
    const options = near.map((one) => [one, `${areas.name(one)} ${one}`]);
    const values = await ask([{ name: "to", label: words.js_pln_to, options }], `${does} ${code}`);
    if (values) {
      await finish({ code, to: values.to, outline });
    }
  }

  const give = () =>
    drawnFor(words.js_pln_hint_give, words.js_pln_op_give, (told) => perform({ kind: "give", ...told }));
  const buildings = () =>
    drawnFor(words.js_pln_hint_buildings, words["js_pln_op_move-buildings"], moveBuildings);

  // All areas of a layer below their parents, from the building lists of one file.
  async function deriveByLists() {
    const yesNo = (yes) => [["", words.js_pln_derive_no], ["true", yes]];
    const fields = [
      { name: "file", label: words.js_pln_derive_file, as: { type: "file", accept: ".csv,.xlsx,.ndjson", required: true } },
      {
        name: "others",
        label: words.js_pln_derive_others,
        options: [["refuse", words.js_pln_derive_refuse], ["nearest", words.js_pln_derive_nearest]],
      },
      { name: "retires", label: words.js_pln_derive_missing, options: yesNo(words.js_pln_derive_retire) },
      { name: "along", label: words.js_pln_derive_along, options: [["", words.js_pln_derive_middle], ["road", words.js_pln_derive_road]] },
    ];
    const values = await ask(fields, words["js_pln_op_derive-by-lists"]);
    if (values) {
      await derive(values);
    }
  }

  async function recode() {
    const code = theOne();
    const fields = [
      { name: "name", label: words.js_pln_name, value: areas.name(code) },
      { name: "to", label: words.js_pln_code, value: code },
    ];
    const values = await ask(fields, code);
    if (values && (await perform({ kind: "rename", code, name: values.name, to: values.to }))) {
      areas.select(values.to);
    }
  }

  async function retire() {
    const code = theOne();
    if (await ask([], `${words.js_pln_op_retire} ${code}`)) {
      await perform({ kind: "retire", code });
    }
  }

  return { ask, tools: { split, merge, give, buildings, derive: deriveByLists, recode, retire } };
}
