import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Starts the playground as a user does. Its address is the one that the terminal shows. */
export async function startPlayground() {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // If it cannot start, it ends without a line, and has said why.
  const { value: line = '' } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const address = /http:\S+/.exec(line)?.[0];
  if (address === undefined) throw new Error(`The playground gave no address: "${line}"`);
  return {
    address,
    close: () => {
      child.kill();
    },
  };
}
