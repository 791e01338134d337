import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const STORED = 'http-client playground theme';

/** What the user wants; `auto` is what the system has. */
export const theme = signal<Theme>(stored());

function stored(): Theme {
  const text = localStorage.getItem(STORED);
  return text === 'light' || text === 'dark' ? text : 'auto';
}

/** Shows the page as is wanted, now and whenever that changes. */
export function applyTheme(): void {
  effect(() => {
    localStorage.setItem(STORED, theme.value);
    const { dataset } = document.documentElement;
    if (theme.value === 'auto') delete dataset['theme'];
    else dataset['theme'] = theme.value;
  });
}
