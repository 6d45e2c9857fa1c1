// contraction conv [2, 8, 8, 16] over [3, 24]
//   a0 = sum of b0[800·i0 + 80·i1 + 8·i2 + 80·i4 + i5] · b1[i3 + 384·i4 + 16·i5], n is i3
//   b3[1024·i0 + 128·i1 + 16·i2 + i3] = relu(add(a0, b2[i3]))
// up to 8 × 4 of C in each invocation, 4 terms at a time; 8 neighbours along n share what they load

enable subgroups;
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<vec4<f32>>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

fn epilogue(i0: i32, i1: i32, i2: i32, i3: i32, a0: f32) -> f32 {
  return relu_f32((a0 + b2[i3]));
}

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(subgroup_invocation_id) subgroup_invocation_id: u32) {
  let tile = workgroup_id.x;
  // A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.
  let zero = i32(tile >> 31u);
  let i0 = i32(tile / 8u);
  let i1 = i32(tile % 8u);
  let m_tile = i32(tile % 1u);
  let n_tile = i32(tile % 1u);
  let lane = i32(subgroup_invocation_id);
  let m0 = 8 * m_tile;
  let n0 = min(4 * (8 * n_tile + lane), 12);
  let skip_n = 4 * (8 * n_tile + lane) - n0;
  let first_b = n0 / 4;
  let first_a = 200 * i0 + 20 * i1 + 2 * m0;
  let at_u0 = first_a + 2 * lane;
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  var c4_0 = vec4<f32>();
  var c5_0 = vec4<f32>();
  var c6_0 = vec4<f32>();
  var c7_0 = vec4<f32>();
  for (var k0 = zero; k0 < 3; k0++) {
    for (var k1 = zero; k1 < 6; k1++) {
      let b = first_b + 96 * k0 + 16 * k1;
      let a = 20 * k0 + k1;
      let u0 = b0[a + at_u0];
      let w0_0 = b1[b];
      let x0_0 = vec4(subgroupBroadcast(u0.x, 0u));
      c0_0 = fma(x0_0, w0_0, c0_0);
      let x0_1 = vec4(subgroupBroadcast(u0.x, 1u));
      c1_0 = fma(x0_1, w0_0, c1_0);
      let x0_2 = vec4(subgroupBroadcast(u0.x, 2u));
      c2_0 = fma(x0_2, w0_0, c2_0);
      let x0_3 = vec4(subgroupBroadcast(u0.x, 3u));
      c3_0 = fma(x0_3, w0_0, c3_0);
      let x0_4 = vec4(subgroupBroadcast(u0.x, 4u));
      c4_0 = fma(x0_4, w0_0, c4_0);
      let x0_5 = vec4(subgroupBroadcast(u0.x, 5u));
      c5_0 = fma(x0_5, w0_0, c5_0);
      let x0_6 = vec4(subgroupBroadcast(u0.x, 6u));
      c6_0 = fma(x0_6, w0_0, c6_0);
      let x0_7 = vec4(subgroupBroadcast(u0.x, 7u));
      c7_0 = fma(x0_7, w0_0, c7_0);
      let w1_0 = b1[b + 4];
      let x1_0 = vec4(subgroupBroadcast(u0.y, 0u));
      c0_0 = fma(x1_0, w1_0, c0_0);
      let x1_1 = vec4(subgroupBroadcast(u0.y, 1u));
      c1_0 = fma(x1_1, w1_0, c1_0);
      let x1_2 = vec4(subgroupBroadcast(u0.y, 2u));
      c2_0 = fma(x1_2, w1_0, c2_0);
      let x1_3 = vec4(subgroupBroadcast(u0.y, 3u));
      c3_0 = fma(x1_3, w1_0, c3_0);
      let x1_4 = vec4(subgroupBroadcast(u0.y, 4u));
      c4_0 = fma(x1_4, w1_0, c4_0);
      let x1_5 = vec4(subgroupBroadcast(u0.y, 5u));
      c5_0 = fma(x1_5, w1_0, c5_0);
      let x1_6 = vec4(subgroupBroadcast(u0.y, 6u));
      c6_0 = fma(x1_6, w1_0, c6_0);
      let x1_7 = vec4(subgroupBroadcast(u0.y, 7u));
      c7_0 = fma(x1_7, w1_0, c7_0);
      let w2_0 = b1[b + 8];
      let x2_0 = vec4(subgroupBroadcast(u0.z, 0u));
      c0_0 = fma(x2_0, w2_0, c0_0);
      let x2_1 = vec4(subgroupBroadcast(u0.z, 1u));
      c1_0 = fma(x2_1, w2_0, c1_0);
      let x2_2 = vec4(subgroupBroadcast(u0.z, 2u));
      c2_0 = fma(x2_2, w2_0, c2_0);
      let x2_3 = vec4(subgroupBroadcast(u0.z, 3u));
      c3_0 = fma(x2_3, w2_0, c3_0);
      let x2_4 = vec4(subgroupBroadcast(u0.z, 4u));
      c4_0 = fma(x2_4, w2_0, c4_0);
      let x2_5 = vec4(subgroupBroadcast(u0.z, 5u));
      c5_0 = fma(x2_5, w2_0, c5_0);
      let x2_6 = vec4(subgroupBroadcast(u0.z, 6u));
      c6_0 = fma(x2_6, w2_0, c6_0);
      let x2_7 = vec4(subgroupBroadcast(u0.z, 7u));
      c7_0 = fma(x2_7, w2_0, c7_0);
      let w3_0 = b1[b + 12];
      let x3_0 = vec4(subgroupBroadcast(u0.w, 0u));
      c0_0 = fma(x3_0, w3_0, c0_0);
      let x3_1 = vec4(subgroupBroadcast(u0.w, 1u));
      c1_0 = fma(x3_1, w3_0, c1_0);
      let x3_2 = vec4(subgroupBroadcast(u0.w, 2u));
      c2_0 = fma(x3_2, w3_0, c2_0);
      let x3_3 = vec4(subgroupBroadcast(u0.w, 3u));
      c3_0 = fma(x3_3, w3_0, c3_0);
      let x3_4 = vec4(subgroupBroadcast(u0.w, 4u));
      c4_0 = fma(x3_4, w3_0, c4_0);
      let x3_5 = vec4(subgroupBroadcast(u0.w, 5u));
      c5_0 = fma(x3_5, w3_0, c5_0);
      let x3_6 = vec4(subgroupBroadcast(u0.w, 6u));
      c6_0 = fma(x3_6, w3_0, c6_0);
      let x3_7 = vec4(subgroupBroadcast(u0.w, 7u));
      c7_0 = fma(x3_7, w3_0, c7_0);
    }
  }
  let c = 256 * i0 + 32 * i1 + 4 * m0 + n0 / 4;
  var sums = array<vec4<f32>, 8>(c0_0, c1_0, c2_0, c3_0, c4_0, c5_0, c6_0, c7_0);
  for (var e = zero; e < 8; e++) {
    let t = e;
    let i = 0;
    if (i >= skip_n) {
      var stored = vec4<f32>();
      for (var j = zero; j < 4; j++) {
        let each = i + j;
        stored[j] = epilogue(i0, i1, m0 + t, n0 + each, sums[t][each % 4]);
      }
      b3[c + 4 * t + i / 4] = stored;
    }
  }
}
