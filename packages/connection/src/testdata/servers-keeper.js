// Runs a command for as long as whoever started it is there: standard input ends with its starter, however that ended.
//
//     node servers-keeper.js <command> [<argument> ...]

import { spawn } from 'node:child_process';
import process from 'node:process';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code) => {
  process.exit(code ?? 1);
});
process.stdin.on('close', () => {
  child.kill('SIGKILL');
});
process.stdin.resume();
