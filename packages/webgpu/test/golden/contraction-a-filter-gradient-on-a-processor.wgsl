// contraction convGradFilter [3, 24, 16] over [2, 8, 8]
//   a0 = sum of b0[80·i0 + i1 + 800·i3 + 80·i4 + 8·i5] · b1[i2 + 1024·i3 + 128·i4 + 16·i5], n is i2
//   b2[384·i0 + 16·i1 + i2] = a0
// up to 8 × 4 of C in each invocation, 1 terms at a time; 8 neighbours along n share what they load

enable subgroups;
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(subgroup_invocation_id) subgroup_invocation_id: u32) {
  let tile = workgroup_id.x;
  // A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.
  let zero = i32(tile >> 31u);
  let i0 = i32(tile / 3u);
  let m_tile = i32(tile % 3u);
  let n_tile = i32(tile % 1u);
  let lane = i32(subgroup_invocation_id);
  let m0 = 8 * m_tile;
  let n0 = min(4 * (8 * n_tile + lane), 12);
  let skip_n = 4 * (8 * n_tile + lane) - n0;
  let first_b = n0 / 4;
  let first_a = 20 * i0 + m0 / 4;
  let u0_unit = min(lane, 1);
  let at_u0 = first_a + (u0_unit % 2) + 2 * (u0_unit / 2);
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  var c4_0 = vec4<f32>();
  var c5_0 = vec4<f32>();
  var c6_0 = vec4<f32>();
  var c7_0 = vec4<f32>();
  for (var k0 = zero; k0 < 2; k0++) {
    for (var k1 = zero; k1 < 8; k1++) {
      for (var k2 = zero; k2 < 8; k2++) {
        let b = first_b + 256 * k0 + 32 * k1 + 4 * k2;
        let a = 200 * k0 + 20 * k1 + 2 * k2;
        let u0 = b0[a + at_u0];
        let w0_0 = b1[b];
        let x0_0 = vec4(subgroupBroadcast(u0.x, 0u));
        c0_0 = fma(x0_0, w0_0, c0_0);
        let x0_1 = vec4(subgroupBroadcast(u0.y, 0u));
        c1_0 = fma(x0_1, w0_0, c1_0);
        let x0_2 = vec4(subgroupBroadcast(u0.z, 0u));
        c2_0 = fma(x0_2, w0_0, c2_0);
        let x0_3 = vec4(subgroupBroadcast(u0.w, 0u));
        c3_0 = fma(x0_3, w0_0, c3_0);
        let x0_4 = vec4(subgroupBroadcast(u0.x, 1u));
        c4_0 = fma(x0_4, w0_0, c4_0);
        let x0_5 = vec4(subgroupBroadcast(u0.y, 1u));
        c5_0 = fma(x0_5, w0_0, c5_0);
        let x0_6 = vec4(subgroupBroadcast(u0.z, 1u));
        c6_0 = fma(x0_6, w0_0, c6_0);
        let x0_7 = vec4(subgroupBroadcast(u0.w, 1u));
        c7_0 = fma(x0_7, w0_0, c7_0);
      }
    }
  }
  let c = 96 * i0 + 4 * m0 + n0 / 4;
  var sums = array<vec4<f32>, 8>(c0_0, c1_0, c2_0, c3_0, c4_0, c5_0, c6_0, c7_0);
  for (var e = zero; e < 8; e++) {
    let t = e;
    let i = 0;
    if (i >= skip_n) {
      b2[c + 4 * t + i / 4] = sums[e];
    }
  }
}
