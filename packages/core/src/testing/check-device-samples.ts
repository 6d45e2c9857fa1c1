import { isFloat } from "../dtype.ts";
import type { Primitive, Sample } from "../primitive.ts";
import { registry } from "../primitives/registry.ts";
import type { ScalarRow } from "../primitives/scalar-table.ts";
import { showShape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { during, requireAgreement, type DeviceLaw } from "./check-device-values.ts";
import { drawing, drawInput, drawLike, emptied, type Draw, type DrawOptions } from "./draw.ts";

/** For each primitive with samples: its values and its first derivatives, which are other programs. */
export function sampleLaws(seed: number, rounds: number): DeviceLaw[] {
  return registry
    .filter(({ samples }) => samples.length > 0)
    .map((primitive) => ({
      title: `${primitive.name} and its derivative are those of the interpreter, on every sample and with empty axes`,
      async check(device) {
        for (const sample of primitive.samples.flatMap((each) => [each, ...emptied(primitive, each)])) {
          for (let round = 0; round < rounds; round++) {
            const draw = drawing(seed + round);
            for (const options of numbersFor(primitive)) {
              const roots = rootsOf(primitive, sample, draw, options);
              await during(describe(sample, seed + round, options), () => requireAgreement(device, roots));
            }
          }
        }
      },
    }));
}

const real: DrawOptions = {};
// Sums and products of these do not round: what is equal in mathematics is equal bit for bit.
const whole: DrawOptions = { wholeUpTo: 3 };

/** Functions that round more than once are never exact. */
function numbersFor(primitive: Primitive): DrawOptions[] {
  const isExact = !("row" in primitive) || (primitive.row as ScalarRow).units <= 1;
  return isExact ? [real, whole] : [real];
}

/** The primitive's value and the cotangents of its inputs. */
function rootsOf(primitive: Primitive, { ins: inputs, attrs }: Sample, draw: Draw, options: DrawOptions): Tensor[] {
  const ins = inputs.map((input) => drawInput(input, draw, options));
  const out = apply(primitive, ins, attrs);
  if (!isFloat(out.dtype)) return [out];
  const cotangents = primitive.vjp(drawLike(out, draw, options), { ins, out, attrs });
  return [out, ...cotangents.filter((dX) => dX !== null)];
}

function describe({ ins, attrs }: Sample, seed: number, { wholeUpTo }: DrawOptions): string {
  const inputs = ins.map(({ shape, dtype = "f32" }) => `${dtype}${showShape(shape)}`).join(", ");
  const kind = wholeUpTo === undefined ? "real" : "whole";
  return `${inputs || "nothing"} with ${JSON.stringify(attrs)}, ${kind} numbers of seed ${seed}`;
}
