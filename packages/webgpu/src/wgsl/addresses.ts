import type { Affine } from "@steelyard/compiler";
import { chainOf, type Scope } from "./scopes.ts";

/** Writes affine indices; parts of them that are needed again get names, in the scope where they are settled. */
export interface AddressPrinter {
  /** Announces that an index will be written: what is announced more than once is named. */
  expect(index: Affine): void;
  /** The text of an index in a scope; it may have to be put in parentheses. */
  show(index: Affine, scope: Scope): string;
}

/** The axes have these names. Those of loops change with their loops, the others are known everywhere. */
export function addressPrinter(axes: readonly string[], newName: () => string): AddressPrinter {
  const uses = new Map<string, number>();
  const names = new Map<Scope, Map<string, string>>();
  const nameOf = (text: string, scope: Scope): string => {
    const known = names.get(scope) ?? new Map<string, string>();
    names.set(scope, known);
    const name = known.get(text) ?? newName();
    if (!known.has(text)) scope.lines.push(`let ${name} = ${text};`);
    known.set(text, name);
    return name;
  };
  return {
    expect(index) {
      const key = index.coefficients.join();
      uses.set(key, (uses.get(key) ?? 0) + 1);
    },
    show(index, scope) {
      const often = (uses.get(index.coefficients.join()) ?? 0) > 1;
      const parts = partsByScope(index, scope);
      const text = parts.reduce((sum, { terms, settled }, i) => {
        const whole = [...(sum === "" ? [] : [sum]), ...terms].join(" + ").replaceAll("+ -", "- ");
        const isSimple = /^\w+$/u.test(whole);
        return isSimple || (i === parts.length - 1 && !often) ? whole : nameOf(whole, settled);
      }, "");
      return withConstant(text, index.constant);
    },
  };

  /** The terms of an index, by the scopes in which they are settled, outermost first. */
  function partsByScope({ coefficients }: Affine, scope: Scope): { settled: Scope; terms: string[] }[] {
    const chain = chainOf(scope);
    const parts = new Map<Scope, string[]>();
    const settledIn = (axis: number): Scope => chain.find((each) => each.axes.includes(axis)) ?? chain[0]!;
    const moving = coefficients.flatMap((c, axis) => (c === 0 ? [] : [{ c, axis }]));
    for (const { c, axis } of moving) {
      const settled = settledIn(axis);
      parts.set(settled, [...(parts.get(settled) ?? []), term(c, axes[axis]!)]);
    }
    return chain.flatMap((settled) => (parts.has(settled) ? [{ settled, terms: parts.get(settled)! }] : []));
  }
}

function term(coefficient: number, axis: string): string {
  if (coefficient === 1) return axis;
  return coefficient === -1 ? `-${axis}` : `${coefficient} * ${axis}`;
}

function withConstant(text: string, constant: number): string {
  if (text === "") return String(constant);
  if (constant === 0) return text;
  return constant < 0 ? `${text} - ${-constant}` : `${text} + ${constant}`;
}
