// loop cast [21]
//   b1[i0] = f16(add(i32(b0[i0]), s0))

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
@group(0) @binding(2) var<uniform> words: array<vec4<u32>, 1>;

// The nearest f16, of two equally near ones the even one: infinity from 65520 on, subnormals below 2^-14.
fn to_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  // Thirteen bits go, and half of what they can hold is added before.
  let normal = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  // Multiples of 2^-24: the significand, shifted so far that its last bit is worth that.
  let shift = min(126u - min(size >> 23u, 112u), 25u);
  let significand = (size & 0x7fffffu) | 0x800000u;
  let whole = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let up = u32(rest > half) | (u32(rest == half) & whole & 1u);
  let subnormal = bitcast<u32>(f32(i32(whole + up)) * 0x1p-24f);
  let finite = select(normal, subnormal, size < 0x38800000u);
  let all = select(select(finite, 0x7f800000u, size >= 0x477ff000u), size, size > 0x7f800000u);
  return bitcast<f32>((bits & 0x80000000u) | all);
}

// Towards zero; the nearest i32 where it is out of range, and 0 for NaN.
fn i32_of_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  let whole = i32(select(x, 0.0f, size >= 0x4f000000));
  let end = select(0x7fffffff, bitcast<i32>(0x80000000u), bits < 0);
  return select(select(whole, end, size >= 0x4f000000), 0, size > 0x7f800000);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 21u) { return; }
  let i0 = i32(point);
  b1[i0] = to_f16(f32((i32_of_f32(b0[i0]) + bitcast<i32>(words[0].x))));
}
