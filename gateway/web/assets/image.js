// The images of a series: scroll, window, zoom, pan, measure. Pictures are rendered by the server.
import { facts } from "./js/_facts.js";
import { gestures } from "./js/_gestures.js";
import { measuring } from "./js/_measure.js";
import { placing } from "./js/_place.js";

const view = document.getElementById("viewer");
const data = JSON.parse(document.getElementById("viewer-data").textContent);
const bar = document.getElementById("viewer-bar");
const live = document.getElementById("viewer-live");
const image = view.querySelector(".image-picture");
const said = view.querySelector(".image-said");
const note = view.querySelector(".image-note");
const retry = said.querySelector("button");
const slider = bar.querySelector(".image-slider");
const tools = Object.fromEntries([...bar.querySelectorAll("button")].map((one) => [one.dataset.mode ?? one.dataset.act, one]));
const presets = [...document.querySelectorAll("[data-window]")];
const START = { scale: 1, x: 0, y: 0, turn: 0, flipX: 1, flipY: 1, invert: false };
const [SMALLEST, LARGEST] = [0.5, 8];
const PLAY_MS = 120;
const PAN = 20;

const state = { at: data.at, width: data.width, center: data.center, ...START };
const known = facts(data.images, data.facts, data.at);
const place = placing(view, image, state);
const lengths = measuring(view, place, () => ({ at: state.at, spacing: known.of(state.at)?.spacing ?? null }));
let busy = false;
let again = false;
let playing = 0;

const short = (number) => String(Math.round(number));

function source(at) {
  const path = data.images[at];
  return path && state.width !== null ? `${path}&w=${short(state.width)}&c=${short(state.center)}` : path;
}

// One picture is on its way at a time; the last that was asked for comes next.
async function load() {
  if (busy) { again = true; return; }
  busy = true;
  do {
    again = false;
    const [at, path] = [state.at, source(state.at)];
    const told = known.ask(at);
    const next = new Image();
    if (path) next.src = path;
    const came = path ? await next.decode().then(() => true, () => false) : false;
    await told;
    if (came) image.src = path;
    if (at === state.at) {
      image.hidden = !came;
      said.hidden = came;
      retry.hidden = !path;
      said.querySelector("p").textContent = came ? "" : data.said[at] ?? view.dataset[path ? "gone" : "packed"];
      view.dataset.shown = String(at + 1);
      draw();
    }
  } while (again);
  busy = false;
  for (const near of [state.at + 1, state.at - 1]) if (data.images[near]) new Image().src = source(near);
}

const written = () => (state.width === null ? "" : `${short(state.width)},${short(state.center)}`);

function words() {
  const chosen = presets.find((one) => one.dataset.window === written());
  const window = state.width === null ? known.window(state.at) : [state.width, state.center];
  const numbers = window ? `W${short(window[0])} L${short(window[1])}` : "";
  return [numbers, chosen?.textContent, `${Math.round(state.scale * 100)}%`].filter(Boolean).join(" ");
}

function draw() {
  const here = `${state.at + 1}/${data.images.length}`;
  const told = known.of(state.at);
  view.querySelector(".image-at").textContent = here;
  view.querySelector(".image-window").textContent = words();
  view.querySelector(".image-lossy").textContent = told?.lossy ?? "";
  image.alt = image.alt.replace(/\d+\/\d+$/, here);
  if (slider) slider.value = state.at + 1;
  image.style.transform = `translate(${state.x}px, ${state.y}px) scale(${state.scale * state.flipX}, ${state.scale * state.flipY}) rotate(${state.turn}deg)`;
  image.style.filter = state.invert ? "invert(1)" : "";
  tools.invert.setAttribute("aria-pressed", String(state.invert));
  tools.measure.setAttribute("aria-disabled", String(!told?.spacing));
  if (hand.mode() === "measure") note.textContent = told?.measuring ?? "";
  for (const one of presets) {
    if (one.dataset.window === written()) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  if (image.hidden) view.querySelector(".image-lengths").replaceChildren();
  else lengths.draw();
}

function tell(more = "") {
  live.textContent = [`${state.at + 1}/${data.images.length}`, words(), said.hidden ? "" : said.querySelector("p").textContent, more].filter(Boolean).join(" ");
}

function go(to) {
  const at = Math.max(0, Math.min(data.images.length - 1, to));
  if (at === state.at) return;
  state.at = at;
  draw();
  load();
}

function setWindow(width, center) {
  state.width = width === null ? null : Math.max(1, width);
  state.center = center;
  draw();
  load();
}

function preset(one) {
  const [width, center] = one.dataset.window ? one.dataset.window.split(",").map(Number) : [null, null];
  setWindow(width, center);
}

function series(step) {
  const all = [...document.querySelectorAll("[data-series]")];
  const at = all.findIndex((one) => one.hasAttribute("aria-current"));
  all[at + step]?.click();
}

function play() {
  if (!tools.play) return;
  clearInterval(playing);
  playing = playing ? 0 : setInterval(() => go(state.at + 1 < data.images.length ? state.at + 1 : 0), PLAY_MS);
  tools.play.setAttribute("aria-pressed", String(Boolean(playing)));
}

// The image never leaves the view whole.
function pan(x, y) {
  const [width, height] = [view.clientWidth, view.clientHeight].map((one) => (one * state.scale) / 2);
  state.x = Math.max(-width, Math.min(width, x));
  state.y = Math.max(-height, Math.min(height, y));
  draw();
}

// What lies under the point stays there; without a point, what lies in the middle.
function zoom(factor, clientX, clientY) {
  const scale = Math.max(SMALLEST, Math.min(LARGEST, state.scale * factor));
  const [x, y] = clientX === undefined ? [0, 0] : place.centred(clientX, clientY);
  const by = scale / state.scale;
  state.scale = scale;
  pan(x - (x - state.x) * by, y - (y - state.y) * by);
}

const change = (changes) => { Object.assign(state, changes); draw(); };
const ACTS = {
  larger: () => zoom(1.25),
  smaller: () => zoom(0.8),
  invert: () => change({ invert: !state.invert }),
  play,
  reset: () => { Object.assign(state, START); lengths.clear(); setWindow(data.width, data.center); },
};

const act = {
  scroll: (n) => go(state.at + n),
  zoom,
  pan: (x, y) => pan(state.x + x, state.y + y),
  centre: (clientX, clientY) => { const [x, y] = place.centred(clientX, clientY); pan(state.x - x, state.y - y); },
  window: (x, y) => {
    const from = state.width === null ? known.window(state.at) : [state.width, state.center];
    if (!from) { note.textContent = view.dataset.colour; return; }
    const speed = Math.max(from[0], 64) / 256;
    setWindow(from[0] + x * speed, from[1] + y * speed);
  },
  measure: lengths,
  may: (mode) => mode !== "measure" || Boolean(known.of(state.at)?.spacing),
  chosen: (mode) => {
    note.textContent = mode === "measure" ? known.of(state.at)?.measuring ?? "" : "";
    view.dataset.mode = mode;
    if (note.textContent) tell(note.textContent);
  },
  refused: () => {
    note.textContent = known.of(state.at)?.measuring ?? "";
    tell(note.textContent);
  },
  done: (kind) => tell(kind === "measure" ? lengths.said() : ""),
};

const KEYS = {
  ArrowUp: () => go(state.at - 1),
  ArrowDown: () => go(state.at + 1),
  PageUp: () => series(-1),
  PageDown: () => series(1),
  Home: () => go(0),
  End: () => go(data.images.length - 1),
  "+": ACTS.larger,
  "-": ACTS.smaller,
  "=": () => change({ scale: 1, x: 0, y: 0 }),
  i: ACTS.invert,
  h: () => change({ flipX: -state.flipX }),
  v: () => change({ flipY: -state.flipY }),
  r: () => change({ turn: (state.turn + 90) % 360 }),
  m: () => hand.choose("measure"),
  " ": ACTS.reset,
};
const MOVES = { ArrowUp: [0, PAN], ArrowDown: [0, -PAN], ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0] };

function workOf(event) {
  if (hand.mode() === "measure") {
    if (event.key === "Escape") return () => hand.choose("measure");
    if (lengths.key(event)) return () => {};
  }
  if (event.shiftKey && event.key in MOVES) return () => act.pan(...MOVES[event.key]);
  if (/^[1-5]$/.test(event.key)) return presets[Number(event.key)] && (() => preset(presets[Number(event.key)]));
  return KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

view.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target !== view) return;
  const work = workOf(event);
  if (!work) return;
  event.preventDefault();
  work();
  tell(hand.mode() === "measure" ? lengths.said() || note.textContent : note.textContent);
});
document.querySelector(".image-links").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.step) go(state.at + Number(link.dataset.step));
  else preset(link);
  tell();
});
slider?.addEventListener("input", () => go(Number(slider.value) - 1));
for (const [name, work] of Object.entries(ACTS)) tools[name]?.addEventListener("click", () => { work(); tell(); });
retry.addEventListener("click", () => { load(); view.focus(); });
addEventListener("resize", () => lengths.draw());
const hand = gestures(view, bar, act);
// Both ways stay in reach, wherever the page began.
bar.hidden = false;
const failed = image.complete && !image.naturalWidth;
if (failed) load();
else draw();
known.ask(state.at).then(draw);
