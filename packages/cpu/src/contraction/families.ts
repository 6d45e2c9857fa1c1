import { f32x4, Locals, moduleBytes, types } from "../assembler/assembler.ts";

/** A kind of register tile, made for what one kind of engine and processor is quick at. */
export interface Family {
  readonly name: "wide" | "fma" | "plain";
  /** Rows of C that one tile of `columns` columns computes at most; narrower tiles have more rows. */
  readonly rows: number;
  /** Columns of one tile, and of one panel of B. */
  readonly columns: number;
  /** Floats in the registers that the machine computes with. */
  readonly lanes: 4 | 8;
  /** Whether a·b + c is one instruction, which may round once instead of twice. */
  readonly fma: boolean;
}

/**
 * The sizes come from the processor. It starts two FMAs a cycle, each takes four, so at least eight sums must be under
 * way at once; and they must stay, together with the operands, in the 16 vector registers of x64. Hence 12 sums, the
 * vectors of one row of B, and one element of A. Without FMA a product takes a register too.
 *
 * - `wide`: V8's revectorizer fuses neighbouring vectors into 256 bits, so that 6 × 16 is 6 × 2 registers.
 * - `fma`: 6 × 2 registers of 128 bits.
 * - `plain`: for engines without relaxed SIMD, and for results that are the same on every machine.
 */
// prettier-ignore
export const families: Readonly<Record<Family["name"], Family>> = {
  wide:  { name: "wide",  rows: 6, columns: 16, lanes: 8, fma: true },
  fma:   { name: "fma",   rows: 6, columns: 8,  lanes: 4, fma: true },
  plain: { name: "plain", rows: 4, columns: 8,  lanes: 4, fma: false },
};

/** Rows of a tile of so many columns: as many as its sums find registers for, and one at least. */
export function tileRows(family: Family, columns: number): number {
  return Math.max(1, Math.floor(registers(family) / registersOfRow(family, columns)));
}

/** The columns of the widest tile of so many rows, for operands that lie in rows. */
export function tileColumns(family: Family, rows: number): number {
  return family.columns * Math.max(1, Math.floor(family.rows / rows));
}

function registers(family: Family): number {
  return family.rows * registersOfRow(family, family.columns);
}

function registersOfRow({ lanes }: Family, columns: number): number {
  return Math.ceil(columns / lanes);
}

/** Whether this engine knows the instructions of a family. */
export function validates({ fma }: Family): boolean {
  const one = f32x4.const(1, 1, 1, 1);
  const value = fma ? f32x4.relaxedMadd(one, one, one) : f32x4.add(f32x4.mul(one, one), one);
  const probe = { name: "probe", parameters: [], results: [types.v128], locals: new Locals(), body: value };
  return WebAssembly.validate(moduleBytes([probe]));
}
