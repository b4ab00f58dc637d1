// Lengths on the image: drawn by a drag or by two taps, moved by keys. They stay with their image until reset.
const SVG = "http://www.w3.org/2000/svg";
const LEAST = 6;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function made(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

export function measuring(view, place, now) {
  const sheet = made(view, "svg", { class: "image-lengths", "aria-hidden": "true" });
  const byImage = new Map();
  let open = null;
  let end = "b";

  const lines = () => byImage.get(now().at) ?? [];
  const length = ({ a, b }) => {
    const [down, across] = now().spacing;
    return Math.hypot((b[0] - a[0]) * across, (b[1] - a[1]) * down);
  };
  const words = (line) => `${length(line).toFixed(1)} mm`;

  function add(line) {
    byImage.set(now().at, [...lines(), line]);
    open = line;
    end = "b";
  }

  function within([x, y]) {
    const [width, height] = place.size();
    return [Math.max(0, Math.min(width, x)), Math.max(0, Math.min(height, y))];
  }

  function draw() {
    sheet.replaceChildren();
    if (!now().spacing) return;
    for (const line of lines()) {
      const [[x1, y1], [x2, y2]] = [place.toView(line.a), place.toView(line.b)];
      made(sheet, "line", { x1, y1, x2, y2 });
      for (const [cx, cy, name] of [[x1, y1, "a"], [x2, y2, "b"]]) {
        made(sheet, "circle", { cx, cy, r: 5, class: line === open && name === end ? "image-end" : "" });
      }
      if (length(line) === 0) continue;
      const right = Math.max(x1, x2) + 8;
      const inside = right + 80 < view.clientWidth ? { x: right } : { x: Math.min(x1, x2) - 8, "text-anchor": "end" };
      made(sheet, "text", { ...inside, y: (y1 + y2) / 2 }).textContent = words(line);
    }
  }

  return {
    draw,
    said: () => (open && lines().includes(open) ? words(open) : ""),
    clear() { byImage.clear(); open = null; draw(); },
    // The first of two taps leaves a line without length; the next touch ends it.
    start(x, y) {
      const at = within(place.toImage(x, y));
      if (open && lines().includes(open) && length(open) === 0) { open.b = at; end = "b"; } else add({ a: at, b: at });
      draw();
    },
    to(x, y) {
      if (open) open[end] = within(place.toImage(x, y));
      draw();
    },
    stop() {
      if (!open) return;
      const [[x1, y1], [x2, y2]] = [place.toView(open.a), place.toView(open.b)];
      if (Math.hypot(x2 - x1, y2 - y1) < LEAST) open.b = open.a;
      draw();
    },
    drop() {
      byImage.set(now().at, lines().filter((one) => one !== open));
      open = lines().at(-1) ?? null;
      draw();
    },
    // A line in the middle to begin with; arrows move its end, Enter takes the other end.
    key(event) {
      if (!(event.key in ARROWS) && !["Enter", "Delete", "n", "N"].includes(event.key)) return false;
      if (event.key === "Delete") { this.drop(); return true; }
      if (!open || !lines().includes(open) || event.key.toLowerCase() === "n") {
        const [x, y] = place.middle();
        const half = place.size()[0] / 8;
        add({ a: [x - half, y], b: [x + half, y] });
      } else if (event.key === "Enter") {
        end = end === "a" ? "b" : "a";
      } else {
        const [x, y] = ARROWS[event.key];
        const far = event.shiftKey ? 10 : 1;
        open[end] = within([open[end][0] + x * far, open[end][1] + y * far]);
      }
      draw();
      return true;
    },
  };
}
