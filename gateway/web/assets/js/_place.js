// From a point of the screen to a pixel of the image and back, through fit, turn, mirror, zoom and pan.
export function placing(view, image, state) {
  function frame() {
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    return { width, height, fit: Math.min(view.clientWidth / width, view.clientHeight / height) };
  }

  function turned(x, y, degrees) {
    const [sin, cos] = [Math.sin(degrees * Math.PI / 180), Math.cos(degrees * Math.PI / 180)];
    return [x * cos - y * sin, x * sin + y * cos];
  }

  // Relative to the middle of the view.
  function centred(clientX, clientY) {
    const box = view.getBoundingClientRect();
    return [
      clientX - box.left - view.clientLeft - view.clientWidth / 2,
      clientY - box.top - view.clientTop - view.clientHeight / 2,
    ];
  }

  return {
    centred,
    toImage(clientX, clientY) {
      const { width, height, fit } = frame();
      const [x, y] = centred(clientX, clientY);
      const scale = state.scale * fit;
      const [u, v] = turned((x - state.x) / (scale * state.flipX), (y - state.y) / (scale * state.flipY), -state.turn);
      return [u + width / 2, v + height / 2];
    },
    toView([x, y]) {
      const { width, height, fit } = frame();
      const scale = state.scale * fit;
      const [u, v] = turned(x - width / 2, y - height / 2, state.turn);
      return [u * scale * state.flipX + state.x + view.clientWidth / 2, v * scale * state.flipY + state.y + view.clientHeight / 2];
    },
    middle() {
      const { width, height } = frame();
      return [width / 2, height / 2];
    },
    size: () => [image.naturalWidth, image.naturalHeight],
  };
}
