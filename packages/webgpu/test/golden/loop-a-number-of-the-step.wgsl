// loop sub [64]
//   b2[i0] = sub(b0[i0], mul(b1[i0], s0))

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> words: array<vec4<u32>, 1>;

fn is_zero_or_nan(x: f32) -> bool {
  return (bitcast<u32>(x) << 1u) - 1u >= 0xff000000u;
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

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 16u) { return; }
  let q = i32(point);
  let v0 = b0[q];
  let v1 = b1[q];
  let v2 = bitcast<f32>(words[0].x);
  var s0: vec4<f32>;
  for (var lane = 0; lane < 4; lane++) {
    let i0 = 4 * q + lane;
    s0[lane] = (v0[lane] - mul_f32(v1[lane], v2));
  }
  b2[q] = s0;
}
