import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { operandsOf, type Operand } from "../wgsl/contraction-operand.ts";
import { isAligned } from "../wgsl/contraction-tile.ts";

/**
 * Contractions that are as good as alike: what is the quickest way for one is so for all. A bucket is a text for people:
 *
 *     f32 × f32 → f32 + 1: 1 of 16 of 1024 × 64 over 16 of 64; A 64 64, 1 deep 4; B 1 4096, 64 wide 4; C wide 4
 *
 * that is the dtypes, and how many buffers more the epilogue reads; the products of the sizes of the outer axes along which
 * B moves, and of those along which it stands still; m × n; the sizes of the sum, all but the innermost as their product,
 * and the innermost. Then of each operand the steps along its rows, and along the innermost axis of the sum, and whether
 * four elements are read at once, and along which of the two. All sizes and steps are rounded to the nearest power of two:
 * images that are a little larger, or a batch that is not quite full, are no reason to measure again. Where values begin
 * does not matter, except that nothing is read in fours where that is known only at run time.
 */
export function bucketOf(kernel: ContractionKernel, { offsets }: Pick<RenderOptions, "offsets">): string {
  const { buffers, outer, m, n, k } = kernel;
  const operands = operandsOf(kernel, !offsets);
  const moving = outer.filter(({ b }) => b !== 0);
  const still = outer.filter(({ b }) => b === 0);
  const result = `${buffers[0]} × ${buffers[1]} → ${buffers.at(-1)} + ${buffers.length - 3}`;
  const sizes = `${rounded(volume(moving))} of ${rounded(volume(still))} of ${rounded(m.size)} × ${rounded(n.size)}`;
  const sum = `${rounded(volume(k.slice(0, -1)))} of ${rounded(k.at(-1)!.size)}`;
  const stored = !offsets && isAligned(kernel) ? 4 : 1;
  return `${result}: ${sizes} over ${sum}; A ${showOperand(operands.m)}; B ${showOperand(operands.n)}; C wide ${stored}`;
}

/** How many products are added in all. */
export function productsOf({ outer, m, n, k }: ContractionKernel): number {
  return volume(outer) * m.size * n.size * volume(k);
}

function showOperand({ step, sum, unit }: Operand): string {
  const fours = unit.rows === 4 ? " wide 4" : unit.depth === 4 ? " deep 4" : "";
  return `${rounded(step)} ${rounded(sum.at(-1)!)}${fours}`;
}

function volume(axes: readonly { readonly size: number }[]): number {
  return axes.reduce((product, { size }) => product * size, 1);
}

/** The nearest power of two, on the scale of powers; 0 is itself, and a step backwards is as long as one forwards. */
function rounded(size: number): number {
  return size === 0 ? 0 : 2 ** Math.round(Math.log2(Math.abs(size)));
}
