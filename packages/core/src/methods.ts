import * as operations from "./operations.ts";
import { Tensor, type TensorLike } from "./tensor.ts";

/** Operations whose first argument is not a tensor. All others are methods too. */
const functionsOnly = ["arange", "concat", "einsum", "eye", "iota", "ones", "stack", "zeros"] as const;

type Operations = Omit<typeof operations, (typeof functionsOnly)[number]>;
type Chained<F> = F extends (x: TensorLike, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** `x.relu()` is `relu(x)`; `a.matmul(b)` is `matmul(a, b)`. */
export type Methods = { readonly [Name in keyof Operations]: Chained<Operations[Name]> };

/** Every operation that takes a tensor first becomes a method. */
function attachMethods(): void {
  for (const [name, operation] of Object.entries(operations)) {
    if ((functionsOnly as readonly string[]).includes(name)) continue;
    const call = operation as (x: Tensor, ...rest: unknown[]) => unknown;
    const value = function (this: Tensor, ...rest: unknown[]): unknown {
      return call(this, ...rest);
    };
    Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
  }
}

attachMethods();
