// Bands, lines and points. A campus has a shape as well as a colour; a bound is hollow and unjoined.
const COLOURS = ["#1b2a6b", "#d95700", "#008f74", "#8b5cd6", "#6b3a16"];
const BAND = "#e3f1e8";
const EDGE = "#5d8f70";
const CRITICAL = "#b00020";
const INK = "#16222c";
const SIZE = 5;
const GAP = 3;

const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 2 * Math.PI),
  (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (c, x, y, r) => polygon(c, [[x, y - r * 1.15], [x + r * 1.1, y + r * 0.85], [x - r * 1.1, y + r * 0.85]]),
  (c, x, y, r) => polygon(c, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]),
  (c, x, y, r) => {
    c.rect(x - r * 0.35, y - r * 1.1, r * 0.7, r * 2.2);
    c.rect(x - r * 1.1, y - r * 0.35, r * 2.2, r * 0.7);
  },
];

function polygon(c, corners) {
  corners.forEach(([x, y], n) => (n ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

function place(u, p) {
  return [u.valToPos(p.t, "x", true), p.y === null ? null : u.valToPos(p.y, "y", true)];
}

function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}

// One interval for all points is a band; else each point has its own thin bar.
function intervals(u, points) {
  const bounded = points.filter((p) => p.low !== null || p.high !== null);
  if (!bounded.length) return;
  const one = bounded.length === points.length
    && points.every((p) => p.low === points[0].low && p.high === points[0].high);
  const edge = (n, open) => (n === null ? open : u.valToPos(n, "y", true));
  clipped(u, (c, box) => {
    const [above, below] = [(p) => edge(p.high, box.top), (p) => edge(p.low, box.top + box.height)];
    if (one) {
      c.fillStyle = BAND;
      c.fillRect(box.left, above(points[0]), box.width, below(points[0]) - above(points[0]));
      c.fillStyle = EDGE;
      for (const side of [points[0].high, points[0].low]) {
        if (side !== null) c.fillRect(box.left, u.valToPos(side, "y", true), box.width, 1);
      }
      return;
    }
    const half = 3 * devicePixelRatio;
    for (const p of bounded) {
      const [x] = place(u, p);
      c.fillStyle = BAND;
      c.fillRect(x - half, above(p), half * 2, below(p) - above(p));
      c.strokeStyle = EDGE;
      c.strokeRect(x - half, above(p), half * 2, below(p) - above(p));
    }
  });
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// Joined are neighbours that are both plain numbers, unless the time between is unusually long.
function lines(u, c, points) {
  const spaces = points.slice(1).map((p, n) => p.t - points[n].t);
  const longest = GAP * median(spaces);
  c.strokeStyle = INK;
  c.lineWidth = 1.25 * devicePixelRatio;
  c.beginPath();
  points.forEach((p, n) => {
    const before = points[n - 1];
    if (!before || p.kind !== "point" || before.kind !== "point") return;
    if (spaces.length > 2 && p.t - before.t > longest) return;
    c.moveTo(...place(u, before));
    c.lineTo(...place(u, p));
  });
  c.stroke();
}

function bound(c, x, y, r, colour) {
  c.beginPath();
  polygon(c, [[x - r * 1.2, y - r], [x + r * 1.2, y - r], [x, y + r * 1.1]]);
  c.fillStyle = "#fff";
  c.fill();
  c.strokeStyle = colour;
  c.lineWidth = 1.5 * devicePixelRatio;
  c.stroke();
}

function ring(c, x, y, r, colour, width) {
  c.beginPath();
  c.arc(x, y, r, 0, 2 * Math.PI);
  c.strokeStyle = colour;
  c.lineWidth = width * devicePixelRatio;
  c.stroke();
}

// Above a high point and below a low one, where no line comes from; at the edge, on the other side.
function label(c, box, text, x, y, side, colour) {
  c.font = `700 ${12 * devicePixelRatio}px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;
  c.fillStyle = colour;
  const half = c.measureText(text).width / 2;
  const room = 12 * devicePixelRatio;
  const inside = Math.min(Math.max(x, box.left + half), box.left + box.width - half);
  c.textAlign = "center";
  c.textBaseline = "middle";
  const [top, bottom] = [box.top + room * 2, box.top + box.height - room * 2];
  const down = side === "below" ? y < bottom : y < top;
  c.fillText(text, inside, y + room * (down ? 1.5 : -1.5));
}

function points(u, all, campuses, chosen, critical) {
  clipped(u, (c) => lines(u, c, all));
  const { ctx: c, bbox } = u;
  c.save();
  const r = SIZE * devicePixelRatio;
  all.forEach((p, n) => {
    const [x, y] = place(u, p);
    if (y === null) return;
    const number = campuses.indexOf(p.mark);
    if (n === chosen) ring(c, x, y, r * 2.4, INK, 1);
    if (p.kind === "bound") bound(c, x, y, r, COLOURS[number]);
    else {
      c.beginPath();
      SHAPES[number](c, x, y, r);
      c.fillStyle = COLOURS[number];
      c.fill();
      if (p.state === "critical") {
        ring(c, x, y, r * 1.6, CRITICAL, 1.5);
        ring(c, x, y, r * 2.1, CRITICAL, 1.5);
      }
    }
    const side = p.low !== null && p.y < p.low ? "below" : "above";
    if (p.state === "critical") label(c, bbox, critical, x, y, side, CRITICAL);
    else if (p.kind === "bound") label(c, bbox, p.text.split(" ")[0], x, y, side, INK);
    else if (p.times > 1) label(c, bbox, `×${p.times}`, x, y, side, INK);
  });
  c.restore();
}

export const marks = { intervals, points };
