/**
 * A Markdown table that is printed row by row as rows become available, so the widths of its columns are given
 * beforehand. The first columns are text, aligned left; the others are numbers, aligned right.
 */
export class Table {
  readonly #titles: readonly string[];
  readonly #widths: readonly number[];
  readonly #texts: number;

  /** `texts` is how many columns are text. */
  constructor(columns: Readonly<Record<string, number>>, texts = 1) {
    this.#titles = Object.keys(columns);
    this.#widths = Object.entries(columns).map(([title, width]) => Math.max(title.length, width, 3));
    this.#texts = texts;
  }

  /** A complete table, with columns as wide as their contents. */
  static whole(titles: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
    const columns = titles.map(
      (title, column) => [title, widest(rows.map((row) => row[column] ?? ''))] as const,
    );
    const table = new Table(Object.fromEntries(columns), texts);
    return [table.head(), ...rows.map((row) => table.row(row))].join('\n');
  }

  /** The titles, and the delimiter row below them. */
  head(): string {
    const rule = this.#widths.map((width, column) =>
      column < this.#texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
    );
    return `${this.row(this.#titles)}\n${this.row(rule)}`;
  }

  row(cells: readonly string[]): string {
    const padded = this.#widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return column < this.#texts ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  }
}

export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
