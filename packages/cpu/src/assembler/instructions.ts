import { f32Bytes, f64Bytes, i32Bytes, signed, unsigned, type Code } from "./code.ts";

// The instructions we use, by the names of the text format: `f32x4.add(a, b)` is the code of a, that of b, and the add.
// Source: WebAssembly Core 3.0, section 5.4, and the relaxed SIMD instructions, which are part of it.

/** An instruction without immediates: its operands, then its opcode. */
type Instruction = (...operands: Code[]) => Code;
/** Reads memory at `address + offset`. */
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;
/** Reads or writes one lane of `value`. */
type LaneAccess = (address: Code, value: Code, lane: number, offset?: number) => Code;
type ExtractLane = (value: Code, lane: number) => Code;
type ReplaceLane = (value: Code, lane: number, by: Code) => Code;
/** All instructions of a table of opcodes. */
type Instructions<Opcodes> = Readonly<Record<keyof Opcodes, Instruction>>;

function table<Opcodes extends Readonly<Record<string, number | readonly number[]>>>(
  opcodes: Opcodes,
  prefix: readonly number[] = [],
): Instructions<Opcodes> {
  const entries = Object.entries(opcodes).map(([name, opcode]): [string, Instruction] => {
    const bytes = [
      ...prefix,
      ...(typeof opcode === "number" && prefix.length > 0 ? unsigned(opcode) : [opcode].flat()),
    ];
    return [name, (...operands) => [operands, bytes]];
  });
  return Object.fromEntries(entries) as Record<keyof Opcodes, Instruction>;
}

/** Behind the prefix of the vector instructions. */
const simd = [0xfd];

/** `align` is log₂ of the bytes that the address is known to be a multiple of: a hint. */
function load(opcode: readonly number[], align: number): Load {
  return (address, offset = 0) => [address, opcode, align, unsigned(offset)];
}

function store(opcode: readonly number[], align: number): Store {
  return (address, value, offset = 0) => [address, value, opcode, align, unsigned(offset)];
}

function laneAccess(opcode: number, align: number): LaneAccess {
  return (address, value, lane, offset = 0) => {
    return [address, value, simd, unsigned(opcode), align, unsigned(offset), lane];
  };
}

function extractLane(opcode: number): ExtractLane {
  return (value, lane) => [value, simd, opcode, lane];
}

function replaceLane(opcode: number): ReplaceLane {
  return (value, lane, by) => [value, by, simd, opcode, lane];
}

/** A vector of constants. */
function vectorConst(lanes: readonly number[], bytesOf: (lane: number) => number[]): Code {
  return [simd, 0x0c, lanes.map(bytesOf)];
}

type Four = readonly [number, number, number, number];
type Two = readonly [number, number];

// prettier-ignore
const i32Opcodes = {
  eqz: 0x45, eq: 0x46, ne: 0x47, ltS: 0x48, ltU: 0x49, gtS: 0x4a, gtU: 0x4b, leS: 0x4c, leU: 0x4d, geS: 0x4e, geU: 0x4f,
  clz: 0x67, add: 0x6a, sub: 0x6b, mul: 0x6c, divS: 0x6d, divU: 0x6e, remS: 0x6f, remU: 0x70,
  and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shrS: 0x75, shrU: 0x76, rotl: 0x77, reinterpretF32: 0xbc,
  truncSatF32S: [0xfc, 0], truncSatF32U: [0xfc, 1], truncSatF64S: [0xfc, 2], truncSatF64U: [0xfc, 3],
} as const;
const v128Opcodes = {
  not: 0x4d,
  and: 0x4e,
  andnot: 0x4f,
  or: 0x50,
  xor: 0x51,
  bitselect: 0x52,
  anyTrue: 0x53,
} as const;
const i8x16Opcodes = { swizzle: 0x0e, splat: 0x0f } as const;
// prettier-ignore
const i32x4Opcodes = {
  splat: 0x11, eq: 0x37, ne: 0x38, ltS: 0x39, ltU: 0x3a, gtS: 0x3b, gtU: 0x3c, leS: 0x3d, leU: 0x3e, geS: 0x3f, geU: 0x40,
  abs: 0xa0, neg: 0xa1, allTrue: 0xa3, bitmask: 0xa4, shl: 0xab, shrS: 0xac, shrU: 0xad, add: 0xae, sub: 0xb1, mul: 0xb5,
  minS: 0xb6, minU: 0xb7, maxS: 0xb8, maxU: 0xb9,
  truncSatF32x4S: 0xf8, truncSatF32x4U: 0xf9, truncSatF64x2SZero: 0xfc, truncSatF64x2UZero: 0xfd,
} as const;
// prettier-ignore
const i64x2Opcodes = {
  splat: 0x12, extendLowI32x4S: 0xc7, extendHighI32x4S: 0xc8, extendLowI32x4U: 0xc9, extendHighI32x4U: 0xca,
  shl: 0xcb, shrS: 0xcc, shrU: 0xcd, add: 0xce, sub: 0xd1, mul: 0xd5,
  eq: 0xd6, ne: 0xd7, ltS: 0xd8, gtS: 0xd9, leS: 0xda, geS: 0xdb,
} as const;
// `relaxedMadd(a, b, c)` is a·b + c, rounded once or twice, as the machine does it quickest; `relaxedNmadd` c − a·b.
// prettier-ignore
const f32x4Opcodes = {
  splat: 0x13, eq: 0x41, ne: 0x42, lt: 0x43, gt: 0x44, le: 0x45, ge: 0x46,
  ceil: 0x67, floor: 0x68, trunc: 0x69, nearest: 0x6a, abs: 0xe0, neg: 0xe1, sqrt: 0xe3,
  add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9, pmin: 0xea, pmax: 0xeb,
  convertI32x4S: 0xfa, convertI32x4U: 0xfb, demoteF64x2Zero: 0x5e, relaxedMadd: 0x105, relaxedNmadd: 0x106,
} as const;
// prettier-ignore
const f64x2Opcodes = {
  splat: 0x14, eq: 0x47, ne: 0x48, lt: 0x49, gt: 0x4a, le: 0x4b, ge: 0x4c,
  ceil: 0x74, floor: 0x75, trunc: 0x7a, nearest: 0x94, abs: 0xec, neg: 0xed, sqrt: 0xef,
  add: 0xf0, sub: 0xf1, mul: 0xf2, div: 0xf3, min: 0xf4, max: 0xf5, pmin: 0xf6, pmax: 0xf7,
  promoteLowF32x4: 0x5f, convertLowI32x4S: 0xfe, convertLowI32x4U: 0xff, relaxedMadd: 0x107, relaxedNmadd: 0x108,
} as const;

interface WordMemory {
  readonly const: (value: number) => Code;
  readonly load: Load;
  readonly load8u: Load;
  readonly store: Store;
  readonly store8: Store;
}

export const i32: Instructions<typeof i32Opcodes> & WordMemory = {
  ...table(i32Opcodes),
  const: (value) => [0x41, signed(value)],
  load: load([0x28], 2),
  load8u: load([0x2d], 0),
  store: store([0x36], 2),
  store8: store([0x3a], 0),
};

interface VectorMemory {
  readonly load: Load;
  readonly load32Splat: Load;
  readonly load64Splat: Load;
  readonly load32Zero: Load;
  readonly load64Zero: Load;
  readonly load32Lane: LaneAccess;
  readonly load64Lane: LaneAccess;
  readonly store: Store;
  readonly store32Lane: LaneAccess;
  readonly store64Lane: LaneAccess;
}

/** `bitselect(a, b, mask)`: bits of a where the mask is 1, of b where it is 0. */
export const v128: Instructions<typeof v128Opcodes> & VectorMemory = {
  ...table(v128Opcodes, simd),
  load: load([0xfd, 0x00], 2),
  load32Splat: load([0xfd, 0x09], 2),
  load64Splat: load([0xfd, 0x0a], 2),
  load32Zero: load([0xfd, 0x5c], 2),
  load64Zero: load([0xfd, 0x5d], 2),
  load32Lane: laneAccess(0x56, 2),
  load64Lane: laneAccess(0x57, 2),
  store: store([0xfd, 0x0b], 2),
  store32Lane: laneAccess(0x5a, 2),
  store64Lane: laneAccess(0x5b, 2),
};

/** `shuffle`: sixteen bytes of a (0 … 15) and b (16 … 31), chosen by the generator. */
export const i8x16: Instructions<typeof i8x16Opcodes> & {
  readonly shuffle: (a: Code, b: Code, bytes: readonly number[]) => Code;
} = {
  ...table(i8x16Opcodes, simd),
  shuffle: (a, b, bytes) => [a, b, simd, 0x0d, bytes],
};

interface Lanes<Constants extends readonly number[]> {
  readonly const: (...lanes: Constants) => Code;
  readonly extractLane: ExtractLane;
  readonly replaceLane: ReplaceLane;
}

export const i32x4: Instructions<typeof i32x4Opcodes> & Lanes<Four> = {
  ...table(i32x4Opcodes, simd),
  const: (...lanes) => vectorConst(lanes, i32Bytes),
  extractLane: extractLane(0x1b),
  replaceLane: replaceLane(0x1c),
};

export const i64x2: Instructions<typeof i64x2Opcodes> & Omit<Lanes<Two>, "const"> = {
  ...table(i64x2Opcodes, simd),
  extractLane: extractLane(0x1d),
  replaceLane: replaceLane(0x1e),
};

export const f32x4: Instructions<typeof f32x4Opcodes> & Lanes<Four> = {
  ...table(f32x4Opcodes, simd),
  const: (...lanes) => vectorConst(lanes, f32Bytes),
  extractLane: extractLane(0x1f),
  replaceLane: replaceLane(0x20),
};

export const f64x2: Instructions<typeof f64x2Opcodes> & Lanes<Two> = {
  ...table(f64x2Opcodes, simd),
  const: (...lanes) => vectorConst(lanes, f64Bytes),
  extractLane: extractLane(0x21),
  replaceLane: replaceLane(0x22),
};
