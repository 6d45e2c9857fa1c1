// loop argmax [3] over [5000]
//   a0 = (i1) where b0[5000·i0 + i1] is largest
//   b1[i0] = a0

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<i32>;

// A whole number for each float, in the order of floats: −0 is 0, and NaN comes behind all.
fn rising_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  return select(select(size, -size, bits < 0), 0x7fffffff, size > 0x7f800000);
}

var<workgroup> all_a0: array<i32, 256>;
var<workgroup> all_order0: array<i32, 256>;
var<workgroup> all_position0: array<i32, 256>;

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let stripe = local_invocation_index;
  let point = workgroup_id.x;
  let i0 = i32(point);
  var a0 = 0i;
  var order0 = 0;
  var position0 = -1;
  let p0 = 1250 * i0;
  for (var term = stripe; term < 1250u; term += 256u) {
    let q = i32(term);
    let v0 = b0[p0 + q];
    for (var lane = 0; lane < 4; lane++) {
      let i1 = 4 * q + lane;
      let next0 = rising_order(v0[lane]);
      if ((position0 < 0) | (next0 > order0)) {
        order0 = next0;
        position0 = 4 * i32(term) + lane;
        a0 = (i1);
      }
    }
  }
  all_a0[local_invocation_index] = a0;
  all_order0[local_invocation_index] = order0;
  all_position0[local_invocation_index] = position0;
  workgroupBarrier();
  if (stripe < 128u) {
    if ((all_position0[local_invocation_index + 128u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 128u] > order0) | ((all_order0[local_invocation_index + 128u] == order0) & (all_position0[local_invocation_index + 128u] < position0)))) {
      order0 = all_order0[local_invocation_index + 128u];
      position0 = all_position0[local_invocation_index + 128u];
      a0 = all_a0[local_invocation_index + 128u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 64u) {
    if ((all_position0[local_invocation_index + 64u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 64u] > order0) | ((all_order0[local_invocation_index + 64u] == order0) & (all_position0[local_invocation_index + 64u] < position0)))) {
      order0 = all_order0[local_invocation_index + 64u];
      position0 = all_position0[local_invocation_index + 64u];
      a0 = all_a0[local_invocation_index + 64u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 32u) {
    if ((all_position0[local_invocation_index + 32u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 32u] > order0) | ((all_order0[local_invocation_index + 32u] == order0) & (all_position0[local_invocation_index + 32u] < position0)))) {
      order0 = all_order0[local_invocation_index + 32u];
      position0 = all_position0[local_invocation_index + 32u];
      a0 = all_a0[local_invocation_index + 32u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 16u) {
    if ((all_position0[local_invocation_index + 16u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 16u] > order0) | ((all_order0[local_invocation_index + 16u] == order0) & (all_position0[local_invocation_index + 16u] < position0)))) {
      order0 = all_order0[local_invocation_index + 16u];
      position0 = all_position0[local_invocation_index + 16u];
      a0 = all_a0[local_invocation_index + 16u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 8u) {
    if ((all_position0[local_invocation_index + 8u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 8u] > order0) | ((all_order0[local_invocation_index + 8u] == order0) & (all_position0[local_invocation_index + 8u] < position0)))) {
      order0 = all_order0[local_invocation_index + 8u];
      position0 = all_position0[local_invocation_index + 8u];
      a0 = all_a0[local_invocation_index + 8u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 4u) {
    if ((all_position0[local_invocation_index + 4u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 4u] > order0) | ((all_order0[local_invocation_index + 4u] == order0) & (all_position0[local_invocation_index + 4u] < position0)))) {
      order0 = all_order0[local_invocation_index + 4u];
      position0 = all_position0[local_invocation_index + 4u];
      a0 = all_a0[local_invocation_index + 4u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 2u) {
    if ((all_position0[local_invocation_index + 2u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 2u] > order0) | ((all_order0[local_invocation_index + 2u] == order0) & (all_position0[local_invocation_index + 2u] < position0)))) {
      order0 = all_order0[local_invocation_index + 2u];
      position0 = all_position0[local_invocation_index + 2u];
      a0 = all_a0[local_invocation_index + 2u];
    }
    all_a0[local_invocation_index] = a0;
    all_order0[local_invocation_index] = order0;
    all_position0[local_invocation_index] = position0;
  }
  workgroupBarrier();
  if (stripe < 1u) {
    if ((all_position0[local_invocation_index + 1u] >= 0) & ((position0 < 0) | (all_order0[local_invocation_index + 1u] > order0) | ((all_order0[local_invocation_index + 1u] == order0) & (all_position0[local_invocation_index + 1u] < position0)))) {
      order0 = all_order0[local_invocation_index + 1u];
      position0 = all_position0[local_invocation_index + 1u];
      a0 = all_a0[local_invocation_index + 1u];
    }
  }
  if (stripe == 0u) {
    b1[i0] = a0;
  }
}
