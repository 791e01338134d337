import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/base.css';
import './styles/controls.css';
import './styles/exchange.css';
import './styles/wire.css';
import './styles/tables.css';

import { render } from 'preact';

import { App } from './app.js';
import { begin } from './store.js';
import { applyTheme } from './theme.js';

applyTheme();
const page = document.getElementById('page');
if (page !== null) render(<App />, page);
await begin();
