/**
 * Multiply-adds a second of plain JavaScript, in GFLOP/s: eight independent chains in registers, no memory. What the
 * interpreter's loops could reach at best, measured in the same process.
 */
export function peakOfPlainNumbers(): number {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const sum = chains(4_000_000);
    const seconds = (performance.now() - start) / 1000;
    // The sum is used, or the loop would be dropped.
    if (Number.isFinite(sum)) best = Math.max(best, (4_000_000 * 16) / seconds / 1e9);
  }
  return best;
}

function chains(count: number): number {
  let [a, b, c, d] = [0.1, 0.2, 0.3, 0.4];
  let [e, f, g, h] = [0.5, 0.6, 0.7, 0.8];
  for (let i = 0; i < count; i++) {
    a = a * 0.999 + 0.001;
    b = b * 0.998 + 0.002;
    c = c * 0.997 + 0.003;
    d = d * 0.996 + 0.004;
    e = e * 0.995 + 0.005;
    f = f * 0.994 + 0.006;
    g = g * 0.993 + 0.007;
    h = h * 0.992 + 0.008;
  }
  return a + b + c + d + e + f + g + h;
}
