// Calipers on ECG paper: time and voltage between two ends, by pointer and by keys.
const SVG = "http://www.w3.org/2000/svg";
const [HEAD, ROW, LEFT] = [15, 30, 15];
const NEAR = 7;
const TAP = 0.6;
const TEXT = 55;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const papers = document.querySelector("[data-module=calipers]");
const bar = papers.querySelector(".ecg-calipers-bar");
const button = bar.querySelector("button");
const reading = bar.querySelector(".ecg-reading");
const [speed, gain] = [Number(papers.dataset.speed), Number(papers.dataset.gain)];
const sheets = [...papers.querySelectorAll(".ecg-scroll")].map(calipers);

function made(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function words(a, b) {
  const time = Math.round((Math.abs(b.x - a.x) / speed) * 1000);
  const row = ({ y }) => Math.floor((y - HEAD) / ROW);
  const said = [`${time} ms`];
  if (time >= 100) said.push(papers.dataset.perminute.replace("{n}", Math.round(60000 / time)));
  // A voltage is one of one lead: between two rows there is none.
  if (row(a) === row(b)) said.push(`${(Math.abs(b.y - a.y) / gain).toFixed(2)} mV`);
  return said.join("  ");
}

function calipers(region) {
  const [width, height, rate] = ["width", "height", "rate"].map((key) => Number(region.dataset[key]));
  const sample = speed / rate;
  let svg = null;
  let ends = null;
  let held = 1;
  let down = null;

  function bounded({ x, y }) {
    const at = LEFT + Math.round((x - LEFT) / sample) * sample;
    return { x: Math.max(LEFT, Math.min(width, at)), y: Math.max(HEAD, Math.min(height, y)) };
  }

  function place(event) {
    const box = svg.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * width, y: ((event.clientY - box.top) / box.height) * height };
  }

  function draw() {
    svg.replaceChildren();
    if (!ends) return;
    const [a, b] = ends;
    for (const { x, y } of ends) {
      made(svg, "line", { x1: x, x2: x, y1: HEAD, y2: height - 10 });
      made(svg, "line", { x1: Math.min(a.x, b.x) - 4, x2: Math.max(a.x, b.x) + 4, y1: y, y2: y });
    }
    ends.forEach(({ x, y }, at) => made(svg, "circle", { cx: x, cy: y, r: 1.8, class: at === held ? "ecg-end" : "" }));
    made(svg, "text", { ...beside(a, b), y: Math.max(HEAD + 5, Math.min(a.y, b.y) - 2) }).textContent = words(a, b);
  }

  // Where the reading is in sight: right of the ends, else left of them, else at the edge of what is seen.
  function beside(a, b) {
    const scale = width / region.scrollWidth;
    const [from, to] = [region.scrollLeft * scale, (region.scrollLeft + region.clientWidth) * scale];
    const [left, right] = [Math.min(a.x, b.x) - 5, Math.max(a.x, b.x) + 5];
    if (right + TEXT < to) return { x: right };
    return left - TEXT > from ? { x: left, "text-anchor": "end" } : { x: from + 2 };
  }

  function tell() {
    for (const one of sheets) if (one.region !== region) one.clear();
    reading.textContent = words(...ends);
  }

  function clear() {
    ends = null;
    if (svg) draw();
  }

  function start(event) {
    const at = place(event);
    const far = ends?.map((one) => Math.hypot(one.x - at.x, one.y - at.y)) ?? [];
    const single = ends && ends[0].x === ends[1].x && ends[0].y === ends[1].y;
    if (single) held = 1;
    else if (ends && Math.min(...far) < NEAR) held = far[0] < far[1] ? 0 : 1;
    else {
      ends = [bounded(at), bounded(at)];
      held = 1;
    }
    down = at;
    svg.setPointerCapture(event.pointerId);
    move(event);
  }

  function move(event) {
    if (!down) return;
    const at = place(event);
    // A touch that does not move sets an end; only a drag draws it out.
    const still = Math.hypot(at.x - down.x, at.y - down.y) < TAP;
    ends[held] = bounded(still ? down : at);
    draw();
  }

  function stop() {
    if (!down) return;
    down = null;
    draw();
    tell();
  }

  function key(event) {
    if (!svg || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") { choose(false); event.preventDefault(); return; }
    if (!(event.key in ARROWS) && event.key !== "Enter") return;
    event.preventDefault();
    if (!ends) {
      // Begin where the reader looks: one second, in the first row.
      const x = LEFT + (region.scrollLeft / region.scrollWidth) * width + 10;
      ends = [bounded({ x, y: HEAD + ROW / 2 }), bounded({ x: x + speed, y: HEAD + ROW / 2 })];
      held = 1;
    } else if (event.key === "Enter") {
      held = 1 - held;
    } else {
      const [x, y] = ARROWS[event.key];
      const far = event.shiftKey ? 10 : 1;
      ends[held] = bounded({ x: ends[held].x + x * far * sample, y: ends[held].y + y * far * gain / 100 });
    }
    draw();
    tell();
  }

  region.addEventListener("keydown", key);
  return {
    region,
    clear,
    show(on) {
      if (!on) { svg?.remove(); svg = null; ends = null; return; }
      svg = made(region.querySelector(".ecg-sheet"), "svg", { class: "ecg-calipers", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
      svg.addEventListener("pointerdown", start);
      svg.addEventListener("pointermove", move);
      svg.addEventListener("pointerup", stop);
      svg.addEventListener("pointercancel", stop);
    },
  };
}

function choose(on) {
  button.setAttribute("aria-pressed", String(on));
  reading.textContent = "";
  for (const one of sheets) one.show(on);
}

button.addEventListener("click", () => choose(button.getAttribute("aria-pressed") !== "true"));
bar.hidden = false;
