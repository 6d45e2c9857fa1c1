// loop permute [65, 33]
//   b1[33·i0 + i1] = b0[i0 + 65·i1]

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 2145u) { return; }
  let i0 = i32(point / 33u);
  let i1 = i32(point % 33u);
  b1[33 * i0 + i1] = b0[i0 + 65 * i1];
}
