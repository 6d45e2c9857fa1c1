import { type Axis, place } from "./axis.ts";
import { type Markup, markup } from "./markup.ts";
import type { Point } from "./series.ts";

/** Where a panel stands in its SVG, in user units (one is a pixel at the usual width). */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Curve {
  readonly name: string;
  /** Chooses the colour; the same task has the same one everywhere. */
  readonly colour: string;
  readonly raw: readonly Point[];
  readonly smoothed: readonly Point[];
}

interface Panel {
  readonly heading: string;
  readonly frame: Frame;
  readonly x: Axis;
  /** `undefined`: there are no values to scale it by. */
  readonly y: Axis | undefined;
  readonly curves: readonly Curve[];
  /** Steps to mark by a dotted upright. */
  readonly marks: readonly number[];
  /** The lowest panel of a column carries the labels of the x axis. */
  readonly lowest: boolean;
}

/** One decimal is a tenth of a pixel. */
const at = (value: number): string => String(Number(value.toFixed(1)));

/** Heading, grid, axes, raw points, smoothed lines and a label at the end of each line. */
export function drawPanel({ heading, frame, x, y, curves, marks, lowest }: Panel): Markup {
  const title = markup`<text class="heading" x="${at(frame.left)}" y="${at(frame.top - 8)}">${heading}</text>`;
  if (y === undefined || curves.every((curve) => curve.smoothed.every((point) => Number.isNaN(point.y)))) {
    return markup`${title}
${xTicks(frame, x, lowest)}
<text class="empty" x="${at(frame.left + frame.width / 2)}" y="${at(frame.top + frame.height / 2)}">nothing recorded</text>`;
  }
  return markup`${title}
${yTicks(frame, y)}
${xTicks(frame, x, lowest)}
${marks.map((step) => markup`<path class="mark" d="M${at(across(frame, x, step))} ${at(frame.top)}v${at(frame.height)}"/>`)}
${curves.map((curve) => markup`<path class="raw ${curve.colour}" d="${dots(frame, x, y, curve.raw)}"/>`)}
${curves.map((curve) => markup`<path class="line ${curve.colour}" d="${polyline(frame, x, y, curve.smoothed)}"/>`)}
${endLabels(frame, x, y, curves)}`;
}

function across({ left, width }: Frame, axis: Axis, value: number): number {
  return place(axis, value, left, left + width);
}

function down({ top, height }: Frame, axis: Axis, value: number): number {
  return place(axis, value, top + height, top);
}

function yTicks(frame: Frame, y: Axis): readonly Markup[] {
  const right = at(frame.left + frame.width);
  return y.ticks.map((tick) => {
    const level = down(frame, y, tick.at);
    return markup`<path class="grid" d="M${at(frame.left)} ${at(level)}H${right}"/>
<text class="tick y" x="${at(frame.left - 6)}" y="${at(level + 3.5)}">${tick.label}</text>`;
  });
}

function xTicks(frame: Frame, x: Axis, labelled: boolean): Markup {
  const bottom = frame.top + frame.height;
  const ticks = x.ticks.map((tick) => {
    const position = at(across(frame, x, tick.at));
    const stroke = markup`<path class="axis" d="M${position} ${at(bottom)}v4"/>`;
    if (!labelled) return stroke;
    return markup`${stroke}
<text class="tick x" x="${position}" y="${at(bottom + 16)}">${tick.label}</text>`;
  });
  const unit = markup`<text class="tick x" x="${at(frame.left + frame.width / 2)}" y="${at(bottom + 31)}">step</text>`;
  return markup`<path class="axis" d="M${at(frame.left)} ${at(bottom)}h${at(frame.width)}"/>
${ticks}${labelled ? [unit] : []}`;
}

/** A line of no length with round ends is a dot, at a tenth of the size of a circle element. */
function dots(frame: Frame, x: Axis, y: Axis, points: readonly Point[]): string {
  return points
    .filter((point) => !Number.isNaN(point.y))
    .map((point) => `M${at(across(frame, x, point.x))} ${at(down(frame, y, point.y))}h0`)
    .join("");
}

/** A NaN interrupts the line: the next point starts a new one. */
function polyline(frame: Frame, x: Axis, y: Axis, points: readonly Point[]): string {
  let pen = "M";
  let path = "";
  for (const point of points) {
    if (Number.isNaN(point.y)) pen = "M";
    else {
      path += `${pen}${at(across(frame, x, point.x))} ${at(down(frame, y, point.y))}`;
      pen = "L";
    }
  }
  // A single point is drawn too.
  return path.includes("L") ? path : `${path}${path === "" ? "" : "h0"}`;
}

const labelHeight = 12;

/** Each curve's name where it ends, moved apart where ends meet. */
function endLabels(frame: Frame, x: Axis, y: Axis, curves: readonly Curve[]): readonly Markup[] {
  const ends = curves
    .flatMap((curve) => {
      const last = curve.smoothed.findLast((point) => !Number.isNaN(point.y));
      return last === undefined ? [] : [{ curve, level: down(frame, y, last.y), end: across(frame, x, last.x) }];
    })
    .toSorted((a, b) => a.level - b.level);
  const levels = spread(
    ends.map((end) => end.level),
    labelHeight,
    frame.top + 4,
    frame.top + frame.height - 2,
  );
  return ends.map(
    ({ curve, end }, i) =>
      markup`<text class="label ${curve.colour}" x="${at(end + 6)}" y="${at((levels[i] ?? 0) + 3.5)}">${curve.name}</text>`,
  );
}

/**
 * Moves sorted `levels` as little as possible (in squares) to lie `gap` apart and within `[low, high]`. In the levels
 * less i · gap that is a non-decreasing fit: neighbours in the wrong order are pooled and share their mean.
 */
export function spread(levels: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [i, level] of levels.entries()) {
    let pool = { sum: level - i * gap, count: 1 };
    for (let last = pools.at(-1); last !== undefined && mean(last) > mean(pool); last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  const top = high - (levels.length - 1) * gap;
  const fitted = pools.flatMap((pool) => Array.from({ length: pool.count }, () => mean(pool)));
  return fitted.map((level, i) => Math.max(low, Math.min(top, level)) + i * gap);
}

function mean({ sum, count }: { readonly sum: number; readonly count: number }): number {
  return sum / count;
}
