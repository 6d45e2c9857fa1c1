/** How a contraction is computed: any values give the same result for whole numbers, nothing has to divide anything. */
export interface ContractionSchedule {
  /** "registers": operands are read from where they lie; "workgroup": blocks of them are shared in workgroup memory. */
  readonly kind: "registers" | "workgroup";
  /** Rows and columns of C that one invocation computes. */
  readonly rows: number;
  readonly columns: number;
}
