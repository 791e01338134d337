/** docs/behaviour.md as data. */
export interface RuleSection {
  readonly id: string;
  readonly title: string;
  readonly depth: number;
  readonly blocks: readonly RuleBlock[];
}

export type RuleBlock =
  | { readonly type: 'paragraph'; readonly text: readonly Inline[] }
  | { readonly type: 'list'; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly type: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly RuleRow[];
    };

export interface RuleRow {
  readonly id: string;
  readonly cells: readonly (readonly Inline[])[];
}

export type Inline = { readonly text: string } | { readonly code: string };
