// Forms: a second press within a second is no second act; what was wrong gets the focus.
const AGAIN_MS = 1000;

export function watchForm(form) {
  let pressed = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - pressed < AGAIN_MS) event.preventDefault();
    else pressed = event.timeStamp;
  });
}

export function watchErrors(summary) {
  summary.focus();
}
