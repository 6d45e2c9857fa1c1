// loop max [9] over [7]
//   a0 = max of f32(b0[7·i0 + i1])
//   b1[i0] = f16(a0)

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

var<private> zero_bits: u32;

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

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// An integer that grows with x, with -0 just below 0.
fn order_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}

// NaN where one of them is; 0 is larger than -0. What is joined by & and | takes no branch, as with && and || it would.
fn maximum_f32(a: f32, b: f32) -> f32 {
  return select(b, a, is_nan(a) | (!is_nan(b) & (order_f32(a) >= order_f32(b))));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  zero_bits = arrayLength(&b0) >> 31u;
  let zero = local_invocation_index >> 31u;
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 9u) { return; }
  let i0 = i32(point);
  var a0 = bitcast<f32>(0xff800000u | zero_bits);
  let p0 = 7 * i0;
  for (var i1 = i32(zero); i1 < 7; i1++) {
    a0 = maximum_f32(a0, b0[p0 + i1]);
  }
  b1[i0] = to_f16(a0);
}
