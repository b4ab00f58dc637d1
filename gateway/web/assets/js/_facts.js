// What is to be known of each image beside its picture: stored window, spacing, loss.
export function facts(images, first, at) {
  const known = new Map(first ? [[at, first]] : []);
  const asked = new Set(known.keys());
  let window = first?.window ?? null;

  return {
    of: (n) => known.get(n) ?? null,
    // Until those of an image have come, its neighbour's window is where a drag begins.
    window: (n) => (known.has(n) ? known.get(n).window : window),
    async ask(n) {
      if (asked.has(n) || !images[n]) return;
      asked.add(n);
      try {
        const answer = await fetch(images[n].replace("/image?", "/facts?"));
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        const told = await answer.json();
        window = told.window;
        known.set(n, told);
      } catch {
        asked.delete(n);
      }
    },
  };
}
