// loop pad [2, 10, 160]
//   b1[1600·i0 + 160·i1 + i2] = (0 ≤ i1 − 1 < 8 and 0 ≤ i2 − 16 < 128 ? exp(b0[1024·i0 + 128·i1 + i2 − 144]) : 0)

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<f32>>;

var<private> zero_bits: u32;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
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

// y * 2^n for a normal y > 0.
fn scaled_f32(y: f32, n: i32) -> f32 {
  let bits = bitcast<u32>(y);
  return placed_f32(((bits & 0x007fffffu) | 0x00800000u) << 2u, i32(bits >> 23u) + n - 152);
}

struct Reduced {
  n: i32,
  r: f32,
}

// n and r for |x| < 127.
fn reduced_f32(x: f32) -> Reduced {
  let size = abs(x);
  let n = u32(size * 1.442695f + 0.5);
  if (n == 0u) { return Reduced(0, x); }
  let rest = bitcast<i32>(u32(size * 33554432f) - n * 23258160u);
  let r = f32(rest) * 2.9802322e-8f - f32(n) * -1.9046542e-9f;
  if (x < 0.0) { return Reduced(-i32(n), -r); }
  return Reduced(i32(n), r);
}

// e^x for x from -105 to 90, and NaN of NaN.
fn bounded_exp_f32(x: f32) -> f32 {
  let reduced = reduced_f32(x);
  let r = reduced.r;
  return scaled_f32(1.0 + r * (1.0 + r * (0.49999994f + r * (0.16666517f + r * (0.041668102f + r * (0.0083691925f + r * 0.0013838899f))))), reduced.n);
}

fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  return bounded_exp_f32(clamp(x, -105.0, 90.0));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  zero_bits = arrayLength(&b0) >> 31u;
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 800u) { return; }
  let i0 = i32(point / 400u);
  let i1 = i32(point / 40u % 10u);
  let q = i32(point % 40u);
  let v1 = b0[min(u32(256 * i0 + 32 * i1 + q - 36), arrayLength(&b0) - 1u)];
  var s0: vec4<f32>;
  for (var lane = 0; lane < 4; lane++) {
    let i2 = 4 * q + lane;
    var v0 = 0.0f;
    if ((i1 - 1 >= 0) & (i1 - 1 < 8) & (i2 - 16 >= 0) & (i2 - 16 < 128)) {
      v0 = exp_f32(v1[lane]);
    }
    s0[lane] = v0;
  }
  b1[400 * i0 + 40 * i1 + q] = s0;
}
