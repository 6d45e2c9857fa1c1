// What the functions divide and take roots of; quotients of integers are exact everywhere.
const quotients = [
  "f32(i32(x.mantissa)) / divisor",
  "f32(left) / divisor",
  "f32(left) / (2.0 * f32(guess))",
  "f32(dividend) / f32(sum)",
  "f32(left) / f32(sum)",
  "t / (t + 2.0)",
  "y / (y + 2.0)",
  "select(small, 1.0, x >= 0.0) / (1.0 + small)",
];
const root = "sqrt(square)";

/**
 * The text as it would run where quotients are off by up to 2.5 units in the last place and roots by up to 4.5, which is
 * what WGSL lets them be: 2 and 4 units, which look random, are added to those of this adapter.
 */
export function roughened(text: string): string {
  const altered = quotients.reduce((sum, each) => sum.replaceAll(each, `rough_f32(${each}, 2u)`), text);
  return `${rough}\n${altered.replaceAll(root, `rough_f32(${root}, 4u)`)}`;
}

const rough = `
fn rough_f32(x: f32, most: u32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits << 1u) == 0u) { return x; }
  return bitcast<f32>(bits + ((bits * 0x9e3779b9u) >> 16u) % (2u * most + 1u) - most);
}`;
