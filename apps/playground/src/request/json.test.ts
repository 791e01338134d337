import { expect, test } from 'vitest';

import { addJson, jsonSource, type Json } from './json.js';

const sourceOf = (texts: readonly string[]): unknown =>
  jsonSource(texts.reduce<Json | undefined>((json, text) => addJson(text, json), undefined)!);

test.each([
  [['{"a": "b=c"}'], { text: '{"a": "b=c"}' }],
  [['["a=b"]'], { text: '["a=b"]' }],
  [['"a=b"'], { text: '"a=b"' }],
  [['true'], { text: 'true' }],
  [['-1.5e3'], { text: '-1.5e3' }],
  [[' null '], { text: ' null ' }],
  [['@file'], { file: 'file' }],
  [['@a=b'], { file: 'a=b' }],
  [['@-'], { input: true }],
  [['a=b'], { text: '{"a":"b"}' }],
  [['a=1', 'b:=1', 'c:={"d":[null]}'], { text: '{"a":"1","b":1,"c":{"d":[null]}}' }],
  [['a='], { text: '{"a":""}' }],
  [['a=b=c'], { text: '{"a":"b=c"}' }],
  [['a=b:=c'], { text: '{"a":"b:=c"}' }],
  [['a=x', 'a=y'], { text: '{"a":"y"}' }],
  [['__proto__=x'], { text: '{"__proto__":"x"}' }],
  [['a b=two\nlines'], { text: '{"a b":"two\\nlines"}' }],
])('%j', (texts, source) => {
  expect(sourceOf(texts)).toEqual(source);
});

test.each([
  [['{a}'], /^Cannot use "\{a\}" as JSON: .*; good ones are '\{"name":"text"\}', name=text and name:=42$/],
  [[''], /^Cannot use "" as JSON: /],
  [['name'], /^Cannot use "name" as JSON: /],
  [['a:=b'], /^Cannot use the value of "a" as JSON: /],
  [['a:='], /^Cannot use the value of "a" as JSON: /],
  [['{}', '{}'], /^Cannot use --json again: several make one object/],
  [['{}', 'a=b'], /^Cannot use --json again/],
  [['a=b', '@file'], /^Cannot use --json again/],
])('%j is refused', (texts, message) => {
  expect(() => sourceOf(texts)).toThrow(message);
});
