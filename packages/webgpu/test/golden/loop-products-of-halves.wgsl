// loop mul [33]
//   b2[i0] = mul(b0[i0], b1[i0])

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

// The nearest f16, of two equally near ones the even one: ∞ from 65520 on, subnormals below 2⁻¹⁴.
fn to_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let sign = bits & 0x80000000u;
  let size = bits & 0x7fffffffu;
  if (size >= 0x7f800000u) { return x; }
  if (size >= 0x477ff000u) { return bitcast<f32>(sign | 0x7f800000u); }
  if (size >= 0x38800000u) {
    // Thirteen bits go, and half of what they can hold is added before.
    return bitcast<f32>(sign | ((size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u));
  }
  // Multiples of 2⁻²⁴: the significand, shifted so far that its last bit is worth that.
  let shift = min(126u - (size >> 23u), 25u);
  let significand = (size & 0x7fffffu) | 0x800000u;
  let whole = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let up = rest > half || (rest == half && (whole & 1u) == 1u);
  return bitcast<f32>(sign | bitcast<u32>(f32(whole + u32(up)) * 0x1p-24f));
}

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
  if (point >= 33u) { return; }
  let i0 = i32(point);
  b2[i0] = to_f16(mul_f32(b0[i0], b1[i0]));
}
