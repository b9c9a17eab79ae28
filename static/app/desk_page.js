// What the modules of desks share. Text from outside is only ever text here.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className || "";
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

export function refill(parent, ...children) {
  parent.textContent = "";
  parent.append(...children);
}

export async function getJson(url) {
  return answered(await fetch(url, { headers: { Accept: "application/json" } }));
}

export async function sendJson(url, body, headers = {}, method = "POST") {
  const sent = { "Content-Type": "application/json", ...headers };
  const language = document.documentElement.lang;
  return answered(
    await fetch(url, {
      method,
      headers: { ...sent, "Accept-Language": language },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
}

// Sends a form with files as a browser would; what it names empty is left out.
export async function sendForm(url, values, headers = {}) {
  const body = new FormData();
  Object.entries(values).forEach(([name, value]) => value && body.append(name, value));
  const language = document.documentElement.lang;
  return answered(
    await fetch(url, { method: "POST", headers: { ...headers, "Accept-Language": language }, body }),
  );
}

async function answered(response) {
  const told = await response.json();
  if (!response.ok) {
    throw new Error(told.detail || String(response.status));
  }
  return told;
}

const AHEAD_MS = 8 * 3600 * 1000;

// The day in Asia/Shanghai of a moment, whatever the browser's own zone is.
export function dayOf(moment) {
  return new Date(Date.parse(moment) + AHEAD_MS).toISOString().slice(0, 10);
}
