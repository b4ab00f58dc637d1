// The images of a series: scroll, window, zoom and pan. Pictures are rendered by the server.
import { gestures } from "./js/_gestures.js";

const view = document.getElementById("viewer");
const data = JSON.parse(document.getElementById("viewer-data").textContent);
const bar = document.getElementById("viewer-bar");
const live = document.getElementById("viewer-live");
const image = view.querySelector(".image-picture");
const said = view.querySelector(".image-said");
const slider = bar.querySelector(".image-slider");
const presets = [...document.querySelectorAll("[data-window]")];
const START = { scale: 1, x: 0, y: 0, turn: 0, flipX: 1, flipY: 1, invert: false };
const PLAY_MS = 120;

const state = { at: data.at, width: data.width, center: data.center, ...START };
let busy = false;
let again = false;
let playing = 0;

function source(at) {
  const path = data.images[at];
  return path && state.width !== null ? `${path}&w=${state.width}&c=${state.center}` : path;
}

// One picture is on its way at a time; the last that was asked for comes next.
async function load() {
  if (busy) { again = true; return; }
  busy = true;
  do {
    again = false;
    const [at, path] = [state.at, source(state.at)];
    const next = new Image();
    next.src = path;
    const came = path ? await next.decode().then(() => true, () => false) : false;
    if (came) image.src = path;
    if (at === state.at) {
      image.hidden = !came;
      said.hidden = came;
      said.textContent = came ? "" : view.dataset[path ? "gone" : "packed"];
      view.dataset.shown = String(at + 1);
    }
  } while (again);
  busy = false;
  for (const near of [state.at + 1, state.at - 1]) if (data.images[near]) new Image().src = source(near);
}

function words() {
  const chosen = presets.find((one) => one.dataset.window === (state.width === null ? "" : `${state.width},${state.center}`));
  const named = chosen ? chosen.textContent : "";
  const zoom = state.scale === 1 ? "" : ` ${Math.round(state.scale * 100)}%`;
  return (state.width === null ? named : `W${state.width} L${state.center} ${named}`) + zoom;
}

function draw() {
  const place = `${state.at + 1}/${data.images.length}`;
  view.querySelector(".image-at").textContent = place;
  view.querySelector(".image-window").textContent = words();
  image.alt = image.alt.replace(/\d+\/\d+$/, place);
  slider.value = state.at + 1;
  image.style.transform = `translate(${state.x}px, ${state.y}px) scale(${state.scale * state.flipX}, ${state.scale * state.flipY}) rotate(${state.turn}deg)`;
  image.style.filter = state.invert ? "invert(1)" : "";
  for (const one of presets) {
    const mine = one.dataset.window === (state.width === null ? "" : `${state.width},${state.center}`);
    if (mine) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

function go(to) {
  const at = Math.max(0, Math.min(data.images.length - 1, to));
  if (at === state.at) return;
  state.at = at;
  draw();
  load();
}

function setWindow(width, center) {
  state.width = width === null ? null : Math.max(1, Math.round(width));
  state.center = center === null ? null : Math.round(center);
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
  clearInterval(playing);
  playing = playing ? 0 : setInterval(() => go(state.at + 1 < data.images.length ? state.at + 1 : 0), PLAY_MS);
  bar.querySelector("[data-act=play]").setAttribute("aria-pressed", String(Boolean(playing)));
}

const change = (changes) => { Object.assign(state, changes); draw(); };
const ACTS = {
  invert: () => change({ invert: !state.invert }),
  play,
  reset: () => { Object.assign(state, START); setWindow(data.width, data.center); },
};

const act = {
  scroll: (n) => go(state.at + n),
  zoom: (factor) => change({ scale: Math.max(0.5, Math.min(8, state.scale * factor)) }),
  pan: (x, y) => change({ x: state.x + x, y: state.y + y }),
  window: (x, y) => {
    const [width, center] = state.width === null ? data.guess : [state.width, state.center];
    const speed = Math.max(width, 64) / 256;
    setWindow(width + x * speed, center + y * speed);
  },
};

const KEYS = {
  ArrowUp: () => go(state.at - 1),
  ArrowDown: () => go(state.at + 1),
  PageUp: () => series(-1),
  PageDown: () => series(1),
  Home: () => go(0),
  End: () => go(data.images.length - 1),
  "+": () => act.zoom(1.25),
  "-": () => act.zoom(0.8),
  "=": () => change({ scale: 1, x: 0, y: 0 }),
  i: ACTS.invert,
  h: () => change({ flipX: -state.flipX }),
  v: () => change({ flipY: -state.flipY }),
  r: () => change({ turn: (state.turn + 90) % 360 }),
  " ": ACTS.reset,
};

view.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const numbered = /^[1-5]$/.test(event.key) && presets[Number(event.key)];
  const work = numbered ? () => preset(numbered) : KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!work) return;
  event.preventDefault();
  work();
  live.textContent = `${state.at + 1}/${data.images.length} ${words()}`;
});
document.querySelector(".image-links").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.step) go(state.at + Number(link.dataset.step));
  else preset(link);
  live.textContent = `${state.at + 1}/${data.images.length} ${words()}`;
});
slider.addEventListener("input", () => go(Number(slider.value) - 1));
for (const [name, work] of Object.entries(ACTS)) {
  bar.querySelector(`[data-act=${name}]`).addEventListener("click", work);
}
gestures(view, bar, act);
// Both ways stay in reach, wherever the page began.
bar.hidden = false;
draw();
