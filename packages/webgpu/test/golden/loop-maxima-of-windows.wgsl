// loop poolGather [8, 4, 16] over [2, 2]
//   a0 = b0[256·i0 + 32·i1 + i2 + 128·i3 + 16·i4] where b0[256·i0 + 32·i1 + i2 + 128·i3 + 16·i4] is largest
//   b1[64·i0 + 16·i1 + i2] = a0

@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<f32>>;

// A whole number for each float, in the order of floats: −0 is 0, and NaN comes behind all.
fn rising_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  return select(select(size, -size, bits < 0), 0x7fffffff, size > 0x7f800000);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let zero = local_invocation_index >> 31u;
  let point = 64u * workgroup_id.x + local_invocation_index;
  let i0 = i32(point / 16u);
  let i1 = i32(point / 4u % 4u);
  let q = i32(point % 4u);
  var a0 = vec4<f32>(0.0f);
  var order0 = vec4<i32>(0);
  var position0 = vec4<i32>(-1);
  let p0 = 64 * i0 + 8 * i1 + q;
  for (var i3 = i32(zero); i3 < 2; i3++) {
    let p1 = p0 + 32 * i3;
    for (var i4 = i32(zero); i4 < 2; i4++) {
      let v0 = b0[p1 + 4 * i4];
      for (var lane = 0; lane < 4; lane++) {
        let v1 = v0[lane];
        let next0 = rising_order(v1);
        if ((position0[lane] < 0) | (next0 > order0[lane])) {
          order0[lane] = next0;
          position0[lane] = 2 * i3 + i4;
          a0[lane] = v1;
        }
      }
    }
  }
  var s0: vec4<f32>;
  for (var lane = 0; lane < 4; lane++) {
    s0[lane] = a0[lane];
  }
  b1[16 * i0 + 4 * i1 + q] = s0;
}
