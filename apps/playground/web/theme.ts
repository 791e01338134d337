import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const STORED = 'http-client playground theme';

/** The theme that the user has chosen; `auto` is that of the system. */
export const theme = signal<Theme>(stored());

function stored(): Theme {
  const text = localStorage.getItem(STORED);
  return text === 'light' || text === 'dark' ? text : 'auto';
}

/** Applies the theme, now and whenever it changes. */
export function applyTheme(): void {
  effect(() => {
    localStorage.setItem(STORED, theme.value);
    const { dataset } = document.documentElement;
    if (theme.value === 'auto') delete dataset['theme'];
    else dataset['theme'] = theme.value;
  });
}
