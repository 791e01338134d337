import type { Inline, RuleRow, RuleSection } from './document.js';

/** A row of the rules that was found. */
export interface FoundRule {
  readonly id: string;
  /** Its first column: what was received, or the rule's name. */
  readonly title: string;
}

const plain = (inlines: readonly Inline[]): string =>
  inlines.map((inline) => ('code' in inline ? inline.code : inline.text)).join('');

const names = (cell: readonly Inline[] | undefined, code: string): boolean =>
  cell?.some((inline) => 'code' in inline && inline.code === code) ?? false;

/** The rows of all tables that `isWanted` accepts. */
function rowsThat(sections: readonly RuleSection[], isWanted: (row: RuleRow) => boolean): FoundRule[] {
  return sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) =>
      block.type !== 'table'
        ? []
        : block.rows.filter(isWanted).map(({ id, cells }) => ({ id, title: plain(cells[0] ?? []) })),
    ),
  );
}

/** The row that describes a rule of `tolerate`. */
export function ruleOf(sections: readonly RuleSection[], rule: string): FoundRule | undefined {
  return rowsThat(sections, ({ cells }) => names(cells[0], rule))[0];
}

/** The cases that strict rejects and one of these rules would accept. */
export function casesOf(sections: readonly RuleSection[], rules: readonly string[]): FoundRule[] {
  return rowsThat(sections, ({ cells }) => cells.length === 4 && rules.some((rule) => names(cells[3], rule)));
}

/** The cases that end with this class of error. */
export function casesWith(sections: readonly RuleSection[], error: string): FoundRule[] {
  return rowsThat(sections, ({ cells }) => cells.slice(1).some((cell) => names(cell, error)));
}
