import { hostArray, isFloat, roundToHalf, type DType } from "../dtype.ts";
import { add } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { conv } from "../ops/conv.ts";
import { argSort, cumsum, gather } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { maxPool } from "../ops/pool.ts";
import { argMax, argMin, max, min, prod, sum } from "../ops/reductions.ts";
import { broadcastTo, concat, expandDims, flip, pad, reshape, slice, transpose } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import type { Primitive } from "../primitive.ts";
import { convGradInputPrimitive } from "../primitives/conv.ts";
import { registry } from "../primitives/registry.ts";
import { valueOf, type ScalarRow } from "../primitives/scalar-table.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { apply, tensor, type Tensor } from "../tensor.ts";
import { during, evaluate, requireAgreement, requireSameBits, show, type DeviceLaw } from "./check-device-values.ts";

// Numbers at the ends of f32 and of its functions: infinities, NaN, zeros of both signs, numbers below the smallest normal
// one, where exponentials overflow, where integers end.
// prettier-ignore
const floats = [
  NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149), 2 ** -127, -(2 ** -126), 1e-30, -1e-7, 1e-3, 0.25, 0.5, -0.5, 1, -1,
  1.5, -1.5, 2, 2.5, -2.5, 3, -3, 7, 10.25, -17, 31, 88.5, 88.8, -87.5, -103, -104.5, 1000.5, 65519, 65520, 8388609,
  -16777215, 2147483648, -2147483904, 4294967296, 1e30, -1e30, 3.4028234663852886e38, -3.4028234663852886e38,
];
// prettier-ignore
const integers = [0, 1, -1, 2, -2, 3, 7, -9, 15, 31, 32, 33, 255, 65537, -65537, 0x7fff_ffff, -0x8000_0000, 0x8000_0001, 0xffff_fffe];
const dtypes: readonly DType[] = ["f32", "f16", "i32", "u32", "bool"];

function specialsOf(dtype: DType): number[] {
  return [...new Set(hostArray(dtype, isFloat(dtype) ? floats : integers))];
}

/** For each scalar function: what it makes of special numbers, alone and in pairs. */
function functionLaws(flushesSubnormals: boolean): DeviceLaw[] {
  return registry.filter(isMap).map((primitive) => ({
    title: `${primitive.name} of infinities, NaN, zeros of both signs, subnormals and the ends of integers`,
    async check(device) {
      for (const dtype of dtypes.filter((each) => accepts(primitive, each))) {
        const ins = operandsOf(primitive.row, dtype);
        const out = apply(primitive, ins, {});
        const [values] = await evaluate(device, [out]);
        const numbers = ins.map(({ node }) => (node.slot?.kind === "data" ? node.slot.data : []));
        values!.forEach((got, i) => {
          const operands = numbers.map((each) => each[i]!);
          const wrong = fault(primitive.row, dtype, operands, got, out.dtype);
          if (wrong === null) return;
          const mayFlush = flushesSubnormals && isFloat(dtype) && primitive.row.units > 0;
          if (mayFlush && fault(primitive.row, dtype, operands.map(flushed), got, out.dtype) === null) return;
          throw new Error(`${primitive.name}(${operands.map(show).join(", ")}) in ${dtype} ${wrong}`);
        });
      }
    },
  }));
}

type Map = Primitive & { readonly row: ScalarRow };

function isMap(primitive: Primitive): primitive is Map {
  return "row" in primitive;
}

function accepts(primitive: Map, dtype: DType): boolean {
  const spec = { shape: [], dtype };
  try {
    primitive.infer(primitive.row.arity === 1 ? [spec] : [spec, spec], {});
    return true;
  } catch {
    return false;
  }
}

function operandsOf({ arity }: ScalarRow, dtype: DType): Tensor[] {
  const values = specialsOf(dtype);
  if (arity === 1) return [tensor(hostArray(dtype, values), { dtype })];
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
  return [0, 1].map((side) =>
    tensor(
      hostArray(
        dtype,
        pairs.map((pair) => pair[side]!),
      ),
      { dtype },
    ),
  );
}

/** A subnormal f32 as the zero of its sign. Those of f16 are normal numbers of f32. */
function flushed(x: number): number {
  return Math.abs(x) < 2 ** -126 ? x / Infinity : x;
}

/** What is wrong with a value, or null. The exact one is that of the table, in f64. */
function fault(row: ScalarRow, dtype: DType, operands: readonly number[], got: number, to: DType): string | null {
  const f: (...xs: number[]) => number = valueOf(row, dtype);
  const exact = f(...operands);
  const wanted = hostArray(to, [exact])[0]!;
  if (Object.is(got, wanted)) return null;
  const isClose = isFloat(to) && Number.isFinite(exact) && exact !== 0 && isWithin(row.units, to, exact, got);
  return isClose ? null : `is ${show(got)} instead of ${show(wanted)}`;
}

// A result below the smallest normal number may be flushed to zero; one that rounding takes beyond the largest overflows.
function isWithin(units: number, dtype: DType, exact: number, got: number): boolean {
  const [unit, smallest] = dtype === "f16" ? [2 ** -11, 2 ** -14] : [2 ** -24, 2 ** -126];
  const bound = units * unit * Math.abs(exact) + (units > 0 ? smallest : 0);
  if (Number.isFinite(got)) return Math.abs(got - exact) <= bound;
  const farthest = exact + Math.sign(exact) * bound;
  return got === (dtype === "f16" ? roundToHalf(farthest) : Math.fround(farthest));
}

const castLaw: DeviceLaw = {
  title: "casts cut fractions off, stop at the ends of integers and take NaN to 0",
  async check(device) {
    for (const from of dtypes) {
      const x = tensor(hostArray(from, specialsOf(from)), { dtype: from });
      for (const to of dtypes) await during(`${from} to ${to}`, () => requireSameBits(device, [cast(x, to)]));
    }
  },
};

/** Numbers that are only moved, through everything that moves: x has the shape [4, 11]. */
function moves(x: Tensor): Tensor[] {
  const everySecond = tensor(
    Array.from({ length: 44 }, (_, i) => i % 2),
    { dtype: "bool" },
  ).reshape([4, 11]);
  return [
    transpose(x),
    flip(reshape(x, [2, 2, 11]), [0, 2]),
    slice(x, [1, 1], [2, 4], [2, 3]),
    pad(x, [[1, 0], [2, 1]]), // prettier-ignore
    concat([x, flip(x, 1)], 1),
    broadcastTo(expandDims(x, 1), [4, 3, 11]),
    gather(x, tensor([10, 0, 3, 11, -1], { dtype: "i32" }), 1),
    where(everySecond, x, flip(x, 0)),
    reshape(transpose(x), [4, 11]),
  ];
}

const moveLaw: DeviceLaw = {
  title: "what moves numbers changes no bit of them: NaN, infinities, negative zeros and subnormals",
  async check(device) {
    for (const dtype of dtypes) {
      const values = specialsOf(dtype);
      const x = tensor(
        hostArray(
          dtype,
          Array.from({ length: 44 }, (_, i) => values[i % values.length]!),
        ),
        { dtype },
      );
      for (const y of moves(reshape(x, [4, 11]))) {
        await during(`${y.node.primitive.name} of ${dtype}`, () => requireSameBits(device, [y]));
      }
    }
  },
};

const reductionLaw: DeviceLaw = {
  title: "reductions of NaN, infinities and equals: NaN before all numbers, then the first of equals",
  async check(device) {
    const [nan, inf] = [NaN, Infinity];
    // prettier-ignore
    const rows = [
      [1, 2, 2, 1, 0, 2], [nan, 3, 1, nan, 2, 0], [1, 3, nan, 5, nan, 9], [inf, 1, inf, 0, 2, 1], [-inf, -inf, -inf, -inf, -inf, -inf],
      [inf, -inf, 1, 2, 3, 4], [-1, -2, -3, -1, -2, -3], [nan, nan, nan, nan, nan, nan], [0, -0, 0, -0, 0, -0], [5, inf, nan, -inf, 5, 4],
    ];
    const lines = tensor(rows);
    for (const [x, axis] of [
      [lines, 1],
      [transpose(lines), 0],
    ] as const) {
      // prettier-ignore
      const all = [sum, prod, max, min, argMax, argMin].map((reduce) => reduce(x, axis));
      await requireAgreement(device, [
        ...all,
        argSort(x, axis),
        argSort(x, axis, { descending: true }),
        cumsum(x, axis),
      ]);
    }
    const image = reshape(lines, [1, 10, 6, 1]);
    await requireAgreement(device, [maxPool(image, { window: 2, padding: [[1, 0], [0, 1]] })]); // prettier-ignore
  },
};

/** Small whole numbers, but for one NaN. */
function spoilt(shape: Shape, at: number): Tensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i % 5) - 2);
  values[at] = NaN;
  return tensor(values, { shape });
}

const spreadLaw: DeviceLaw = {
  title: "a NaN reaches what is computed from it and nothing else",
  async check(device) {
    const filters = spoilt([3, 3, 3, 5], 0);
    const sound = where(filters.equal(filters), filters, 1);
    const x = spoilt([2, 7, 6, 3], 130);
    const attrs = { stride: [2, 1], padding: [[1, 2], [0, 1]], dilation: [1, 2], groups: 1 } as const; // prettier-ignore
    const y = conv(x, sound, attrs);
    const dy = spoilt(y.shape, 40);
    await requireAgreement(device, [y]);
    await requireAgreement(device, [apply(convGradInputPrimitive, [dy, sound], { ...attrs, inputSpatial: [7, 6] })]);
    await requireAgreement(device, [matmul(spoilt([7, 9], 13), where(spoilt([9, 5], 0).equal(0), 1, 2))]);
    await requireAgreement(device, [matmul(where(spoilt([7, 9], 0).equal(0), 1, 2), spoilt([9, 5], 22))]);
    await requireAgreement(device, [add(spoilt([3, 1], 1), spoilt([5], 4))]);
  },
};

/** What becomes of numbers that are not ordinary, on a device that may take subnormal ones for zeros or may not. */
export function specialLaws(flushesSubnormals: boolean): DeviceLaw[] {
  return [...functionLaws(flushesSubnormals), castLaw, moveLaw, reductionLaw, spreadLaw];
}
