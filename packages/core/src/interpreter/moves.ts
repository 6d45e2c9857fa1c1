import type { Buffer } from "./algebra.ts";

/** Copies scalars, all planes of them: out[oo + i·os] = x[xo + i·xs] for i < count. Needs no algebra. */
export function moveRun(out: Buffer, oo: number, os: number, x: Buffer, xo: number, xs: number, count: number): void {
  for (let p = 0; p < out.planes.length; p++) {
    const to = out.planes[p]!;
    const from = x.planes[p];
    if (from === undefined) continue;
    // Short runs are done before `subarray` has made its view.
    if (os === 1 && xs === 1 && count > 16) to.set(from.subarray(xo, xo + count), oo);
    else for (let i = 0; i < count; i++) to[oo + i * os] = from[xo + i * xs]!;
  }
}

/** Visits the index tuples of a shape in row-major order with the matching offset under the given strides. */
export function forEachIndex(
  shape: readonly number[],
  strides: readonly number[],
  visit: (offset: number, index: readonly number[]) => void,
): void {
  const index = shape.map(() => 0);
  if (shape.includes(0)) return;
  let offset = 0;
  for (;;) {
    visit(offset, index);
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
