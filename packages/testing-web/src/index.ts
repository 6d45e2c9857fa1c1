/**
 * A headless Chromium that comes from npm, in which modules of this repository run as they are.
 *
 * @module
 */

export { bundled } from "./bundle.ts";
export { startBrowser, webgpuOnSwiftShader, whyNoBrowser, type Browser, type BrowserOptions } from "./browser.ts";
export type { PageOptions, WebPage } from "./page.ts";
export { softwareVulkan } from "./software-vulkan.ts";
