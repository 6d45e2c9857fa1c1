import type { Tensor } from "@steelyard/core";
import { callLayer, inside, type Layer, type Mode, type Module } from "./module.ts";

/** Layers by name, or in a list, where the name is the position. */
export type Layers = Readonly<Record<string, Layer>> | readonly Layer[];

/**
 * Layers one after another: modules, or plain functions such as `relu`. Each runs `inside` its name, so Variables and
 * graph nodes of a `conv1` in a `trunk` read `trunk.conv1`, and each layer has a random key of its own.
 *
 * @example
 * const net = new Sequential({
 *   conv1: new Conv(3, 16, { key: random.key(1), kernel: 3, padding: "same" }),
 *   relu1: relu,
 *   pool: new GlobalAveragePool(),
 * });
 * net.children.conv1.weight.shape // [3, 3, 3, 16]
 */
export class Sequential<L extends Layers = Layers> implements Module {
  readonly children: L;

  constructor(children: L) {
    this.children = children;
  }

  forward(x: Tensor, mode: Mode): Tensor {
    const layers = Object.entries<Layer>(this.children as Readonly<Record<string, Layer>>);
    return layers.reduce((y, [name, layer]) => inside(name, mode, (inner) => callLayer(layer, y, inner)), x);
  }
}
