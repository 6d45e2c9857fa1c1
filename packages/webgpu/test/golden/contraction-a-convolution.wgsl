// contraction conv [2, 8, 8, 16] over [3, 24]
//   a0 = sum of b0[800·i0 + 80·i1 + 8·i2 + 80·i4 + i5] · b1[i3 + 384·i4 + 16·i5], n is i3
//   b3[1024·i0 + 128·i1 + 16·i2 + i3] = relu(add(a0, b2[i3]))
// up to 4 × 4 of C in each invocation, 8 terms at a time, from memory that 8 × 4 of them share

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<vec4<f32>>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

var<workgroup> tile_a: array<vec4<f32>, 96>;

var<workgroup> tile_b: array<vec4<f32>, 32>;

fn epilogue(i0: i32, i1: i32, i2: i32, i3: i32, a0: f32) -> f32 {
  return relu_f32((a0 + b2[i3]));
}

@compute @workgroup_size(32, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let block = workgroup_id.x;
  let m_block = i32(block);
  let n_block = i32(block % 1u);
  let local = i32(local_invocation_index);
  let down = local / 4;
  let across = local % 4;
  let a_unit0 = local;
  let a_row0 = 32 * m_block + (a_unit0 / 2);
  let a_place0 = 200 * (a_row0 / 64) + 20 * (a_row0 / 8 % 8) + 2 * (a_row0 % 8) + (a_unit0 % 2);
  let a_slot0 = 3 * (a_unit0 / 2) + (a_unit0 % 2);
  let a_unit1 = local + 32;
  let a_row1 = 32 * m_block + (a_unit1 / 2);
  let a_place1 = 200 * (a_row1 / 64) + 20 * (a_row1 / 8 % 8) + 2 * (a_row1 % 8) + (a_unit1 % 2);
  let a_slot1 = 3 * (a_unit1 / 2) + (a_unit1 % 2);
  let b_unit0 = local;
  let b_row0 = 16 * n_block + 4 * (b_unit0 % 4);
  let b_place0 = b_row0 / 4 + 4 * (b_unit0 / 4);
  let b_slot0 = 4 * (b_unit0 / 4) + (b_unit0 % 4);
  let x_at = 3 * down;
  let y_at = across;
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  for (var k0 = 0; k0 < 3; k0++) {
    for (var k1 = 0; k1 < 3; k1++) {
      workgroupBarrier();
      let a = 20 * k0 + 2 * k1;
      tile_a[a_slot0] = b0[a_place0 + a];
      tile_a[a_slot1] = b0[a_place1 + a];
      let b = 96 * k0 + 32 * k1;
      tile_b[b_slot0] = b1[b_place0 + b];
      workgroupBarrier();
      for (var q = 0; q < 2; q++) {
        let u0_0 = tile_a[x_at + q];
        let u0_1 = tile_a[x_at + q + 24];
        let u0_2 = tile_a[x_at + q + 48];
        let u0_3 = tile_a[x_at + q + 72];
        let w0_0 = tile_b[y_at + 16 * q];
        let x0_0 = vec4(u0_0.x);
        c0_0 = fma(x0_0, w0_0, c0_0);
        let x0_1 = vec4(u0_1.x);
        c1_0 = fma(x0_1, w0_0, c1_0);
        let x0_2 = vec4(u0_2.x);
        c2_0 = fma(x0_2, w0_0, c2_0);
        let x0_3 = vec4(u0_3.x);
        c3_0 = fma(x0_3, w0_0, c3_0);
        let w1_0 = tile_b[y_at + 16 * q + 4];
        let x1_0 = vec4(u0_0.y);
        c0_0 = fma(x1_0, w1_0, c0_0);
        let x1_1 = vec4(u0_1.y);
        c1_0 = fma(x1_1, w1_0, c1_0);
        let x1_2 = vec4(u0_2.y);
        c2_0 = fma(x1_2, w1_0, c2_0);
        let x1_3 = vec4(u0_3.y);
        c3_0 = fma(x1_3, w1_0, c3_0);
        let w2_0 = tile_b[y_at + 16 * q + 8];
        let x2_0 = vec4(u0_0.z);
        c0_0 = fma(x2_0, w2_0, c0_0);
        let x2_1 = vec4(u0_1.z);
        c1_0 = fma(x2_1, w2_0, c1_0);
        let x2_2 = vec4(u0_2.z);
        c2_0 = fma(x2_2, w2_0, c2_0);
        let x2_3 = vec4(u0_3.z);
        c3_0 = fma(x2_3, w2_0, c3_0);
        let w3_0 = tile_b[y_at + 16 * q + 12];
        let x3_0 = vec4(u0_0.w);
        c0_0 = fma(x3_0, w3_0, c0_0);
        let x3_1 = vec4(u0_1.w);
        c1_0 = fma(x3_1, w3_0, c1_0);
        let x3_2 = vec4(u0_2.w);
        c2_0 = fma(x3_2, w3_0, c2_0);
        let x3_3 = vec4(u0_3.w);
        c3_0 = fma(x3_3, w3_0, c3_0);
      }
    }
  }
  var sums = array<vec4<f32>, 4>(c0_0, c1_0, c2_0, c3_0);
  for (var i = 0; i < 4; i++) {
    let row = 32 * m_block + down + 8 * i;
    let i0 = (row / 64);
    let i1 = (row / 8 % 8);
    let m = (row % 8);
    let c = 256 * i0 + 32 * i1 + 4 * m;
    for (var j = 0; j < 4; j += 4) {
      let n = 16 * n_block + 4 * across + 16 * (j / 4) + (j % 4);
      var stored = vec4<f32>();
      for (var q = 0; q < 4; q++) {
        let each = j + q;
        stored[q] = epilogue(i0, i1, m, n + q, sums[i][each % 4]);
      }
      b3[c + n / 4] = stored;
    }
  }
}
