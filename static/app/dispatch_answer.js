// One box for a place: coordinates or an address; the answer is its owner, with the reason.

import { element, getJson, refill } from "./desk_page.js";

const COORDINATES = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;；\s]\s*(-?\d{1,2}(?:\.\d+)?)\s*$/;

export function createAnswer({ data, page, map, marker, nearby, pointing }) {
  const { words, links } = data;
  const form = page.querySelector(".search");
  const box = page.querySelector(".answer");
  const input = form.querySelector("[name=q]");
  const frame = form.querySelector("[name=frame]");

  async function find(text) {
    const found = COORDINATES.exec(text);
    if (found) {
      await locate(found[1], found[2], frame.value);
    } else if (text.trim()) {
      const address = new URL(links.places, document.baseURI);
      address.searchParams.set("q", text.trim());
      showPlaces(await getJson(address.href));
    }
  }

  async function locate(lon, lat, name) {
    const address = new URL(links.locate, document.baseURI);
    address.searchParams.set("lon", lon);
    address.searchParams.set("lat", lat);
    address.searchParams.set("frame", name);
    const told = await getJson(address.href);
    marker.put([told.lat, told.lon], { isIssue: false });
    show([...ownerParts(told), nearby.around(told)]);
  }

  function ownerParts(told) {
    const [family] = told.families;
    const chain = family.chain.filter((link) => link.code).map((link) => link.name);
    const parts = [
      element("strong", "owner", chain.join(" › ") || words.js_dsp_nobody),
      element("p", "reason", family[`reason_${data.language}`]),
    ];
    if (told.responsible && told.responsible.because !== "ground") {
      parts.push(element("p", "reason", told[`responsible_reason_${data.language}`]));
    }
    return parts;
  }

  // What the text means at once; everything it may mean where that is not certain.
  function showPlaces(told) {
    const said = element("p", "reason", told[`reason_${data.language}`]);
    if (told.decisive) {
      const place = told.decisive;
      marker.put([place.lat, place.lon], { isIssue: false });
      const owner = element("strong", "owner", chainText(place));
      show([owner, ...bodyParts(place), said, nearby.around(place)]);
      return;
    }
    const list = element("ol", "places");
    told.places.forEach((place) => {
      const line = element("li");
      const button = element("button", "", place.label);
      button.type = "button";
      button.disabled = place.lon === null;
      button.addEventListener("click", () => tryTo(() => locate(place.lon, place.lat, "EPSG:4490")));
      const chain = place.chain.map((link) => link.name).join(" › ");
      const how = [place[`how_${data.language}`], chain].filter(Boolean).join(" · ");
      line.append(button, element("span", "reason", how));
      list.append(line);
    });
    show(told.places.length ? [said, list] : [said]);
  }

  function chainText(place) {
    return place.chain.map((link) => link.name).join(" › ") || words.js_dsp_nobody;
  }

  function bodyParts(place) {
    const { body } = place;
    if (!body) {
      return [];
    }
    return [element("p", "body", [body.name, body.duty_phone].filter(Boolean).join(" · "))];
  }

  function show(parts) {
    const close = element("button", "close", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.js_dsp_close);
    close.addEventListener("click", () => {
      box.hidden = true;
      input.focus();
    });
    refill(box, close, ...parts);
    box.hidden = false;
  }

  function tryTo(work) {
    work().catch((error) => show([element("p", "problem", error.message)]));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryTo(() => find(input.value));
  });
  map.on("click", (event) => {
    if (pointing.take(event.latlng)) {
      return;
    }
    tryTo(() => locate(event.latlng.lng.toFixed(7), event.latlng.lat.toFixed(7), "EPSG:4490"));
  });
  return { at: (lon, lat) => tryTo(() => locate(lon, lat, "EPSG:4490")) };
}
