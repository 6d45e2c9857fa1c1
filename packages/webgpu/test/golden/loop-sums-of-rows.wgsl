// loop sum [100] over [96]
//   a0 = sum of b0[96·i0 + i1]
//   b1[i0] = a0

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<f32>>;

var<workgroup> all_a0: array<vec4<f32>, 256>;

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let stripe = local_invocation_index % 32u;
  let point = 8u * workgroup_id.x + local_invocation_index / 32u;
  let q = i32(point);
  var a0 = vec4<f32>(0.0f);
  if (point < 25u) {
    for (var term = stripe; term < 96u; term += 32u) {
      let i1 = i32(term);
      for (var lane = 0; lane < 4; lane++) {
        let i0 = 4 * q + lane;
        a0[lane] += b0[i1 + 96 * i0];
      }
    }
  }
  all_a0[local_invocation_index] = a0;
  workgroupBarrier();
  if (stripe < 16u) {
    for (var lane = 0; lane < 4; lane++) {
      a0[lane] += all_a0[local_invocation_index + 16u][lane];
    }
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 8u) {
    for (var lane = 0; lane < 4; lane++) {
      a0[lane] += all_a0[local_invocation_index + 8u][lane];
    }
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 4u) {
    for (var lane = 0; lane < 4; lane++) {
      a0[lane] += all_a0[local_invocation_index + 4u][lane];
    }
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 2u) {
    for (var lane = 0; lane < 4; lane++) {
      a0[lane] += all_a0[local_invocation_index + 2u][lane];
    }
    all_a0[local_invocation_index] = a0;
  }
  workgroupBarrier();
  if (stripe < 1u) {
    for (var lane = 0; lane < 4; lane++) {
      a0[lane] += all_a0[local_invocation_index + 1u][lane];
    }
  }
  if (stripe == 0u && point < 25u) {
    var s0: vec4<f32>;
    for (var lane = 0; lane < 4; lane++) {
      s0[lane] = a0[lane];
    }
    b1[q] = s0;
  }
}
