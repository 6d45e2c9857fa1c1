import { declarationsOf, type Declarations } from "./declarations.ts";

/**
 * a − ⌊a/b⌋·b: the remainder with the sign of b, by long division with digits of 8 bits. No step has an error; only adding
 * b to a remainder of the other sign rounds. Error: at most 1u.
 */
export const remainder: Declarations = declarationsOf(`
fn mod_f32(a: f32, b: f32) -> f32 {
  let over = bitcast<u32>(a) & 0x7fffffffu;
  let under = bitcast<u32>(b) & 0x7fffffffu;
  if (over >= 0x7f800000u || under > 0x7f800000u || under == 0u) { return nan_f32(); }
  if (over == 0u) { return a; }
  let rest = signed_f32(size_of_rest(a, b), a);
  let is_foreign = (bitcast<u32>(rest) << 1u) != 0u && ((bitcast<u32>(a) ^ bitcast<u32>(b)) >> 31u) == 1u;
  if (is_foreign) { return rest + b; }
  return rest;
}

// |a| - floor(|a| / |b|) * |b|
fn size_of_rest(a: f32, b: f32) -> f32 {
  if ((bitcast<u32>(a) & 0x7fffffffu) < (bitcast<u32>(b) & 0x7fffffffu)) { return a; }
  let x = parts_f32(a);
  let divisor = parts_f32(b);
  var rest = x.mantissa % divisor.mantissa;
  var places = u32(x.exponent - divisor.exponent);
  while (places > 0u) {
    let digits = min(places, 8u);
    rest = (rest << digits) % divisor.mantissa;
    places -= digits;
  }
  return rounded_f32(rest, divisor.exponent);
}
`);
