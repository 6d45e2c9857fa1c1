// loop sum [100] over [96]
//   a0 = sum of b0[96·i0 + i1]
//   b1[i0] = a0

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<f32>>;

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let zero = local_invocation_index >> 31u;
  let point = 8u * workgroup_id.x + local_invocation_index;
  if (point >= 25u) { return; }
  let q = i32(point);
  var a0 = vec4<f32>(0.0f);
  for (var i1 = i32(zero); i1 < 96; i1++) {
    for (var lane = 0; lane < 4; lane++) {
      let i0 = 4 * q + lane;
      a0[lane] += b0[i1 + 96 * i0];
    }
  }
  var s0: vec4<f32>;
  for (var lane = 0; lane < 4; lane++) {
    s0[lane] = a0[lane];
  }
  b1[q] = s0;
}
