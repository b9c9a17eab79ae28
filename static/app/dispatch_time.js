// How much time is left until something is due: with a shape and a word, not by color alone.

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function timeLeft(due, now, words) {
  if (!due) {
    return { kind: "none", mark: "–", text: words.js_dsp_no_due };
  }
  const left = Date.parse(due) - now;
  const span = spanText(Math.abs(left), words);
  if (left < 0) {
    return { kind: "late", mark: "◆", text: words.js_dsp_late.replace("{span}", span) };
  }
  const kind = left < DAY ? "soon" : "fine";
  const mark = left < DAY ? "▲" : "●";
  return { kind, mark, text: words.js_dsp_left.replace("{span}", span) };
}

export function localTime(text) {
  const moment = new Date(Date.parse(text) + 8 * HOUR); // Asia/Shanghai, whatever the machine's zone
  return moment.toISOString().slice(0, 16).replace("T", " ");
}

function spanText(span, words) {
  if (span >= DAY) {
    return words.js_dsp_days.replace("{n}", Math.floor(span / DAY));
  }
  if (span >= HOUR) {
    return words.js_dsp_hours.replace("{n}", Math.floor(span / HOUR));
  }
  return words.js_dsp_minutes.replace("{n}", Math.max(1, Math.floor(span / MINUTE)));
}
