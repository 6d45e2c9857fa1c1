// loop pad [3, 8, 9]
//   b1[72·i0 + 9·i1 + i2] = (0 ≤ i1 − 1 < 5 and 0 ≤ i2 − 2 < 7 ? b0[35·i0 + 7·i1 + i2 − 9] : 0)

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 216u) { return; }
  let i0 = i32(point / 72u);
  let i1 = i32(point / 9u % 8u);
  let i2 = i32(point % 9u);
  var v0 = 0.0f;
  if ((i1 - 1 >= 0) & (i1 - 1 < 5) & (i2 - 2 >= 0)) {
    v0 = b0[35 * i0 + 7 * i1 + i2 - 9];
  }
  b1[72 * i0 + 9 * i1 + i2] = v0;
}
