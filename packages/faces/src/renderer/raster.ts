/** Red, green and blue in 0..255 (sRGB), as everyday colour tables give them; the finished image is divided by 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** An image being painted, with the scratch memory that painting needs; one canvas serves any number of faces. */
export interface Canvas {
  readonly size: number;
  /** `[size, size, 3]`, 0..255. */
  readonly rgb: Float64Array;
  /** `[size, size]`, 0..1: how much of each pixel is lit like the head, not like the background. */
  readonly lit: Float64Array;
  // Signed area per pixel, two more per row than the image is wide: a line may spill over its right edge.
  readonly area: Float64Array;
}

/** How much of each pixel a shape covers, within the box that holds it. */
export interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** `[bottom − top, right − left]`, 0..1. */
  readonly share: Float64Array;
}

export function createCanvas(size: number): Canvas {
  return {
    size,
    rgb: new Float64Array(size * size * 3),
    lit: new Float64Array(size * size),
    area: new Float64Array(size * (size + 2)),
  };
}

/**
 * The exact area of each pixel that lies inside a closed polygon: edges come out smooth at any size, without samples.
 *
 * Every edge adds, per row, the area between itself and the right border; running sums along the rows give the covered area
 * (the signed-area method of font rasterisers). Opposite edges cancel, so the sums end at zero outside the shape.
 *
 * @param path x, y pairs in pixels; the last point is joined to the first
 */
export function cover(canvas: Canvas, path: Float64Array): Coverage {
  const { size, area } = canvas;
  const [left, right] = extent(path, 0, size);
  const [top, bottom] = extent(path, 1, size);
  if (left >= right || top >= bottom) return { left: 0, top: 0, right: 0, bottom: 0, share: new Float64Array(0) };
  addEdges(canvas, path);
  const share = new Float64Array((right - left) * (bottom - top));
  for (let y = top, at = 0; y < bottom; y++) {
    const row = y * (size + 2);
    let sum = 0;
    for (let x = left; x < right; x++, at++) {
      sum += area[row + x] ?? 0;
      share[at] = Math.min(1, Math.abs(sum));
    }
    area.fill(0, row + left, row + Math.min(size, right) + 2);
  }
  return { left, top, right, bottom, share };
}

function addEdges(canvas: Canvas, path: Float64Array): void {
  let x0 = path[path.length - 2] ?? 0;
  let y0 = path[path.length - 1] ?? 0;
  for (let i = 0; i < path.length; i += 2) {
    const x1 = path[i] ?? 0;
    const y1 = path[i + 1] ?? 0;
    if (y0 < y1) addEdge(canvas, x0, y0, x1, y1, 1);
    else if (y1 < y0) addEdge(canvas, x1, y1, x0, y0, -1);
    x0 = x1;
    y0 = y1;
  }
}

/** The first and last pixel that a path can touch along one axis. */
function extent(path: Float64Array, axis: 0 | 1, size: number): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = axis; i < path.length; i += 2) {
    const value = path[i] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [Math.max(0, Math.floor(low)), Math.min(size, Math.floor(high) + 1)];
}

/** Adds the area to the right of a downward edge. */
function addEdge({ size, area }: Canvas, x0: number, y0: number, x1: number, y1: number, sign: number): void {
  const slope = (x1 - x0) / (y1 - y0);
  const end = Math.min(size, y1);
  let y = Math.max(0, y0);
  let x = x0 + (y - y0) * slope;
  while (y < end) {
    const below = Math.min(end, Math.floor(y) + 1);
    const next = x + (below - y) * slope;
    addSpan(
      area,
      Math.floor(y) * (size + 2),
      clip(Math.min(x, next), size),
      clip(Math.max(x, next), size),
      sign * (below - y),
    );
    x = next;
    y = below;
  }
}

// Left of the image an edge counts in full from the first pixel on; right of it, it covers nothing.
function clip(x: number, size: number): number {
  return x < 0 ? 0 : x > size ? size : x;
}

/** Spreads the height of an edge's piece within one row over the pixels it crosses, from `low` to `high`. */
function addSpan(area: Float64Array, row: number, low: number, high: number, height: number): void {
  const first = Math.floor(low);
  if (high <= first + 1) {
    // Within one pixel: the piece covers the part of the pixel right of its middle.
    const covered = height * (1 - ((low + high) / 2 - first));
    area[row + first] = (area[row + first] ?? 0) + covered;
    area[row + first + 1] = (area[row + first + 1] ?? 0) + height - covered;
    return;
  }
  // Across pixels: walk them, and give each the difference of the integrals of the covered area up to its borders.
  const perPixel = height / (high - low);
  let before = 0;
  for (let x = first; x < high; x++) {
    const enter = Math.max(low, x);
    const leave = Math.min(high, x + 1);
    const inside = perPixel * (leave - enter);
    const covered = inside * (x + 1 - (enter + leave) / 2);
    area[row + x] = (area[row + x] ?? 0) + before + covered;
    before = inside - covered;
  }
  const last = row + Math.ceil(high);
  area[last] = (area[last] ?? 0) + before;
}

/** Blends a colour over the covered pixels, within the coverage of `within` when that is given. */
export function paint(canvas: Canvas, shape: Coverage, colour: Colour, opacity = 1, within?: Coverage): void {
  const { size, rgb } = canvas;
  const [red, green, blue] = colour;
  for (let y = shape.top, at = 0; y < shape.bottom; y++) {
    for (let x = shape.left; x < shape.right; x++, at++) {
      let share = opacity * (shape.share[at] ?? 0);
      if (share === 0) continue;
      if (within !== undefined) share *= shareAt(within, x, y);
      const pixel = (y * size + x) * 3;
      rgb[pixel] = mix(rgb[pixel] ?? 0, red, share);
      rgb[pixel + 1] = mix(rgb[pixel + 1] ?? 0, green, share);
      rgb[pixel + 2] = mix(rgb[pixel + 2] ?? 0, blue, share);
    }
  }
}

/** Marks the covered pixels as part of the head, for the light. */
export function light({ size, lit }: Canvas, shape: Coverage): void {
  for (let y = shape.top, at = 0; y < shape.bottom; y++) {
    for (let x = shape.left; x < shape.right; x++, at++) {
      const pixel = y * size + x;
      lit[pixel] = mix(lit[pixel] ?? 0, 1, shape.share[at] ?? 0);
    }
  }
}

function shareAt({ left, top, right, bottom, share }: Coverage, x: number, y: number): number {
  if (x < left || x >= right || y < top || y >= bottom) return 0;
  return share[(y - top) * (right - left) + x - left] ?? 0;
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

export function mixColour(from: Colour, to: Colour, share: number): Colour {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)];
}
