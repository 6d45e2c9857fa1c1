import { encode } from "fast-png";
import { type Markup, markup } from "./markup.ts";
import type { SampleFace } from "./report.ts";

/** One picture as a `data:` URI. Values beyond 0..1 are clipped, NaN is black. */
function faceUri({ pixels, size, channels }: SampleFace): string {
  // Uint8ClampedArray rounds to nearest, clips, and turns NaN into 0; missing pixels stay 0.
  const data = new Uint8ClampedArray(size * size * channels);
  for (let i = 0; i < data.length; i++) data[i] = 255 * (pixels[i] ?? 0);
  const png = encode({ width: size, height: size, channels, depth: 8, data });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

/** The faces of a report, each with its label under it. */
export function sampleFaces(samples: readonly SampleFace[]): Markup {
  const figures = samples
    .filter((sample) => sample.size > 0)
    .map(
      (sample) => markup`<li><figure>
<img src="${faceUri(sample)}" width="${sample.size}" height="${sample.size}" alt="Face labelled ${sample.label}">
<figcaption>${sample.label}</figcaption>
</figure></li>`,
    );
  return markup`<ul class="faces">
${figures}
</ul>`;
}
