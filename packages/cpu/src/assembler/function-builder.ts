import { flatten, types, unsigned, vector, type Code, type ValueType } from "./code.ts";
import { i32, i32x4 } from "./instructions.ts";

/** A local variable of a function: `x.get` is its value, `x.set(code)` a statement. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
  readonly get: Code;
  set(value: Code): Code;
  /** Sets it and is the value: for an expression used at once and once more. */
  tee(value: Code): Code;
}

/** The locals of one function: its parameters first, the others in the order they are asked for. */
export class Locals {
  readonly #types: ValueType[];
  readonly #parameters: number;
  readonly #constants = new Map<string, { readonly local: Local; readonly value: Code }>();
  readonly #lasting = new Set<number>();

  constructor(parameters: readonly ValueType[] = []) {
    this.#types = [...parameters];
    this.#parameters = parameters.length;
  }

  parameter(index: number): Local {
    return localOf(index, this.#types[index]!);
  }

  add(type: ValueType): Local {
    this.#types.push(type);
    return localOf(this.#types.length - 1, type);
  }

  /** As `add`, for one that keeps its value from turn to turn of a loop that it was first needed in. */
  addLasting(type: ValueType): Local {
    const local = this.add(type);
    this.#lasting.add(local.index);
    return local;
  }

  /**
   * A constant vector that is set once, at the head of the function. V8 builds a vector from immediates anew at each use,
   * in three or four instructions, and moves none of them out of a loop; a local stays in a register.
   */
  constant(value: Code): Code {
    const key = flatten(value).join();
    const known = this.#constants.get(key);
    if (known !== undefined) return known.local.get;
    const local = this.add(types.v128);
    this.#constants.set(key, { local, value });
    return local.get;
  }

  /**
   * Code that forgets its vectors at its end: those that `make` added are set to zero. A local that is set in a loop is
   * carried into its next turn, whether or not it is read there, and V8's revectorizer counts that as a use of the half
   * that keeps it from fusing two of them. Nothing is left of it in machine code.
   */
  forgetting(make: () => Code): Code {
    const first = this.#types.length;
    const code = make();
    const zero = this.constant(i32x4.const(0, 0, 0, 0));
    const constants = [...this.#constants.values()].map(({ local }) => local.index);
    const kept = new Set([...this.#lasting, ...constants]);
    const added = this.#types.slice(first).flatMap((type, i) => (type === types.v128 ? [first + i] : []));
    return [code, added.filter((i) => !kept.has(i)).map((i) => localOf(i, types.v128).set(zero))];
  }

  /** Sets the constants: stands between the declarations and the body. */
  prologue(): Code {
    return [...this.#constants.values()].map(({ local, value }) => local.set(value));
  }

  /** The declarations at the head of a body: runs of one type. */
  declarations(): Code {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#types.slice(this.#parameters)) {
      if (runs.at(-1)?.type === type) runs.at(-1)!.count++;
      else runs.push({ type, count: 1 });
    }
    return vector(runs.map(({ type, count }) => [unsigned(count), type]));
  }
}

function localOf(index: number, type: ValueType): Local {
  return {
    index,
    type,
    get: [0x20, unsigned(index)],
    set: (value) => [value, 0x21, unsigned(index)],
    tee: (value) => [value, 0x22, unsigned(index)],
  };
}

const noResult = 0x40;

/** `if (condition) then else otherwise`, as a statement. */
export function when(condition: Code, then: Code, otherwise: Code = []): Code {
  return [condition, 0x04, noResult, then, otherwise.length === 0 ? [] : [0x05, otherwise], 0x0b];
}

/** The value of `then` or of `otherwise`; both are computed. */
export function select(then: Code, otherwise: Code, condition: Code): Code {
  return [then, otherwise, condition, 0x1b];
}

/** Runs the body, and again as long as the condition, evaluated after it, holds. */
export function doWhile(body: Code, condition: Code): Code {
  return [0x03, noResult, body, condition, 0x0d, 0, 0x0b];
}

/** Runs the body as long as the condition, evaluated before it, holds. */
export function whileLoop(condition: Code, body: Code): Code {
  return when(condition, doWhile(body, condition));
}

/**
 * for (i = from; i < to; i += step), with bounds known to the generator; at least one turn, or no code at all.
 */
export function countedLoop(i: Local, from: number, to: number, step: number, body: Code): Code {
  if (from >= to) return [];
  const next = i.tee(i32.add(i.get, i32.const(step)));
  return [i.set(i32.const(from)), doWhile(body, i32.ltS(next, i32.const(to)))];
}

/** Calls the function of this index. */
export function call(index: number, ...operands: Code[]): Code {
  return [operands, 0x10, unsigned(index)];
}
