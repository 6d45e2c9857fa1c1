import { scaled } from "../affine.ts";
import type { Expr, Kernel, LoopKernel } from "../ir.ts";
import type { Scratch } from "../lowered.ts";
import { cutContraction } from "./contractions.ts";
import { cuttingOf, type Piece, type Room } from "./cutting.ts";
import { cutLoop } from "./loops.ts";
import { rewriter, withExpressions } from "./within.ts";

/** A kernel in pieces, to be run in order, and the memory they need for themselves. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  readonly scratch: readonly Scratch[];
}

/**
 * The kernel in pieces that a device can bind: each touches windows of its buffers that hold at most `room.elements`
 * elements and begin at multiples of 64, and binds at most `room.buffers` of them. Axes are cut, the outermost where that
 * is enough; sums over axes that have to be cut are taken in parts; what may be anywhere in a buffer is looked up in one
 * pass for each part of it; and expressions that read too much at once are stored in parts.
 *
 * `sizes` tells the elements of each buffer, and `offsets` where in them it is read or written.
 */
export function windowsOf(
  kernel: Kernel,
  sizes: readonly number[],
  room: Room,
  offsets: readonly number[] = sizes.map(() => 0),
): Pieces {
  const cutting = cuttingOf(kernel, sizes, room);
  const moved = rewriter((expr) =>
    expr.kind === "load" || expr.kind === "lookup" ? { ...expr, at: scaled(expr.at, 1, offsets[expr.buffer]) } : expr,
  );
  if (kernel.kind === "loop") cutLoop(movedLoop(kernel, moved, offsets), cutting);
  else {
    const [a, b, c] = [offsets[0]!, offsets[1]!, offsets.at(-1)!];
    const start = { a: kernel.start.a + a, b: kernel.start.b + b, c: kernel.start.c + c };
    cutContraction({ ...kernel, start, epilogue: moved(kernel.epilogue) }, cutting);
  }
  return { pieces: cutting.pieces, scratch: cutting.held.slice(sizes.length) };
}

function movedLoop(loop: LoopKernel, moved: (expr: Expr) => Expr, offsets: readonly number[]): LoopKernel {
  return {
    ...loop,
    accumulators: loop.accumulators.map((accumulator) => withExpressions(accumulator, moved)),
    stores: loop.stores.map(({ buffer, at, expr }) => {
      return { buffer, at: scaled(at, 1, offsets[buffer]), expr: moved(expr) };
    }),
  };
}
