import { describe, expect, test } from 'vitest';

import { NEW, type Composition } from './composition.js';
import { hasSecrets, linkTo, parseFragment } from './fragment.js';

const FULL: Composition = {
  settings: {
    server: 'chunked',
    proxy: '',
    strict: true,
    tolerate: ['bare-cr'],
    trust: 'platform',
    timeout: 5,
  },
  method: 'PUT',
  target: '/ü?x=1',
  headers: [['X', '€']],
  body: 'a body',
  chunked: true,
  blockSize: 3,
  expectContinue: true,
  trailers: [['T', '1']],
  whole: true,
};

test.each([NEW, FULL])('a link restores the composition that it was made from', (composition) => {
  expect(linkTo(composition)).toMatch(/^#request=[\w-]+$/);
  expect(parseFragment(linkTo(composition))).toEqual({ view: 'exchange', composition });
});

test.each([
  ['', { view: 'exchange' }],
  ['#compare', { view: 'compare' }],
  ['#rules', { view: 'rules' }],
  ['#rules=field-lines-3', { view: 'rules', rule: 'field-lines-3' }],
  ['#whatever', { view: 'exchange' }],
  ['#request=%%%', { view: 'exchange' }],
  ['#request=', { view: 'exchange' }],
  [`#request=${btoa('7')}`, { view: 'exchange' }],
])('%s', (fragment, place) => {
  expect(parseFragment(fragment)).toEqual(place);
});

describe('credentials are left out', () => {
  const withField = (name: string): Composition => ({
    ...NEW,
    headers: [
      [name, 'secret'],
      ['X', '1'],
    ],
  });
  const withSettings = (settings: Partial<Composition['settings']>): Composition => ({
    ...NEW,
    settings: { ...NEW.settings, ...settings },
  });

  test.each([
    withField('Authorization'),
    withField('proxy-authorization'),
    withField('COOKIE'),
    withSettings({ proxy: 'http://user:secret@proxy:3128' }),
    withSettings({ proxy: 'http://user:sec@secret@proxy:3128' }),
    withSettings({ proxy: 'http://user:secret/secret@proxy:3128' }),
    withSettings({ proxy: 'user:secret@proxy:3128' }),
    withSettings({ server: 'https://user:sec@secret@host' }),
  ])('from %j', (composition) => {
    expect(hasSecrets(composition)).toBe(true);
    const { composition: back } = parseFragment(linkTo(composition));
    expect(JSON.stringify(back)).not.toMatch(/sec|user/);
    const { proxy, server } = composition.settings;
    expect(back?.settings.proxy).toMatch(proxy === '' ? /^$/ : /^(?:http:\/\/)?proxy:3128$/);
    expect(back?.settings.server).toBe(server === NEW.settings.server ? server : 'https://host');
  });

  test('without credentials, nothing is left out', () => {
    expect(hasSecrets(FULL)).toBe(false);
  });
});

test.each([
  [{ method: 7, headers: 'x', trailers: [['a', 'b', 'c'], null], settings: null }, NEW.settings],
  [
    { settings: { server: {}, tolerate: [1, 'bare-cr'], timeout: 'x' } },
    { ...NEW.settings, tolerate: ['bare-cr'] },
  ],
  [{ settings: { trust: 'anybody' } }, NEW.settings],
])(
  'a value of a wrong type, or one that would turn a check off, is replaced by the default: %j',
  (value, settings) => {
    const { composition } = parseFragment(`#request=${btoa(JSON.stringify(value))}`);
    const fields = 'headers' in value ? { headers: [], trailers: [] } : {};
    expect(composition).toEqual({ ...NEW, ...fields, settings });
  },
);
