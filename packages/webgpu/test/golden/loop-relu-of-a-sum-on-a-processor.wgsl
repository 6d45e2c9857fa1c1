// loop relu [8192, 16]
//   b2[16·i0 + i1] = relu(add(b0[16·i0 + i1], b1[i1]))

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let zero = local_invocation_index >> 31u;
  for (var turn = zero; turn < 256u; turn++) {
    let point = 2048u * workgroup_id.x + 8u * turn + local_invocation_index;
    let i0 = i32(point / 4u);
    let q = i32(point % 4u);
    let v0 = b0[4 * i0 + q];
    let v1 = b1[q];
    var s0: vec4<f32>;
    for (var lane = 0; lane < 4; lane++) {
      s0[lane] = relu_f32((v0[lane] + v1[lane]));
    }
    b2[4 * i0 + q] = s0;
  }
}
