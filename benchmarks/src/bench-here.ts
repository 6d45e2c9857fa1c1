import { adapterOf, benchWorks, seatsOf, type Plan } from "./bench-works.ts";
import { localHost } from "./hosts/local-host.ts";
import type { Implementation } from "./implementations/implementation.ts";
import { benchPeaks } from "./peak/bench-peaks.ts";
import { peakOf } from "./peak/peak.ts";
import type { Results } from "./report/row.ts";

/**
 * Everybody at everything as `benchWorks`, all in this process and on its one adapter: for pages, and for machines that
 * have been brought nothing but one file.
 */
export async function benchHere(
  implementations: readonly Implementation[],
  plan: Omit<Plan, "hosts">,
): Promise<Pick<Results, "adapter" | "rows">> {
  const family = "WGSL FMA";
  const peak = await peakOf(family);
  const hosts = implementations.map((each) => localHost(`${each.impl} ${each.device}`, family, [each], peak));
  const whole: Plan = { ...plan, hosts };
  const seats = await seatsOf(whole);
  const rows = await benchWorks(whole, seats);
  const peaks = await benchPeaks(hosts, rows, plan.effort.rounds);
  return { adapter: adapterOf(seats), rows: [...rows, ...peaks] };
}
