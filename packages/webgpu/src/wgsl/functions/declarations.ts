/** Declarations of WGSL by the identifiers that they declare: functions, and the structures that these return. */
export type Declarations = Readonly<Record<string, string>>;

/** The declarations of a text, by their names; each begins at the start of a line. */
export function declarationsOf(text: string): Declarations {
  const each = text.trim().split(/\n\n(?=\S)/u);
  return Object.fromEntries(
    each.map((declaration) => [/^(?:fn|struct) (\w+)/mu.exec(declaration)![1]!, declaration] as const),
  );
}

/** A number as a literal of f32: the shortest that reads as the nearest f32. */
export function float(value: number): string {
  const nearest = Math.fround(value);
  const digits = [6, 7, 8, 9].map((count) => Number(nearest.toPrecision(count)));
  return `${digits.find((each) => Math.fround(each) === nearest)!}f`;
}

/** c₀ + c₁x + c₂x² + … by Horner's rule; `x` is the name of a value. */
export function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients
    .map(float)
    .reduceRight((sum, term, i) => `${term} + ${x} * ${i + 2 === coefficients.length ? sum : `(${sum})`}`);
}
