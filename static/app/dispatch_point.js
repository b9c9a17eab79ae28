// Pointing at where an issue is whose source told no coordinates: one click on the map.

import { element, sendJson } from "./desk_page.js";

export function createPointing({ data, map, onDone }) {
  const { words, links } = data;
  let pointed = null; // the issue that the next click is for, and where troubles are told

  function stop() {
    if (pointed) {
      map.getContainer().classList.remove("pointing");
      pointed.line.textContent = "";
      pointed = null;
    }
  }

  function part(item) {
    if (!item.is_pointable) {
      return [];
    }
    const button = element("button", "point", words.js_dsp_point);
    const line = element("p", "reason");
    line.setAttribute("role", "status");
    button.type = "button";
    button.addEventListener("click", () => {
      stop();
      pointed = { item, line };
      line.textContent = words.js_dsp_pointing;
      map.getContainer().classList.add("pointing");
    });
    return [button, line];
  }

  async function put(at) {
    const { item, line } = pointed;
    stop();
    const place = { lon: at.lng, lat: at.lat, frame: "EPSG:4490", role: data.role };
    try {
      await sendJson(links.place.replace("{id}", item.id), place, {}, "PUT");
    } catch (error) {
      line.textContent = error.message;
      return;
    }
    await onDone(`${item.id} ${words.js_dsp_pointed}`);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      stop();
    }
  });

  return {
    part,
    // Whether a click on the map was for an issue's place.
    take(at) {
      if (!pointed || !pointed.line.isConnected) {
        stop();
        return false;
      }
      put(at);
      return true;
    },
  };
}
