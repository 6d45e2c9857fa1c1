// Which invocation does what: workgroups are counted through along x, then y, then z, as a dispatch has at most 65535 of
// them along each.

/** Workgroups along x, y and z: at least so many in all, and not many more. */
export function foldedWorkgroups(count: number, most: number): readonly [x: number, y: number, z: number] {
  if (count <= most) return [count, 1, 1];
  const planes = Math.ceil(count / (most * most));
  const rows = Math.ceil(count / (most * planes));
  return [Math.ceil(count / (rows * planes)), rows, planes];
}

/** The number of the workgroup. */
export function workgroupText([x, y, z]: readonly [number, number, number]): string {
  const inRow = "workgroup_id.x";
  if (y === 1 && z === 1) return inRow;
  const row = z === 1 ? "workgroup_id.y" : `(workgroup_id.y + ${y}u * workgroup_id.z)`;
  return `${inRow} + ${x}u * ${row}`;
}

/** Statements that make indices of a number that counts points, the last axis fastest. */
export function indexLines(names: readonly string[], sizes: readonly number[], number: string): string[] {
  return names.map((name, axis) => {
    const below = sizes.slice(axis + 1).reduce((points, size) => points * size, 1);
    const quotient = below === 1 ? number : `${number} / ${below}u`;
    const isOutermost = axis === 0;
    return `let ${name} = i32(${isOutermost ? quotient : `${quotient} % ${sizes[axis]!}u`});`;
  });
}
