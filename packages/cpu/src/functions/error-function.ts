import { f32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { signBit } from "./constants.ts";
import { formula, polynomial } from "./formula.ts";

const { add, sub, mul } = f32x4;

// erf x = x + x·(c₀ + c₁x² + …) for |x| ≤ 1: minimax relative to erf x, off by at most 0.03u.
const inner = [0.12837917, -0.37612626, 0.11283579, -0.026853347, 0.005187162, -0.0007997853, 7.806904e-5];

// erf x = 1 − (c₀ + c₁x + …)⁸ for x from 1 to 3.95, off by at most 0.28u. The eighth root of 1 − erf x is nearly straight,
// where 1 − erf x itself falls by seven orders of magnitude; and it is at most 0.8, so that the eighth power, which
// multiplies an error of the root by 8, still loses little of erf x ≥ 0.84.
const outer = [1.000822, -0.14501008, -0.06150775, -0.01130523, 0.01289439, -0.0024621948, 0.0001491168];
const largest = 3.9375; // erf of it rounds to 1, and so does what is computed here

/** erf x = 2/√π ∫₀ˣ e^−t² dt. Error: at most 3u (measured). */
export function erf(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const x = keep(operand);
  const size = keep(f32x4.pmin(f32x4.abs(x), float(largest)));
  const near = add(mul(polynomial(f, keep(mul(size, size)), inner), size), size);
  const root = keep(polynomial(f, size, outer));
  const root4 = keep(square(keep(square(root))));
  const far = sub(float(1), mul(root4, root4));
  const value = v128.bitselect(near, far, f32x4.lt(size, float(1)));
  return f.result(v128.or(value, v128.and(x, bits(signBit))));
}

/** The square of a value that is kept. */
function square(x: Code): Code {
  return mul(x, x);
}
