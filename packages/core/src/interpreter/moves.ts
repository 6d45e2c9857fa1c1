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
