import { useRef } from 'preact/hooks';

import type { Field } from '../../src/serve/api.js';

interface Props {
  readonly title: string;
  /** The name of one of them, for the accessible names of its controls. */
  readonly what: string;
  readonly fields: readonly Field[];
  readonly change: (fields: readonly Field[]) => void;
}

/** Rows of name and value. */
export function FieldsEditor({ title, what, fields, change }: Props) {
  const add = useRef<HTMLButtonElement>(null);
  /** The index of the field that was just added: its name is what is typed next. */
  const added = useRef<number | undefined>(undefined);
  const replace = (at: number, field: Field): void => {
    change(fields.map((old, index) => (index === at ? field : old)));
  };
  return (
    <fieldset class="fields">
      <legend>{title}</legend>
      {fields.map(([name, value], index) => (
        <div class="field" key={index}>
          <input
            ref={(input) => {
              if (input === null || added.current !== index) return;
              added.current = undefined;
              input.focus();
            }}
            value={name}
            aria-label={`Name of ${what} ${index + 1}`}
            placeholder="Name"
            spellcheck={false}
            onInput={(event) => {
              replace(index, [event.currentTarget.value, value]);
            }}
          />
          <input
            value={value}
            aria-label={`Value of ${what} ${index + 1}`}
            placeholder="Value"
            spellcheck={false}
            onInput={(event) => {
              replace(index, [name, event.currentTarget.value]);
            }}
          />
          <button
            type="button"
            class="quiet"
            aria-label={`Remove ${what} ${index + 1}`}
            onClick={() => {
              // The focus would be lost with this button.
              add.current?.focus();
              change(fields.filter((_, at) => at !== index));
            }}
          >
            ✕
          </button>
        </div>
      ))}
      <button
        ref={add}
        type="button"
        class="quiet"
        onClick={() => {
          added.current = fields.length;
          change([...fields, ['', '']]);
        }}
      >
        + Add a {what}
      </button>
    </fieldset>
  );
}
