// A critical value that comes up while a page stands open is told; nothing under the finger moves.
const EVERY_MS = 15_000;

export function watchNews(region) {
  const known = new Set(region.dataset.known.split(" ").filter(Boolean));

  function tell(fresh) {
    const words = document.createElement("strong");
    words.textContent = `${region.dataset.said} (${fresh.length})`;
    const link = document.createElement("a");
    link.href = fresh.length === 1 ? `/critical/${encodeURIComponent(fresh[0])}` : "/critical";
    link.textContent = region.dataset.link;
    region.replaceChildren(words, link);
  }

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/critical/waiting", { cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const fresh = (await answer.json()).waiting.filter((one) => !known.has(one));
      if (fresh.length) tell(fresh);
      else region.replaceChildren();
    } catch {
      // The next look will tell.
    }
  }

  setInterval(look, Number(region.dataset.every) || EVERY_MS);
  document.addEventListener("visibilitychange", look);
}
