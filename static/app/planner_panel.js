// What stands beside the map: chosen areas, what to look at, the steps, and what would change.

import { element, refill } from "./desk_page.js";

const FINDING = { pane: "drawing", color: "#b3261e", weight: 3, fillOpacity: 0.35 };
const QUESTION = { ...FINDING, color: "#8a5a00" };

export function createPanel({ data, page, map, fixesOf, fix, declare }) {
  const words = data.words;
  const shown = L.layerGroup().addTo(map);

  function fill(section, items) {
    const list = section.querySelector("ul, ol");
    refill(list, ...items);
    section.querySelector(".empty").hidden = items.length > 0;
  }

  // Fixes are asked for by the position in the check that is shown: the whole one has its own.
  function showFindings({ findings, findings_total: total }, whole = false) {
    const items = findings.map((finding, position) => findingItem(finding, position, whole));
    if (total > items.length) {
      items.push(element("li", "", words.js_pln_more_findings.replace("{total}", total)));
    }
    fill(page.querySelector(".findings"), items);
  }

  function findingItem(finding, position, whole) {
    const item = element("li", finding.is_question ? `${finding.kind} question` : finding.kind);
    item.append(element("span", "", finding.text));
    if (finding.lon !== null) {
      const look = element("button", "", words.js_pln_zoom);
      look.type = "button";
      look.addEventListener("click", () => lookAt(finding));
      item.append(look, fixesButton(item, finding, position, whole));
    }
    return item;
  }

  // What would help is asked for only where somebody wants to know: each answer was tried.
  function fixesButton(item, finding, position, whole) {
    const ask = element("button", "ask-fixes", words.js_pln_fixes);
    ask.type = "button";
    ask.addEventListener("click", async () => {
      ask.disabled = true;
      const found = await fixesOf(position, whole).catch(() => []);
      const list = element("ul", "fixes");
      found.forEach((each, number) => {
        const line = element("li");
        const take = element("button", "", each.text);
        take.type = "button";
        const isDeclared = each.kind === "declare_enclave";
        take.disabled = !each.is_operation && !isDeclared;
        take.addEventListener("click", () => (isDeclared ? declare(finding) : fix(position, number, whole)));
        line.append(take);
        list.append(line);
      });
      if (!found.length) {
        list.append(element("li", "", words.js_pln_no_fix));
      }
      item.append(list);
    });
    return ask;
  }

  function lookAt(finding) {
    shown.clearLayers();
    const place = [finding.lat, finding.lon];
    const style = finding.is_question ? QUESTION : FINDING;
    if (finding.geometry) {
      L.geoJSON(finding.geometry, { style, pointToLayer: (_, at) => L.circleMarker(at, style) }).addTo(shown);
    } else {
      L.circleMarker(place, { ...style, radius: 12 }).addTo(shown);
    }
    map.setView(place, Math.max(map.getZoom(), 18), { animate: false });
  }

  return {
    showFindings,
    show(step) {
      shown.clearLayers();
      showFindings(step);
      const steps = step.draft.operations.map((step) => {
        const item = element("li", step.state);
        const codes = step.touched.filter((key) => key.layer === data.layer).map((key) => key.code);
        item.append(element("strong", "", words[`js_pln_op_${step.kind}`] || step.kind), ` ${codes.join(" ")}`);
        if (step.state === "undone") {
          item.append(` （${words.js_pln_undone}）`);
        }
        return item;
      });
      const earlier = step.draft.done - step.draft.operations.filter((one) => one.state === "done").length;
      if (earlier > 0) {
        steps.unshift(element("li", "earlier", words.js_pln_earlier.replace("{n}", earlier)));
      }
      fill(page.querySelector(".steps"), steps);
    },
    showChosen(chosen, onForget) {
      const items = chosen.map(({ code, name }) => {
        const item = element("li", "", `${name} ${code}`);
        const forget = element("button", "", "×");
        forget.type = "button";
        forget.setAttribute("aria-label", `${words.js_pln_cancel} ${name}`);
        forget.addEventListener("click", () => onForget(code));
        item.append(forget);
        return item;
      });
      fill(page.querySelector(".chosen"), items);
    },
    showChanges(check, more = []) {
      const told = check.layers.map((layer) =>
        words.js_pln_changes
          .replace("{layer}", data.titles[layer.layer] || layer.layer)
          .replace("{added}", layer.added.length)
          .replace("{removed}", layer.removed.length)
          .replace("{changed}", layer.changed.length)
          .replace("{renamed}", layer.renamed.length)
          .replace("{relisted}", layer.relisted.length),
      );
      page.querySelector(".changes").textContent = [...told, ...more].join("；") || words.js_pln_no_changes;
      const approval = page.querySelector(".approval");
      approval.hidden = check.needs_approval.length === 0;
      approval.querySelectorAll("input").forEach((input) => {
        input.required = !approval.hidden;
      });
      showFindings(check);
      page.querySelector(".publish .primary").disabled = !check.is_publishable;
    },
  };
}
