/**
 * A table in Markdown whose rows are shown as they come, so that nobody waits for the last one: each column is as wide
 * as is said. Text stands to the left, in the first column, and numbers to the right.
 */
export class Table {
  readonly #titles: readonly string[];
  readonly #widths: readonly number[];

  constructor(columns: Readonly<Record<string, number>>) {
    this.#titles = Object.keys(columns);
    this.#widths = Object.entries(columns).map(([title, width]) => Math.max(title.length, width));
  }

  /** The titles, and the rule below them. */
  head(): string {
    const rule = this.#widths.map((width, column) =>
      column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
    );
    return `${this.row(this.#titles)}\n${this.row(rule)}`;
  }

  row(cells: readonly string[]): string {
    const padded = this.#widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  }
}
