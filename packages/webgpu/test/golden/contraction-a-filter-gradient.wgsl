// contraction convGradFilter [3, 24, 16] over [2, 8, 8]
//   a0 = sum of b0[80·i0 + i1 + 800·i3 + 80·i4 + 8·i5] · b1[i2 + 1024·i3 + 128·i4 + 16·i5], n is i2
//   b2[384·i0 + 16·i1 + i2] = a0
// up to 4 × 4 of C in each invocation, 8 terms at a time, from memory that 8 × 4 of them share

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<f32>>;

var<workgroup> tile_a: array<vec4<f32>, 64>;

var<workgroup> tile_b: array<vec4<f32>, 32>;

@compute @workgroup_size(32, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let block = workgroup_id.x;
  let m_block = i32(block);
  let n_block = i32(block % 1u);
  let local = i32(local_invocation_index);
  let down = local / 4;
  let across = local % 4;
  let a_unit0 = local;
  let a_row0 = 32 * m_block + 4 * (a_unit0 % 8);
  let a_place0 = 20 * (a_row0 / 24) + (a_row0 % 24) / 4 + 2 * (a_unit0 / 8);
  let a_slot0 = 8 * (a_unit0 / 8) + (a_unit0 % 8);
  let a_unit1 = local + 32;
  let a_row1 = 32 * m_block + 4 * (a_unit1 % 8);
  let a_place1 = 20 * (a_row1 / 24) + (a_row1 % 24) / 4 + 2 * (a_unit1 / 8);
  let a_slot1 = 8 * (a_unit1 / 8) + (a_unit1 % 8);
  let b_unit0 = local;
  let b_row0 = 16 * n_block + 4 * (b_unit0 % 4);
  let b_place0 = b_row0 / 4 + 4 * (b_unit0 / 4);
  let b_slot0 = 4 * (b_unit0 / 4) + (b_unit0 % 4);
  let x_at = down;
  let y_at = across;
  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  for (var k0 = 0; k0 < 2; k0++) {
    for (var k1 = 0; k1 < 8; k1++) {
      for (var k2 = 0; k2 < 1; k2++) {
        workgroupBarrier();
        let a = 200 * k0 + 20 * k1 + 16 * k2;
        var a_value0 = vec4<f32>();
        if (a_row0 < 72) { a_value0 = b0[a_place0 + a]; }
        tile_a[a_slot0] = a_value0;
        var a_value1 = vec4<f32>();
        if (a_row1 < 72) { a_value1 = b0[a_place1 + a]; }
        tile_a[a_slot1] = a_value1;
        let b = 256 * k0 + 32 * k1 + 32 * k2;
        tile_b[b_slot0] = b1[b_place0 + b];
        workgroupBarrier();
        for (var q = 0; q < 2; q++) {
          let u0_0 = tile_a[x_at + 32 * q];
          let w0_0 = tile_b[y_at + 16 * q];
          let x0_0 = vec4(u0_0.x);
          c0_0 = fma(x0_0, w0_0, c0_0);
          let x0_1 = vec4(u0_0.y);
          c1_0 = fma(x0_1, w0_0, c1_0);
          let x0_2 = vec4(u0_0.z);
          c2_0 = fma(x0_2, w0_0, c2_0);
          let x0_3 = vec4(u0_0.w);
          c3_0 = fma(x0_3, w0_0, c3_0);
          let u1_0 = tile_a[x_at + 32 * q + 8];
          let w1_0 = tile_b[y_at + 16 * q + 4];
          let x1_0 = vec4(u1_0.x);
          c0_0 = fma(x1_0, w1_0, c0_0);
          let x1_1 = vec4(u1_0.y);
          c1_0 = fma(x1_1, w1_0, c1_0);
          let x1_2 = vec4(u1_0.z);
          c2_0 = fma(x1_2, w1_0, c2_0);
          let x1_3 = vec4(u1_0.w);
          c3_0 = fma(x1_3, w1_0, c3_0);
          let u2_0 = tile_a[x_at + 32 * q + 16];
          let w2_0 = tile_b[y_at + 16 * q + 8];
          let x2_0 = vec4(u2_0.x);
          c0_0 = fma(x2_0, w2_0, c0_0);
          let x2_1 = vec4(u2_0.y);
          c1_0 = fma(x2_1, w2_0, c1_0);
          let x2_2 = vec4(u2_0.z);
          c2_0 = fma(x2_2, w2_0, c2_0);
          let x2_3 = vec4(u2_0.w);
          c3_0 = fma(x2_3, w2_0, c3_0);
          let u3_0 = tile_a[x_at + 32 * q + 24];
          let w3_0 = tile_b[y_at + 16 * q + 12];
          let x3_0 = vec4(u3_0.x);
          c0_0 = fma(x3_0, w3_0, c0_0);
          let x3_1 = vec4(u3_0.y);
          c1_0 = fma(x3_1, w3_0, c1_0);
          let x3_2 = vec4(u3_0.z);
          c2_0 = fma(x3_2, w3_0, c2_0);
          let x3_3 = vec4(u3_0.w);
          c3_0 = fma(x3_3, w3_0, c3_0);
        }
      }
    }
  }
  {
    let row = 32 * m_block + 4 * down;
    if (row < 72) {
      let i0 = (row / 24);
      let m = (row % 24);
      let c = 96 * i0 + 4 * m;
      {
        let n = 16 * n_block + 4 * across;
        b2[c + n / 4] = c0_0;
      }
    }
  }
  {
    let row = 32 * m_block + 4 * down + 1;
    if (row < 72) {
      let i0 = (row / 24);
      let m = (row % 24);
      let c = 96 * i0 + 4 * m;
      {
        let n = 16 * n_block + 4 * across;
        b2[c + n / 4] = c1_0;
      }
    }
  }
  {
    let row = 32 * m_block + 4 * down + 2;
    if (row < 72) {
      let i0 = (row / 24);
      let m = (row % 24);
      let c = 96 * i0 + 4 * m;
      {
        let n = 16 * n_block + 4 * across;
        b2[c + n / 4] = c2_0;
      }
    }
  }
  {
    let row = 32 * m_block + 4 * down + 3;
    if (row < 72) {
      let i0 = (row / 24);
      let m = (row % 24);
      let c = 96 * i0 + 4 * m;
      {
        let n = 16 * n_block + 4 * across;
        b2[c + n / 4] = c3_0;
      }
    }
  }
}
