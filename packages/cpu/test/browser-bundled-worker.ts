// All that a worker of a bundled page has to do.
// oxlint-disable-next-line import/no-unassigned-import -- it serves as it is loaded
import "../src/index.ts";
