import { expect, test } from 'vitest';

import { redeclarable } from './redeclare.js';

test.each([
  ['const a = 1', 'var a = 1'],
  ['  let a', '  var a'],
  ['const {a} = b', 'var {a} = b'],
  ['const{a} = b', 'var{a} = b'],
  ['let [a] = b', 'var [a] = b'],
  ['const $ = await x\n', 'var $ = await x\n'],
  ['const ä = 1', 'var ä = 1'],
  ['let = 1', 'let = 1'],
  ['constant = 1', 'constant = 1'],
  ['letter', 'letter'],
  ['for (let a of b) c(a)', 'for (let a of b) c(a)'],
  ['f(); const a = 1', 'f(); const a = 1'],
])('%j', (code, evaluated) => {
  expect(redeclarable(code)).toBe(evaluated);
});
