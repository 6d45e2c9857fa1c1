/** Everything that can go wrong for a reason a caller can mend. Each code is a heading of docs/errors.md. */
// prettier-ignore
export const errorCodes = [
  "ShapeError", // sizes that do not fit together
  "DTypeError", // element types that do not fit together
  "ValueError", // an argument outside its range
  "StaleVariable", // a graph built on a Variable's value that a commit has since replaced
  "ReleasedGraph", // a gradient through a graph that a commit has released
  "DisposedTensor", // a value asked for after its owner gave it up
  "NonFinite", // anomaly mode met the first infinity or NaN
  "DeviceError", // a device could not do what it was asked
  "DataError", // a file or data set is not what it should be
  "UsageError", // a command line, an option or a plug-in is not what it should be
] as const;

/** One of `errorCodes`. */
export type ErrorCode = (typeof errorCodes)[number];

/** The parts of a message. */
export interface ErrorDetails {
  readonly code: ErrorCode;
  /** The function or object that complains, as the caller wrote it. */
  readonly who: string;
  readonly needs: string;
  readonly got: string;
  readonly hint?: string;
  /** Where the offending operation was created, as `callSite` finds it. */
  readonly site?: string | null;
}

/**
 * The one error class. Its text reads `who: needs …, got …`, then a hint and the creation site on lines of their own.
 * Its `name` is the code, so a stack trace starts with `ShapeError: matmul: needs …`.
 */
export class SteelyardError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    super(describe(details));
    this.name = details.code;
    this.code = details.code;
    this.details = details;
  }
}

function describe({ who, needs, got, hint, site }: ErrorDetails): string {
  const lines = [`${who}: needs ${needs}, got ${got}`];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  if (site !== undefined && site !== null) lines.push(`  created at ${site}`);
  return lines.join("\n");
}

/**
 * A ShapeError. Such errors are raised while a graph is being built, so the stack of the moment is the creation site.
 */
export function shapeError(who: string, needs: string, got: string, hint?: string): SteelyardError {
  return graphError("ShapeError", who, needs, got, hint);
}

/** As `shapeError`, for element types. */
export function dtypeError(who: string, needs: string, got: string, hint?: string): SteelyardError {
  return graphError("DTypeError", who, needs, got, hint);
}

/** As `shapeError`, for arguments outside their range. */
export function valueError(who: string, needs: string, got: string, hint?: string): SteelyardError {
  return graphError("ValueError", who, needs, got, hint);
}

function graphError(code: ErrorCode, who: string, needs: string, got: string, hint?: string): SteelyardError {
  return new SteelyardError({ code, who, needs, got, site: callSite(), ...(hint === undefined ? {} : { hint }) });
}

/** A broken promise between our own files: never the caller's fault. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Steelyard broke its own rule: ${message}. Please report this.`);
}

const home = new URL(".", import.meta.url).href;
const workspace = new URL("../../../", import.meta.url).href;

/** The first line of the stack outside this package, as `packages/nn/src/linear.ts:24`; null where stacks are off. */
export function callSite(): string | null {
  // A composition stands deeper in our own calls than the ten frames that engines keep.
  const limit = Reflect.get(Error, "stackTraceLimit") as number | undefined;
  Reflect.set(Error, "stackTraceLimit", 40);
  const frames = new Error().stack?.split("\n") ?? [];
  Reflect.set(Error, "stackTraceLimit", limit);
  for (const frame of frames) {
    const place = /((?:file|https?):\/\/[^)\s]+|\/[^)\s]+):(\d+):\d+\)?$/.exec(frame);
    if (place === null) continue;
    const file = place[1]!.startsWith("/") ? `file://${place[1]}` : place[1]!;
    if (file.startsWith(home) && !file.endsWith(".test.ts")) continue;
    return `${file.startsWith(workspace) ? file.slice(workspace.length) : file}:${place[2]}`;
  }
  return null;
}
