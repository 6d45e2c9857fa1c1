import type { Browser as Chromium, Page } from "playwright-core";
import type { Sources } from "./sources.ts";

export interface PageOptions {
  /** Whether the page is isolated from other origins, without which threads cannot share memory; left out, it is. */
  readonly isolated?: boolean;
  /** The HTML file of the page, where an empty page will not do. */
  readonly html?: URL;
}

// oxlint-disable-next-line typescript/no-explicit-any -- whatever a module's functions take
type Functions = Readonly<Record<string, (...values: any[]) => unknown>>;
type Name<Module> = keyof Module & string;
type Values<Module, Key extends keyof Module> = Module[Key] extends (...values: infer V) => unknown ? V : never;
type Result<Module, Key extends keyof Module> = Module[Key] extends (...values: never) => infer R ? Awaited<R> : never;

/** A page of a browser in which a module of this repository has been loaded. */
export interface WebPage<Module> {
  /**
   * Calls a function of the module, with values that can be copied, and gives back a copy of what it comes to. Calls
   * may run beside each other: one may train while others ask how far it is.
   *
   * @throws Error what the function throws; and where the page has written an error on its console, or thrown one that
   * nobody caught, then or before, in a worker too
   */
  call<Key extends Name<Module>>(name: Key, ...values: Values<Module, Key>): Promise<Result<Module, Key>>;
  /** The page as Playwright sees it: its elements, clicks, pictures. */
  readonly tab: Page;
  close(): Promise<void>;
}

/** Opens a page and loads the module in it. */
export async function openPage<Module extends Functions>(
  chromium: Chromium,
  sources: Sources,
  module: URL,
  html: URL,
): Promise<WebPage<Module>> {
  const tab = await chromium.newPage();
  const complaints = complaintsOf(tab);
  /** What comes of a promise of the page, unless the page complains first. */
  const heard = async <Value>(who: string, promise: Promise<Value>): Promise<Value> => {
    try {
      const value = await Promise.race([promise, complaints.first]);
      if (complaints.all.length > 0) throw new Error("the page complained");
      return value;
    } catch (error) {
      const message = error instanceof Error ? error.message.replace(/^\w+\.evaluate\w*: /u, "") : String(error);
      throw new Error([`${who} in Chromium: ${message}`, ...complaints.all].join("\n  "), { cause: error });
    }
  };
  await heard(`opening ${html.pathname}`, tab.goto(sources.url(html)));
  // As text: a test runner rewrites the imports of what it loads, and would this one.
  const loading = tab.evaluateHandle<Functions>(`import(${JSON.stringify(sources.url(module))})`);
  const loaded = await heard(`loading ${module.pathname}`, loading);
  return {
    tab,
    call: (name, ...values) =>
      heard(
        `${name} of ${module.pathname}`,
        loaded.evaluate((functions, sent) => functions[sent.name]!(...sent.values), { name, values: [...values] }),
      ) as Promise<Result<Module, typeof name>>,
    close: () => tab.close(),
  };
}

interface Complaints {
  /** All so far, in order. */
  readonly all: readonly string[];
  /** Rejects when there is a first. */
  readonly first: Promise<never>;
}

function complaintsOf(tab: Page): Complaints {
  const all: string[] = [];
  const { promise: first, reject } = Promise.withResolvers<never>();
  // It may be that no call is there to hear of it; the next one is told.
  first.catch(() => undefined);
  const complain = (text: string): void => {
    all.push(text);
    reject(new Error("the page complained"));
  };
  tab.on("console", (message) => {
    const { url, lineNumber } = message.location();
    if (message.type() === "error") complain(`console: ${message.text()} (${url}:${lineNumber + 1})`);
  });
  tab.on("pageerror", (error) => complain(`uncaught: ${error.stack ?? error.message}`));
  tab.on("crash", () => complain("the page crashed"));
  return { all, first };
}
