import recordings from 'recordings';

import { NotHere } from '../harness.js';

export function readFileSync(address: URL): string {
  const text = recordings[address.href];
  if (text === undefined) throw new NotHere('there are no files');
  return text;
}
