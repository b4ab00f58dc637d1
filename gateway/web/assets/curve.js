// The curve of one item: uPlot gives axes, scales and cursor; marks and bands are drawn here.
import uPlot from "uplot";
import { marks } from "./js/_marks.js";
import { walk } from "./js/_walk.js";

const FONT = '13px -apple-system, "Segoe UI", Roboto, Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const HEIGHT = 240;
const DAY = 86400;
// Room for the words above and below the outermost points.
const MARGIN = 0.18;

function yRange(points, log) {
  const known = points.flatMap((p) => [p.y, p.low, p.high]).filter((n) => n !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (log) return [low / 1.5, high * 1.5];
  const room = (high - low || Math.abs(high) || 1) * MARGIN;
  return [low - room, high + room];
}

// A margin either side, so that the first and the last mark are whole.
function xRange(points) {
  const [first, last] = [points[0].t, points[points.length - 1].t];
  const room = Math.max((last - first) * 0.06, DAY / 24);
  return [first - room, last + room];
}

function dates(zone) {
  const part = (options) => new Intl.DateTimeFormat("en-CA", { timeZone: zone || undefined, ...options });
  const day = part({ month: "2-digit", day: "2-digit" });
  const month = part({ year: "numeric", month: "2-digit" });
  const clock = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (u, splits, axis, space, step) => {
    const format = step >= 27 * DAY ? month : step >= DAY ? day : clock;
    return splits.map((at) => format.format(new Date(at * 1000)));
  };
}

function axes(figure, curve, zone) {
  const shared = { font: FONT, stroke: "#4a5763", grid: { stroke: "#e4e8ec", width: 1 }, ticks: { show: false } };
  const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
  const log = curve.scale === "log" ? ` (${figure.dataset.log})` : "";
  return [
    { ...shared, values: dates(zone), space: 56, size: 30 },
    { ...shared, label: `${figure.dataset.item}${unit}${log}`, labelFont: FONT, labelSize: 20, size: 44, space: 32 },
  ];
}

function start(figure) {
  const curve = JSON.parse(document.getElementById("curve-data").textContent);
  const box = figure.querySelector(".plot-box");
  const zone = figure.dataset.zone;
  const { points } = curve;
  const walker = walk(figure, points);
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    tzDate: (at) => (zone ? uPlot.tzDate(new Date(at * 1000), zone) : new Date(at * 1000)),
    scales: {
      x: { range: xRange(points) },
      y: { range: yRange(points, curve.scale === "log"), distr: curve.scale === "log" ? 3 : 1 },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: axes(figure, curve, zone),
    hooks: {
      drawAxes: [(u) => marks.intervals(u, points)],
      draw: [(u) => marks.points(u, points, curve.campuses, walker.index(), figure.dataset.critical)],
      setCursor: [(u) => u.cursor.idx != null && walker.go(u.cursor.idx)],
    },
  };
  const data = [points.map((p) => p.t), points.map((p) => p.y)];
  const plot = new uPlot(options, data, box);
  walker.onMove(() => plot.redraw(false));
  new ResizeObserver(() => {
    if (box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }).observe(box);
}

for (const figure of document.querySelectorAll('[data-module="curve"]')) start(figure);
