import { Compare } from './compare/compare.js';
import { ExchangeView } from './exchange/exchange-view.js';
import type { View } from './fragment.js';
import { Rules } from './rules/rules.js';
import { announcement, hello, place, trouble } from './store.js';
import { theme, type Theme } from './theme.js';

const VIEWS: readonly (readonly [View, string])[] = [
  ['exchange', 'Exchange'],
  ['compare', 'Compare'],
  ['rules', 'Rules'],
];

export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="top">
        <a class="name" href="#exchange" aria-label="http-client playground">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 12h18l-5-5M27 20H9l5 5" />
          </svg>
          http-client <span>playground</span>
        </a>
        <nav aria-label="Views">
          {VIEWS.map(([view, title]) => (
            <a key={view} href={`#${view}`} aria-current={place.value.view === view ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <ThemeChoice />
      </header>
      {trouble.value !== undefined && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      <Content />
      <p class="unseen" role="status" aria-live="polite">
        {announcement.value}
      </p>
    </>
  );
}

function Content() {
  const { view } = place.value;
  if (view === 'rules') return <Rules />;
  if (hello.value === undefined)
    return <main id="main" tabIndex={-1} class="prose" aria-busy={trouble.value === undefined} />;
  return view === 'compare' ? <Compare /> : <ExchangeView />;
}

/** Moves the focus without following the link: its fragment would be taken for a view. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="unseen">Theme</span>
      <select
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value as Theme;
        }}
      >
        <option value="auto">System theme</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}
