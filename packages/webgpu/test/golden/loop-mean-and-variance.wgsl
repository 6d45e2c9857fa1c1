// loop sum + div [30] over [20]
//   t0 = sub(b0[i0 + 30·i1], div(b1[i0], s0))
//   a0 = sum of mul(t0, t0)
//   b2[i0] = div(a0, s1)

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
@group(0) @binding(3) var<uniform> words: array<vec4<u32>, 1>;

var<private> zero_bits: u32;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// |x| = mantissa · 2^exponent with a mantissa of 24 bits.
struct Parts {
  mantissa: u32,
  exponent: i32,
}

// The parts of a finite x that is not 0.
fn parts_f32(x: f32) -> Parts {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let field = bits >> 23u;
  let mantissa = (bits & 0x007fffffu) | (min(field, 1u) << 23u);
  let shift = countLeadingZeros(mantissa) - 8u; // a subnormal number is made normal
  return Parts(mantissa << shift, i32(max(field, 1u) - shift) - 150);
}

// The f32 nearest to wide * 2^exponent, of two equally near ones the even one, for a `wide` of 26 bits, two more than a
// float. The last one may stand for all that follow it: whether there is anything beyond the middle of two floats.
fn placed_f32(wide: u32, exponent: i32) -> f32 {
  let field = exponent + 152;
  if (field > 254) { return bitcast<f32>(0x7f800000u | zero_bits); }
  let dropped = u32(clamp(3 - field, 2, 27)); // a subnormal number has fewer bits
  let is_odd = (wide >> dropped) & 1u;
  let mantissa = (wide + (1u << (dropped - 1u)) - 1u + is_odd) >> dropped;
  // The leading bit counts as 1 of the exponent, and so does one that rounding carries.
  return bitcast<f32>((u32(max(field - 1, 0)) << 23u) + mantissa);
}

fn div_f32(a: f32, b: f32) -> f32 {
  let over = bitcast<u32>(a) & 0x7fffffffu;
  let under = bitcast<u32>(b) & 0x7fffffffu;
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (max(over, under) >= 0x7f800000u || min(over, under) == 0u) {
    let is_nan = max(over, under) > 0x7f800000u || over == under;
    let is_infinite = over == 0x7f800000u || under == 0u;
    return bitcast<f32>(select(select(0u, 0x7f800000u, is_infinite), 0x7fc00000u, is_nan) | sign);
  }
  let x = parts_f32(a);
  let y = parts_f32(b);
  // The quotient of the mantissas has 25 bits before the point, one more than a float.
  let shift = select(24u, 25u, x.mantissa < y.mantissa);
  let divisor = f32(i32(y.mantissa));
  let guess = u32(f32(i32(x.mantissa)) / divisor * f32(1i << shift));
  let left = bitcast<i32>((x.mantissa << shift) - guess * y.mantissa);
  let change = i32(floor(f32(left) / divisor));
  let rest = left - change * i32(y.mantissa);
  let floored = i32(guess) + change + select(0, 1, rest >= i32(y.mantissa)) - select(0, 1, rest < 0);
  let has_rest = rest != 0 && rest != i32(y.mantissa);
  let size = placed_f32(u32(floored) * 2u + select(0u, 1u, has_rest), x.exponent - y.exponent - i32(shift) - 1);
  return bitcast<f32>(sign | bitcast<u32>(size));
}

var<workgroup> all_a0: array<f32, 128>;

@compute @workgroup_size(128, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  zero_bits = arrayLength(&b0) >> 31u;
  let stripe = local_invocation_index / 16u;
  let point = 16u * workgroup_id.x + local_invocation_index % 16u;
  let i0 = i32(point);
  var a0 = 0.0f;
  if (point < 30u) {
    let v0 = div_f32(b1[i0], bitcast<f32>(words[0].x));
    for (var term = stripe; term < 20u; term += 8u) {
      let i1 = i32(term);
      let v1 = (b0[i0 + 30 * i1] - v0);
      a0 += (v1 * v1);
    }
  }
  all_a0[local_invocation_index] = a0;
  workgroupBarrier();
  if (stripe < 4u) {
    a0 += all_a0[local_invocation_index + 64u];
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 2u) {
    a0 += all_a0[local_invocation_index + 32u];
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 1u) {
    a0 += all_a0[local_invocation_index + 16u];
  }
  if (stripe == 0u && point < 30u) {
    b2[i0] = div_f32(a0, bitcast<f32>(words[0].y));
  }
}
