import { shapeError, valueError } from "../errors.ts";
import { convGradInputPrimitive, convPrimitive } from "../primitives/conv.ts";
import type { ConvAttrs } from "../primitives/conv-geometry.ts";
import { commonFloat } from "../primitives/operands.ts";
import { showShape, type Shape } from "../shape.ts";
import { apply, toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { reshape } from "./views.ts";
import { paddingOf, perAxis, type Padding } from "./window-options.ts";

/** How the filters move over the input. */
export interface ConvOptions {
  /** One number for every spatial axis, or one for each; 1 when left out. */
  readonly stride?: number | readonly number[];
  /** `"valid"` (nothing) when left out. */
  readonly padding?: Padding;
  /** Distance of neighbouring taps; 1 when left out. */
  readonly dilation?: number | readonly number[];
  /** Input and output channels fall into this many groups that do not see each other; 1 when left out. */
  readonly groups?: number;
}

/** The options of the convolution that is transposed, and which of the sizes it maps to that of x is meant. */
export interface ConvTransposeOptions extends ConvOptions {
  /**
   * Extra positions at the end of each spatial axis, below the stride: a strided convolution maps several sizes to one.
   */
  readonly outputPadding?: number | readonly number[];
  /** The spatial sizes of the output, instead of `outputPadding`. */
  readonly outputSpatial?: readonly number[];
}

/**
 * Convolution (as in neural networks: the filters are not flipped) over any number of spatial axes, channels last:
 * y[n, i, o] = Σ_{k, c} x[n, i·stride − low + k·dilation, c] · w[k, c, o], with `low` zeros before the input.
 *
 * x [N, …spatial, C], filters w [...kernel, C/groups, O] → [N, …out, O] with
 * out = ⌊(input + padding − (kernel − 1)·dilation − 1) / stride⌋ + 1.
 *
 * @example conv(zeros([8, 32, 32, 3]), zeros([3, 3, 3, 16]), { stride: 2, padding: "same" }).shape // [8, 16, 16, 16]
 * @throws ShapeError when channels do not match, or the kernel does not fit into the padded input
 * @throws ValueError when an option is not what it should be, DTypeError when the operands are not floats of one dtype
 */
export function conv(x: TensorLike, w: TensorLike, options: ConvOptions = {}): Tensor {
  const [input, filters] = toTensors([x, w]) as [Tensor, Tensor];
  return apply(convPrimitive, [input, filters], convAttrs("conv", input.shape.slice(1, -1), filters.shape, options));
}

/**
 * Each channel convolved with filters of its own: x [N, …spatial, C], w [...kernel, C, M] → [N, …out, C·M], where
 * output channel c·M + m is channel c under its filter m. The same as `conv` in C groups.
 *
 * @example depthwiseConv(zeros([1, 8, 8, 16]), zeros([3, 3, 16, 1]), { padding: "same" }).shape // [1, 8, 8, 16]
 * @throws ShapeError when w has another number of channels than x, or the kernel does not fit
 */
export function depthwiseConv(x: TensorLike, w: TensorLike, options: Omit<ConvOptions, "groups"> = {}): Tensor {
  const [input, filters] = toTensors([x, w]) as [Tensor, Tensor];
  const [channels, multiplier] = filters.shape.slice(-2) as [number, number];
  if (filters.rank !== input.rank || input.shape.at(-1) !== channels) {
    const got = `${showShape(input.shape)} and ${showShape(filters.shape)}`;
    throw shapeError("depthwiseConv", "x [N, ...spatial, C] and filters [...kernel, C, M]", got);
  }
  const grouped = reshape(filters, [...filters.shape.slice(0, -2), 1, channels * multiplier]);
  return conv(input, grouped, { ...options, groups: channels });
}

/**
 * Transposed convolution: the adjoint of `conv` in its input, which turns small maps into large ones.
 * x [N, …spatial, C], w [...kernel, O/groups, C] → [N, …out, O] with
 * out = (input − 1)·stride − padding + (kernel − 1)·dilation + 1 + outputPadding, and input·stride under "same".
 *
 * The filters are laid out as those of the convolution that is transposed, which goes from O channels to C.
 *
 * @example
 * const [x, filters] = [zeros([1, 8, 8, 16]), zeros([3, 3, 4, 16])];
 * convTranspose(x, filters, { stride: 2, padding: "same" }).shape // [1, 16, 16, 4]
 * @throws ShapeError when channels do not match
 * @throws ValueError when no convolution maps the output size asked for to the size of x
 */
export function convTranspose(x: TensorLike, w: TensorLike, options: ConvTransposeOptions = {}): Tensor {
  const [dy, filters] = toTensors([x, w]) as [Tensor, Tensor];
  if (dy.rank < 2 || filters.rank !== dy.rank || filters.shape.at(-1) !== dy.shape.at(-1)) {
    const needs = "x [N, ...spatial, C] and filters [...kernel, O/groups, C]";
    const hint = "the filters are those of the convolution that is transposed: its outputs are the channels of x";
    throw shapeError("convTranspose", needs, `${showShape(dy.shape)} and ${showShape(filters.shape)}`, hint);
  }
  commonFloat("convTranspose", [dy, filters]);
  const small = dy.shape.slice(1, -1);
  const stride = perAxis("convTranspose", "stride", options.stride ?? 1, small.length);
  // "same" is the padding of the convolution from input·stride positions.
  const large = small.map((size, i) => size * stride[i]!);
  const attrs = convAttrs("convTranspose", large, filters.shape, options);
  const inputSpatial = transposedSpatial(small, filters.shape, attrs, options);
  return apply(convGradInputPrimitive, [dy, filters], { ...attrs, inputSpatial });
}

function convAttrs(
  who: string,
  input: Shape,
  filters: Shape,
  { stride: by = 1, padding = "valid", dilation: apart = 1, groups = 1 }: ConvOptions,
): ConvAttrs {
  const [stride, dilation] = [perAxis(who, "stride", by, input.length), perAxis(who, "dilation", apart, input.length)];
  const window = filters.slice(0, -2);
  return { stride, padding: paddingOf(who, padding, input, { window, stride, dilation }), dilation, groups };
}

/**
 * The output sizes asked for, held to the range that the convolution maps to the sizes of x: `least` and what strides
 * skip.
 */
function transposedSpatial(
  small: Shape,
  filters: Shape,
  { stride, padding, dilation }: ConvAttrs,
  { padding: asked, outputPadding, outputSpatial }: ConvTransposeOptions,
): readonly number[] {
  const least = small.map((size, i) => {
    const [low, high] = padding[i] ?? [0, 0];
    return (size - 1) * stride[i]! - low - high + (filters[i]! - 1) * dilation[i]! + 1;
  });
  const byDefault = asked === "same" ? small.map((size, i) => size * stride[i]! - least[i]!) : 0;
  const extra = perAxis("convTranspose", "outputPadding", outputPadding ?? byDefault, small.length);
  const sizes = outputSpatial ?? least.map((size, i) => size + extra[i]!);
  if (sizes.length === small.length && sizes.every((size, i) => size >= least[i]! && size < least[i]! + stride[i]!)) {
    return sizes;
  }
  const range = least.map((size, i) => (stride[i] === 1 ? `${size}` : `${size} … ${size + stride[i]! - 1}`));
  throw valueError("convTranspose", `output sizes [${range.join(", ")}]`, showShape(sizes));
}
