import { benchHere } from "../src/bench-here.ts";
import { compiling, quick, thorough } from "../src/effort.ts";
import { onWebgpu } from "../src/implementations/on-webgpu.ts";
import { requireSomething, wantedBy, worksOf } from "../src/options.ts";
import type { Results, Row } from "../src/report/row.ts";
import type { Settings } from "./settings.ts";

/** What `pnpm bench webgpu` measures, in a page. @throws UsageError when `only` leaves nothing */
export async function benchPage(
  { quick: isQuick, only, without }: Settings,
  say: (line: string) => void,
  done: (rows: readonly Row[]) => void,
): Promise<Results> {
  requireSomething("webgpu", only);
  const effort = compiling(isQuick ? quick : thorough);
  const plan = { works: worksOf("webgpu"), effort, wanted: wantedBy(only, without), say, done };
  return { ...describedPage(), ...(await benchHere(onWebgpu(), plan)) };
}

/** As much as a page knows of where it runs. */
export function describedPage(): Pick<Results, "machine" | "commit"> {
  const { hardwareConcurrency: cores, userAgent: browser } = navigator;
  const commit = document.querySelector<HTMLMetaElement>('meta[name="commit"]')?.content ?? "unknown";
  return { machine: { cores, browser }, commit };
}
