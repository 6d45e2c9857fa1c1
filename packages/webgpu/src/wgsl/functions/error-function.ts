import { declarationsOf, float, polynomial, type Declarations } from "./declarations.ts";

// erf x = x + x·(c₀ + c₁x² + …) for |x| ≤ 1: minimax relative to erf x, off by at most 0.03u.
const inner = [0.12837917, -0.37612626, 0.11283579, -0.026853347, 0.005187162, -0.0007997853, 7.806904e-5];

// erf x = 1 − (c₀ + c₁x + …)⁸ for x from 1 to 3.95, off by at most 0.28u. The eighth root of 1 − erf x is nearly straight,
// where 1 − erf x itself falls by seven orders of magnitude; and it is at most 0.8, so that the eighth power, which
// multiplies an error of the root by 8, still loses little of erf x ≥ 0.84.
const outer = [1.000822, -0.14501008, -0.06150775, -0.01130523, 0.01289439, -0.0024621948, 0.0001491168];
const largest = 3.9375; // erf of it rounds to 1, and so does what is computed here

/** erf x = 2/√π ∫₀ˣ e^−t² dt. Error: at most 2.9u (measured). */
export const errorFunction: Declarations = declarationsOf(`
fn erf_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (abs(x) < ${float(2 ** -64)}) { return x * ${float(2 / Math.sqrt(Math.PI))}; } // the others lose subnormal numbers
  let size = min(abs(x), ${float(largest)});
  if (size < 1.0) {
    let z = size * size;
    return signed_f32(size + size * (${polynomial("z", inner)}), x);
  }
  let root = ${polynomial("size", outer)};
  let square = root * root;
  let fourth = square * square;
  return signed_f32(1.0 - fourth * fourth, x);
}
`);
