// loop div [40, 10]
//   b2[10·i0 + i1] = div(b0[10·i0 + i1], b1[i0])

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

var<private> zero_bits: u32;

// No text may say it in constants.
fn nan_f32() -> f32 {
  return bitcast<f32>(0x7fc00000u | zero_bits);
}

// |x| = mantissa · 2^exponent with a mantissa of 24 bits.
struct Parts {
  mantissa: u32,
  exponent: i32,
}

// The parts of a finite x that is not 0.
fn parts_f32(x: f32) -> Parts {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits >= 0x00800000u) {
    return Parts((bits & 0x007fffffu) | 0x00800000u, i32(bits >> 23u) - 150);
  }
  let shift = countLeadingZeros(bits) - 8u; // a subnormal number is made normal
  return Parts(bits << shift, -149 - i32(shift));
}

// The f32 nearest to wide · 2^exponent, of two equally near ones the even one. Where `wide` has more than 25 bits, its
// last one may stand for all that follow it: whether there is anything beyond the middle of two floats.
fn rounded_f32(wide: u32, exponent: i32) -> f32 {
  if (wide == 0u) { return 0.0; }
  let zeros = countLeadingZeros(wide);
  let top = exponent + 31 - i32(zeros); // 2^top is the leading bit
  if (top > 127) { return bitcast<f32>(0x7f800000u | zero_bits); }
  if (top < -150) { return 0.0; }
  let leading = wide << zeros;
  let bits = (leading >> 1u) | (leading & 1u); // 31 of them, so that no shift is by 32
  let dropped = 7u + u32(max(-126 - top, 0)); // a subnormal number has fewer bits
  let kept = bits >> dropped;
  let rest = bits & ((1u << dropped) - 1u);
  let half = 1u << (dropped - 1u);
  let up = select(0u, 1u, rest > half || (rest == half && (kept & 1u) == 1u));
  // The leading bit counts as 1 of the exponent, and so does one that rounding carries.
  return bitcast<f32>((u32(max(top + 126, 0)) << 23u) + kept + up);
}

fn div_f32(a: f32, b: f32) -> f32 {
  let over = bitcast<u32>(a) & 0x7fffffffu;
  let under = bitcast<u32>(b) & 0x7fffffffu;
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (max(over, under) > 0x7f800000u || (over == under && (over == 0u || over == 0x7f800000u))) { return nan_f32(); }
  if (over == 0x7f800000u || under == 0u) { return bitcast<f32>(sign | 0x7f800000u); }
  if (over == 0u || under == 0x7f800000u) { return bitcast<f32>(sign); }
  return bitcast<f32>(sign | bitcast<u32>(quotient_f32(parts_f32(a), parts_f32(b))));
}

fn quotient_f32(a: Parts, b: Parts) -> f32 {
  // The quotient of the mantissas has 25 bits before the point, one more than a float.
  let shift = select(24u, 25u, a.mantissa < b.mantissa);
  let divisor = f32(b.mantissa);
  let guess = u32(f32(a.mantissa) / divisor * f32(1u << shift));
  let left = bitcast<i32>((a.mantissa << shift) - guess * b.mantissa);
  let change = i32(floor(f32(left) / divisor));
  var quotient = guess + bitcast<u32>(change);
  var rest = left - change * i32(b.mantissa);
  if (rest < 0) {
    quotient -= 1u;
    rest += i32(b.mantissa);
  } else if (rest >= i32(b.mantissa)) {
    quotient += 1u;
    rest -= i32(b.mantissa);
  }
  return rounded_f32(2u * quotient + select(0u, 1u, rest != 0), a.exponent - b.exponent - i32(shift) - 1);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  zero_bits = arrayLength(&b0) >> 31u;
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 400u) { return; }
  let i0 = i32(point / 10u);
  let i1 = i32(point % 10u);
  let p0 = 10 * i0 + i1;
  b2[p0] = div_f32(b0[p0], b1[i0]);
}
