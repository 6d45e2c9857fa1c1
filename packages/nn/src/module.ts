import { random, withPath, type RandomKey, type Tensor } from "@steelyard/core";

/** What a module call is for. It is an argument, not a switch somewhere: the same module can do both in one graph. */
export type Mode = { readonly kind: "train"; readonly key: RandomKey } | { readonly kind: "evaluate" };

/** Training: batch statistics, and random draws (dropout) from the key. Give every step a key of its own. */
export function train(key: RandomKey): Mode {
  return { kind: "train", key };
}

/** Evaluation: running statistics, nothing random, nothing assigned. */
export const evaluate: Mode = { kind: "evaluate" };

/** Variables and the function they parametrise. Any object with this method is a module. */
export interface Module {
  forward(x: Tensor, mode: Mode): Tensor;
}

/** What can stand in a row of layers: a module, or a plain function such as `relu`. */
export type Layer = Module | ((x: Tensor, mode: Mode) => Tensor);

/** Calls a layer, whichever of the two it is. */
export function callLayer(layer: Layer, x: Tensor, mode: Mode): Tensor {
  return typeof layer === "function" ? layer(x, mode) : layer.forward(x, mode);
}

/**
 * Runs the part of a module called `name`: the nodes it makes read `….name` in traces and messages, and its random
 * draws come from a key of its own, so that two dropouts of one network draw different masks.
 *
 * @example
 * class Net {
 *   readonly trunk = new Linear(4, 8, { key: random.key(1) });
 *   readonly head = new Linear(8, 7, { key: random.key(2) });
 *   forward(x: Tensor, mode: Mode): Tensor {
 *     const z = inside("trunk", mode, () => this.trunk.forward(x));
 *     return inside("head", mode, () => this.head.forward(z));
 *   }
 * }
 * new Net().forward(zeros([3, 4]), evaluate).shape // [3, 7]
 */
export function inside<T>(name: string, mode: Mode, body: (inner: Mode) => T): T {
  return withPath(name, () => body(mode.kind === "evaluate" ? mode : train(random.foldIn(mode.key, hashOf(name)))));
}

// FNV-1a, 32 bits: the name decides the key, so a layer added elsewhere changes no other layer's draws.
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
