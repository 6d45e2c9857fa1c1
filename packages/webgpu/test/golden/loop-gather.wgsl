// loop gather [3, 6]
//   b2[6·i0 + i1] = b0[i1 + 6·b1[i0], below 10]

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<i32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 18u) { return; }
  let i0 = i32(point / 6u);
  let i1 = i32(point % 6u);
  let v0 = b1[i0];
  let v1 = (v0 >= 0) & (v0 < 10);
  b2[6 * i0 + i1] = select(0.0f, b0[i1 + 6 * select(0, v0, v1)], v1);
}
