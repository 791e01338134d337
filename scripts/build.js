// Builds whatever is older than its sources: npm run build
//
// Other commands run this first and should print only their own output. So a successful build prints nothing, except
// one line on standard error if it takes more than two seconds.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { clearTimeout, setTimeout } from 'node:timers';

import { ROOT } from './workspaces.js';

const args = [locateTurbo(), 'run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)];
const child = spawn(process.execPath, args, {
  cwd: ROOT,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  stdio: ['ignore', 'pipe', 'pipe'],
});
let said = '';
for (const stream of [child.stdout, child.stderr])
  stream.setEncoding('utf8').on('data', (text) => (said += text));
const patience = setTimeout(() => {
  console.error('Building, which takes a minute the first time …');
}, 2000);
const [code] = await once(child, 'close');
clearTimeout(patience);
if (code !== 0) {
  console.error(said);
  process.exitCode = 1;
}

function locateTurbo() {
  try {
    return createRequire(import.meta.url).resolve('turbo/bin/turbo');
  } catch {
    console.error('build: the tools are not installed; run npm ci first');
    process.exit(1);
  }
}
