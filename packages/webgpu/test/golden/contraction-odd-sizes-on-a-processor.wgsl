// contraction dot [3, 13, 5] over [7]
//   a0 = sum of b0[91·i0 + 7·i1 + i3] · b1[35·i0 + i2 + 5·i3], n is i2
//   b3[65·i0 + 5·i1 + i2] = relu(add(a0, b2[i2]))
// up to 8 × 1 of C in each invocation, 2 terms at a time; 8 neighbours along n share what they load

enable subgroups;
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

fn epilogue(i0: i32, i1: i32, i2: i32, a0: f32) -> f32 {
  return relu_f32((a0 + b2[i2]));
}

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(subgroup_invocation_id) subgroup_invocation_id: u32) {
  let tile = workgroup_id.x;
  // A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.
  let zero = i32(tile >> 31u);
  let i0 = i32(tile / 2u);
  let m_tile = i32(tile % 2u);
  let n_tile = i32(tile % 1u);
  let lane = i32(subgroup_invocation_id);
  let m0 = min(7 * m_tile, 6);
  let skip_m = 7 * m_tile - m0;
  let n0 = min((8 * n_tile + lane), 4);
  let skip_n = (8 * n_tile + lane) - n0;
  let first_b = 35 * i0 + n0;
  let first_a = 91 * i0 + 7 * m0;
  let u0_unit = lane;
  let at_u0 = first_a + 7 * (u0_unit % 7) + (u0_unit / 7);
  let u1_unit = min(lane + 8, 13);
  let at_u1 = first_a + 7 * (u1_unit % 7) + (u1_unit / 7);
  var c0_0 = 0.0;
  var c1_0 = 0.0;
  var c2_0 = 0.0;
  var c3_0 = 0.0;
  var c4_0 = 0.0;
  var c5_0 = 0.0;
  var c6_0 = 0.0;
  for (var k0 = zero; k0 < 3; k0++) {
    let b = first_b + 10 * k0;
    let a = 2 * k0;
    let u0 = b0[a + at_u0];
    let u1 = b0[a + at_u1];
    let w0_0 = b1[b];
    let x0_0 = subgroupBroadcast(u0, 0u);
    c0_0 = fma(x0_0, w0_0, c0_0);
    let x0_1 = subgroupBroadcast(u0, 1u);
    c1_0 = fma(x0_1, w0_0, c1_0);
    let x0_2 = subgroupBroadcast(u0, 2u);
    c2_0 = fma(x0_2, w0_0, c2_0);
    let x0_3 = subgroupBroadcast(u0, 3u);
    c3_0 = fma(x0_3, w0_0, c3_0);
    let x0_4 = subgroupBroadcast(u0, 4u);
    c4_0 = fma(x0_4, w0_0, c4_0);
    let x0_5 = subgroupBroadcast(u0, 5u);
    c5_0 = fma(x0_5, w0_0, c5_0);
    let x0_6 = subgroupBroadcast(u0, 6u);
    c6_0 = fma(x0_6, w0_0, c6_0);
    let w1_0 = b1[b + 5];
    let x1_0 = subgroupBroadcast(u0, 7u);
    c0_0 = fma(x1_0, w1_0, c0_0);
    let x1_1 = subgroupBroadcast(u1, 0u);
    c1_0 = fma(x1_1, w1_0, c1_0);
    let x1_2 = subgroupBroadcast(u1, 1u);
    c2_0 = fma(x1_2, w1_0, c2_0);
    let x1_3 = subgroupBroadcast(u1, 2u);
    c3_0 = fma(x1_3, w1_0, c3_0);
    let x1_4 = subgroupBroadcast(u1, 3u);
    c4_0 = fma(x1_4, w1_0, c4_0);
    let x1_5 = subgroupBroadcast(u1, 4u);
    c5_0 = fma(x1_5, w1_0, c5_0);
    let x1_6 = subgroupBroadcast(u1, 5u);
    c6_0 = fma(x1_6, w1_0, c6_0);
  }
  {
    let v0_unit = min(lane, 6);
    let at_v0 = first_a + 7 * (v0_unit % 7) + (v0_unit / 7);
    let b = first_b + 30;
    let a = 6;
    let v0 = b0[a + at_v0];
    let w0_0 = b1[b];
    let x0_0 = subgroupBroadcast(v0, 0u);
    c0_0 = fma(x0_0, w0_0, c0_0);
    let x0_1 = subgroupBroadcast(v0, 1u);
    c1_0 = fma(x0_1, w0_0, c1_0);
    let x0_2 = subgroupBroadcast(v0, 2u);
    c2_0 = fma(x0_2, w0_0, c2_0);
    let x0_3 = subgroupBroadcast(v0, 3u);
    c3_0 = fma(x0_3, w0_0, c3_0);
    let x0_4 = subgroupBroadcast(v0, 4u);
    c4_0 = fma(x0_4, w0_0, c4_0);
    let x0_5 = subgroupBroadcast(v0, 5u);
    c5_0 = fma(x0_5, w0_0, c5_0);
    let x0_6 = subgroupBroadcast(v0, 6u);
    c6_0 = fma(x0_6, w0_0, c6_0);
  }
  let c = 65 * i0 + 5 * m0 + n0;
  var sums = array<f32, 7>(c0_0, c1_0, c2_0, c3_0, c4_0, c5_0, c6_0);
  for (var e = zero; e < 7; e++) {
    let t = e;
    let i = 0;
    if ((t >= skip_m) & (i >= skip_n)) {
      b3[c + 5 * t + i] = epilogue(i0, m0 + t, n0 + i, sums[t + i]);
    }
  }
}
