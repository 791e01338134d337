import { render } from 'preact';

const page = document.getElementById('page');
if (page !== null) render(<p>The page.</p>, page);
