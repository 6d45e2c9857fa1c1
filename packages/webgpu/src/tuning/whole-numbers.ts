import type { ContractionKernel } from "@steelyard/compiler";
import { hostArray, type DType, type HostArray } from "@steelyard/core";

/**
 * Numbers of which a contraction is exact, in whatever order it adds: whole, of both signs where there are signs, and so
 * small that no sum passes 2²⁴, up to which f32 has all whole numbers. Always the same ones.
 */
export function wholeNumbers({ k }: ContractionKernel, dtype: DType, count: number): HostArray {
  const terms = k.reduce((product, { size }) => product * size, 1);
  const most = Math.max(1, Math.min(4, Math.floor(Math.sqrt(2 ** 24 / Math.max(1, terms)))));
  const least = dtype === "bool" || dtype === "u32" ? 0 : -most;
  const values = hostArray(dtype, count);
  // Knuth's generator of linear congruences, by its upper bits.
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = least + ((state >>> 16) % (most - least + 1));
    values[i] = dtype === "bool" ? value % 2 : value;
  }
  return values;
}
