// loop sub [64]
//   b2[i0] = sub(b0[i0], mul(b1[i0], s0))

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> words: array<vec4<u32>, 1>;

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
    s0[lane] = (v0[lane] - (v1[lane] * v2));
  }
  b2[q] = s0;
}
