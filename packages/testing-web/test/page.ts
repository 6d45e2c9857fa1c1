// What `browser.test.ts` has a page do.

const asked = { times: 0 };

export function double(values: Float32Array): Float32Array {
  return values.map((value) => 2 * value);
}

export async function fail(message: string): Promise<void> {
  throw new RangeError(message);
}

export function complain(message: string): number {
  console.error(message);
  return 42;
}

/** Nobody waits for it. */
export function failLater(message: string): void {
  setTimeout(() => {
    throw new Error(message);
  });
}

export async function failInWorker(): Promise<void> {
  const worker = new Worker(URL.createObjectURL(new Blob(["throw new Error('lost in a worker')"])));
  await new Promise((resolve) => worker.addEventListener("error", resolve));
}

/** Goes on until it has been asked three times how far it is. */
export async function work(): Promise<string> {
  asked.times = 0;
  while (asked.times < 3) await new Promise((resolve) => setTimeout(resolve));
  return "done";
}

export function ask(): number {
  return asked.times++;
}

export function titleOf(): { readonly title: string; readonly isolated: boolean } {
  return { title: document.title, isolated: crossOriginIsolated };
}

export async function adapter(): Promise<string | undefined> {
  // The types of WebGPU are not among this package's.
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<{ info: { vendor: string } } | null> } };
  return (await gpu?.requestAdapter())?.info.vendor;
}
