// Editions: what was, is and will be in force, what each changed, and taking one back: told first as
// it would be, and published only then.

import { dayOf, element, getJson, refill, sendJson } from "./desk_page.js";

const NAMED = 6;
// What of a statutory layer needs an approval; nodes do not.
const APPROVED = ["added", "removed", "changed", "renamed", "moved"];

export function createEditions({ data, page, compare, tell, published }) {
  const words = data.words;
  const section = page.querySelector(".editions");
  const list = section.querySelector("ol");
  const form = section.querySelector(".take-back");
  let opener = null;


  function changesOf(edition) {
    const layers = new Map();
    edition.changes.forEach(({ layer, kind, count }) => {
      const told = layers.get(layer) || [];
      told.push(`${words[`js_edn_kind_${kind}`] || kind} ${count}`);
      layers.set(layer, told);
    });
    const told = Array.from(layers, ([layer, kinds]) => `${data.titles[layer] || layer}${words.js_edn_colon}${kinds.join(words.js_edn_comma)}`);
    return told.join(words.js_edn_stop) || (edition.before === null ? words.js_edn_first : words.js_edn_no_ground);
  }

  function button(text, work) {
    const made = element("button", "", text);
    made.type = "button";
    made.addEventListener("click", work);
    return made;
  }

  function item(edition) {
    const line = element("li", `edition ${edition.state}`);
    line.dataset.number = edition.number;
    const time = edition.state === "pending" || !edition.until ? words.js_edn_from : words.js_edn_span;
    const head = element("p", "edition-head");
    head.append(
      element("strong", "", words.js_cmp_edition.replace("{number}", edition.number)),
      element("span", "tag", words[`js_edn_${edition.state}`]),
      element("span", "", time.replace("{from}", dayOf(edition.effective_from)).replace("{until}", edition.until ? dayOf(edition.until) : "")),
    );
    const buttons = element("p", "edition-buttons");
    if (edition.before !== null) {
      const order = element("a", "", words.js_edn_order);
      order.href = `${data.links.order.replace("{number}", edition.number)}?lang=${data.language}`;
      order.target = "_blank";
      const look = button(words.js_edn_compare, () => compare.open(edition.before, edition.number));
      buttons.append(order, look, button(words.js_edn_revert, (event) => ask("revert", edition, event.target)));
    }
    if (edition.state === "past" || edition.state === "replaced") {
      buttons.append(button(words.js_edn_restore, (event) => ask("restore", edition, event.target)));
    }
    buttons.querySelectorAll("a, button").forEach((one) => {
      one.setAttribute("aria-label", `${one.textContent} ${words.js_cmp_edition.replace("{number}", edition.number)}`);
    });
    line.append(head, element("p", "edition-why", edition.reason), element("p", "edition-changes", changesOf(edition)), buttons);
    return line;
  }

  function field(name, text, { type = "text", isRequired = false } = {}) {
    const label = element("label", "", text);
    const input = element("input");
    Object.assign(input, { name, type, required: isRequired, maxLength: 500 });
    label.append(input);
    return label;
  }

  // First what it would do; the second button appears with the answer.
  function ask(kind, edition, from) {
    opener = from;
    const result = element("div", "result");
    result.setAttribute("role", "status");
    const buttons = element("p", "edition-buttons");
    buttons.append(element("button", "look primary", words.js_edn_look), button(words.js_pln_cancel, end));
    const isLater = kind === "revert" && edition.state === "pending";
    refill(
      form,
      element("strong", "", words[`js_edn_${kind}_title`].replace("{number}", edition.number)),
      field("reason", words.js_edn_reason, { isRequired: true }),
      field("effective_from", isLater ? words.js_edn_effective_then : words.js_edn_effective, { type: "date" }),
      result,
      buttons,
    );
    from.closest("li").append(form);
    form.hidden = false;
    form.querySelector("input").focus();
    form.oninput = (event) => event.target.closest(".approval") || offer(null, result);
    form.onkeydown = (event) => event.key === "Escape" && end();
    form.onsubmit = (event) => {
      event.preventDefault();
      const isSure = event.submitter && event.submitter.classList.contains("sure");
      tell(() => (isSure ? take(kind, edition) : tryOut(kind, edition, result)));
    };
  }

  function end() {
    form.hidden = true;
    if (opener) {
      opener.focus();
    }
  }

  function body(isDryRun) {
    const told = Object.fromEntries(new FormData(form));
    const found = { reason: told.reason, dry_run: isDryRun };
    if (told.effective_from) {
      found.effective_from = told.effective_from;
    }
    if (told.authority) {
      found.approval = { authority: told.authority, document: told.document, date: told.date };
    }
    return found;
  }

  const send = (kind, edition, isDryRun) =>
    sendJson(data.links[kind].replace("{number}", edition.number), body(isDryRun));

  async function tryOut(kind, edition, result) {
    refill(result, words.js_edn_looking);
    const found = await send(kind, edition, true).catch((error) => {
      refill(result, element("p", "refused", error.message));
      throw error;
    });
    offer(found.is_needed ? element("button", "primary sure", words[`js_edn_${kind}_now`]) : null, result);
    refill(result, ...(found.is_needed ? told(found) : [element("p", "", words.js_edn_not_needed)]));
  }

  // What was told holds for what was asked: another question takes answer and button away.
  function offer(sure, result) {
    refill(result);
    form.querySelectorAll(".sure").forEach((one) => one.remove());
    form.querySelector(".look").classList.toggle("primary", !sure);
    if (sure) {
      form.querySelector(".edition-buttons").prepend(sure);
    }
  }

  function told(found) {
    const lines = found.differences.map((layer) =>
      words.js_pln_changes
        .replace("{layer}", data.titles[layer.layer] || layer.layer)
        .replace("{added}", layer.added.length)
        .replace("{removed}", layer.removed.length)
        .replace("{changed}", layer.changed.length)
        .replace("{renamed}", layer.renamed.length)
        .replace("{relisted}", layer.relisted.length),
    );
    if (found.carried.length) {
      lines.push(words.js_edn_carried.replace("{numbers}", found.carried.join("、")));
    }
    if (found.issues.reassigned) {
      lines.push(words.js_edn_issues.replace("{n}", found.issues.reassigned));
    }
    if (found.issues.touched.length) {
      const named = found.issues.touched.slice(0, NAMED).map((one) => one.external_id || one.issue_id);
      lines.push(words.js_edn_touched.replace("{n}", found.issues.touched.length).replace("{ids}", named.join("、")));
    }
    const isStatutory = found.differences.some(
      (layer) => data.locked.includes(layer.layer) && APPROVED.some((kind) => layer[kind].length),
    );
    return [...lines.map((line) => element("p", "", line)), ...(isStatutory ? [approval()] : [])];
  }

  function approval() {
    const set = element("fieldset", "approval");
    set.append(
      element("legend", "", words.js_edn_approval),
      field("authority", words.js_edn_authority, { isRequired: true }),
      field("document", words.js_edn_document, { isRequired: true }),
      field("date", words.js_edn_approved_on, { type: "date", isRequired: true }),
    );
    return set;
  }

  async function take(kind, edition) {
    const done = await send(kind, edition, false);
    if (done.edition) {
      published(done.edition);
    }
    end();
  }

  // What is decided and not in force yet stands at the top: who draws now draws beneath it.
  function tellComing(pending) {
    const line = page.querySelector(".coming");
    line.hidden = pending.length === 0;
    const told = pending.map((each) => words.js_edn_coming.replace("{number}", each.number).replace("{from}", dayOf(each.effective_from)));
    refill(line, told.join(words.js_edn_stop));
    section.querySelector(".pending-count").textContent = pending.length ? words.js_edn_pending_count.replace("{n}", pending.length) : "";
    section.open = section.open || pending.length > 0;
  }

  return {
    async load() {
      const found = (await getJson(data.links.editions)).editions;
      compare.know(found);
      refill(list, ...found.slice().reverse().map(item));
      tellComing(found.filter((each) => each.state === "pending"));
    },
  };
}
