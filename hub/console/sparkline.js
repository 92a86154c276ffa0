/** Tiny charts, drawn as one SVG path each. */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {number} width @param {number} height */
function drawing(name, width, height) {
  const element = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  element.setAttribute("class", name);
  element.setAttribute("viewBox", `0 0 ${width} ${height}`);
  element.setAttribute("preserveAspectRatio", "none");
  element.setAttribute("aria-hidden", "true");
  element.append(path);
  let last = "";
  return {
    element,
    /** @param {string} d */
    draw(d) {
      if (d !== last) path.setAttribute("d", (last = d));
    },
  };
}

/** Bars for a count per second. @param {number} slots */
export function bars(slots) {
  const { element, draw } = drawing("bars", slots * 2, 14);
  return {
    element,
    /** @param {number[]} values */
    show(values) {
      const most = Math.max(4, ...values); // one lone message is a low bar, not a full one
      draw(values.map((value, i) => (value ? `M${i * 2 + 1} 14v${-Math.max(2, (value / most) * 14).toFixed(1)}` : "")).join(""));
    },
  };
}

/** A line of the last samples, between its own least and most. @param {number} slots */
export function sparkline(slots) {
  const { element, draw } = drawing("spark", 100, 24);
  return {
    element,
    /** @param {number[]} values */
    show(values) {
      const least = Math.min(...values);
      const range = Math.max(...values) - least;
      const at = (/** @type {number} */ value) => (range ? 22 - ((value - least) / range) * 20 : 12).toFixed(1);
      const step = 100 / (slots - 1);
      const start = 100 - (values.length - 1) * step;
      draw(values.length < 2 ? "" : values.map((value, i) => `${i ? "L" : "M"}${(start + i * step).toFixed(1)} ${at(value)}`).join(""));
    },
  };
}
