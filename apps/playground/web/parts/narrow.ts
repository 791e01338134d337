import { signal } from '@preact/signals';

const query = window.matchMedia('(max-width: 640px)');

/** Whether the page is as narrow as a phone; the style sheets have the same bound. */
export const isNarrow = signal(query.matches);

query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
