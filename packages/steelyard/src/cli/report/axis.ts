/** Axes: a map from data to the page, and the round numbers written along it. */

interface Tick {
  /** In axis coordinates: for a logarithmic axis, the logarithm. */
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
}

/** The point of `[from, to]` where `value` of `[axis.low, axis.high]` lies; what lies outside goes to the edge. */
export function place(axis: Axis, value: number, from: number, to: number): number {
  const share = (value - axis.low) / (axis.high - axis.low);
  return from + Math.min(1, Math.max(0, share)) * (to - from);
}

/** The smallest of 1, 2, 5 times a power of ten that needs at most `most` intervals to cover `span`. */
function roundStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => span / step <= most * 1.000001) ?? 10 * power;
}

/** Multiples of 1, 2 or 5 times a power of ten within `[low, high]`: at most `most + 1`, at least one apart by `finest`. */
export function roundTicks(low: number, high: number, most = 4, finest = 0): readonly number[] {
  if (!(high > low)) return [low];
  const step = Math.max(finest, roundStep(high - low, most));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Number(… toPrecision) rids 3 · 0.1 of its 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const steps = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const manySteps = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** Steps, linear, whole numbers only; from 0 where the first step is near it. */
export function stepAxis(low: number, high: number): Axis {
  const start = low > 0 && low < high / 20 ? 0 : low;
  const [from, to] = high > start ? [start, high] : [start - 1, start + 1];
  const format = to >= 1e5 ? manySteps : steps;
  return { low: from, high: to, ticks: roundTicks(from, to, 4, 1).map((at) => ({ at, label: format.format(at) })) };
}

/** Weights: 0 to 1, or as far as a strategy goes whose weights do not sum to one. */
export function weightAxis(low: number, high: number): Axis {
  const from = Math.min(0, low);
  const to = Math.max(1, high);
  const wide = roundTicks(from, to, 4);
  const step = (wide[1] ?? 1) - (wide[0] ?? 0);
  // The ends are ticks too, so a clamp at the edge can be read off.
  const axis = { low: Math.floor(from / step + 1e-9) * step, high: Math.ceil(to / step - 1e-9) * step };
  return { ...axis, ticks: roundTicks(axis.low, axis.high, 5).map((at) => ({ at, label: String(at) })) };
}

// Eight decades on 150 pixels: beyond that a factor of two can no longer be seen.
const decadesEachSide = 4;

/**
 * A logarithmic axis over the positive values among `values`, in log10. One diverging run or one vanishing loss must
 * not squash the others: the axis reaches at most four decades from the median. `undefined` if there is no such value.
 */
export function logAxis(values: readonly number[]): Axis | undefined {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  if (logs.length === 0) return undefined;
  const sorted = Float64Array.from(logs).toSorted();
  const median = sorted[sorted.length >> 1] ?? 0;
  const low = Math.max(sorted[0] ?? 0, median - decadesEachSide);
  const high = Math.min(sorted.at(-1) ?? 0, median + decadesEachSide);
  const margin = Math.max(0.03 * (high - low), 0.15 - (high - low) / 2);
  const [from, to] = margin > 0 ? [low - margin, high + margin] : [low, high];
  return { low: from, high: to, ticks: logTicks(from, to) };
}

/** Several digits of each decade while there is room, then powers of ten alone, then every second, third … of them. */
function logTicks(low: number, high: number): readonly Tick[] {
  const digits = digitsFor(high - low);
  const stride = Math.max(1, Math.ceil((high - low) / 6));
  const ticks: Tick[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % stride !== 0) continue;
    for (const digit of digits) {
      const at = power + Math.log10(digit);
      if (at >= low && at <= high) ticks.push({ at, label: decimal(digit, power) });
    }
  }
  return ticks;
}

function digitsFor(decades: number): readonly number[] {
  if (decades < 0.5) return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  if (decades < 1) return [1, 1.5, 2, 3, 5, 7];
  if (decades < 2) return [1, 2, 5];
  return decades < 3.5 ? [1, 3] : [1];
}

/** digit · 10^power, written out where that is short. */
function decimal(digit: number, power: number): string {
  if (power < -3 || power > 3) return `${digit}e${power}`;
  return String(Number((digit * 10 ** power).toPrecision(3)));
}
