/** Cells side by side, and lines in sight, of a grid. */
export interface GridShape {
  readonly columns: number;
  readonly rows: number;
}
