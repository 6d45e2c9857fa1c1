/**
 * Instructions as bytes, in a tree: an expression holds the code of its operands, a block that of its statements. The
 * tree is flattened once, when the function is finished.
 */
export type Code = readonly (number | Code)[];

/** A value type of WebAssembly, as its byte. */
export type ValueType = 0x7f | 0x7e | 0x7d | 0x7c | 0x7b;
export const types = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

/** All bytes of a tree, in order. */
export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const visit = (part: Code): void => {
    for (const item of part) {
      if (typeof item === "number") bytes.push(item);
      else visit(item);
    }
  };
  visit(code);
  return bytes;
}

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** A signed 32-bit number in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** A list as WebAssembly writes it: its length, then its items. */
export function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

const encoder = new TextEncoder();

/** A name: its length in bytes, then its UTF-8. */
export function name(text: string): Code {
  const bytes = [...encoder.encode(text)];
  return [unsigned(bytes.length), bytes];
}

const scratch = new DataView(new ArrayBuffer(8));

/** The four bytes of an f32, lowest first. */
export function f32Bytes(value: number): number[] {
  scratch.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => scratch.getUint8(i));
}

/** The eight bytes of an f64, lowest first. */
export function f64Bytes(value: number): number[] {
  scratch.setFloat64(0, value, true);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => scratch.getUint8(i));
}

/** The four bytes of an i32 (or u32), lowest first. */
export function i32Bytes(value: number): number[] {
  scratch.setInt32(0, value | 0, true);
  return [0, 1, 2, 3].map((i) => scratch.getUint8(i));
}
