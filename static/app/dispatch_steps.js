// The steps that may be taken, each a button; the chosen one opens a form for what it needs.

import { element, refill } from "./desk_page.js";

// `owner` is the unit that is offered; `send` gets the body, the step and its form.
export function stepButtons({ data, steps, owner, send, onStop }) {
  const { words, titles } = data;
  const box = element("div", "steps");

  steps.forEach((step) => {
    const button = element("button", "", step[`title_${data.language}`]);
    button.type = "button";
    button.addEventListener("click", () => open(step));
    box.append(button);
  });

  function open(step) {
    const form = element("form", "step-form");
    form.append(element("h3", "", step[`title_${data.language}`]));
    const roles = step.roles.length ? step.roles : Object.keys(titles.role);
    form.append(choice("role", words.js_dsp_role, roles.map((name) => [name, titles.role[name]])));
    [...step.needs, ...step.may].forEach((name) => {
      form.append(field(name, step, step.needs.includes(name)));
    });
    const go = element("button", "primary", words.js_dsp_do);
    go.type = "submit";
    const stop = element("button", "", words.js_dsp_cancel);
    stop.type = "button";
    stop.addEventListener("click", onStop);
    const problem = element("p", "problem");
    problem.setAttribute("role", "alert");
    form.append(go, stop, problem);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      try {
        await send(told(form, step), step, form);
      } catch (error) {
        problem.textContent = error.message;
        go.disabled = false;
      }
    });
    refill(box, form);
    const first = form.querySelector("input, select:not([name=role])");
    (first || go).focus();
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

  function field(name, step, isNeeded) {
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
    const line = element("label", "field");
    const input = element("input");
    input.name = name;
    input.required = isNeeded;
    input.maxLength = 200;
    input.value = name === "unit" ? owner : "";
    if (name === "until") {
      input.placeholder = "2026-12-01";
    }
    line.append(element("span", "", label), input);
    return line;
  }

  function choice(name, label, options) {
    const line = element("label", "field");
    const select = element("select");
    select.name = name;
    options.forEach(([value, text]) => select.append(new Option(text, value)));
    if (name === "role" && options.some(([value]) => value === data.role)) {
      select.value = data.role;
    }
    line.append(element("span", "", label), select);
    return line;
  }

  return box;
}
