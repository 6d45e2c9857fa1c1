// contraction dot [3, 13, 5] over [7]
//   a0 = sum of b0[91·i0 + 7·i1 + i3] · b1[35·i0 + i2 + 5·i3], n is i2
//   b3[65·i0 + 5·i1 + i2] = relu(add(a0, b2[i2]))
// up to 2 × 1 of C in each invocation, 8 terms at a time, from memory that 8 × 4 of them share

@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

var<workgroup> tile_a: array<f32, 119>;

var<workgroup> tile_b: array<f32, 35>;

fn epilogue(i0: i32, i1: i32, i2: i32, a0: f32) -> f32 {
  return relu_f32((a0 + b2[i2]));
}

@compute @workgroup_size(32, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let block = workgroup_id.x;
  let i0 = i32(block / 2u);
  let m_block = i32(block / 2u % 1u);
  let n_block = i32(block % 2u);
  let local = i32(local_invocation_index);
  let down = local / 4;
  let across = local % 4;
  let a_unit0 = local;
  let a_row0 = 16 * m_block + (a_unit0 / 7);
  let a_place0 = 91 * i0 + 7 * a_row0 + (a_unit0 % 7);
  let a_slot0 = 17 * (a_unit0 % 7) + (a_unit0 / 7);
  let a_unit1 = local + 32;
  let a_row1 = 16 * m_block + (a_unit1 / 7);
  let a_place1 = 91 * i0 + 7 * a_row1 + (a_unit1 % 7);
  let a_slot1 = 17 * (a_unit1 % 7) + (a_unit1 / 7);
  let a_unit2 = local + 64;
  let a_row2 = 16 * m_block + (a_unit2 / 7);
  let a_place2 = 91 * i0 + 7 * a_row2 + (a_unit2 % 7);
  let a_slot2 = 17 * (a_unit2 % 7) + (a_unit2 / 7);
  let a_unit3 = local + 96;
  let a_row3 = 16 * m_block + (a_unit3 / 7);
  let a_place3 = 91 * i0 + 7 * a_row3 + (a_unit3 % 7);
  let a_slot3 = 17 * (a_unit3 % 7) + (a_unit3 / 7);
  let b_unit0 = local;
  let b_row0 = 4 * n_block + (b_unit0 % 4);
  let b_place0 = 35 * i0 + b_row0 + 5 * (b_unit0 / 4);
  let b_slot0 = 5 * (b_unit0 / 4) + (b_unit0 % 4);
  let x_at = down;
  let y_at = across;
  var c0_0 = 0.0;
  var c1_0 = 0.0;
  for (var k0 = 0; k0 < 1; k0++) {
    workgroupBarrier();
    let a = 7 * k0;
    var a_value0 = 0.0;
    if (a_row0 < 13) { a_value0 = b0[a_place0 + a]; }
    tile_a[a_slot0] = a_value0;
    var a_value1 = 0.0;
    if (a_row1 < 13) { a_value1 = b0[a_place1 + a]; }
    tile_a[a_slot1] = a_value1;
    var a_value2 = 0.0;
    if (a_row2 < 13) { a_value2 = b0[a_place2 + a]; }
    tile_a[a_slot2] = a_value2;
    if (a_unit3 < 112) {
      var a_value3 = 0.0;
      if (a_row3 < 13) { a_value3 = b0[a_place3 + a]; }
      tile_a[a_slot3] = a_value3;
    }
    let b = 35 * k0;
    if (b_unit0 < 28) {
      var b_value0 = 0.0;
      if (b_row0 < 5) { b_value0 = b1[b_place0 + b]; }
      tile_b[b_slot0] = b_value0;
    }
    workgroupBarrier();
    for (var q = 0; q < 7; q++) {
      let u0_0 = tile_a[x_at + 17 * q];
      let u0_1 = tile_a[x_at + 17 * q + 8];
      let w0_0 = tile_b[y_at + 5 * q];
      let x0_0 = u0_0;
      c0_0 = fma(x0_0, w0_0, c0_0);
      let x0_1 = u0_1;
      c1_0 = fma(x0_1, w0_0, c1_0);
    }
  }
  var sums = array<f32, 2>(c0_0, c1_0);
  for (var i = 0; i < 2; i++) {
    let row = 16 * m_block + down + 8 * i;
    if (row < 13) {
      let m = row;
      let c = 65 * i0 + 5 * m;
      for (var j = 0; j < 1; j += 1) {
        let n = 4 * n_block + across + 4 * j;
        if (n < 5) {
          b3[c + n] = epilogue(i0, m, n, sums[i + j]);
        }
      }
    }
  }
}
