// loop mod [7, 9]
//   b2[9·i0 + i1] = mod(b0[9·i0 + i1], b1[i1])

@group(0) @binding(0) var<storage, read> b0: array<i32>;
@group(0) @binding(1) var<storage, read> b1: array<i32>;
@group(0) @binding(2) var<storage, read_write> b2: array<i32>;

// The remainder with the sign of the divisor.
fn mod_i32(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) { return 0; }
  let remainder = a % b;
  return select(remainder, remainder + b, remainder != 0 && (remainder ^ b) < 0);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let point = 64u * workgroup_id.x + local_invocation_index;
  if (point >= 63u) { return; }
  let i0 = i32(point / 9u);
  let i1 = i32(point % 9u);
  let p0 = 9 * i0 + i1;
  b2[p0] = mod_i32(b0[p0], b1[i1]);
}
