import { declarationsOf, type Declarations } from "./declarations.ts";

// Whole numbers as core has them: what is too large wraps, division cuts off, and by 0 gives 0.

/** Functions of i32, u32 and bool that are no operator. */
export const integers: Declarations = declarationsOf(`
fn square_i32(x: i32) -> i32 {
  return x * x;
}

fn square_u32(x: u32) -> u32 {
  return x * x;
}

fn div_i32(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  if (b == -1) { return -a; } // the quotient of the least number would be too large
  return a / b;
}

fn div_u32(a: u32, b: u32) -> u32 {
  if (b == 0u) { return 0u; }
  return a / b;
}

// The remainder with the sign of the divisor.
fn mod_i32(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) { return 0; }
  let remainder = a % b;
  return select(remainder, remainder + b, remainder != 0 && (remainder ^ b) < 0);
}

fn mod_u32(a: u32, b: u32) -> u32 {
  if (b == 0u) { return 0u; }
  return a % b;
}

// Of two truths: 1 << b is true whatever b is, and 1 >> b only if b is 0.
fn shift_left_bool(a: bool, b: bool) -> bool {
  return a;
}
`);
