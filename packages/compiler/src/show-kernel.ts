import { showAffine, type Affine } from "./affine.ts";
import { partsOf } from "./expression.ts";
import type { Accumulator, ContractionKernel, Expr, Kernel, LoopKernel } from "./ir.ts";

// Kernels as text, for people: what a plan prints and what tests compare. Axes are i0, i1, …: those of the space first,
// then those that are reduced; buffers are b0, b1, …, runtime numbers s0, s1, …, results of reductions a0, a1, …

/**
 * A kernel as readable text, the same for equal kernels:
 *
 * loop relu+add [8, 56, 56, 64]
 *   b2[200704·i0 + 3584·i1 + 64·i2 + i3] = relu(add(b0[200704·i0 + 3584·i1 + 64·i2 + i3], b1[i3]))
 */
export function showKernel(kernel: Kernel): string {
  return kernel.kind === "loop" ? showLoop(kernel) : showContraction(kernel);
}

function showLoop({ name, space, reduced, accumulators, stores }: LoopKernel): string {
  const over = reduced.length === 0 ? "" : ` over [${reduced.join(", ")}]`;
  const lines: string[] = [];
  const totals = printer("t", lines);
  accumulators.forEach((_, i) => totals.expect(operandsOf(accumulators[i]!)));
  accumulators.forEach((accumulator, i) => lines.push(`a${i} = ${showAccumulator(accumulator, totals.show)}`));
  const results = printer("u", lines);
  for (const { expr } of stores) results.expect([expr]);
  for (const { buffer, at, expr } of stores) {
    const value = results.show(expr);
    lines.push(`b${buffer}[${showAffine(at)}] = ${value}`);
  }
  return [`loop ${name} [${space.join(", ")}]${over}`, ...lines].join("\n  ");
}

function operandsOf(accumulator: Accumulator): readonly Expr[] {
  return accumulator.op === "choose" ? [accumulator.expr, accumulator.value] : [accumulator.expr];
}

function showAccumulator(accumulator: Accumulator, show: Show): string {
  if (accumulator.op !== "choose") return `${accumulator.op} of ${show(accumulator.expr)}`;
  const { least, expr, value } = accumulator;
  return `${show(value)} where ${show(expr)} is ${least ? "smallest" : "largest"}`;
}

function showContraction(kernel: ContractionKernel): string {
  const { name, outer, m, n, k, start, epilogue, schedule, buffers } = kernel;
  const rank = outer.length + 2;
  const steps = (own: (operand: "a" | "b" | "c") => number[], operand: "a" | "b" | "c"): Affine => ({
    constant: start[operand],
    coefficients: [...outer.map((axis) => axis[operand]), ...own(operand)],
  });
  const a = steps(() => [m.a, 0, ...k.map((axis) => axis.a)], "a");
  const b = steps(() => [0, n.b, ...k.map((axis) => axis.b)], "b");
  const c = steps(() => [m.c, 1], "c");
  const outerB = steps(() => [], "b");
  const lines: string[] = [];
  const results = printer("u", lines);
  results.expect([epilogue]);
  const value = results.show(epilogue);
  const sizes = [...outer, m, n].map(({ size }) => size).join(", ");
  const inner = k.map(({ size }) => size).join(", ");
  const operand =
    schedule.b === "rows" ? `b1[${showAffine(b)}]` : `panels of ${schedule.columns} at b1[${showAffine(outerB)}]`;
  return [
    `contraction ${name} [${sizes}] over [${inner}]`,
    `a0 = sum of b0[${showAffine(a)}] · ${operand}, n is i${rank - 1}`,
    ...lines,
    `b${buffers.length - 1}[${showAffine(c)}] = ${value}`,
  ].join("\n  ");
}

/** Writes expressions; one that is used several times gets a line and a name of its own. */
function printer(prefix: string, lines: string[]): { expect: (roots: readonly Expr[]) => void; show: Show } {
  const uses = new Map<Expr, number>();
  const names = new Map<Expr, string>();
  const expect = (roots: readonly Expr[]): void => {
    for (const expr of roots) {
      const seen = uses.get(expr) ?? 0;
      uses.set(expr, seen + 1);
      if (seen === 0) expect(partsOf(expr));
    }
  };
  const show: Show = (expr) => {
    const known = names.get(expr);
    if (known !== undefined) return known;
    const text = showExpr(expr, show);
    if ((uses.get(expr) ?? 0) < 2 || isShort(expr)) return text;
    const name = `${prefix}${names.size}`;
    names.set(expr, name);
    lines.push(`${name} = ${text}`);
    return name;
  };
  return { expect, show };
}

function isShort({ kind }: Expr): boolean {
  return kind === "constant" || kind === "number" || kind === "accumulator" || kind === "load" || kind === "index";
}

type Show = (expr: Expr) => string;
type Writers = {
  readonly [Kind in Expr["kind"]]: (expr: Extract<Expr, { kind: Kind }>, show: Show) => string;
};

function showExpr(expr: Expr, show: Show): string {
  return (writers[expr.kind] as Writers["load"])(expr as Extract<Expr, { kind: "load" }>, show);
}

const writers: Writers = {
  constant: ({ dtype, value }) => (dtype === "f32" ? showNumber(value) : `${dtype} ${showNumber(value)}`),
  number: ({ position }) => `s${position}`,
  index: ({ index }) => `(${showAffine(index)})`,
  load: ({ buffer, at }) => `b${buffer}[${showAffine(at)}]`,
  lookup({ buffer, at, index, step, size }, show) {
    const moved = step === 1 ? show(index) : `${step}·${show(index)}`;
    return `b${buffer}[${showAffine(at)} + ${moved}, below ${size}]`;
  },
  accumulator: ({ position }) => `a${position}`,
  call: ({ name, args }, show) => `${name}(${args.map(show).join(", ")})`,
  where: ({ condition, yes, no }, show) => `where(${[condition, yes, no].map(show).join(", ")})`,
  cast: ({ dtype, value }, show) => `${dtype}(${show(value)})`,
  guarded({ guards, value, otherwise }, show) {
    const held = guards.map(({ index, size }) => `0 ≤ ${showAffine(index)} < ${size}`).join(" and ");
    return `(${held} ? ${show(value)} : ${show(otherwise)})`;
  },
};

function showNumber(value: number): string {
  return Object.is(value, -0) ? "−0" : String(value).replace("-", "−");
}
