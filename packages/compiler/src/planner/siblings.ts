import { showAffine } from "../affine.ts";
import { allParts, expressionsOf } from "../expression.ts";
import type { Accumulator, Expr, LoopKernel, Store } from "../ir.ts";
import type { Command } from "../plan.ts";

// Kernels over one space that read the same values become one: several sums of one pass over a tensor, a moment and the
// parameter it moves. Buffers are written once here, so only reads say what must come before what.

type LoopCommand = Extract<Command, { kind: "kernel" }> & { readonly kernel: LoopKernel };

/** So many of anything in one kernel: beyond that, registers and patience run out. */
const most = { buffers: 12, stores: 4, accumulators: 4 };

/** The commands with sibling kernels merged, each into the earliest that it can join. */
export function mergeSiblings(commands: readonly Command[]): Command[] {
  const merged: Command[] = [];
  // For each buffer the last command that wrote it, as its place in `merged`.
  const writers = new Map<number, number>();
  for (const command of commands) {
    const at = isLoop(command) ? hostFor(command, merged, writers) : -1;
    if (at >= 0) merged[at] = join(merged[at] as LoopCommand, command as LoopCommand);
    const place = at >= 0 ? at : merged.push(command) - 1;
    written(command).forEach((buffer) => writers.set(buffer, place));
  }
  return merged;
}

function isLoop(command: Command): command is LoopCommand {
  return command.kind === "kernel" && command.kernel.kind === "loop" && command.offsets === undefined;
}

function written(command: Command): number[] {
  if (command.kind !== "kernel") return [command.output];
  if (command.kernel.kind !== "loop") return [command.buffers.at(-1)!];
  return command.kernel.stores.map(({ buffer }) => command.buffers[buffer]!);
}

function readBy(command: LoopCommand): number[] {
  const own = new Set(written(command));
  return command.buffers.filter((buffer) => !own.has(buffer));
}

/** The earliest kernel that can take in this one; −1 if there is none. */
function hostFor(command: LoopCommand, merged: readonly Command[], writers: ReadonlyMap<number, number>): number {
  const reads = readBy(command);
  const after = Math.max(-1, ...command.buffers.map((buffer) => writers.get(buffer) ?? -1));
  for (let at = Math.max(after, 0); at < merged.length; at++) {
    const host = merged[at]!;
    // Every buffer of the host counts: what it writes is at hand too.
    if (!isLoop(host) || !fits(host, command) || !host.buffers.some((buffer) => reads.includes(buffer))) continue;
    if (choices(host) > 0 && choices(command) > 0 && choices(join(host, command)) > 1) continue;
    if (at > after || readsInPlace(host, command)) return at;
  }
  return -1;
}

function fits(host: LoopCommand, { kernel, buffers }: LoopCommand): boolean {
  const [a, b] = [host.kernel, kernel];
  return (
    a.space.join() === b.space.join() &&
    a.reduced.join() === b.reduced.join() &&
    new Set([...host.buffers, ...buffers]).size <= most.buffers &&
    a.stores.length + b.stores.length <= most.stores &&
    a.accumulators.length + b.accumulators.length <= most.accumulators
  );
}

/**
 * A kernel makes one choice at most: where two stand side by side, V8's revectorizer (Node 24) confuses their vectors, and
 * wrong elements come out.
 */
function choices({ kernel }: LoopCommand): number {
  return kernel.accumulators.filter(({ op }) => op === "choose").length;
}

/** Whether a map reads what its host writes only where the host has just computed it. */
function readsInPlace(host: LoopCommand, command: LoopCommand): boolean {
  // Over no axes at all a reduction is one still: its result is there when all accumulators are done.
  if (host.kernel.accumulators.length > 0) return false;
  const places = new Map(host.kernel.stores.map(({ buffer, at }) => [host.buffers[buffer]!, showAffine(at)]));
  const own = new Set(written(command));
  if (own.intersection(new Set(places.keys())).size > 0) return false;
  return allParts(expressionsOf(command.kernel)).every((part) => {
    if (part.kind !== "load" && part.kind !== "lookup") return true;
    const place = places.get(command.buffers[part.buffer]!);
    return place === undefined || (part.kind === "load" && showAffine(part.at) === place);
  });
}

/** One kernel that does the work of both. */
function join(host: LoopCommand, command: LoopCommand): LoopCommand {
  const buffers = [...new Set([...host.buffers, ...command.buffers])];
  const numbers = [...new Set([...host.numbers, ...command.numbers])];
  const typeOf = new Map([host, command].flatMap((each) => each.buffers.map((b, i) => [b, each.kernel.buffers[i]!])));
  const numberType = new Map(
    [host, command].flatMap((each) => each.numbers.map((n, i) => [n, each.kernel.numbers[i]!])),
  );
  const one = unifier();
  const known = new Map<string, Expr>();
  const accumulators: Accumulator[] = [];
  const parts = [host, command].map((each, i) => {
    // Where each of its accumulators stands in the merged kernel; expressions of accumulators read none.
    const positions: number[] = [];
    const relist = relister(each, buffers, numbers, positions, one, known);
    for (const accumulator of each.kernel.accumulators)
      positions.push(placed(relisted(accumulator, relist), accumulators));
    const stores = each.kernel.stores.map(({ buffer, at, expr }): Store => {
      return { buffer: buffers.indexOf(each.buffers[buffer]!), at, expr: relist(expr) };
    });
    // What the first stores, the second finds in registers.
    if (i === 0) stores.forEach(({ buffer, at, expr }) => known.set(`${buffer}[${showAffine(at)}]`, expr));
    return stores;
  });
  const kernel: LoopKernel = {
    kind: "loop",
    name: `${host.kernel.name}, ${command.kernel.name}`,
    space: host.kernel.space,
    reduced: host.kernel.reduced,
    accumulators,
    stores: parts.flat(),
    buffers: buffers.map((buffer) => typeOf.get(buffer)!),
    numbers: numbers.map((slot) => numberType.get(slot)!),
  };
  return { kind: "kernel", kernel, buffers, numbers };
}

function relisted(accumulator: Accumulator, relist: (expr: Expr) => Expr): Accumulator {
  const expr = relist(accumulator.expr);
  return accumulator.op === "choose"
    ? { ...accumulator, expr, value: relist(accumulator.value) }
    : { ...accumulator, expr };
}

/** The position of an accumulator in the list, which it joins unless an equal one is there. */
function placed(accumulator: Accumulator, list: Accumulator[]): number {
  const fields = Object.entries(accumulator);
  const known = list.findIndex((other) => fields.every(([name, value]) => Reflect.get(other, name) === value));
  return known >= 0 ? known : list.push(accumulator) - 1;
}

/** Rewrites expressions to the lists of the merged kernel. */
function relister(
  { buffers: from, numbers: fromNumbers }: LoopCommand,
  buffers: readonly number[],
  numbers: readonly number[],
  positions: readonly number[],
  one: (expr: Expr) => Expr,
  stored: ReadonlyMap<string, Expr>,
): (expr: Expr) => Expr {
  const done = new Map<Expr, Expr>();
  const rewrite = (expr: Expr): Expr => {
    switch (expr.kind) {
      case "load": {
        const buffer = buffers.indexOf(from[expr.buffer]!);
        return stored.get(`${buffer}[${showAffine(expr.at)}]`) ?? one({ ...expr, buffer });
      }
      case "lookup":
        return one({ ...expr, buffer: buffers.indexOf(from[expr.buffer]!), index: relist(expr.index) });
      case "number":
        return one({ ...expr, position: numbers.indexOf(fromNumbers[expr.position]!) });
      case "accumulator":
        return one({ ...expr, position: positions[expr.position]! });
      case "call":
        return one({ ...expr, args: expr.args.map(relist) });
      case "where":
        return one({ ...expr, condition: relist(expr.condition), yes: relist(expr.yes), no: relist(expr.no) });
      case "cast":
        return one({ ...expr, value: relist(expr.value) });
      case "guarded":
        return one({ ...expr, value: relist(expr.value), otherwise: relist(expr.otherwise) });
      default:
        return one(expr);
    }
  };
  const relist = (expr: Expr): Expr => {
    const known = done.get(expr) ?? rewrite(expr);
    done.set(expr, known);
    return known;
  };
  return relist;
}

/** Gives equal expressions of one kernel one object. */
function unifier(): (expr: Expr) => Expr {
  const numbers = new Map<Expr, number>();
  const known = new Map<string, Expr>();
  return (expr) => {
    const key = JSON.stringify(expr, (field: string, value: unknown) => {
      return field !== "" && numbers.has(value as Expr) ? `#${numbers.get(value as Expr)}` : value;
    });
    const same = known.get(key);
    if (same !== undefined) return same;
    known.set(key, expr);
    numbers.set(expr, numbers.size);
    return expr;
  };
}
