// One point at a time, by pointer or by keys; the line beneath says what the point says.
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export function walk(figure, points) {
  const readout = figure.querySelector(".readout");
  let at = points.length - 1;
  let moved = () => {};

  function say() {
    const p = points[at];
    const twice = p.times > 1 ? ` (${figure.dataset.twice.replace("{n}", p.times)})` : "";
    readout.textContent = [p.at, p.mark, p.text, p.flag].filter(Boolean).join("  ") + twice;
  }

  function go(to) {
    const next = Math.max(0, Math.min(points.length - 1, to));
    if (next === at) return;
    at = next;
    say();
    moved();
  }

  figure.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(at + KEYS[event.key]);
  });
  say();
  return { go, index: () => at, onMove: (callback) => { moved = callback; } };
}
