// Mouse and fingers on the image. Mouse: left window, middle pan, right zoom, wheel scroll.
// Touch: one finger scrolls, two zoom and pan. A pressed button says otherwise for mouse-left and one finger.
const STEP = 12;
const ZOOM = 200;
const TAP = 6;

export function gestures(view, bar, act) {
  const down = new Map();
  let mode = "";
  let rest = 0;
  let begun = null;

  const buttons = [...bar.querySelectorAll("[data-mode]")];
  function choose(name) {
    if (!act.may(name)) { act.refused(); return; }
    mode = mode === name ? "" : name;
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.mode === mode));
    act.chosen(mode);
  }
  for (const one of buttons) one.addEventListener("click", () => choose(one.dataset.mode));

  function steps(distance) {
    rest += distance;
    const n = Math.trunc(rest / STEP);
    rest -= n * STEP;
    if (n) act.scroll(n);
  }

  function drag(kind, x, y, event) {
    if (kind === "scroll") steps(y);
    else if (kind === "window") act.window(x, y);
    else if (kind === "zoom") act.zoom(Math.exp(-y / ZOOM));
    else if (kind === "measure") act.measure.to(event.clientX, event.clientY);
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

  // A tap in place of a drag: the point that is tapped comes to the middle.
  function tapped(event) {
    const still = Math.hypot(event.clientX - begun.x, event.clientY - begun.y) < TAP;
    if (begun.kind === "pan" && mode === "pan" && still) act.centre(event.clientX, event.clientY);
  }

  view.addEventListener("wheel", (event) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    act.scroll(Math.sign(event.deltaY));
  }, { passive: false });
  view.addEventListener("contextmenu", (event) => event.preventDefault());
  view.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, a")) return;
    if (event.pointerType === "mouse" && event.button === 1) event.preventDefault();
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    rest = 0;
    view.setPointerCapture(event.pointerId);
    if (down.size > 1) {
      if (begun?.kind === "measure") act.measure.drop();
      begun = null;
      return;
    }
    begun = { kind: kindOf(event), x: event.clientX, y: event.clientY };
    if (begun.kind === "measure") act.measure.start(event.clientX, event.clientY);
  });
  view.addEventListener("pointermove", (event) => {
    const from = down.get(event.pointerId);
    if (!from) return;
    const before = down.size === 2 ? spread() : null;
    const to = { x: event.clientX, y: event.clientY };
    down.set(event.pointerId, to);
    if (before) {
      const after = spread();
      act.pan(after.x - before.x, after.y - before.y);
      if (before.size > 0) act.zoom(after.size / before.size, after.x, after.y);
    } else if (begun && down.size === 1) drag(begun.kind, to.x - from.x, to.y - from.y, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    view.addEventListener(name, (event) => {
      if (!down.delete(event.pointerId) || !begun) return;
      if (begun.kind === "measure") act.measure.stop();
      if (name === "pointerup") tapped(event);
      act.done(begun.kind);
      begun = null;
    });
  }
  return { choose, mode: () => mode };
}
