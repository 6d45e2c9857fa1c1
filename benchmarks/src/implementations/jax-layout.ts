import { numpy as np, type Array as JaxArray } from "@jax-js/jax";

/** jax-js convolves images [N, C, H, W] under filters [O, C/groups, kh, kw]; ours have the channels last. */
export type Layout = "images" | "filters" | "plain";

const toTheirs = { images: [0, 3, 1, 2], filters: [3, 2, 0, 1] } as const;
const toOurs = { images: [0, 2, 3, 1], filters: [2, 3, 1, 0] } as const;

export function toJax(data: Float32Array<ArrayBuffer>, shape: readonly number[], layout: Layout): JaxArray {
  if (layout === "plain") return np.array(data, { shape: [...shape] });
  const axes = toTheirs[layout];
  return np.array(permuted(data, shape, axes), { shape: axes.map((axis) => shape[axis]!) });
}

/** `shape` is that of the result, in our order. */
export function fromJax(data: Float32Array, shape: readonly number[], layout: Layout): Float32Array {
  if (layout === "plain") return data;
  return permuted(
    data,
    toTheirs[layout].map((axis) => shape[axis]!),
    toOurs[layout],
  );
}

/** The values with axis `axes[i]` in place i, four of them. */
function permuted(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const [a, b, c, d] = axes.map((axis) => ({ length: shape[axis]!, stride: strides[axis]! })) as [
    Axis,
    Axis,
    Axis,
    Axis,
  ];
  const result = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      for (let k = 0; k < c.length; k++) {
        const from = i * a.stride + j * b.stride + k * c.stride;
        for (let l = 0; l < d.length; l++) result[to++] = data[from + l * d.stride]!;
      }
    }
  }
  return result;
}

interface Axis {
  readonly length: number;
  readonly stride: number;
}
