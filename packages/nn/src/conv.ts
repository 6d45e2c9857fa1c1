import { conv, sizeOf, valueError, Variable, zeros } from "@steelyard/core";
import type { ConvOptions, RandomKey, Tensor } from "@steelyard/core";
import { xavierUniform, type Initialiser } from "./initialisers.ts";
import type { Module } from "./module.ts";

/** The options of core's `conv`, and of the layer's Variables. */
export interface ConvLayerOptions extends ConvOptions {
  /** Decides the first filters. */
  readonly key: RandomKey;
  /** Size of the filters: one number for a square of that side, or one for each spatial axis. */
  readonly kernel: number | readonly number[];
  /** Add a bias; true when left out. Leave it out before a BatchNorm, which would take it away again. */
  readonly bias?: boolean;
  /** `xavierUniform` when left out; the bias starts at 0. */
  readonly initialise?: Initialiser;
}

/**
 * Convolution, channels last: x [N, …spatial, inputs] → [N, …out, outputs], filters [...kernel, inputs/groups,
 * outputs]. Stride, padding, dilation and groups are those of core's `conv`.
 *
 * @example new Conv(3, 32, { key: random.key(1), kernel: 3, stride: 2, padding: "same" })
 * @throws ValueError when the groups do not divide the channels
 */
export class Conv implements Module {
  readonly weight: Variable;
  readonly bias: Variable | null;
  // Not a tree of Variables, and no business of snapshots.
  readonly #options: ConvOptions;

  constructor(
    inputs: number,
    outputs: number,
    { key, kernel, bias = true, initialise = xavierUniform, ...options }: ConvLayerOptions,
  ) {
    const groups = options.groups ?? 1;
    if (inputs % groups !== 0 || outputs % groups !== 0) {
      throw valueError("Conv", `groups that divide ${inputs} and ${outputs} channels`, String(groups));
    }
    const window = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const taps = sizeOf(window);
    const fan = { in: (taps * inputs) / groups, out: (taps * outputs) / groups };
    this.weight = new Variable(initialise(key, [...window, inputs / groups, outputs], fan), { name: "weight" });
    this.bias = bias ? new Variable(zeros([outputs]), { name: "bias" }) : null;
    this.#options = options;
  }

  forward(x: Tensor): Tensor {
    const y = conv(x, this.weight, this.#options);
    return this.bias === null ? y : y.add(this.bias);
  }
}
