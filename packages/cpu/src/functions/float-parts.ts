import { f32x4, i32, i32x4, v128, type Code } from "../assembler/assembler.ts";
import { rootHalfBits } from "./constants.ts";
import type { Formula } from "./formula.ts";

/** x = 2ᵉ·m, with m from √½ to √2. */
export interface FloatParts {
  /** e, as a float. */
  readonly e: Code;
  readonly m: Code;
  /** What 2ᵉ adds to the bits of a float that it multiplies. */
  readonly exponentBits: Code;
}

/** The parts of normal numbers x > 0. */
export function normalParts({ keep, bits }: Formula, x: Code): FloatParts {
  const e = keep(i32x4.shrS(i32x4.sub(x, bits(rootHalfBits)), i32.const(23)));
  const exponentBits = keep(i32x4.shl(e, i32.const(23)));
  return { e: keep(f32x4.convertI32x4S(e)), m: keep(i32x4.sub(x, exponentBits)), exponentBits };
}

/** The parts of numbers x > 0: the subnormal ones are made normal first. */
export function floatParts(f: Formula, x: Code): Omit<FloatParts, "exponentBits"> {
  const { keep, float } = f;
  const isSubnormal = keep(f32x4.lt(x, float(2 ** -126)));
  const { e, m } = normalParts(f, keep(v128.bitselect(f32x4.mul(x, float(2 ** 23)), x, isSubnormal)));
  return { e: keep(f32x4.sub(e, v128.and(isSubnormal, float(23)))), m };
}
