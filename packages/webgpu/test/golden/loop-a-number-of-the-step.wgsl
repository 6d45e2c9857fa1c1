// loop sub [64]
//   b2[i0] = sub(b0[i0], mul(b1[i0], s0))

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> words: array<vec4<u32>, 1>;

fn is_zero_or_nan(x: f32) -> bool {
  return (bitcast<u32>(x) << 1u) - 1u >= 0xff000000u;
}

// The hardware may take a subnormal factor for 0, and so make 0 or NaN of a product that is none.
fn mul_f32(a: f32, b: f32) -> f32 {
  var product = a * b;
  let sizes = vec2<u32>(bitcast<u32>(a), bitcast<u32>(b)) & vec2<u32>(0x7fffffffu);
  let tiny = min(sizes.x, sizes.y);
  if ((tiny - 1u < 0x007fffffu) & is_zero_or_nan(product)) {
    // tiny * 2^-24 without the exponent of a subnormal number, and 2^-125 from that of the product.
    let other = max(sizes.x, sizes.y);
    let fraction = bitcast<f32>(bitcast<u32>(f32(i32(tiny))) - 0x0c000000u);
    let size = bitcast<u32>(fraction * bitcast<f32>(other));
    let scaled = select(0u, size - 0x3e800000u, size >= 0x3f000000u);
    let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
    product = bitcast<f32>(sign | select(scaled, other, other >= 0x7f800000u));
  }
  return product;
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
    s0[lane] = (v0[lane] - mul_f32(v1[lane], v2));
  }
  b2[q] = s0;
}
