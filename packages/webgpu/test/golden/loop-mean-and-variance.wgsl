// loop sum + div [30] over [20]
//   t0 = sub(b0[i0 + 30·i1], div(b1[i0], s0))
//   a0 = sum of mul(t0, t0)
//   b2[i0] = div(a0, s1)

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
@group(0) @binding(3) var<uniform> words: array<vec4<u32>, 1>;

var<private> zero_bits: u32;

fn is_zero_or_nan(x: f32) -> bool {
  return (bitcast<u32>(x) << 1u) - 1u >= 0xff000000u;
}

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

// The hardware may take a subnormal operand for 0, and so make 0 or NaN of a product that is none.
fn mul_f32(a: f32, b: f32) -> f32 {
  let product = a * b;
  if (!is_zero_or_nan(product)) { return product; }
  let sizes = vec2<u32>(bitcast<u32>(a), bitcast<u32>(b)) & vec2<u32>(0x7fffffffu);
  let tiny = min(sizes.x, sizes.y);
  let other = max(sizes.x, sizes.y);
  if (tiny == 0u || tiny >= 0x00800000u) { return product; }
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (other >= 0x7f800000u) { return bitcast<f32>(sign | other); }
  // |tiny| = fraction * 2^-down with a fraction from 1/2 to 1; the power is taken from the exponent of the product.
  let shift = countLeadingZeros(tiny) - 8u;
  let fraction = bitcast<f32>(((tiny << shift) & 0x007fffffu) | 0x3f000000u);
  let size = bitcast<u32>(fraction * bitcast<f32>(other));
  let down = (125u + shift) << 23u;
  return bitcast<f32>(sign | select(0u, size - down, size >= down + 0x00800000u));
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
      a0 += mul_f32(v1, v1);
    }
  }
  all_a0[local_invocation_index] = a0;
  for (var half = 4u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (stripe < half) {
      let other = local_invocation_index + 16u * half;
      a0 += all_a0[other];
      all_a0[local_invocation_index] = a0;
    }
  }
  if (stripe == 0u && point < 30u) {
    b2[i0] = div_f32(a0, bitcast<f32>(words[0].y));
  }
}
