import { shapeError, valueError } from "../errors.ts";
import { showShape, stridesOf, type Shape } from "../shape.ts";
import { contacts, product, unitAxis, windowAxes } from "./window-axis.ts";
import type { Contact, PaddingAttr, WindowAxis } from "./window-axis.ts";

/** One number (or pair, for padding) for each spatial axis; `groups` divides input and output channels. */
export type ConvAttrs = {
  readonly stride: readonly number[];
  readonly padding: PaddingAttr;
  readonly dilation: readonly number[];
  readonly groups: number;
};

/**
 * What the three convolution primitives have in common: x [N, …spatial, C], w [...kernel, C/groups, O], y [N, …out, O].
 */
export interface ConvGeometry {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly groups: number;
  /** Channels of one group: in and out. */
  readonly c: number;
  readonly o: number;
  /** In elements: from one output of a run to the next in x and in y, from one channel to the next in w. */
  readonly step: { readonly x: number; readonly y: number; readonly o: number };
  readonly axes: readonly WindowAxis[];
}

/** `count` neighbouring outputs that see the same `taps` neighbouring taps; offsets of the first of each. */
export interface ConvRun extends Contact {
  readonly count: number;
  readonly taps: number;
}

const layout = "x [N, ...spatial, C] and filters [...kernel, C/groups, O]";

/** Checks that inputs and filters fit together; the shape of the output is `y`. */
export function convGeometry(who: string, x: Shape, w: Shape, attrs: ConvAttrs): ConvGeometry {
  const { groups } = attrs;
  if (x.length < 2 || x.length !== w.length) {
    const hint =
      "channels are the last axis, and a batch axis is always there: reshape one example to [1, ...spatial, C]";
    throw shapeError(who, `${layout} of one rank`, `${showShape(x)} and ${showShape(w)}`, hint);
  }
  const [c, o] = [w.at(-2)!, w.at(-1)!];
  if (!Number.isInteger(groups) || groups < 1)
    throw valueError(who, "groups: a whole number of at least 1", `${groups}`);
  if (x.at(-1) !== c * groups) {
    const got = `${showShape(x)} and ${showShape(w)}${groups === 1 ? "" : ` with groups ${groups}`}`;
    throw shapeError(who, `${layout}, here C = ${c * groups}`, got, layoutHint(x, w, groups));
  }
  if (o % groups !== 0) {
    throw shapeError(who, "a number of filters O that groups divides", `O = ${o} and groups ${groups}`);
  }
  const axes = windowAxes(who, x.slice(1, -1), w.slice(0, -2), attrs);
  const y = [x[0]!, ...axes.map((axis) => axis.output), o];
  return { x, w, y, groups, c, o: o / groups, step: { x: c * groups * (axes.at(-1)?.stride ?? 1), y: o, o }, axes };
}

function layoutHint(x: Shape, w: Shape, groups: number): string {
  const spatial = x.slice(2).map((_, i) => i + 2);
  if (w[1]! * groups === x.at(-1)!) {
    return `filters look like [O, C/groups, ...kernel]: transpose(w, [${[...spatial, 1, 0].join(", ")}])`;
  }
  if (x[1] === w.at(-2)! * groups) {
    return `x looks like [N, C, ...spatial]: channels come last, transpose(x, [${[0, ...spatial, 1].join(", ")}])`;
  }
  return "the filters' last axis but one is the number of channels of x divided by groups";
}

/**
 * Visits every run: the last spatial axis comes in runs as long as possible, everything else one by one. The run object
 * is reused. With `mergeTaps`, neighbouring taps whose inputs lie side by side share one run.
 */
export function forEachConvRun(geometry: ConvGeometry, mergeTaps: boolean, visit: (run: ConvRun) => void): void {
  const { x, w, y, groups, c, o, step, axes } = geometry;
  const [xStep, wStep, yStep] = [stridesOf(x), stridesOf(w), stridesOf(y)];
  const outer = product(
    axes.slice(0, -1).map((axis, i) => contacts(axis, { x: xStep[i + 1]!, w: wStep[i]!, y: yStep[i + 1]! })),
  );
  const last = axes.at(-1) ?? unitAxis;
  const runs = runsOf(last, mergeTaps && last.dilation === 1 && groups === 1);
  const run = { x: 0, w: 0, y: 0, count: 0, taps: 0 };
  for (let n = 0; n < x[0]!; n++) {
    for (const place of outer) {
      for (let g = 0; g < groups; g++) {
        for (const { x: at, w: tap, y: i, count, taps } of runs) {
          run.x = n * xStep[0]! + place.x + g * c + at * groups * c;
          run.w = place.w + g * o + tap * c * step.o;
          run.y = n * yStep[0]! + place.y + g * o + i * step.y;
          run.count = count;
          run.taps = taps;
          visit(run);
        }
      }
    }
  }
}

/**
 * The runs of one axis, in positions: outputs that see the same taps, of all taps together or of one tap after the
 * other.
 */
function runsOf(axis: WindowAxis, merge: boolean): ConvRun[] {
  if (merge) return sameTaps(axis);
  return Array.from({ length: axis.taps }, (_, k) => k).flatMap((k) =>
    sameTaps({ ...axis, taps: 1, low: axis.low - k * axis.dilation }).map((run) => ({ ...run, w: k })),
  );
}

/** For undilated taps: output i sees the taps low − i·stride … low − i·stride + input − 1, cut to those there are. */
function sameTaps({ input, taps, output, stride, low }: WindowAxis): ConvRun[] {
  const runs: { x: number; w: number; y: number; count: number; taps: number }[] = [];
  for (let i = 0; i < output; i++) {
    const start = low - i * stride;
    const first = Math.max(0, start);
    const seen = Math.min(taps, start + input) - first;
    const run = runs.at(-1);
    if (seen <= 0) continue;
    if (run !== undefined && run.w === first && run.taps === seen && run.y + run.count === i) run.count++;
    else runs.push({ x: first - start, w: first, y: i, count: 1, taps: seen });
  }
  return runs;
}
