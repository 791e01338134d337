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
  const replace = (at: number, field: Field): void => {
    change(fields.map((old, index) => (index === at ? field : old)));
  };
  return (
    <fieldset class="fields">
      <legend>{title}</legend>
      {fields.map(([name, value], index) => (
        <div class="field" key={index}>
          <input
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
              change(fields.filter((_, at) => at !== index));
            }}
          >
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          change([...fields, ['', '']]);
        }}
      >
        + Add a {what}
      </button>
    </fieldset>
  );
}
