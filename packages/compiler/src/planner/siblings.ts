import { showAffine } from "../affine.ts";
import { allParts, expressionsOf, textOf } from "../expression.ts";
import type { Accumulator, Expr, LoopKernel, Store } from "../ir.ts";
import type { Command } from "../plan.ts";

// Kernels over one space that read the same values become one: several sums of one pass over a tensor, a moment and the
// parameter it moves. Who wrote and who read a buffer last says what must come before what.

type LoopCommand = Extract<Command, { kind: "kernel" }> & { readonly kernel: LoopKernel };

/** So many of anything in one kernel: beyond that, registers and patience run out. */
const most = { buffers: 12, stores: 4, accumulators: 4 };

/**
 * The commands with sibling kernels merged, each into the earliest that it can join. `earliest` gives the command, as its
 * place in the list, that it must not run before; a kernel may touch so many buffers.
 */
export function mergeSiblings(
  commands: readonly Command[],
  earliest: (command: Command) => number,
  buffers: number = most.buffers,
): Command[] {
  const mostBuffers = Math.min(most.buffers, buffers);
  const work: Work = { merged: [], writers: new Map(), readers: new Map(), open: new Map(), mostBuffers };
  const { merged, writers, readers } = work;
  // How many commands were left of those before each.
  const lengths: number[] = [];
  for (const command of commands) {
    lengths.push(merged.length);
    const at = isLoop(command) ? hostFor(command, work, lengths[earliest(command)]!) : -1;
    if (at >= 0) merged[at] = join(merged[at] as LoopCommand, command as LoopCommand);
    const place = at >= 0 ? at : merged.push(command) - 1;
    const own = written(command);
    for (const buffer of touched(command)) {
      const last = own.includes(buffer) ? writers : readers;
      last.set(buffer, Math.max(last.get(buffer) ?? -1, place));
    }
    offer(work, place);
  }
  return merged;
}

interface Work {
  readonly merged: Command[];
  /** For each buffer the last command that writes it, as its place in `merged`. */
  readonly writers: Map<number, number>;
  /** And the last that reads it. */
  readonly readers: Map<number, number>;
  /** Kernels that others may join, as places in `merged`: by their axes and each buffer they touch. */
  readonly open: Map<string, Set<number>>;
  readonly mostBuffers: number;
}

function keyOf({ kernel }: LoopCommand, buffer: number): string {
  return `${kernel.space.join()} ${kernel.reduced.join()} ${buffer}`;
}

/** Lets others join the kernel at the place, until it is full. */
function offer({ merged, open }: Work, place: number): void {
  const command = merged[place]!;
  if (!isLoop(command)) return;
  const isFull = command.kernel.stores.length >= most.stores;
  for (const buffer of command.buffers) {
    const key = keyOf(command, buffer);
    const places = open.get(key) ?? new Set();
    if (isFull) places.delete(place);
    else open.set(key, places.add(place));
  }
}

function isLoop(command: Command): command is LoopCommand {
  return command.kind === "kernel" && command.kernel.kind === "loop" && command.offsets === undefined;
}

function written(command: Command): number[] {
  if (command.kind !== "kernel") return [command.output];
  if (command.kernel.kind !== "loop") return [command.buffers.at(-1)!];
  return command.kernel.stores.map(({ buffer }) => command.buffers[buffer]!);
}

function touched(command: Command): readonly number[] {
  return command.kind === "kernel" ? command.buffers : [...command.inputs, command.output];
}

/** The earliest kernel that can take in this one; −1 if there is none. */
function hostFor(command: LoopCommand, { merged, writers, readers, open, mostBuffers }: Work, from: number): number {
  const own = written(command);
  const reads = command.buffers.filter((buffer) => !own.includes(buffer));
  const after = Math.max(from, ...command.buffers.map((buffer) => writers.get(buffer) ?? -1));
  // Memory that is used again, such as scratch: what was in it has to be read before.
  const behind = Math.max(-1, ...own.map((buffer) => readers.get(buffer) ?? -1));
  // Every buffer of the host counts: what it writes is at hand too.
  const sharing = new Set(reads.flatMap((buffer) => [...(open.get(keyOf(command, buffer)) ?? [])]));
  for (const at of [...sharing].toSorted((a, b) => a - b)) {
    const host = merged[at] as LoopCommand;
    if (at < after || at <= behind || !fits(host, command, mostBuffers)) continue;
    if (choices(host) > 0 && choices(command) > 0 && choices(join(host, command)) > 1) continue;
    if (readsInPlace(host, command)) return at;
  }
  return -1;
}

function fits(host: LoopCommand, { kernel, buffers }: LoopCommand, mostBuffers: number): boolean {
  const [a, b] = [host.kernel, kernel];
  return (
    new Set([...host.buffers, ...buffers]).size <= mostBuffers &&
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

/** Whether a kernel reads what its host writes, if at all, only where the host has just computed it. */
function readsInPlace(host: LoopCommand, command: LoopCommand): boolean {
  const places = new Map(host.kernel.stores.map(({ buffer, at }) => [host.buffers[buffer]!, showAffine(at)]));
  if (!command.buffers.some((buffer) => places.has(buffer))) return true;
  // Over no axes at all a reduction is one still: its result is there when all accumulators are done.
  if (host.kernel.accumulators.length > 0 || written(command).some((buffer) => places.has(buffer))) return false;
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
    const key = textOf(expr, numbers);
    const same = known.get(key);
    if (same !== undefined) return same;
    known.set(key, expr);
    numbers.set(expr, numbers.size);
    return expr;
  };
}
