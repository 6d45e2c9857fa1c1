import type { Arguments } from "../command-line.ts";
import { usageError } from "../usage-error.ts";
import { interpreterWork, type Work } from "./work.ts";

/** The work that `--only` leaves. @throws UsageError when that is none */
export function worksOf({ only }: Pick<Arguments, "only">): Work[] {
  const all = interpreterWork();
  const works = all.filter(({ name }) => name.includes(only));
  if (works.length > 0) return works;
  const names = [...new Set(all.map(({ name }) => name))];
  throw usageError(`--only with a part of ${names.join(", ")}`, only);
}
