// contraction conv [32, 3] over [16]
//   a0 = sum of b0[16·i0 + i2] · b1[i1 + 3·i2], n is i1
//   b2[3·i0 + i1] = a0
// up to 4 × 3 of C in each invocation, 4 terms at a time; 8 neighbours along m share what they load

enable subgroups;
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(subgroup_invocation_id) subgroup_invocation_id: u32) {
  let tile = workgroup_id.x;
  // A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.
  let zero = i32(tile >> 31u);
  let n_tile = i32(tile);
  let m_tile = i32(tile % 1u);
  let lane = i32(subgroup_invocation_id);
  let n0 = 3 * n_tile;
  let m0 = 4 * (8 * m_tile + lane);
  let first_a = 4 * m0;
  let first_b = n0;
  let u0_unit = lane;
  let at_u0 = first_b + (u0_unit % 3) + 3 * (u0_unit / 3);
  let u1_unit = min(lane + 8, 11);
  let at_u1 = first_b + (u1_unit % 3) + 3 * (u1_unit / 3);
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  for (var k0 = zero; k0 < 4; k0++) {
    let a = first_a + k0;
    let b = 12 * k0;
    let u0 = b1[b + at_u0];
    let u1 = b1[b + at_u1];
    let w0_0 = b0[a];
    let w0_1 = b0[a + 4];
    let w0_2 = b0[a + 8];
    let w0_3 = b0[a + 12];
    let y0_0 = vec4(w0_0.x, w0_1.x, w0_2.x, w0_3.x);
    let x0_0 = vec4(subgroupBroadcast(u0, 0u));
    c0_0 = fma(x0_0, y0_0, c0_0);
    let x0_1 = vec4(subgroupBroadcast(u0, 1u));
    c1_0 = fma(x0_1, y0_0, c1_0);
    let x0_2 = vec4(subgroupBroadcast(u0, 2u));
    c2_0 = fma(x0_2, y0_0, c2_0);
    let y1_0 = vec4(w0_0.y, w0_1.y, w0_2.y, w0_3.y);
    let x1_0 = vec4(subgroupBroadcast(u0, 3u));
    c0_0 = fma(x1_0, y1_0, c0_0);
    let x1_1 = vec4(subgroupBroadcast(u0, 4u));
    c1_0 = fma(x1_1, y1_0, c1_0);
    let x1_2 = vec4(subgroupBroadcast(u0, 5u));
    c2_0 = fma(x1_2, y1_0, c2_0);
    let y2_0 = vec4(w0_0.z, w0_1.z, w0_2.z, w0_3.z);
    let x2_0 = vec4(subgroupBroadcast(u0, 6u));
    c0_0 = fma(x2_0, y2_0, c0_0);
    let x2_1 = vec4(subgroupBroadcast(u0, 7u));
    c1_0 = fma(x2_1, y2_0, c1_0);
    let x2_2 = vec4(subgroupBroadcast(u1, 0u));
    c2_0 = fma(x2_2, y2_0, c2_0);
    let y3_0 = vec4(w0_0.w, w0_1.w, w0_2.w, w0_3.w);
    let x3_0 = vec4(subgroupBroadcast(u1, 1u));
    c0_0 = fma(x3_0, y3_0, c0_0);
    let x3_1 = vec4(subgroupBroadcast(u1, 2u));
    c1_0 = fma(x3_1, y3_0, c1_0);
    let x3_2 = vec4(subgroupBroadcast(u1, 3u));
    c2_0 = fma(x3_2, y3_0, c2_0);
  }
  let c = 3 * m0 + n0;
  var sums = array<vec4<f32>, 3>(c0_0, c1_0, c2_0);
  for (var e = zero; e < 12; e++) {
    let t = (e / 4);
    let i = (e % 4);
    b2[c + 3 * i + t] = sums[t][i % 4];
  }
}
