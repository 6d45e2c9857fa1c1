// loop flip [3, 11]
//   b2[11·i0 + i1] = (0 ≤ −1·i1 + 10 < 5 ? b1[5·i0 − 1·i1 + 10] : (0 ≤ −1·i1 + 5 < 6 ? b0[6·i0 − 1·i1 + 5] : 0))

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 33u) { return; }
  let i0 = i32(point / 11u);
  let i1 = i32(point % 11u);
  let p0 = -i1;
  var v0: f32;
  if (p0 + 10 < 5) {
    v0 = b1[5 * i0 - i1 + 10];
  } else {
    var v1 = 0.0f;
    if (p0 + 5 >= 0) {
      v1 = b0[6 * i0 - i1 + 5];
    }
    v0 = v1;
  }
  b2[11 * i0 + i1] = v0;
}
