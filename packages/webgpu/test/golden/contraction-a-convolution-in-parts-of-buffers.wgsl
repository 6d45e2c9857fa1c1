// contraction conv [2, 8, 8, 16] over [3, 24]
//   a0 = sum of b0[800·i0 + 80·i1 + 8·i2 + 80·i4 + i5] · b1[i3 + 384·i4 + 16·i5], n is i3
//   b3[1024·i0 + 128·i1 + 16·i2 + i3] = relu(add(a0, b2[i3]))
// up to 8 × 4 of C in each invocation, 1 terms at a time; 8 neighbours along n share what they load

enable subgroups;
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;
@group(0) @binding(4) var<uniform> words: array<vec4<u32>, 1>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

fn epilogue(i0: i32, i1: i32, i2: i32, i3: i32, a0: f32) -> f32 {
  return relu_f32((a0 + b2[i3 + i32(words[0].z)]));
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
  let n0 = 2 * (8 * n_tile + lane);
  let first_b = i32(words[0].y) + n0;
  let first_a = i32(words[0].x) + 800 * i0 + 80 * i1 + 8 * m0;
  let at_u0 = first_a + 8 * lane;
  var c0_0 = 0.0; var c0_1 = 0.0;
  var c1_0 = 0.0; var c1_1 = 0.0;
  var c2_0 = 0.0; var c2_1 = 0.0;
  var c3_0 = 0.0; var c3_1 = 0.0;
  var c4_0 = 0.0; var c4_1 = 0.0;
  var c5_0 = 0.0; var c5_1 = 0.0;
  var c6_0 = 0.0; var c6_1 = 0.0;
  var c7_0 = 0.0; var c7_1 = 0.0;
  for (var k0 = zero; k0 < 3; k0++) {
    for (var k1 = zero; k1 < 24; k1++) {
      let b = first_b + 384 * k0 + 16 * k1;
      let a = 80 * k0 + k1;
      let u0 = b0[a + at_u0];
      let w0_0 = b1[b];
      let w0_1 = b1[b + 1];
      let x0_0 = subgroupBroadcast(u0, 0u);
      c0_0 = fma(x0_0, w0_0, c0_0);
      c0_1 = fma(x0_0, w0_1, c0_1);
      let x0_1 = subgroupBroadcast(u0, 1u);
      c1_0 = fma(x0_1, w0_0, c1_0);
      c1_1 = fma(x0_1, w0_1, c1_1);
      let x0_2 = subgroupBroadcast(u0, 2u);
      c2_0 = fma(x0_2, w0_0, c2_0);
      c2_1 = fma(x0_2, w0_1, c2_1);
      let x0_3 = subgroupBroadcast(u0, 3u);
      c3_0 = fma(x0_3, w0_0, c3_0);
      c3_1 = fma(x0_3, w0_1, c3_1);
      let x0_4 = subgroupBroadcast(u0, 4u);
      c4_0 = fma(x0_4, w0_0, c4_0);
      c4_1 = fma(x0_4, w0_1, c4_1);
      let x0_5 = subgroupBroadcast(u0, 5u);
      c5_0 = fma(x0_5, w0_0, c5_0);
      c5_1 = fma(x0_5, w0_1, c5_1);
      let x0_6 = subgroupBroadcast(u0, 6u);
      c6_0 = fma(x0_6, w0_0, c6_0);
      c6_1 = fma(x0_6, w0_1, c6_1);
      let x0_7 = subgroupBroadcast(u0, 7u);
      c7_0 = fma(x0_7, w0_0, c7_0);
      c7_1 = fma(x0_7, w0_1, c7_1);
    }
  }
  let c = i32(words[0].w) + 1024 * i0 + 128 * i1 + 16 * m0 + n0;
  var sums = array<f32, 16>(c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1, c4_0, c4_1, c5_0, c5_1, c6_0, c6_1, c7_0, c7_1);
  for (var e = zero; e < 16; e++) {
    let t = (e / 2);
    let i = (e % 2);
    b3[c + 16 * t + i] = epilogue(i0, i1, m0 + t, n0 + i, sums[2 * t + i]);
  }
}
