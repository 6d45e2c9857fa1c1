// contraction conv [2, 8, 8, 16] over [3, 24]
//   a0 = sum of b0[800·i0 + 80·i1 + 8·i2 + 80·i4 + i5] · b1[i3 + 384·i4 + 16·i5], n is i3
//   b3[1024·i0 + 128·i1 + 16·i2 + i3] = relu(add(a0, b2[i3]))
// up to 4 × 4 of C in each invocation, 4 terms at a time; neighbours along n

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

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let tile = (workgroup_id.x) * 64u + local_invocation_index;
  // A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.
  let zero = i32(tile >> 31u);
  let i0 = i32(tile / 64u);
  let i1 = i32(tile / 8u % 8u);
  let m_tile = i32(tile / 4u % 2u);
  let n_tile = i32(tile % 4u);
  let m0 = 4 * m_tile;
  let n0 = 4 * n_tile;
  let first_b = n0 / 4;
  let first_a = 200 * i0 + 20 * i1 + 2 * m0;
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  for (var k0 = zero; k0 < 3; k0++) {
    for (var k1 = zero; k1 < 6; k1++) {
      let b = first_b + 96 * k0 + 16 * k1;
      let a = first_a + 20 * k0 + k1;
      let u0 = b0[a];
      let u1 = b0[a + 2];
      let u2 = b0[a + 4];
      let u3 = b0[a + 6];
      let w0_0 = b1[b];
      let x0_0 = vec4(u0.x);
      c0_0 = fma(x0_0, w0_0, c0_0);
      let x0_1 = vec4(u1.x);
      c1_0 = fma(x0_1, w0_0, c1_0);
      let x0_2 = vec4(u2.x);
      c2_0 = fma(x0_2, w0_0, c2_0);
      let x0_3 = vec4(u3.x);
      c3_0 = fma(x0_3, w0_0, c3_0);
      let w1_0 = b1[b + 4];
      let x1_0 = vec4(u0.y);
      c0_0 = fma(x1_0, w1_0, c0_0);
      let x1_1 = vec4(u1.y);
      c1_0 = fma(x1_1, w1_0, c1_0);
      let x1_2 = vec4(u2.y);
      c2_0 = fma(x1_2, w1_0, c2_0);
      let x1_3 = vec4(u3.y);
      c3_0 = fma(x1_3, w1_0, c3_0);
      let w2_0 = b1[b + 8];
      let x2_0 = vec4(u0.z);
      c0_0 = fma(x2_0, w2_0, c0_0);
      let x2_1 = vec4(u1.z);
      c1_0 = fma(x2_1, w2_0, c1_0);
      let x2_2 = vec4(u2.z);
      c2_0 = fma(x2_2, w2_0, c2_0);
      let x2_3 = vec4(u3.z);
      c3_0 = fma(x2_3, w2_0, c3_0);
      let w3_0 = b1[b + 12];
      let x3_0 = vec4(u0.w);
      c0_0 = fma(x3_0, w3_0, c0_0);
      let x3_1 = vec4(u1.w);
      c1_0 = fma(x3_1, w3_0, c1_0);
      let x3_2 = vec4(u2.w);
      c2_0 = fma(x3_2, w3_0, c2_0);
      let x3_3 = vec4(u3.w);
      c3_0 = fma(x3_3, w3_0, c3_0);
    }
  }
  let c = 256 * i0 + 32 * i1 + 4 * m0 + n0 / 4;
  var sums = array<vec4<f32>, 4>(c0_0, c1_0, c2_0, c3_0);
  for (var e = zero; e < 4; e++) {
    let t = e;
    let i = 0;
    var stored = vec4<f32>();
    for (var j = zero; j < 4; j++) {
      let each = i + j;
      stored[j] = epilogue(i0, i1, m0 + t, n0 + each, sums[t][each % 4]);
    }
    b3[c + 4 * t + i / 4] = stored;
  }
}
