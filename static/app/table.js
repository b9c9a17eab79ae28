// The table twin: sorting by its headings, and walking its rows with the arrow keys.

export function makeSortable(table) {
  table.querySelectorAll("th[data-key] > button").forEach((button) => {
    button.addEventListener("click", () => sortBy(table, button.closest("th")));
  });
}

function sortBy(table, heading) {
  const wasDescending = heading.getAttribute("aria-sort") === "descending";
  const isText = heading.dataset.kind === "text";
  const isAscending = isText ? heading.getAttribute("aria-sort") !== "ascending" : wasDescending;
  table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const compare = isText ? byText : byNumber(isAscending);
  rows.sort((a, b) => compare(valueOf(a, heading), valueOf(b, heading)));
  if (isText && !isAscending) {
    rows.reverse();
  }
  body.append(...rows);
}

function valueOf(row, heading) {
  return row.cells[heading.cellIndex].dataset.value;
}

const collator = new Intl.Collator("zh", { numeric: true });

function byText(a, b) {
  return collator.compare(a, b);
}

// Areas without a figure stay last in both directions: they are neither best nor worst.
function byNumber(isAscending) {
  return (a, b) => {
    if (a === "" || b === "") {
      return (a === "") - (b === "");
    }
    return isAscending ? a - b : b - a;
  };
}

// One stop for the tabulator key, then arrows: a table of thousands must not be a tab trap.
export function walkWithArrows(body) {
  const buttons = () => Array.from(body.querySelectorAll("button.pick"));
  const first = buttons()[0];
  if (first) {
    first.tabIndex = 0;
  }
  body.addEventListener("focusin", (event) => {
    if (event.target.matches("button.pick")) {
      buttons().forEach((button) => {
        button.tabIndex = button === event.target ? 0 : -1;
      });
    }
  });
  body.addEventListener("keydown", (event) => {
    const all = buttons();
    const here = all.indexOf(event.target);
    const targets = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 };
    const next = here < 0 ? undefined : all[targets[event.key]];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
}
