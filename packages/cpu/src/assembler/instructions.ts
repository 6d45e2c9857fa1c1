import { f32Bytes, f64Bytes, i32Bytes, signed, signed64, unsigned, type Code } from "./code.ts";

// The instructions we use, by the names of the text format: `f32x4.add(a, b)` is the code of a, that of b, and the add.
// Source: WebAssembly Core 3.0, section 5.4, and the relaxed SIMD instructions, which are part of it.

type Instruction = (...operands: Code[]) => Code;

/** An instruction without immediates: its operands, then its opcode. */
function op(...opcode: number[]): Instruction {
  return (...operands) => [operands, opcode];
}

/** The same behind the prefix of the vector instructions. */
function simd(opcode: number): Instruction {
  return op(0xfd, ...unsigned(opcode));
}

/** An instruction on memory at `address + offset`; `align` is log₂ of the bytes that the address is a multiple of. */
function access(opcode: readonly number[], align: number) {
  return (address: Code, offset = 0): Code => [address, opcode, align, unsigned(offset)];
}

/** As `access`, with a value to store. */
function storing(opcode: readonly number[], align: number) {
  return (address: Code, value: Code, offset = 0): Code => [address, value, opcode, align, unsigned(offset)];
}

/** A load or store of one lane of a vector. */
function laneAccess(opcode: number, align: number) {
  return (address: Code, value: Code, lane: number, offset = 0): Code => {
    return [address, value, 0xfd, unsigned(opcode), align, unsigned(offset), lane];
  };
}

/** An instruction that names a lane. */
function lane(opcode: number) {
  return (value: Code, index: number): Code => [value, 0xfd, unsigned(opcode), index];
}

/** An instruction that replaces a lane. */
function replaceLane(opcode: number) {
  return (value: Code, index: number, by: Code): Code => [value, by, 0xfd, unsigned(opcode), index];
}

const load = (opcode: number, align: number) => access([opcode], align);
const simdLoad = (opcode: number, align: number) => access([0xfd, ...unsigned(opcode)], align);

// prettier-ignore
export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  load: load(0x28, 2), load8u: load(0x2d, 0), store: storing([0x36], 2), store8: storing([0x3a], 0),
  eqz: op(0x45), eq: op(0x46), ne: op(0x47), ltS: op(0x48), ltU: op(0x49), gtS: op(0x4a), gtU: op(0x4b),
  leS: op(0x4c), leU: op(0x4d), geS: op(0x4e), geU: op(0x4f),
  add: op(0x6a), sub: op(0x6b), mul: op(0x6c), divS: op(0x6d), divU: op(0x6e), remS: op(0x6f), remU: op(0x70),
  and: op(0x71), or: op(0x72), xor: op(0x73), shl: op(0x74), shrS: op(0x75), shrU: op(0x76), clz: op(0x67), rotl: op(0x77),
  reinterpretF32: op(0xbc), truncSatF32S: op(0xfc, 0), truncSatF32U: op(0xfc, 1),
  truncSatF64S: op(0xfc, 2), truncSatF64U: op(0xfc, 3),
} as const;

// prettier-ignore
export const i64 = {
  const: (value: bigint): Code => [0x42, signed64(value)],
  load: load(0x29, 3), store: storing([0x37], 3),
  add: op(0x7c), sub: op(0x7d), mul: op(0x7e), and: op(0x83), or: op(0x84), xor: op(0x85),
  shl: op(0x86), shrS: op(0x87), shrU: op(0x88), extendI32S: op(0xac), extendI32U: op(0xad),
  reinterpretF64: op(0xbd),
} as const;

// prettier-ignore
export const f32 = {
  const: (value: number): Code => [0x43, f32Bytes(value)],
  load: load(0x2a, 2), store: storing([0x38], 2),
  eq: op(0x5b), ne: op(0x5c), lt: op(0x5d), gt: op(0x5e), le: op(0x5f), ge: op(0x60),
  abs: op(0x8b), neg: op(0x8c), ceil: op(0x8d), floor: op(0x8e), trunc: op(0x8f), nearest: op(0x90), sqrt: op(0x91),
  add: op(0x92), sub: op(0x93), mul: op(0x94), div: op(0x95), min: op(0x96), max: op(0x97),
  convertI32S: op(0xb2), convertI32U: op(0xb3), demoteF64: op(0xb6), reinterpretI32: op(0xbe),
} as const;

// prettier-ignore
export const f64 = {
  const: (value: number): Code => [0x44, f64Bytes(value)],
  load: load(0x2b, 3), store: storing([0x39], 3),
  eq: op(0x61), ne: op(0x62), lt: op(0x63), gt: op(0x64), le: op(0x65), ge: op(0x66),
  abs: op(0x99), neg: op(0x9a), ceil: op(0x9b), floor: op(0x9c), trunc: op(0x9d), nearest: op(0x9e), sqrt: op(0x9f),
  add: op(0xa0), sub: op(0xa1), mul: op(0xa2), div: op(0xa3), min: op(0xa4), max: op(0xa5),
  convertI32S: op(0xb7), convertI32U: op(0xb8), promoteF32: op(0xbb), reinterpretI64: op(0xbf),
} as const;

// prettier-ignore
export const v128 = {
  load: simdLoad(0x00, 2), load32Splat: simdLoad(0x09, 2), load64Splat: simdLoad(0x0a, 2),
  load32Zero: simdLoad(0x5c, 2), load64Zero: simdLoad(0x5d, 2), store: storing([0xfd, 0x0b], 2),
  load32Lane: laneAccess(0x56, 2), load64Lane: laneAccess(0x57, 2),
  store32Lane: laneAccess(0x5a, 2), store64Lane: laneAccess(0x5b, 2),
  not: simd(0x4d), and: simd(0x4e), andnot: simd(0x4f), or: simd(0x50), xor: simd(0x51),
  /** Bits of `a` where the mask is 1, of `b` where it is 0. */
  bitselect: (a: Code, b: Code, mask: Code): Code => [a, b, mask, 0xfd, 0x52],
  anyTrue: simd(0x53),
} as const;

// prettier-ignore
export const i8x16 = {
  /** Sixteen bytes of a (0 … 15) and b (16 … 31), chosen at compile time. */
  shuffle: (a: Code, b: Code, bytes: readonly number[]): Code => [a, b, 0xfd, 0x0d, bytes],
  swizzle: simd(0x0e), splat: simd(0x0f),
} as const;

// prettier-ignore
export const i32x4 = {
  const: (...lanes: readonly [number, number, number, number]): Code => [0xfd, 0x0c, lanes.map(i32Bytes)],
  splat: simd(0x11), extractLane: lane(0x1b), replaceLane: replaceLane(0x1c),
  eq: simd(0x37), ne: simd(0x38), ltS: simd(0x39), ltU: simd(0x3a), gtS: simd(0x3b), gtU: simd(0x3c),
  leS: simd(0x3d), leU: simd(0x3e), geS: simd(0x3f), geU: simd(0x40),
  abs: simd(0xa0), neg: simd(0xa1), allTrue: simd(0xa3), bitmask: simd(0xa4),
  shl: simd(0xab), shrS: simd(0xac), shrU: simd(0xad), add: simd(0xae), sub: simd(0xb1), mul: simd(0xb5),
  minS: simd(0xb6), minU: simd(0xb7), maxS: simd(0xb8), maxU: simd(0xb9),
  truncSatF32x4S: simd(0xf8), truncSatF32x4U: simd(0xf9), truncSatF64x2SZero: simd(0xfc), truncSatF64x2UZero: simd(0xfd),
} as const;

// prettier-ignore
export const i64x2 = {
  splat: simd(0x12), extractLane: lane(0x1d), replaceLane: replaceLane(0x1e),
  extendLowI32x4S: simd(0xc7), extendHighI32x4S: simd(0xc8), extendLowI32x4U: simd(0xc9), extendHighI32x4U: simd(0xca),
  shl: simd(0xcb), shrS: simd(0xcc), shrU: simd(0xcd), add: simd(0xce), sub: simd(0xd1), mul: simd(0xd5),
  eq: simd(0xd6), ne: simd(0xd7), ltS: simd(0xd8), gtS: simd(0xd9), leS: simd(0xda), geS: simd(0xdb),
} as const;

// prettier-ignore
export const f32x4 = {
  const: (...lanes: readonly [number, number, number, number]): Code => [0xfd, 0x0c, lanes.map(f32Bytes)],
  splat: simd(0x13), extractLane: lane(0x1f), replaceLane: replaceLane(0x20),
  eq: simd(0x41), ne: simd(0x42), lt: simd(0x43), gt: simd(0x44), le: simd(0x45), ge: simd(0x46),
  ceil: simd(0x67), floor: simd(0x68), trunc: simd(0x69), nearest: simd(0x6a),
  abs: simd(0xe0), neg: simd(0xe1), sqrt: simd(0xe3), add: simd(0xe4), sub: simd(0xe5), mul: simd(0xe6), div: simd(0xe7),
  min: simd(0xe8), max: simd(0xe9), pmin: simd(0xea), pmax: simd(0xeb),
  convertI32x4S: simd(0xfa), convertI32x4U: simd(0xfb), demoteF64x2Zero: simd(0x5e),
  /** a·b + c, rounded once or twice, as the machine does it quickest. */
  relaxedMadd: simd(0x105),
  /** c − a·b, likewise. */
  relaxedNmadd: simd(0x106),
} as const;

// prettier-ignore
export const f64x2 = {
  const: (...lanes: readonly [number, number]): Code => [0xfd, 0x0c, lanes.map(f64Bytes)],
  splat: simd(0x14), extractLane: lane(0x21), replaceLane: replaceLane(0x22),
  eq: simd(0x47), ne: simd(0x48), lt: simd(0x49), gt: simd(0x4a), le: simd(0x4b), ge: simd(0x4c),
  ceil: simd(0x74), floor: simd(0x75), trunc: simd(0x7a), nearest: simd(0x94),
  abs: simd(0xec), neg: simd(0xed), sqrt: simd(0xef), add: simd(0xf0), sub: simd(0xf1), mul: simd(0xf2), div: simd(0xf3),
  min: simd(0xf4), max: simd(0xf5), pmin: simd(0xf6), pmax: simd(0xf7),
  promoteLowF32x4: simd(0x5f), convertLowI32x4S: simd(0xfe), convertLowI32x4U: simd(0xff),
  relaxedMadd: simd(0x107), relaxedNmadd: simd(0x108),
} as const;
