import { signal } from '@preact/signals';

const query = window.matchMedia('(max-width: 640px)');

/** Whether the page is as narrow as on a phone. The style sheets use the same width. */
export const isNarrow = signal(query.matches);

query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
