// What every page runs. The pages work without it.
import { watchErrors, watchForm } from "./js/_form.js";

const MODULES = { form: watchForm, errors: watchErrors };

for (const element of document.querySelectorAll("[data-module]")) {
  MODULES[element.dataset.module]?.(element);
}
