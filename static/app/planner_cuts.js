// Ways to divide ground that are looked at before they are taken: balanced parts, cuts along lines,
// children that go together; and two areas that swap.

import { element } from "./desk_page.js";

const OFFERED = { pane: "drawing", color: "#8a1f5c", weight: 2, dashArray: "6 4", interactive: false };
const FILLS = ["#e7b7d2", "#c9d9f0", "#d6e7c4", "#f3dfb0"];
const CHILD = { pane: "drawing", color: "#0b62c4", weight: 1.5, fillColor: "#9cc4ef", fillOpacity: 0.15 };
const CHILD_TAKEN = { ...CHILD, fillColor: "#e7b7d2", fillOpacity: 0.6 };
const GIVEN = { pane: "drawing", color: "#8a4b08", weight: 2, fillOpacity: 0.15, interactive: false };
const COUNTS = ["households", "residents", "issues", "workload"];
const CODE_END = 4; // what tells parts apart on the map
const SQUARE_METERS_OF_HECTARE = 10_000;

const toLatLngs = (places) => places.map(([lon, lat]) => [lat, lon]);

export function createCuts({ data, page, map, areas, lines, ask, perform, offerOf, childrenOf }) {
  const words = data.words;
  const shown = L.layerGroup().addTo(map);
  const number = (value, digits = 0) =>
    value === null ? "–" : value.toLocaleString(data.language, { maximumFractionDigits: digits });

  function chosen(count) {
    const codes = areas.chosen();
    if (count ? codes.length !== count : codes.length === 0) {
      throw new Error([words.js_pln_choose_some, words.js_pln_choose_one, words.js_pln_choose_pair][count]);
    }
    return codes;
  }

  const measureTitle = (measure) => words[`js_pln_by_${measure}`];
  const keepField = { name: "keeps_code", type: "checkbox", label: words.js_pln_keep_largest };

  // The parts on the map, each with the end of its code and its share.
  function drawOffer(offer) {
    shown.clearLayers();
    offer.features.forEach((feature, i) => {
      const { code, share } = feature.properties;
      const style = { ...OFFERED, fillColor: FILLS[i % FILLS.length], fillOpacity: 0.55 };
      const label = element("span", "", share ? `${code.slice(-CODE_END)} · ${number(100 * share, 1)}%` : code);
      L.geoJSON(feature.geometry, { style, interactive: false, pane: "drawing" })
        .bindTooltip(label, { permanent: true, direction: "center", className: "offered" })
        .addTo(shown);
    });
  }

  function row(tag, texts) {
    const line = element("tr");
    line.append(...texts.map((text, i) => element(i ? tag : "th", "", text)));
    return line;
  }

  function table(offer) {
    const parts = offer.features.map((feature) => feature.properties);
    const told = COUNTS.filter((name) => parts.some((part) => part[name] !== null));
    const found = element("table", "offer");
    const heads = [words.js_pln_code, words.js_pln_share, words.js_pln_area_m2, ...told.map(measureTitle)];
    found.append(row("th", heads));
    parts.forEach((part) => {
      const hectares = number(part.area_m2 / SQUARE_METERS_OF_HECTARE, 2);
      const counts = told.map((name) => number(part[name]));
      found.append(row("td", [part.code, `${number(100 * part.share, 1)}%`, hectares, ...counts]));
    });
    return found;
  }

  function remarks(offer) {
    const parts = offer.features.map((feature) => feature.properties);
    const told = [words.js_pln_offer_by.replace("{measure}", measureTitle(offer.measure)).replace("{worst}", number(100 * offer.imbalance, 1))];
    COUNTS.filter((name) => offer.unknown[name] && parts.some((part) => part[name] !== null)).forEach((name) => {
      told.push(words.js_pln_unknown.replace("{measure}", measureTitle(name)).replace("{n}", offer.unknown[name]));
    });
    return element("p", "", told.join("；"));
  }

  // Looked at first; taken as it was looked at, or let go.
  async function offered(name, body, title) {
    const offer = await offerOf(name, body);
    drawOffer(offer);
    page.dataset.offer = offer.features.length;
    try {
      const heading = title.replace("{n}", offer.features.length);
      const content = [table(offer), remarks(offer)];
      if (await ask([], heading, { content, yes: words.js_pln_take })) {
        shown.clearLayers();
        await perform(offer.operation);
      }
    } finally {
      shown.clearLayers();
      delete page.dataset.offer;
    }
  }

  async function parts() {
    const [code] = chosen(1);
    const measures = ["auto", ...COUNTS, "area"].map((name) => [name, measureTitle(name)]);
    const values = await ask(
      [
        { name: "count", type: "number", min: 2, max: 50, value: 2, label: words.js_pln_count },
        { name: "measure", label: words.js_pln_measure, options: measures },
        keepField,
      ],
      `${words.js_pln_op_parts} ${code}`,
    );
    if (values) {
      const body = { code, count: Number(values.count), measure: values.measure, keeps_code: Boolean(values.keeps_code) };
      await offered("parts", body, `${words.js_pln_op_parts} ${code}：${words.js_pln_pieces}`);
    }
  }

  async function along() {
    const codes = chosen(0);
    const sources = data.cut_lines.map(({ kind, name, title }) => ({ name: `${kind}/${name}`, type: "checkbox", label: title }));
    if (!sources.length) {
      throw new Error(words.js_pln_no_lines);
    }
    const whose = [
      ["", words.js_pln_along_chosen.replace("{n}", codes.length)],
      ["siblings", words.js_pln_along_siblings],
    ];
    const values = await ask(
      [
        ...sources,
        { name: "whose", label: words.js_pln_along_whose, options: whose },
        { name: "narrowest", type: "number", min: 0.5, max: 1000, step: 0.5, value: 2, label: words.js_pln_narrowest },
        keepField,
      ],
      words["js_pln_op_cut-along"],
    );
    if (values) {
      const named = (kind) => data.cut_lines.filter((one) => one.kind === kind && values[`${kind}/${one.name}`]).map((one) => one.name);
      if (!sources.some((source) => values[source.name])) {
        throw new Error(words.js_pln_tick_lines);
      }
      const body = {
        codes,
        siblings: Boolean(values.whose),
        references: named("reference"),
        layers: named("layer"),
        narrowest_m: Number(values.narrowest),
        keeps_code: Boolean(values.keeps_code),
      };
      await offered("cuts", body, `${words["js_pln_op_cut-along"]}：${words.js_pln_pieces}`);
    }
  }

  // Each draws what it gives; the first outline stays to be seen while the second is drawn.
  async function swap() {
    const [code, other] = chosen(2);
    const hint = (one) => words.js_pln_hint_swap.replace("{area}", `${areas.name(one)} ${one}`);
    try {
      const outline = await lines.draw({ text: hint(code), isClosed: true });
      if (!outline) {
        return;
      }
      L.polygon(toLatLngs(outline), GIVEN).addTo(shown);
      const otherOutline = await lines.draw({ text: hint(other), isClosed: true });
      if (!otherOutline) {
        return;
      }
      L.polygon(toLatLngs(otherOutline), GIVEN).addTo(shown);
      if (await ask([], `${words.js_pln_op_swap} ${code} ⇄ ${other}`)) {
        await perform({ kind: "swap", code, outline, other, other_outline: otherOutline });
      }
    } finally {
      shown.clearLayers();
    }
  }

  // Children stand as boxes to tick and on the map to click; both are one.
  function childField(feature) {
    const { code, name } = feature.properties;
    const polygon = L.geoJSON(feature.geometry, { ...CHILD, style: CHILD }).addTo(shown);
    polygon.bindTooltip(element("span", "", `${name} ${code}`), { sticky: true });
    const field = { name: `child/${code}`, type: "checkbox", label: `${name} ${code}` };
    field.onInput = (input) => {
      const mark = () => polygon.setStyle(input.checked ? CHILD_TAKEN : CHILD);
      input.addEventListener("change", mark);
      polygon.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        input.checked = !input.checked;
        mark();
      });
    };
    return field;
  }

  async function children() {
    const [code] = chosen(1);
    const every = (await childrenOf(code)).features;
    if (!every.length) {
      throw new Error(words.js_pln_no_children);
    }
    const layer = every[0].properties.layer;
    const own = every.filter((feature) => feature.properties.layer === layer);
    const title = `${words["js_pln_op_split-by-children"]} ${code}`;
    try {
      const values = await ask(own.map(childField), `${title}：${words.js_pln_tick_children}`);
      if (!values) {
        return;
      }
      const ticked = own.map((feature) => feature.properties.code).filter((one) => values[`child/${one}`]);
      const found = await offerOf("groups", { code, child_layer: layer, groups: [ticked] });
      drawOffer(found);
      const proposed = found.features[0].properties.code;
      const told = await ask([{ name: "code", label: words.js_pln_new_code, value: proposed }], title);
      if (told && (await perform({ kind: "split-by-children", code, child_layer: layer, children: { [told.code]: ticked } }))) {
        areas.select(told.code);
      }
    } finally {
      shown.clearLayers();
    }
  }

  return { tools: { parts, along, swap, children } };
}
