/** What a device wants of contractions. */
export interface Target {
  /** Columns of one panel of B, and of one register tile. */
  readonly columns: number;
  /** Whether B is copied into panels; otherwise it is read where it lies. */
  readonly panels: boolean;
}
