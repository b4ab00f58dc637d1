// Mouse and fingers on the image. Mouse: left window, middle pan, right zoom, wheel scroll.
// Touch: one finger scrolls, two zoom and pan. A pressed button says otherwise for mouse-left and one finger.
const STEP = 12;
const ZOOM = 200;

export function gestures(view, bar, act) {
  const down = new Map();
  let mode = "";
  let rest = 0;

  const buttons = [...bar.querySelectorAll("[data-mode]")];
  for (const one of buttons) {
    one.addEventListener("click", () => {
      mode = mode === one.dataset.mode ? "" : one.dataset.mode;
      for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.mode === mode));
    });
  }

  function steps(distance) {
    rest += distance;
    const n = Math.trunc(rest / STEP);
    rest -= n * STEP;
    if (n) act.scroll(n);
  }

  function drag(kind, x, y) {
    if (kind === "scroll") steps(y);
    else if (kind === "window") act.window(x, y);
    else if (kind === "zoom") act.zoom(Math.exp(-y / ZOOM));
    else act.pan(x, y);
  }

  function kindOf(event) {
    if (event.pointerType !== "mouse") return mode || "scroll";
    if (event.buttons & 4) return "pan";
    if (event.buttons & 2) return "zoom";
    return mode || "window";
  }

  function spread() {
    const [a, b] = [...down.values()];
    return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  view.addEventListener("wheel", (event) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    act.scroll(Math.sign(event.deltaY));
  }, { passive: false });
  view.addEventListener("contextmenu", (event) => event.preventDefault());
  view.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 1) event.preventDefault();
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    rest = 0;
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    const from = down.get(event.pointerId);
    if (!from) return;
    const before = down.size === 2 ? spread() : null;
    const to = { x: event.clientX, y: event.clientY };
    down.set(event.pointerId, to);
    if (before) {
      const after = spread();
      if (before.size > 0) act.zoom(after.size / before.size);
      act.pan(after.x - before.x, after.y - before.y);
    } else if (down.size === 1) drag(kindOf(event), to.x - from.x, to.y - from.y);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    view.addEventListener(name, (event) => down.delete(event.pointerId));
  }
}
