// What the draft would change, as a table: people, organisations and issues before and after.

import { element, refill } from "./desk_page.js";

const SHOWN = ["households", "residents", "units", "organisations", "open_issues", "workload_h", "area_m2"];
const CODE_END = 6; // what tells neighbors apart
const SQUARE_METERS_OF_HECTARE = 10_000;

export function createImpact({ data, page, onCell = () => {} }) {
  const words = data.words;
  const section = page.querySelector(".impact");
  const table = section.querySelector("table");
  const title = (measure) => words[`js_pln_${measure}`] || measure;

  function number(measure, value) {
    if (value === null || value === undefined) {
      return "–";
    }
    const shown = measure === "area_m2" ? value / SQUARE_METERS_OF_HECTARE : value;
    return shown.toLocaleString(data.language, { maximumFractionDigits: measure === "area_m2" ? 2 : 0 });
  }

  function told(measure, facts) {
    if (!facts) {
      return "–";
    }
    const value = facts[measure];
    if (value !== null && typeof value === "object") {
      const text = number(measure, value.value);
      if (value.basis === "entered") {
        return `${text}（${words.js_pln_entered}）`;
      }
      return value.is_estimated ? `${text}（${words.js_pln_estimated}）` : text;
    }
    return number(measure, value);
  }

  function row(area) {
    const line = element("tr");
    const head = element("th", "", area.code.slice(-CODE_END));
    head.title = area.code;
    line.append(head);
    SHOWN.forEach((measure) => {
      const [before, after] = [told(measure, area.before), told(measure, area.after)];
      const cell = element("td", before === after ? "same" : "", before === after ? after : `${before} → ${after}`);
      onCell(cell, area, measure);
      line.append(cell);
    });
    return line;
  }

  function balance(found) {
    const [before, after] = [found.before, found.after].map((one) =>
      one && one.ratio !== null ? one.ratio.toLocaleString(data.language, { maximumFractionDigits: 2 }) : "–",
    );
    return words.js_pln_balance
      .replace("{parent}", found.parent)
      .replace("{measure}", title(found.measure))
      .replace("{before}", before)
      .replace("{after}", after);
  }

  // The areas of before beside those of after, where a value was entered and the sum is another one.
  function sums(areas) {
    const value = (facts, measure) => (facts ? facts[measure].value : 0);
    return ["households", "residents"].flatMap((measure) => {
      const isEntered = areas.some((area) => area.after && area.after[measure].basis === "entered");
      const sides = ["before", "after"].map((side) => areas.map((area) => value(area[side], measure)));
      if (!isEntered || sides.flat().includes(null)) {
        return [];
      }
      const [before, after] = sides.map((side) => side.reduce((sum, one) => sum + one, 0));
      const difference = `${after > before ? "+" : ""}${after - before}`;
      const told = words.js_pln_sum_differs.replace("{measure}", title(measure));
      return before === after ? [] : [told.replace("{before}", before).replace("{after}", after).replace("{difference}", difference)];
    });
  }

  return {
    show(found) {
      const layer = found.layers.find((one) => one.layer === data.layer);
      const areas = layer ? layer.areas : [];
      table.hidden = areas.length === 0;
      section.querySelector(".empty").hidden = areas.length > 0;
      const heads = [words.js_pln_area, ...SHOWN.map(title)].map((text) => element("th", "", text));
      refill(table.querySelector("thead tr"), ...heads);
      refill(table.querySelector("tbody"), ...areas.map(row));
      const lines = [];
      if (found.owners && found.owners.total) {
        const told = found.isAround ? words.js_pln_owners_around : words.js_pln_owners;
        lines.push(told.replace("{n}", found.owners.total));
      }
      lines.push(...sums(areas));
      const balances = layer ? layer.balance : [];
      ["households", "workload_h"].forEach((measure) => {
        balances.filter((one) => one.measure === measure).forEach((one) => lines.push(balance(one)));
      });
      section.querySelector(".moves").textContent = lines.join("；");
    },
  };
}
