import { SteelyardError } from "@steelyard/core";

/** What one option may be: its default, a test, and the words for a message. */
export interface OptionRule<T> {
  readonly fallback: T;
  readonly needs: string;
  readonly allows: (value: unknown) => boolean;
}

/** One of the values; the first when left out. */
export function oneOf<const T extends readonly (string | number | boolean)[]>(...values: T): OptionRule<T[number]> {
  const needs = values.map((value) => JSON.stringify(value)).join(" or ");
  return { fallback: values[0]!, needs, allows: (value) => values.includes(value as T[number]) };
}

/** A finite number greater than 0; `fallback` when left out. */
export function positive(fallback: number): OptionRule<number> {
  return { fallback, needs: "a finite number > 0", allows: (value) => Number.isFinite(value) && Number(value) > 0 };
}

/** A function, or nothing. */
export function optionalFunction<F>(): OptionRule<F | undefined> {
  return { fallback: undefined, needs: "a function", allows: (value) => typeof value === "function" };
}

/**
 * The options in force: those given, checked, and the defaults of the others. For strategies of every origin.
 *
 * @throws UsageError for a name that is not in the rules (the message lists those that are) or a value a rule refuses
 * @example readOptions("dwa", {}, { temperature: positive(2) }) // { temperature: 2 }
 */
export function readOptions<T extends object>(
  who: string,
  given: Readonly<Partial<T>>,
  rules: { readonly [Name in keyof T]: OptionRule<T[Name]> },
): T {
  const names = Object.keys(rules);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw usageError(who, names.length === 0 ? "no options" : `options among ${names.join(", ")}`, name);
  }
  const entries = names.map((name) => {
    const rule = rules[name as keyof T];
    const value = given[name as keyof T];
    if (value === undefined) return [name, rule.fallback];
    if (!rule.allows(value)) throw usageError(who, `${name} to be ${rule.needs}`, show(value));
    return [name, value];
  });
  return Object.fromEntries(entries) as T;
}

/** An error of whoever calls or configures the engine. */
export function usageError(who: string, needs: string, got: string, hint?: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who, needs, got, ...(hint === undefined ? {} : { hint }) });
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}
