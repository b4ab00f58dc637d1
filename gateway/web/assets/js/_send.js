// A form that must not be lost: it leaves the page only once the gateway answers. What was typed
// and its key stay, so that a second press is the same act.
import { watchForm } from "./_form.js";

const REACH_MS = 5_000;

export function watchSend(form) {
  const told = form.querySelector("[data-unsent]");
  let reached = false;
  watchForm(form);

  function leaving(event) {
    event.preventDefault();
  }

  form.addEventListener("submit", async (event) => {
    if (reached || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    try {
      const patience = AbortSignal.timeout(REACH_MS);
      await fetch("/critical/waiting", { cache: "no-store", redirect: "manual", signal: patience });
      reached = true;
      removeEventListener("beforeunload", leaving);
      // Not by a second event: the first press is this one.
      const name = button?.name;
      if (name) form.append(hidden(name, button.value));
      form.submit();
    } catch {
      told.hidden = false;
      told.textContent = told.dataset.unsent;
      addEventListener("beforeunload", leaving);
    }
  });
  // Back from the answer the form may be sent again.
  addEventListener("pageshow", () => (reached = false));
}

function hidden(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}
