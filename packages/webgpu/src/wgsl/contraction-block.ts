// The inner part of every contraction: a block of terms, for all rows and columns that an invocation has, in straight lines.
//
//   for each term:
//     y = the factors of the columns
//     for each row: c[row] += x of the row · y

/** Part of an operand in registers: rows (of A, or columns of B) times terms of the sum. */
export interface Fragment {
  readonly rows: number;
  /** Statements that bring what is used from this term of the block on, and was not there before. */
  readonly load: (term: number) => readonly string[];
  /** The element of one row at one term. */
  readonly element: (row: number, term: number) => string;
  /** The name of four elements that lie side by side from this row on, where there is one. */
  readonly four?: (row: number, term: number) => string;
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A component of a vector. */
export const part = (i: number): string => "xyzw"[i]!;

/** `Σ factor · name + constant` as text. A name that is no single word must bind as strongly as a product. */
export function sumText(terms: readonly (readonly [name: string, factor: number])[], constant = 0): string {
  const parts = terms.flatMap(([name, factor]) => {
    if (factor === 0 || name === "0") return [];
    return [factor === 1 ? name : `${factor} * ${name}`];
  });
  if (constant !== 0 || parts.length === 0) parts.push(String(constant));
  return parts.join(" + ").replaceAll("+ -", "- ");
}

/** All of these conditions. `&&` would be a branch, and branches are what takes some compilers long. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0]! : conditions.map((each) => `(${each})`).join(" & ");
}

/** Columns are kept in vectors of four where they fill them. */
export function vectorWidth(columns: number): 1 | 4 {
  return columns % 4 === 0 ? 4 : 1;
}

/** The variables that hold the sums: `c${row}_${column}`, or `c${row}_${group of four columns}`. */
export function sumNames(rows: number, columns: number): string[][] {
  return range(rows).map((row) => range(columns / vectorWidth(columns)).map((group) => `c${row}_${group}`));
}

export function sumVariables(rows: number, columns: number): string[] {
  const zero = vectorWidth(columns) === 4 ? "vec4<f32>()" : "0.0";
  return sumNames(rows, columns).map((names) => names.map((name) => `var ${name} = ${zero};`).join(" "));
}

/** c += x · y for all terms of a block. */
export function blockLines(x: Fragment, y: Fragment, depth: number): string[] {
  const width = vectorWidth(y.rows);
  const names = sumNames(x.rows, y.rows);
  return range(depth).flatMap((term) => {
    const lines = [...x.load(term), ...y.load(term)];
    const columns = range(y.rows / width).map((group) => {
      if (width === 1) return y.element(group, term);
      if (y.four !== undefined) return y.four(4 * group, term);
      const gathered = range(4).map((i) => y.element(4 * group + i, term));
      lines.push(`let y${term}_${group} = vec4(${gathered.join(", ")});`);
      return `y${term}_${group}`;
    });
    for (const row of range(x.rows)) {
      const element = x.element(row, term);
      const factor = `x${term}_${row}`;
      lines.push(`let ${factor} = ${width === 4 ? `vec4(${element})` : element};`);
      lines.push(
        ...columns.map(
          (column, group) => `${names[row]![group]!} = fma(${factor}, ${column}, ${names[row]![group]!});`,
        ),
      );
    }
    return lines;
  });
}
