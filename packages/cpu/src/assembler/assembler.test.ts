import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countedLoop,
  doWhile,
  f32x4,
  f64x2,
  i32,
  i32x4,
  i8x16,
  Locals,
  moduleBytes,
  select,
  types,
  v128,
  when,
  whileLoop,
} from "./assembler.ts";
import type { Code, ValueType } from "./code.ts";
import { signed, unsigned } from "./code.ts";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });

/** A function of i32 parameters, ready to be called. */
function made(
  parameters: number,
  results: readonly ValueType[],
  body: (locals: Locals) => Code,
): (...args: number[]) => number {
  const kinds = new Array<ValueType>(parameters).fill(types.i32);
  const locals = new Locals(kinds);
  const code = body(locals);
  const bytes = moduleBytes([{ name: "run", parameters: kinds, results, locals, body: code }]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports["run"] as (...args: number[]) => number;
}

function place(i: number): Code {
  return i32.const(1024 + 16 * i);
}

/** What a vector instruction makes of operands: lanes in, lanes out, through memory. */
function lanes(
  type: "f32" | "i32" | "f64",
  operands: readonly (readonly number[])[],
  make: (...codes: Code[]) => Code,
): number[] {
  const Elements = { f32: Float32Array, i32: Int32Array, f64: Float64Array }[type];
  const view = (i: number): { set(values: readonly number[]): void } & Iterable<number> =>
    new Elements(memory.buffer, 1024 + 16 * i, 16 / Elements.BYTES_PER_ELEMENT);
  operands.forEach((values, i) => view(i + 1).set(values));
  made(0, [], () => v128.store(place(0), make(...operands.map((_, i) => v128.load(place(i + 1))))))();
  return [...view(0)];
}

describe("numbers in LEB128", () => {
  test("unsigned ones read as they were written", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (value) => {
        const read = unsigned(value).reduce((sum, byte, i) => sum + (byte & 0x7f) * 128 ** i, 0);
        expect(read).toBe(value);
      }),
    );
    expect([unsigned(0), unsigned(127), unsigned(128), unsigned(624485)]).toEqual([
      [0],
      [0x7f],
      [0x80, 1],
      [0xe5, 0x8e, 0x26],
    ]);
  });

  test("signed ones are what the engine takes them for", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(made(0, [types.i32], () => i32.const(value))()).toBe(value);
      }),
      { numRuns: 50 },
    );
    expect(signed(-123456)).toEqual([0xc0, 0xbb, 0x78]);
  });
});

describe("control", () => {
  test("a counted loop runs for its bounds, and not at all when they are empty", () => {
    const bounds: [number, number, number][] = [
      [0, 5, 1],
      [2, 9, 3],
      [4, 4, 1],
      [5, 1, 1],
    ];
    const sums = bounds.map(([from, to, step]) =>
      made(0, [types.i32], (locals) => {
        const [i, total] = [locals.add(types.i32), locals.add(types.i32)];
        return [countedLoop(i, from, to, step, total.set(i32.add(total.get, i.get))), total.get];
      })(),
    );
    expect(sums).toEqual([10, 15, 0, 0]);
  });

  test("a while loop asks before, a do loop after", () => {
    const loops: (typeof whileLoop)[] = [whileLoop, (condition, body) => doWhile(body, condition)];
    const turns = loops.map((loop) =>
      made(1, [types.i32], (locals) => {
        const [n, count] = [locals.parameter(0), locals.add(types.i32)];
        const body = [count.set(i32.add(count.get, i32.const(1))), n.set(i32.sub(n.get, i32.const(1)))];
        return [loop(i32.gtS(n.get, i32.const(0)), body), count.get];
      })(0),
    );
    expect(turns).toEqual([0, 1]);
  });

  test("when takes one way, select one of two values", () => {
    const both = made(1, [types.i32], (locals) => {
      const [x, y] = [locals.parameter(0), locals.add(types.i32)];
      return [
        when(x.get, y.set(i32.const(7)), y.set(i32.const(8))),
        i32.add(y.get, select(i32.const(10), i32.const(20), x.get)),
      ];
    });
    expect([both(1), both(0)]).toEqual([17, 28]);
  });

  test("a constant vector is set once, whoever asks for it", () => {
    const locals = new Locals();
    const [a, b] = [locals.constant(f32x4.const(1, 2, 3, 4)), locals.constant(f32x4.const(1, 2, 3, 4))];
    expect(a).toEqual(b);
    expect(lanes("f32", [[10, 20, 30, 40]], (x) => f32x4.add(x, f32x4.const(1, 2, 3, 4)))).toEqual([11, 22, 33, 44]);
  });
});

describe("vectors", () => {
  const [a, b] = [
    [1.5, -2.25, 0.5, 8],
    [2, 4, -0.5, 0.25],
  ] as const;
  const each = (f: (x: number, y: number) => number): number[] => a.map((x, i) => Math.fround(f(x, b[i]!)));

  // prettier-ignore
  test.each<[string, (...codes: Code[]) => Code, (x: number, y: number) => number]>([
    ["add", f32x4.add, (x, y) => x + y], ["sub", f32x4.sub, (x, y) => x - y], ["mul", f32x4.mul, (x, y) => x * y],
    ["div", f32x4.div, (x, y) => x / y], ["min", f32x4.min, Math.min], ["max", f32x4.max, Math.max],
    ["pmin", f32x4.pmin, Math.min], ["pmax", f32x4.pmax, Math.max],
    ["abs", (x) => f32x4.abs(x), (x) => Math.abs(x)], ["neg", (x) => f32x4.neg(x), (x) => -x],
    ["ceil", (x) => f32x4.ceil(x), (x) => Math.ceil(x)], ["floor", (x) => f32x4.floor(x), (x) => Math.floor(x)],
    ["trunc", (x) => f32x4.trunc(x), (x) => Math.trunc(x)], ["sqrt", (x) => f32x4.sqrt(f32x4.abs(x)), (x) => Math.sqrt(Math.abs(x))],
    ["relaxedMadd", (x, y) => f32x4.relaxedMadd(x, y, x), (x, y) => x * y + x],
    ["relaxedNmadd", (x, y) => f32x4.relaxedNmadd(x, y, x), (x, y) => x - x * y],
  ])("f32x4.%s", (_, make, at) => {
    expect(lanes("f32", [a, b], make).map((x) => x + 0)).toEqual(each(at).map((x) => x + 0));
  });

  test("comparisons give masks, and bitselect follows them", () => {
    const larger = lanes("f32", [a, b], (x, y) => v128.bitselect(x, y, f32x4.gt(x, y)));
    expect(larger).toEqual(each(Math.max));
    expect(
      lanes(
        "i32",
        [
          [1, 2, 3, 4],
          [4, 2, 1, 9],
        ],
        (x, y) => i32x4.ltS(x, y),
      ),
    ).toEqual([-1, 0, 0, -1]);
  });

  test("whole numbers wrap, shift and convert", () => {
    const big = [2 ** 31 - 1, -1, 7, -(2 ** 31)];
    expect(lanes("i32", [big], (x) => i32x4.add(x, i32x4.splat(i32.const(1))))).toEqual([
      -(2 ** 31),
      0,
      8,
      1 - 2 ** 31,
    ]);
    expect(lanes("i32", [big], (x) => i32x4.shrU(x, i32.const(28)))).toEqual([7, 15, 0, 8]);
    expect(lanes("f32", [[1, 2, 3, 4]], (x) => f32x4.convertI32x4S(i32x4.truncSatF32x4S(x)))).toEqual([1, 2, 3, 4]);
  });

  test("two f64 fit where four f32 do", () => {
    expect(
      lanes(
        "f64",
        [
          [0.1, 1e300],
          [0.2, 1e8],
        ],
        (x, y) => f64x2.mul(x, y),
      ),
    ).toEqual([0.1 * 0.2, 1e300 * 1e8]);
  });

  test("a shuffle takes bytes of both, lanes are set one by one", () => {
    const odd = [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31];
    expect(
      lanes(
        "f32",
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
        (x, y) => i8x16.shuffle(x, y, odd),
      ),
    ).toEqual([2, 4, 6, 8]);
    expect(lanes("i32", [[1, 2, 3, 4]], (x) => i32x4.replaceLane(x, 2, i32x4.extractLane(x, 0)))).toEqual([1, 2, 1, 4]);
  });

  test("single lanes are stored without touching their neighbours", () => {
    const view = new Float32Array(memory.buffer, 2048, 8).fill(9);
    made(0, [], () => [
      v128.store64Lane(i32.const(2048), f32x4.const(1, 2, 3, 4), 1),
      v128.store32Lane(i32.const(2048), f32x4.const(1, 2, 3, 4), 0, 12),
    ])();
    expect([...view]).toEqual([3, 4, 9, 1, 9, 9, 9, 9]);
  });
});
