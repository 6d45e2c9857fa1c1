// loop where [21]
//   b3[i0] = where(b0[i0], greater(b1[i0], s0), b2[i0])

@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<uniform> words: array<vec4<u32>, 1>;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// The same with one value for both zeros.
fn rank_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return select(bits, -(bits & 0x7fffffff), bits < 0);
}

fn less_f32(a: f32, b: f32) -> bool {
  return (rank_f32(a) < rank_f32(b)) & !is_nan(a) & !is_nan(b);
}

fn greater_f32(a: f32, b: f32) -> bool {
  return less_f32(b, a);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 21u) { return; }
  let i0 = i32(point);
  let v0 = select((b2[i0] != 0u), greater_f32(b1[i0], bitcast<f32>(words[0].x)), (b0[i0] != 0u));
  b3[i0] = u32(v0);
}
