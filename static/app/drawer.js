// The drawer with the issues of the selected area. Text from outside is only ever text here.

export function createDrawer({ element, issuesUrl, words }) {
  const list = element.querySelector(".drawer-list");
  const state = element.querySelector(".drawer-state");
  const heading = element.querySelector("h2");
  const more = element.querySelector(".drawer-more");
  let opener = null;
  let request = null;

  function close() {
    if (element.hidden) {
      return;
    }
    element.hidden = true;
    if (request) {
      request.abort();
    }
    if (opener && opener.isConnected) {
      opener.focus();
    }
  }

  async function load(url, signal) {
    state.textContent = words.js_loading;
    more.hidden = true;
    try {
      const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
      if (!response.ok) {
        throw new Error(String(response.status));
      }
      const page = await response.json();
      const items = page.items.map((issue) => issueElement(issue, words));
      const isFurtherPage = list.children.length > 0;
      list.append(...items);
      state.textContent = list.children.length ? "" : words.js_no_issues;
      more.hidden = !page.next;
      more.onclick = () => load(pageAfter(url, page.next), signal);
      if (isFurtherPage && items.length) {
        items[0].focus(); // the button that had the focus moved down, or is gone
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        state.textContent = `${words.js_issues_failed} (${error.message})`;
      }
    }
  }

  function open(area, from) {
    close();
    opener = from;
    request = new AbortController();
    list.textContent = "";
    heading.textContent = `${area.name} · ${words.js_issues}`;
    element.querySelector(".drawer-summary").textContent = `${area.code} · ${area.summary}`;
    element.hidden = false;
    element.querySelector(".drawer-close").focus();
    load(issuesUrl.replace("{code}", encodeURIComponent(area.code)), request.signal);
  }

  element.querySelector(".drawer-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    }
  });
  return { open, close };
}

function pageAfter(url, cursor) {
  const address = new URL(url, document.baseURI);
  address.searchParams.set("after", cursor);
  return address.href;
}

function textElement(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function issueElement(issue, words) {
  const item = document.createElement("li");
  item.tabIndex = -1;
  const category = [issue.category_major, issue.category_minor].filter(Boolean).join(" / ");
  const status = wordFor(words, `js_status_${issue.status}`, issue.status);
  const head = textElement("div", "issue-head", "");
  head.append(
    textElement("span", "issue-id", issue.external_id || issue.id),
    textElement("span", `issue-status status-${cssWord(issue.status)}`, status),
  );
  const found = issue.assignment_status;
  const owner = found ? wordFor(words, `js_rule_${found}`, found) : "";
  const facts = [localTime(issue.reported_at), category || words.js_no_category, owner];
  item.append(
    head,
    textElement("div", "issue-title", issue.title || words.js_no_title),
    textElement("div", "issue-facts", facts.filter(Boolean).join(" · ")),
  );
  return item;
}

// An empty word is a word: what is usual needs none.
function wordFor(words, key, given) {
  return key in words ? words[key] : given;
}

function cssWord(value) {
  return String(value).replace(/[^a-z_]/g, "");
}

const clock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function localTime(value) {
  const moment = new Date(value);
  return Number.isNaN(moment.getTime()) ? String(value || "") : clock.format(moment).replace(/\//g, "-");
}
