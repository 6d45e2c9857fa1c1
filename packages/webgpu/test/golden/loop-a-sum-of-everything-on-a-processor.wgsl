// loop sum [] over [60000]
//   a0 = sum of square(b0[i0])
//   b1[0] = a0

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

fn square_f32(x: f32) -> f32 {
  return x * x;
}

var<workgroup> all_a0: array<f32, 16>;

@compute @workgroup_size(16, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let stripe = local_invocation_index;
  var a0 = 0.0f;
  for (var term = stripe; term < 15000u; term += 16u) {
    let q = i32(term);
    let v0 = b0[q];
    for (var lane = 0; lane < 4; lane++) {
      a0 += square_f32(v0[lane]);
    }
  }
  all_a0[local_invocation_index] = a0;
  workgroupBarrier();
  if (stripe < 8u) {
    a0 += all_a0[local_invocation_index + 8u];
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 4u) {
    a0 += all_a0[local_invocation_index + 4u];
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 2u) {
    a0 += all_a0[local_invocation_index + 2u];
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 1u) {
    a0 += all_a0[local_invocation_index + 1u];
  }
  if (stripe == 0u) {
    b1[0] = a0;
  }
}
