import fc from "fast-check";
import { describe, test } from "vitest";
import { check, convCall, dotCall, gradFilterCall, gradInputCall, residual, settings } from "./contraction-calls.ts";
import { fuzz } from "./fuzz.ts";
import { layouts } from "./placed.ts";
import { convCase } from "./window-cases.ts";

describe("contractions lowered to kernels give what the interpreter gives", () => {
  test("conv, whatever its geometry and wherever its operands lie", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(convCall(one), setting)),
      fuzz(150),
    );
  });

  test("convGradInput, by residues of the stride", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(gradInputCall(one), setting)),
      fuzz(150),
    );
  });

  test("convGradFilter", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(gradFilterCall(one), setting)),
      fuzz(150),
    );
  });

  test("dot, of transposed operands too", () => {
    const size = fc.oneof(fc.nat(3), fc.nat(20));
    fc.assert(
      fc.property(fc.nat(3), size, size, size, settings, (batch, m, k, n, setting) => {
        check(dotCall(batch, m, k, n), setting);
      }),
      fuzz(200),
    );
  });

  test("in half precision, with sums in single that are rounded once", () => {
    const calls = fc.oneof(convCase.map(convCall), convCase.map(gradFilterCall), fc.constant(dotCall(1, 2, 4096, 3)));
    fc.assert(
      // Above 2048 not every whole number is one of half precision.
      fc.property(calls, settings, (call, setting) => void check(call, { ...setting, dtype: "f16", bound: 20 })),
      fuzz(50),
    );
  });

  test("with an epilogue that reads other values, broadcast along any axes", () => {
    const size = fc.integer({ min: 1, max: 14 });
    const calls = fc.oneof(
      convCase.map(convCall),
      convCase.map(gradInputCall),
      convCase.map(gradFilterCall),
      fc.tuple(fc.integer({ min: 1, max: 2 }), size, size, size).map((sizes) => dotCall(...sizes)),
    );
    const axes = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(calls, settings, fc.tuple(axes, axes), fc.tuple(layouts, layouts), (call, setting, still, where) => {
        check(call, setting, residual(still, where, setting.seed));
      }),
      fuzz(200),
    );
  });
});
