import recordings from 'recordings';

export function readFileSync(address: URL): string {
  const text = recordings[address.href];
  if (text === undefined) throw new Error(`${address.href} is no recording`);
  return text;
}
