import type { Border, WindowAxis } from "./window-axis.ts";

// The adjoint of a strided window asks of every input which outputs saw it: p = i·s − low + k·d for tap k. Among the
// inputs with one residue of p modulo the stride s, neighbours see neighbouring outputs through the same taps, a dense
// problem of stride 1. With q = r + low, g = gcd(s, d) and p = r + s·t:
//
//   k·d ≡ q (mod s)   ⇒   k = k₀ + j·s/g, or no tap at all      i = t + (q − k₀·d)/s − j·d/g
//
// Taps are counted backwards here, so that outputs ascend with them.

/**
 * Neighbouring residues r = first + u (u < `residues`) that behave alike: input first + u + stride·t (t < `count`) is
 * seen by output `output` + t + `outputStep`·j through tap `tap` + `tapResidue`·u + `tapStep`·j, for j < `taps`.
 */
export interface Residues {
  readonly first: number;
  readonly residues: number;
  readonly stride: number;
  readonly count: number;
  readonly taps: number;
  readonly output: number;
  readonly outputStep: number;
  readonly tap: number;
  readonly tapResidue: number;
  readonly tapStep: number;
}

/** All inputs of an axis, in as few groups as possible; every input is in exactly one. */
export function residuesOf(axis: WindowAxis): Residues[] {
  const groups: Residues[] = [];
  for (let r = 0; r < Math.min(axis.stride, axis.input); r++) {
    const single = oneResidue(axis, r);
    const joined = groups.length === 0 ? null : joinedTo(groups.at(-1)!, single);
    if (joined === null) groups.push(single);
    else groups[groups.length - 1] = joined;
  }
  return groups;
}

function oneResidue({ input, taps, stride, dilation, low }: WindowAxis, r: number): Residues {
  const q = r + low;
  const divisor = gcd(stride, dilation);
  const every = stride / divisor;
  const seen = Array.from({ length: every }, (_, k) => k).find(
    (k) => (((k * dilation - q) % stride) + stride) % stride === 0,
  );
  const base = { first: r, residues: 1, stride, count: Math.ceil((input - r) / stride), tapResidue: 0 };
  if (seen === undefined || seen >= taps) return { ...base, taps: 0, output: 0, outputStep: 0, tap: 0, tapStep: 0 };
  const found = Math.ceil((taps - seen) / every);
  const outputStep = dilation / divisor;
  return {
    ...base,
    taps: found,
    output: (q - seen * dilation) / stride - (found - 1) * outputStep,
    outputStep,
    tap: seen + (found - 1) * every,
    tapStep: 0 - every,
  };
}

/**
 * The group with the next residue in it, when that one behaves like those it has. If they see the same outputs, q − k₀·d is
 * the same for all of them, so taps go on by one step from each residue to the next.
 */
function joinedTo(group: Residues, next: Residues): Residues | null {
  const alike =
    group.count === next.count &&
    group.taps === next.taps &&
    group.output === next.output &&
    group.tapStep === next.tapStep;
  if (!alike) return null;
  return { ...group, residues: group.residues + 1, tapResidue: (next.tap - group.tap) / group.residues };
}

/** How far the groups reach beyond the outputs there are. */
export function outputBorder(axis: WindowAxis): Border {
  const seeing = residuesOf(axis).filter(({ taps }) => taps > 0);
  return {
    low: Math.max(0, ...seeing.map(({ output }) => 0 - output)),
    high: Math.max(0, ...seeing.map((group) => lastOutput(group) - (axis.output - 1))),
  };
}

function lastOutput({ output, count, taps, outputStep }: Residues): number {
  return output + count - 1 + (taps - 1) * outputStep;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
