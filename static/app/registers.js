// Who stands for what: inside the page, or asked for when a card or symbols are first wanted.

import { DEGREES_PER_STEP } from "./geometry.js";

const read = new WeakMap();

// A promise of the registers; one that failed may be asked for again.
export function registersOf(data) {
  if (!read.has(data)) {
    const asked = data.registers ? Promise.resolve(data.registers) : fetched(data);
    read.set(data, asked.then(decoded));
    read.get(data).catch(() => read.delete(data));
  }
  return read.get(data);
}

async function fetched(data) {
  const answer = await fetch(data.registers_url, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const registers = await answer.json();
  if (registers.edition !== data.edition) {
    throw new Error(data.words.js_cov_changed); // areas stand in another order now
  }
  return registers;
}

function decoded(registers) {
  [registers.organisations, registers.facilities].forEach((columns) => {
    Object.entries(columns).forEach(([name, column]) => {
      if (column.table) {
        columns[name] = column.at.map((position) => column.table[position]);
      }
    });
  });
  return registers;
}

// Positions of those that have a place, and where it is on Leaflet's world of one by one.
export function placesOf(columns) {
  const [west, south] = columns.origin;
  const at = [];
  columns.x.forEach((x, i) => x !== null && at.push(i));
  const across = Float64Array.from(at, (i) => ((west + columns.x[i]) * DEGREES_PER_STEP + 180) / 360);
  const down = Float64Array.from(at, (i) => fromNorth((south + columns.y[i]) * DEGREES_PER_STEP));
  const latlng = (k) => [
    (south + columns.y[at[k]]) * DEGREES_PER_STEP,
    (west + columns.x[at[k]]) * DEGREES_PER_STEP,
  ];
  return { at, across, down, latlng };
}

export function fromNorth(lat) {
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
}
