// What every page runs. The pages work without it.
import { watchErrors, watchForm } from "./js/_form.js";
import { watchNews } from "./js/_live.js";
import { watchSend } from "./js/_send.js";

const MODULES = { form: watchForm, errors: watchErrors, live: watchNews, send: watchSend };

for (const element of document.querySelectorAll("[data-module]")) {
  MODULES[element.dataset.module]?.(element);
}
