import { dataError, wholeNumber } from "./data-error.ts";

/** An image of any number of channels: `pixels` is `[height, width, channels]`, row-major. */
export interface PixelGrid {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: ArrayLike<number>;
}

/** One axis of a separable resampling: output `i` is the weighted sum of the inputs from `first[i]`. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Resizes an image by area averaging: `[H, W, C] → [height, width, C]`, same units.
 *
 * Shrinking averages every input pixel with the share of it that an output pixel covers: the blur that keeps fine detail
 * from turning into false coarse patterns. Growing interpolates linearly between pixel centres. A constant image stays
 * constant, and shrinking keeps the mean. The aspect ratio follows the sizes asked for.
 *
 * Cost: two passes, about `2 · max(in, out)` multiplications per pixel and axis.
 *
 * @throws DataError when the pixels do not fill the shape, or a size is not a whole number of at least 1
 */
export function resize(image: PixelGrid, height: number, width: number = height): Float32Array {
  const { channels: c } = image;
  wholeNumber("resize", "image.height", image.height, 1, "there is nothing to resize");
  wholeNumber("resize", "image.width", image.width, 1, "there is nothing to resize");
  wholeNumber("resize", "height", height, 1, "pass the size the network takes");
  wholeNumber("resize", "width", width, 1, "pass the size the network takes");
  if (image.pixels.length !== image.height * image.width * c) {
    throw dataError(
      "resize",
      `${image.height} × ${image.width} × ${c} values`,
      `${image.pixels.length}`,
      "pixels are [height, width, channels], row-major",
    );
  }
  const across = axisTaps(image.width, width);
  const down = axisTaps(image.height, height);
  const rows = new Float64Array(image.height * width * c);
  for (let y = 0; y < image.height; y++) {
    gather(image.pixels, y * image.width * c, c, c, across, rows, y * width * c, c);
  }
  const out = new Float32Array(height * width * c);
  for (let x = 0; x < width; x++) gather(rows, x * c, width * c, c, down, out, x * c, width * c);
  return out;
}

/** Applies `taps` along one line of `source`; the lines of both arrays start at an offset and have a stride of their own. */
function gather(
  source: ArrayLike<number>,
  from: number,
  stride: number,
  channels: number,
  { first, weights }: Taps,
  target: Float32Array | Float64Array,
  to: number,
  targetStride: number,
): void {
  for (const [i, taps] of weights.entries()) {
    const start = from + (first[i] ?? 0) * stride;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += (taps[k] ?? 0) * (source[start + k * stride + c] ?? 0);
      target[to + i * targetStride + c] = sum;
    }
  }
}

function axisTaps(from: number, to: number): Taps {
  const first = new Int32Array(to);
  const weights: Float64Array[] = [];
  for (let i = 0; i < to; i++) {
    const [start, taps] = to <= from ? areaTaps(i, from, to) : linearTaps(i, from, to);
    first[i] = start;
    weights.push(taps);
  }
  return { first, weights };
}

/** The share of each input pixel under output pixel `i`; the output grid divides the input's extent evenly. */
function areaTaps(i: number, from: number, to: number): [first: number, weights: Float64Array] {
  const low = (i * from) / to;
  const high = ((i + 1) * from) / to;
  const start = Math.floor(low);
  const end = Math.min(from, Math.ceil(high));
  const taps = Float64Array.from({ length: end - start }, (_, k) => {
    const covered = Math.min(high, start + k + 1) - Math.max(low, start + k);
    return (covered * to) / from;
  });
  return [start, taps];
}

/** The two input pixels whose centres lie around the centre of output pixel `i`; the edge is repeated. */
function linearTaps(i: number, from: number, to: number): [first: number, weights: Float64Array] {
  const centre = ((i + 0.5) * from) / to - 0.5;
  const start = Math.floor(centre);
  if (start < 0 || start + 1 >= from) return [start < 0 ? 0 : from - 1, Float64Array.of(1)];
  return [start, Float64Array.of(start + 1 - centre, centre - start)];
}
